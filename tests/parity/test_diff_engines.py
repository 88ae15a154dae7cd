"""`gradb diff` between two engines."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from command_line import Gradb  # noqa: E402


@pytest.fixture
def gradb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Gradb:
    return Gradb(tmp_path, monkeypatch, capfd)


@pytest.mark.parametrize("name", ["leaf", "batch_norm", "nan_from_where", "control_flow", "learning_rate_too_high"])
def test_a_bundled_scenario_is_equal_on_both_engines(gradb: Gradb, name: str) -> None:
    result = gradb("diff", name, "--engine", "torch")
    assert (result.code, result.err) == (0, "")
    assert "equal: " in result.out


def test_an_engine_is_named_behind_the_source_or_by_the_option(gradb: Gradb) -> None:
    named = gradb("diff", "leaf", "leaf@torch")
    assert named == gradb("diff", "leaf", "leaf", "--engine", "torch") == gradb("diff", "leaf", "--engine", "torch")
    assert "B  leaf@torch  PyTorch 2.13" in named.out
    assert gradb("diff", "leaf@torch", "leaf@torch").code == 0


def test_another_formula_on_one_engine_is_found_where_it_is_first_used(
    gradb: Gradb, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = torch.Tensor.__mul__
    monkeypatch.setattr(torch.Tensor, "__mul__", lambda self, other: times(self, other * 2))
    result = gradb("diff", "leaf", "--engine", "torch")
    assert result.code == 1
    assert "DIFFERENT from " in result.out
