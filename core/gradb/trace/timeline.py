"""A cursor over a trace: `step()` and `back()`, by node, phase, step and kind, and every question asked at the cursor.

The cursor stands on an event; the moment it shows is just after that event. A move returns whether the cursor moved.
Every move is a search in the sorted events of the trace: going back costs what going forward costs.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence

from gradb.trace.events import Array, Event, TensorState, Visit
from gradb.trace.graph import Graph, GraphNode
from gradb.trace.trace import Trace
from gradb.trace.writes import Cell, What


class Timeline:
    """A cursor. `at` is the number of the event it stands on, 0 only while the trace is empty."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self._at = 0

    @property
    def at(self) -> int:
        """The number of the current event, from 1; 0 while there is none."""
        if self._at == 0 and len(self.trace):
            self._at = 1
        return self._at

    @property
    def event(self) -> Event:
        """The current event."""
        return self.trace.event(self.at)

    @property
    def address(self) -> str:
        """The address of the current event."""
        return self.trace.address(self.at)

    # --- moves

    def seek(self, target: int | str) -> bool:
        """Goes to an event by number or address; a number beyond an end means that end. Raises AddressError."""
        number = self.trace.locate(target) if isinstance(target, str) else target
        number = min(max(number, 1), len(self.trace))
        moved = number != self.at
        self._at = number
        return moved

    def start(self) -> bool:
        """Goes to the first event."""
        return self.seek(1)

    def end(self) -> bool:
        """Goes to the last event there is so far."""
        return self.seek(len(self.trace))

    def step(self) -> bool:
        """One event on."""
        return self.seek(self.at + 1)

    def back(self) -> bool:
        """One event back."""
        return self.seek(self.at - 1)

    def next_kind(self, kind: str) -> bool:
        """To the next event of a kind."""
        return self.next_among(self.trace.of_kind(kind))

    def previous_kind(self, kind: str) -> bool:
        """To the previous event of a kind."""
        return self.previous_among(self.trace.of_kind(kind))

    def next_node(self) -> bool:
        """To the next visit of an op's node; those of AccumulateGrad belong to the visit before them."""
        return self._next_op(self.trace.of_kind("visit"), 1)

    def previous_node(self) -> bool:
        """To the previous visit of an op's node."""
        return self._next_op(self.trace.of_kind("visit"), -1)

    def next_line(self) -> bool:
        """To the first event that belongs to another source line."""
        return self.next_among(self.trace.line_starts())

    def previous_line(self) -> bool:
        """To the first event of this stay on a source line, or of the one before where the cursor is there already."""
        return self.previous_among(self.trace.line_starts())

    def next_on_line(self, line: int) -> bool:
        """To the next event of a source line."""
        return self.next_among(self.trace.on_line(line))

    def previous_on_line(self, line: int) -> bool:
        """To the previous event of a source line."""
        return self.previous_among(self.trace.on_line(line))

    def next_of_node(self, node: GraphNode) -> bool:
        """To the next event of a node: its forward op, or a visit of it."""
        return self.next_among(self._events_of(node))

    def previous_of_node(self, node: GraphNode) -> bool:
        """To the previous event of a node."""
        return self.previous_among(self._events_of(node))

    def end_of_phase(self) -> bool:
        """To the last event of this phase, or of the next one where the cursor is at the last already."""
        last = self.trace.phase_span(self.at)[1]
        return self.seek(last if last != self.at else self.trace.phase_span(self.at + 1)[1])

    def start_of_phase(self) -> bool:
        """To the first event of this phase, or of the one before where the cursor is at the first already."""
        first = self.trace.phase_span(self.at)[0]
        return self.seek(first if first != self.at else self.trace.phase_span(self.at - 1)[0])

    def next_step(self) -> bool:
        """To the first event of the next training step."""
        step = self.trace.step_of(self.at)
        return step < self.trace.steps and self.seek(self.trace.step_span(step + 1)[0])

    def previous_step(self) -> bool:
        """To the first event of this training step, or of the one before where the cursor is there already."""
        step = self.trace.step_of(self.at)
        first = self.trace.step_span(step)[0] if self.at else 0
        if first != self.at:
            return self.seek(first)
        return step > 1 and self.seek(self.trace.step_span(step - 1)[0])

    def next_write(self, cell: Cell) -> bool:
        """To the next event that writes a cell."""
        return self.next_among(self.trace.writes(cell))

    def previous_write(self, cell: Cell) -> bool:
        """To the last event before the cursor that wrote a cell."""
        return self.previous_among(self.trace.writes(cell))

    def next_change(self, name: str, what: What = "value") -> bool:
        """To the next event after which a variable has another value or `.grad`."""
        return self.next_among(self.trace.history(name, what))

    def previous_change(self, name: str, what: What = "value") -> bool:
        """To the last event before the cursor after which a variable had another value or `.grad`."""
        return self.previous_among(self.trace.history(name, what))

    def next_among(self, numbers: Sequence[int]) -> bool:
        """To the next of these events, which are given in order."""
        place = bisect_right(numbers, self.at)
        return place < len(numbers) and self.seek(numbers[place])

    def previous_among(self, numbers: Sequence[int]) -> bool:
        """To the previous of these events, which are given in order."""
        place = bisect_left(numbers, self.at)
        return place > 0 and self.seek(numbers[place - 1])

    def _next_op(self, visits: Sequence[int], by: int) -> bool:
        place = bisect_right(visits, self.at) if by > 0 else bisect_left(visits, self.at) - 1
        while 0 <= place < len(visits):
            event = self.trace.events[visits[place] - 1]
            if isinstance(event, Visit) and not event.node.tensor:
                return self.seek(visits[place])
            place += by
        return False

    def _events_of(self, node: GraphNode) -> list[int]:
        forward = [node.forward] if node.forward else []
        key = node.key if node.node is None else node.node.key
        return sorted({*forward, *self.trace.find(key, "visit")})

    # --- questions at the cursor

    def tensor(self, name: str) -> TensorState | None:
        """The tensor that a variable holds now, None before its first assignment."""
        tensor_id = self.trace.lookup(name, self.at)
        return None if tensor_id is None else self.trace.state(tensor_id, self.at)

    def value(self, name: str) -> Array | None:
        """The value of the tensor that a variable holds now."""
        state = self.tensor(name)
        return None if state is None else state.array

    def grad(self, name: str) -> Array | None:
        """`.grad` of the tensor that a variable holds now."""
        tensor_id = self.trace.lookup(name, self.at)
        return None if tensor_id is None else self.trace.grad(tensor_id, self.at)

    def last_write(self, cell: Cell) -> int | None:
        """Which event wrote a cell last."""
        return self.trace.last_write(cell, self.at)

    def next_writer(self, cell: Cell) -> int | None:
        """Which event writes a cell next."""
        return self.trace.next_write(cell, self.at)

    def graph(self) -> Graph:
        """The graph of the current step."""
        return self.trace.graph(self.at)

    def node_states(self) -> Mapping[int, str]:
        """The state of each node of that graph now."""
        return self.trace.node_states(self.graph(), self.at)
