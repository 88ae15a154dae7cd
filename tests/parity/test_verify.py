"""`gradb verify`: every bundled scenario, scripts in plain PyTorch and small programs are the same on real PyTorch."""

import gc
import sys
from pathlib import Path

import pytest
from gradb.errors import UserError
from gradb.scenario.bundled import load_bundled, names
from gradb.scenario.scenario import Scenario
from gradb.scenario.sources import open_source
from gradb.verify.report import report
from gradb.verify.verification import Verification, verify

torch = pytest.importorskip("torch")

from verify_programs import PROGRAMS, SCRIPT  # noqa: E402


def told(found: Verification) -> str:
    return "\n".join(report("program", found))


def verified(program: str) -> Verification:
    return verify(Scenario(title="a program", program=program.lstrip("\n"), filename="program"))


@pytest.mark.parametrize("name", names())
def test_a_bundled_scenario_is_the_same_on_torch(name: str) -> None:
    found = verify(load_bundled(name))
    assert found.comparison.divergence is None, told(found)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_the_same_on_torch(name: str) -> None:
    found = verified(PROGRAMS[name])
    assert found.comparison.divergence is None, told(found)
    assert found.ours.events[-1].kind != "raised" or name.startswith("error"), found.ours.events[-1]


def test_a_script_is_the_same_on_torch(tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    found = verify(open_source(str(path)))
    assert found.comparison.divergence is None, told(found)
    assert found.comparison.agreed["update"] == 8


def test_a_script_that_knows_the_engine_is_found_out(tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text("import torch\nw = torch.ones(1, requires_grad=True)\nprint(torch.__name__)\n(w * 2).backward()\n")
    found = verify(open_source(str(path)))
    assert found.comparison.divergence is not None
    assert found.comparison.divergence.differences[0].what == "printed text"
    assert found.comparison.agreed.total() == 1


def test_torch_is_left_as_it_was() -> None:
    before = (torch.get_rng_state(), torch.get_default_dtype(), torch.Tensor.backward, torch.autograd.Function.apply)
    verified("import torch\ntorch.manual_seed(5)\ntorch.set_default_dtype(torch.float64)\nprint(torch.rand(2))\n")
    assert torch.equal(before[0], torch.get_rng_state())
    assert before[1:] == (torch.get_default_dtype(), torch.Tensor.backward, torch.autograd.Function.apply)
    assert torch.is_grad_enabled()


def tracked() -> set[int]:
    """The tensors that are alive and have a graph behind them."""
    gc.collect()
    return {id(o) for o in gc.get_objects() if type(o) is torch.Tensor and o.grad_fn is not None}


def test_a_recording_keeps_no_graph_alive() -> None:
    before = tracked()
    found = verified(
        "import torch\nw = torch.ones(2, requires_grad=True)\nfor i in range(3):\n    w.exp().sum().backward()\n"
    )
    assert found.comparison.divergence is None
    assert tracked() <= before


def test_the_trace_says_which_engine_ran_and_what_is_not_seen() -> None:
    engine = verified("import torch\ntorch.ones(1)\n").theirs.header.engine
    assert torch.__version__.partition("+")[0] in engine
    assert "other threads" in engine


def test_without_torch_the_command_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(UserError, match="not installed") as raised:
        verified("import torch\n")
    assert "pip install" in str(raised.value)
