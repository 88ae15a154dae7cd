"""Where in a run everything happened: `Index` keeps the events of each cell, kind, line and node, in order.

It reads events when somebody asks and continues where it stopped, so recording pays nothing for it, and a trace that
still grows can be asked at any time.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from gradb.trace.events import (
    Accumulate,
    BackwardFinished,
    BackwardStarted,
    Clipped,
    Event,
    FanIn,
    Forward,
    NodeRef,
    TensorState,
    Visit,
    ZeroGrad,
)
from gradb.trace.steps import Steps
from gradb.trace.writes import Cell, writes

_NONE: tuple[int, ...] = ()


class Index:
    """Sorted event numbers by cell, kind, line and node, over a list of events that may grow."""

    def __init__(self, events: list[Event], cuts: list[tuple[int, int]], instrumented: bool) -> None:
        self.events = events
        self._steps = Steps(events, cuts, instrumented)
        self._done = 0
        self._cells: defaultdict[Cell, list[int]] = defaultdict(list)
        self._kinds: defaultdict[str, list[int]] = defaultdict(list)
        self._lines: defaultdict[int, list[int]] = defaultdict(list)
        self._nodes: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
        self._owners: dict[int, int] = {}
        self._losses: list[tuple[int, int, float]] = []

    def _catch_up(self) -> None:
        if self._done == len(self.events):
            return
        for number in range(self._done + 1, len(self.events) + 1):
            event = self.events[number - 1]
            self._kinds[event.kind].append(number)
            self._lines[event.line].append(number)
            match event:
                case Visit():
                    self._note_node(event.node, "visit", number)
                case FanIn():
                    self._note_node(event.node, "fan_in", number)
                case BackwardFinished():
                    for node in event.freed:
                        self._note_node(node, "freed", number)
                case BackwardStarted():
                    self._note_loss(number, event)
                case _:
                    self._note_writes(number, event)
            self._done = number

    def _note_node(self, node: NodeRef, kind: str, number: int) -> None:
        self._nodes[node.id, kind].append(number)
        if node.call or node.tensor:
            self._nodes[node.key, kind].append(number)

    def _note_writes(self, number: int, event: Event) -> None:
        match event:
            case Accumulate():
                self._owners[event.grad.id] = event.tensor.id
            case ZeroGrad() if event.grad is not None:
                self._owners[event.grad.id] = event.tensor.id
            case Clipped():
                self._owners.update({g.id: t.id for t, g in zip(event.tensors, event.grads, strict=True)})
            case _:
                pass
        for cell, _ in writes(event):
            self._append(cell, number)
            if isinstance(event, Forward) and cell.tensor in self._owners:
                self._append(Cell(self._owners[cell.tensor], "grad"), number)

    def _append(self, cell: Cell, number: int) -> None:
        numbers = self._cells[cell]
        if not numbers or numbers[-1] != number:
            numbers.append(number)

    def _note_loss(self, number: int, event: BackwardStarted) -> None:
        if event.roots and event.roots[0].array.size == 1:
            self._losses.append((number, self.steps.place(number).step, float(event.roots[0].array.reshape(())[()])))

    # --- questions

    @property
    def steps(self) -> Steps:
        """The steps and phases up to the last event."""
        return self._steps

    def owner(self, tensor_id: int) -> int:
        """Whose `.grad` a tensor is, 0 if it is none."""
        self._catch_up()
        return self._owners.get(tensor_id, 0)

    def writes(self, cell: Cell) -> Sequence[int]:
        """The events that wrote the cell."""
        self._catch_up()
        return self._cells.get(cell, _NONE)

    def of_kind(self, kind: str) -> Sequence[int]:
        """The events of the kind."""
        self._catch_up()
        return self._kinds.get(kind, _NONE)

    def on_line(self, line: int) -> Sequence[int]:
        """The events of the source line."""
        self._catch_up()
        return self._lines.get(line, _NONE)

    def node_events(self, node_id: int, kind: str) -> Sequence[int]:
        """The events of a node: `visit`, `fan_in` or `freed`. Minus a leaf's id stands for its AccumulateGrad nodes.

        Of a node that was captured, `NodeRef.key` gives those of one call, and its id those of all calls.
        """
        self._catch_up()
        return self._nodes.get((node_id, kind), _NONE)

    def losses(self) -> Sequence[tuple[int, int, float]]:
        """Event, step and value of each backward from a root with one element."""
        self._catch_up()
        return self._losses

    def last_write(self, cell: Cell, at: int) -> int | None:
        """The last write up to a moment."""
        numbers = self.writes(cell)
        place = self.last(numbers, at)
        return None if place is None else numbers[place]

    def next_write(self, cell: Cell, at: int) -> int | None:
        """The first write after a moment."""
        numbers = self.writes(cell)
        place = bisect_right(numbers, at)
        return numbers[place] if place < len(numbers) else None

    def content(self, cell: Cell, at: int) -> Any:
        """What the cell held at a moment, None before it was written."""
        number = self.last_write(cell, at)
        if number is None:
            return None
        wanted = cell
        event = self.events[number - 1]
        if cell.what == "grad" and isinstance(event, Forward):  # the tensor in .grad was written in place
            wanted = next(c for c, _ in writes(event) if self._owners.get(c.tensor) == cell.tensor)
        return next(content for written, content in writes(event) if written == wanted)

    def state(self, tensor_id: int, at: int) -> TensorState | None:
        """The tensor as it was at a moment: its last write, or a later switch of requires_grad."""
        value = self.last_write(Cell(tensor_id, "value"), at)
        flags = self.last_write(Cell(tensor_id, "flags"), at)
        if flags is not None and (value is None or flags > value):
            return self.content(Cell(tensor_id, "flags"), at)
        return self.content(Cell(tensor_id, "value"), at)

    @staticmethod
    def last(numbers: Sequence[int], at: int) -> int | None:
        """The place of the last number up to a moment in a sorted list."""
        place = bisect_right(numbers, at)
        return place - 1 if place else None
