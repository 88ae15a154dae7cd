"""A run may be asked by several threads while another records it: they learn what a reader does who has waited."""

import sys
import threading
from collections.abc import Iterator

import pytest
from gradb.debug.breakpoints import Breakpoints
from gradb.errors import UserError
from gradb.scenario.loader import parse
from gradb.scenario.runner import start
from gradb.trace.trace import Trace
from gradb.trace.writes import Cell

PROGRAM = """\
title: T
program: |
  import torch
  w = torch.tensor([3.0, -4.0], requires_grad=True)
  b = torch.tensor(0.5, requires_grad=True)
  for epoch in range(12):
      for batch in range(10):
          y = w * w
          loss = y.sum() + b * b
          loss.backward()
          with torch.no_grad():
              w -= 0.1 * w.grad
          w.grad = None
"""


@pytest.fixture(autouse=True)
def _take_turns_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def answers(trace: Trace) -> list[object]:
    """What can be asked of a run."""
    events = range(1, len(trace) + 1)
    return [
        [list(trace.of_kind(kind)) for kind in ("visit", "forward", "accumulate", "backward_started", "update")],
        [list(trace.on_line(line)) for line in range(20)],
        [list(trace.writes(Cell(tensor, what))) for tensor in range(30) for what in ("value", "grad")],
        [(trace.step_of(number), trace.phase_of(number), trace.address(number)) for number in events],
        [list(trace.history(name, what)) for name in ("w", "loss", "y") for what in ("value", "grad")],
        [trace.lookup("y", number) for number in events],
        list(trace.losses()),
        list(trace.line_starts()),
        {word: list(numbers) for word, numbers in list(trace.words().items())},
        [(name, trace.loops.span([(name, 2)])) for name in trace.loops.names],
    ]


def ask(trace: Trace, recorded: threading.Event, errors: list[BaseException], text: str) -> None:
    """Asks everything, and searches for a breakpoint, again and again until the run is recorded."""
    try:
        while not recorded.is_set():
            found = Breakpoints()
            found.add(text)
            if len(trace):
                answers(trace)
                trace.graph(len(trace))
                found.next(trace, 1)
    except UserError:
        pass
    except BaseException as error:
        errors.append(error)


@pytest.mark.parametrize("attempt", range(3))
def test_threads_that_ask_while_a_run_is_recorded_find_the_same_as_one_that_asks_at_its_end(attempt: int) -> None:
    recording, recorded = start(parse(PROGRAM, "s.yaml")), threading.Event()
    errors: list[BaseException] = []
    texts = ("loss > 1e9", "w.grad.norm() > 1e9")
    threads = [threading.Thread(target=ask, args=(recording.trace, recorded, errors, text)) for text in texts]
    for thread in threads:
        thread.start()
    recording.run()
    recorded.set()
    for thread in threads:
        thread.join()
    assert not errors
    alone = start(parse(PROGRAM, "s.yaml"))
    alone.run()
    assert answers(recording.trace) == answers(alone.trace)
