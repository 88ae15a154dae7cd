"""A trace file in the debugger: opened, followed, and with values that it did not keep."""

from pathlib import Path

import pytest
from gradb.scenario.loader import parse
from gradb.scenario.runner import run
from gradb.scenario.sources import open_source
from gradb_tui.app import GradbApp
from gradb_tui.screens.message import MessageScreen
from gradb_tui.session import session_of
from msgspec.structs import replace
from screens import shown, until

PROGRAM = """title: Not kept
program: |
  import torch
  x = torch.ones(20, 3)
  w = torch.ones(3, 8, requires_grad=True)
  for step in range(20):
      out = torch.tanh(x @ w)
      out.sum().backward()
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    run(parse(PROGRAM, "not_kept.yaml"), save=tmp_path / "run.gradb", keep="summary")
    return str(tmp_path / "run.gradb")


async def test_coming_to_a_step_that_was_not_kept_fills_in_its_values(path: str) -> None:
    session = session_of(open_source(path))
    app = GradbApp(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: not session.running)
        await pilot.press("]", "]", "]")
        filling = session.filling()
        assert filling is not None
        await until(pilot, lambda: not filling.lacks(session.timeline.at))
        await until(pilot, lambda: "health only" not in shown(app).rows[0])
        assert "step4" in shown(app).rows[0]


async def test_values_that_cannot_be_filled_in_are_told_once_and_marked(path: str) -> None:
    scenario = parse(PROGRAM.replace("torch.tanh(x @ w)", "torch.tanh(x @ w * 1)"), "not_kept.yaml")
    session = session_of(replace(scenario, saved=path))
    app = GradbApp(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: not session.running)
        await pilot.press("]", "]", "s")
        await until(pilot, lambda: isinstance(app.screen, MessageScreen))
        assert "cannot be filled in" in "\n".join(shown(app).rows)
        await pilot.press("escape", "]")
        await pilot.pause()
        assert not isinstance(app.screen, MessageScreen)
        assert "health only" in shown(app).rows[0]
