"""A run that still records: it can be walked and stopped, and however it ends the app says so."""

import threading
from collections.abc import Callable

import pytest
from gradb.errors import UserError
from gradb.trace.events import Raised
from gradb.trace.trace import Header, Trace
from gradb_tui.app import GradbApp
from gradb_tui.screens.message import MessageScreen
from gradb_tui.session import Session
from screens import has, until
from textual.app import App

Rows = Callable[[App[int]], list[str]]


class Growing:
    """A run in a thread that goes on event by event, as the test says."""

    def __init__(self, whole: Trace) -> None:
        self.whole = whole
        self.trace = Trace(whole.header)
        self.goes_on = threading.Semaphore(0)
        self.cancelled = threading.Event()

    def execute(self) -> None:
        for event in self.whole.events:
            self.goes_on.acquire(timeout=20)
            if self.cancelled.is_set():
                raise UserError("the program was cancelled")
            self.trace.events.append(event)

    def cancel(self) -> None:
        self.cancelled.set()
        self.goes_on.release()

    def session(self) -> Session:
        return Session(self.trace, "growing", execute=self.execute, cancel=self.cancel)


async def test_what_is_recorded_so_far_can_be_walked(leaf_trace: Trace, screen_rows: Rows) -> None:
    growing = Growing(leaf_trace)
    session = growing.session()
    app = GradbApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: has(screen_rows(app), "recording"))
        await pilot.press("s", "n", "f", "G", "right_square_bracket")
        assert session.timeline.at == 0
        growing.goes_on.release(5)
        await until(pilot, lambda: has(screen_rows(app), "of 5"))
        await pilot.press("G")
        assert session.timeline.at == 5
        growing.goes_on.release(20)
        await until(pilot, lambda: not session.running)
        await pilot.press("G")
        assert session.timeline.at == 14
        assert not has(screen_rows(app), "recording")


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
async def test_a_recording_can_be_stopped_and_then_walked(leaf_trace: Trace, screen_rows: Rows, key: str) -> None:
    growing = Growing(leaf_trace)
    growing.goes_on.release(4)
    session = growing.session()
    app = GradbApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: len(session.trace) == 4)
        await pilot.press(key)
        await until(pilot, lambda: has(screen_rows(app), "the program was cancelled"))
        assert isinstance(app.screen, MessageScreen)
        await pilot.press("escape", "G")
        assert session.timeline.at == 4


async def test_an_error_of_the_machinery_ends_in_a_message(screen_rows: Rows) -> None:
    def execute() -> None:
        raise ZeroDivisionError("[/x]")

    app = GradbApp(Session(Trace(Header()), "broken", execute=execute))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, MessageScreen) and has(screen_rows(app), "[/x]"))
        await pilot.press("escape")
        await pilot.press("s", "4", "z", "7", "enter")


async def test_an_error_of_the_program_is_its_last_event_and_a_message(screen_rows: Rows) -> None:
    trace = Trace(Header(source="raise"))

    def execute() -> None:
        trace.events.append(Raised(1, "ValueError", "too bad"))

    app = GradbApp(Session(trace, "raises", execute=execute))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: has(screen_rows(app), "The program ended with ValueError"))
        assert has(screen_rows(app), "ValueError: too bad")
        await pilot.press("q")
    assert app.return_code == 0
