"""Every pane and page in each of its modes, at the usual sizes, in colour and without."""

from functools import cache

import pytest
from gradb.scenario.loader import parse
from gradb.scenario.runner import run
from gradb.trace.trace import Trace
from gradb_tui.panes.moment import Note
from gradb_tui.session import Session
from rich.style import Style
from screens import matches, walk

PROGRAM = """\
title: T
program: |
  import torch
  x = torch.tensor([[1.0, 2.0, 3.0], [-4.0, 5.0, -6.0]])
  w = torch.tensor([[0.5, -0.5], [0.25, 0.75], [-1.0, 0.125]], requires_grad=True)
  for step in range(6):
      hidden = x @ w
      loss = hidden.tanh().pow(2).sum()
      loss.backward()
      with torch.no_grad():
          w -= 0.1 * w.grad
      w.grad = None
  print("the end")
"""
SIZES = [(40, 12), (80, 24), (81, 24), (120, 40), (200, 50)]
NAMES = {":": "colon", "?": "question_mark"}
CORNERS = (("╭┏", "╮┓"), ("╰┗", "╯┛"))

# The keys from each mode to the next, from the first event that writes the gradient of w.
PANES = {
    "value": "3z",
    "table": "v",
    "heatmap": "v",
    "history": "v",
    "change": "vw",
    "node": "v",
    "grad": "va",
    "graph": "4",
    "charts": "5",
    "watch": "7",
}
PAGES = {
    "why": "z3e",
    "breakpoints": ("escape", "b", "B"),
    "prompt": ("escape", *":brea"),
    "message": ("escape", "k"),
    "help": ("escape", "?"),
}
STAGES = {mode: [NAMES.get(key, key) for key in keys] for mode, keys in {**PANES, **PAGES}.items()}


@cache
def trace() -> Trace:
    return run(parse(PROGRAM, "modes.yaml"))


def session() -> Session:
    opened = Session(trace(), "A small training", "", (Note("line 6", "The **loss** is one number."),), ("w", "w.grad"))
    opened.timeline.seek(trace().of_kind("accumulate")[0])
    return opened


def whole_frames(rows: list[str]) -> bool:
    """Whether each frame that opens in a row closes in it."""
    return all(sum(map(row.count, a)) == sum(map(row.count, b)) for row in rows for a, b in CORNERS)


def is_grey(style: Style) -> bool:
    """Whether a style needs no colour."""
    colours = [colour.get_truecolor() for colour in (style.color, style.bgcolor) if colour is not None]
    return all(len(set(colour)) == 1 for colour in colours)


async def test_the_modes_look_as_they_did() -> None:
    for mode, screen in (await walk(session(), (80, 24), STAGES)).items():
        matches(f"mode-{mode}-80x24", screen.rows)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_modes_fit_at_every_size_and_say_the_same_without_colours(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    coloured = await walk(session(), size, STAGES)
    monkeypatch.setenv("NO_COLOR", "1")
    plain = await walk(session(), size, STAGES)
    for mode, (rows, _) in coloured.items():
        assert len(rows) == size[1]
        assert max(map(len, rows)) <= size[0]
        assert mode in PAGES or whole_frames(rows), "\n".join(rows)
        if mode != "heatmap":  # it has signs for what the colours show otherwise
            assert plain[mode].rows == rows
        assert all(is_grey(style) for style in plain[mode].styles), mode


async def test_the_panes_say_the_same_in_the_terminals_own_16_colours() -> None:
    stages = {mode: STAGES[mode] for mode in PANES}
    coloured, in_16 = [await walk(session(), (80, 24), stages, theme) for theme in ("", "ansi-dark")]
    assert {mode: screen.rows for mode, screen in in_16.items()} == {mode: s.rows for mode, s in coloured.items()}
