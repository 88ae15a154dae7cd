"""Where in a run everything happened: `Index` is what a trace searches, in memory or in a file.

What can be told from a few searches is told here, once. `MemoryIndex` (`trace/memory.py`) finds things in lists,
`FileIndex` (`trace/file/index.py`) in a trace file.
"""

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from gradb.trace.events import Event, Forward, TensorState
from gradb.trace.history import Bindings
from gradb.trace.loops import Turn
from gradb.trace.steps import Steps
from gradb.trace.writes import Cell, What, writes


class Index(ABC):
    """Events by number, and sorted event numbers by cell, kind, line, node and word. A run may grow.

    `names` has the first variable of each tensor, `bindings` what each variable held. `cuts` and `turns` are told by
    a recorder: of each backward in a loop its event and the first event of its turn, and its event and the turn of
    each loop around it, the outermost first.
    """

    events: Sequence[Event]
    names: Mapping[int, str]
    bindings: Mapping[str, Bindings]
    cuts: list[tuple[int, int]]
    turns: list[tuple[int, tuple[Turn, ...]]]
    steps: Steps

    @abstractmethod
    def __len__(self) -> int:
        """How many events there are to read."""

    @abstractmethod
    def bind(self, name: str, tensor_id: int) -> None:
        """Notes that a variable holds a tensor from now on."""

    @abstractmethod
    def holds(self, name: str) -> int | None:
        """The tensor that a variable holds now, for a recorder."""

    @abstractmethod
    def turns_in(self, first: int, last: int) -> tuple[Turn, ...]:
        """The turns of the loops around the last backward among some events, empty where there is none."""

    @abstractmethod
    def loops(self) -> Sequence[str]:
        """What the loops are called in which backward ran, in the order in which they were met, outer loops first."""

    @abstractmethod
    def loop_turns(self, loop: str) -> Sequence[tuple[int, int]]:
        """First event and number of each turn of a loop in which backward ran, in order."""

    @abstractmethod
    def owner(self, tensor_id: int) -> int:
        """Whose `.grad` a tensor is, 0 if it is none."""

    @abstractmethod
    def writes(self, cell: Cell) -> Sequence[int]:
        """The events that wrote the cell."""

    @abstractmethod
    def of_kind(self, kind: str) -> Sequence[int]:
        """The events of the kind."""

    @abstractmethod
    def on_line(self, line: int) -> Sequence[int]:
        """The events of the source line."""

    @abstractmethod
    def line_starts(self) -> Sequence[int]:
        """The first event of each run of events that belong to one source line."""

    @abstractmethod
    def node_events(self, node_id: int, kind: str) -> Sequence[int]:
        """The events of a node: `visit`, `fan_in` or `freed`. Minus a leaf's id stands for its AccumulateGrad nodes.

        Of a node that was captured, `NodeRef.key` gives those of one call, and its id those of all calls.
        """

    @abstractmethod
    def losses(self) -> Sequence[tuple[int, int, float]]:
        """Event, step and value of each backward from a root with one element."""

    @abstractmethod
    def words(self) -> Mapping[str, Sequence[int]]:
        """The events by the names of their kind, op, node or error, in lower case."""

    @abstractmethod
    def history(self, name: str, what: What) -> Sequence[int]:
        """The events after which the value or `.grad` of a variable that exists was another one."""

    def last_write(self, cell: Cell, at: int) -> int | None:
        """The last write up to a moment."""
        numbers = self.writes(cell)
        place = bisect_right(numbers, at)
        return numbers[place - 1] if place else None

    def next_write(self, cell: Cell, at: int) -> int | None:
        """The first write after a moment."""
        numbers = self.writes(cell)
        place = bisect_right(numbers, at)
        return numbers[place] if place < len(numbers) else None

    def first_write(self, cell: Cell) -> int | None:
        """The first write of all."""
        return self.next_write(cell, 0)

    def content(self, cell: Cell, at: int) -> Any:
        """What the cell held at a moment, None before it was written."""
        number = self.last_write(cell, at)
        if number is None:
            return None
        wanted = cell
        event = self.events[number - 1]
        if cell.what == "grad" and isinstance(event, Forward):  # the tensor in .grad was written in place
            wanted = next(c for c, _ in writes(event) if self.owner(c.tensor) == cell.tensor)
        return next(content for written, content in writes(event) if written == wanted)

    def state(self, tensor_id: int, at: int) -> TensorState | None:
        """The tensor as it was at a moment: its last write, or a later switch of requires_grad."""
        value = self.last_write(Cell(tensor_id, "value"), at)
        flags = self.last_write(Cell(tensor_id, "flags"), at)
        if flags is not None and (value is None or flags > value):
            return self.content(Cell(tensor_id, "flags"), at)
        return self.content(Cell(tensor_id, "value"), at)
