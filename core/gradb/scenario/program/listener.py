"""What a program tells: `Listener` is what it needs of a recorder, `Printer` collects what it prints."""

from collections.abc import Sized
from typing import Any, Protocol

from gradb.scenario.program.budget import BudgetExceeded, Stop
from gradb.trace.events import Array, Scalar


class HasEvents(Protocol):
    """A growing trace."""

    @property
    def events(self) -> Sized: ...


class Listener(Protocol):
    """The part of `gradb.trace.recorder.Recorder` that a running program uses."""

    line: int

    @property
    def trace(self) -> HasEvents: ...
    def named(self, name: str, value: Any) -> None: ...
    def loop(self, loop: int, name: str) -> None: ...
    def turn(self, loop: int) -> None: ...
    def leave(self, loop: int) -> None: ...
    def printed(self, text: str) -> None: ...
    def plotted(self, call: str, series: tuple[Array, ...], options: tuple[tuple[str, Scalar], ...]) -> None: ...
    def raised(self, error: BaseException) -> None: ...


class Printer:
    """Passes printed text on, without its last line break, until there is more of it than `limit` bytes."""

    def __init__(self, listener: Listener, limit: int) -> None:
        self.listener = listener
        self.limit = limit
        self.left = limit

    def printed(self, text: str) -> None:
        """Tells the recorder of a text."""
        self.left -= len(text)
        if self.left < 0:
            raise Stop(BudgetExceeded("bytes", self.limit, "it prints too much"))
        self.listener.printed(text.removesuffix("\n"))
