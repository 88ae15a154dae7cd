"""`pytest --gradb-verify`: a scenario on gradb and on PyTorch, as one more test of its file."""

import pytest

torch = pytest.importorskip("torch")

pytest_plugins = ["pytester"]

SCENARIO = "title: T\nprogram: |\n  import torch\n  w = torch.ones(1, requires_grad=True)\n  (w + 3).backward()\n"


def test_a_scenario_that_does_the_same_on_pytorch_passes_and_another_shows_where_it_parts(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = torch.Tensor.__mul__
    monkeypatch.setattr(torch.Tensor, "__mul__", lambda self, other: times(self, other * 2))
    (pytester.path / "sum.scenario.yaml").write_text(SCENARIO)
    (pytester.path / "product.scenario.yaml").write_text(SCENARIO.replace("+", "*"))
    others = [word for name in ("asyncio", "syrupy", "hypothesispytest") for word in ("-p", f"no:{name}")]
    result = pytester.runpytest_inprocess(*others, "-v", "--gradb-verify")
    assert result.parseoutcomes() == {"passed": 3, "failed": 1}
    result.stdout.fnmatch_lines(["sum.scenario.yaml::verify PASSED*"])
    result.stdout.fnmatch_lines(["product.scenario.yaml: DIFFERENT on PyTorch*", "*step1/forward/2*"])
