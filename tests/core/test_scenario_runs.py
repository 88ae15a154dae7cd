"""Running scenarios: limits, cancelling, errors, and a trace that can be read while it grows."""

import threading
from pathlib import Path

import pytest
from gradb.autograd.mode import mode
from gradb.errors import UserError
from gradb.scenario.loader import load_script
from gradb.scenario.program.budget import Budget, BudgetExceeded, Cancelled
from gradb.scenario.runner import Run, budget, run, start
from gradb.scenario.scenario import Scenario
from gradb.scenario.schema import Limits
from gradb.scenario.sources import stem
from gradb.trace.events import Printed, Raised
from small_runs import scenario as of

ENDLESS = "import torch\nx = torch.ones(1)\nwhile True:\n    x = x + 1\n"


def _script(folder: Path, program: str) -> Scenario:
    script = folder / "script.py"
    script.write_text(program)
    return load_script(script)


def _until_cancelled(endless: Run, ended: list[Cancelled]) -> None:
    try:
        endless.run()
    except Cancelled as error:
        ended.append(error)


def test_a_run_knows_its_program_and_its_title() -> None:
    trace = run(of("import torch\nw = torch.ones(2, requires_grad=True)\n"))
    assert (trace.header.title, trace.header.engine, trace.header.instrumented) == ("T", "gradb", True)
    assert trace.source == "import torch\nw = torch.ones(2, requires_grad=True)\n"
    assert [event.line for event in trace.events] == [2]
    assert trace.lookup("w", 1) is not None


def test_an_error_of_the_program_is_the_last_event() -> None:
    trace = run(of("import torch\ntorch.ones(1)\nraise ValueError('no')\n"))
    assert trace.events[-1] == Raised(3, "ValueError", "no")


def test_a_program_that_is_refused_is_told_with_its_place_in_the_file() -> None:
    with pytest.raises(UserError) as caught:
        run(of("x = 1\nimport os\n"))
    assert caught.value.where == "s.yaml:4:3"


@pytest.mark.parametrize("trusted", [False, True])
def test_a_budget_ends_an_endless_program_and_keeps_what_was_recorded(tmp_path: Path, trusted: bool) -> None:
    scenario = _script(tmp_path, ENDLESS) if trusted else of(ENDLESS)
    endless = start(scenario, Limits(events=50))
    with pytest.raises(BudgetExceeded) as caught:
        endless.run()
    assert caught.value.limit == "events"
    assert len(endless.trace) > 50
    assert mode.recorder is None


@pytest.mark.parametrize("trusted", [False, True])
def test_a_run_can_be_cancelled_and_read_while_it_grows(tmp_path: Path, trusted: bool) -> None:
    scenario = _script(tmp_path, ENDLESS) if trusted else of(ENDLESS)
    endless = start(scenario, Limits(events=10**9))
    ended: list[Cancelled] = []
    worker = threading.Thread(target=_until_cancelled, args=(endless, ended))
    worker.start()
    while len(endless.trace) < 100:
        assert worker.is_alive()
    assert endless.trace.value(1, 50) is not None
    endless.cancel()
    worker.join(timeout=30)
    assert len(ended) == 1


def test_two_programs_do_not_run_at_once() -> None:
    inner = start(of("x = 1\n"))
    outer = start(of(ENDLESS), Limits(events=10**9))
    worker = threading.Thread(target=_until_cancelled, args=(outer, []))
    worker.start()
    while not len(outer.trace):
        pass
    with pytest.raises(RuntimeError, match="already running"):
        inner.run()
    outer.cancel()
    worker.join(timeout=30)


def test_a_file_lowers_the_limits_and_the_caller_decides() -> None:
    default = Budget()
    assert budget(Limits(), Limits()) == default
    assert budget(Limits(events=5, seconds=1.5), Limits()) == Budget(5, 1.5, default.bytes)
    assert budget(Limits(events=10**12), Limits()) == default
    assert budget(Limits(events=5), Limits(events=10**7)) == Budget(10**7, default.seconds, default.bytes)


def test_a_script_keeps_its_torch_to_itself(tmp_path: Path) -> None:
    import sys

    before = {name for name in sys.modules if name.split(".")[0] in ("torch", "matplotlib")}
    run(_script(tmp_path, "import torch\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\n"))
    assert {name for name in sys.modules if name.split(".")[0] in ("torch", "matplotlib")} == before


def test_a_script_is_given_the_arguments_that_stand_behind_it(tmp_path: Path) -> None:
    (tmp_path / "my train.py").write_text("import sys\nprint(sys.argv)\n")
    source = f"'{tmp_path}/my train.py' --lr 0.1 --name 'a b' x.yaml"
    trace = run(source)
    assert trace.header.title == "'my train.py' --lr 0.1 --name 'a b' x.yaml"
    printed = trace.event(1)
    assert isinstance(printed, Printed)
    assert printed.text == str([f"{tmp_path}/my train.py", "--lr", "0.1", "--name", "a b", "x.yaml"])
    alone = run(f"{tmp_path}/my train.py").event(1)
    assert isinstance(alone, Printed)
    assert alone.text == str([f"{tmp_path}/my train.py"])
    assert [stem(source), stem(f"{tmp_path}/my train.py"), stem("leaf")] == ["my train", "my train", "leaf"]


def test_gradb_run_takes_what_the_command_line_takes() -> None:
    import gradb

    assert gradb.run("leaf").header.title == "Leaf, non-leaf and root tensors"
