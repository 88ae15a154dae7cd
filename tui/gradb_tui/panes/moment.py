"""What the panes look at: `Moment` is a trace at one event, with the tensor that is looked at. Frozen."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from gradb.trace.address import AddressError
from gradb.trace.events import (
    Accumulate,
    Array,
    BackwardStarted,
    Clipped,
    Event,
    FanIn,
    Forward,
    RequiresGrad,
    TensorCreated,
    Update,
    Visit,
    ZeroGrad,
)
from gradb.trace.trace import Trace
from gradb.trace.writes import Cell

from gradb_tui.panes.both import Both

Facet = Literal["value", "grad"]

MOST_DIGITS = 18  # of the number of a line
LOOK_BACK = 50  # how far a print or a plot looks for the tensor that was worked on before it


@dataclass(frozen=True, slots=True)
class Note:
    """A scenario's words for the reader: `say` belongs to the events at the address `at`."""

    at: str
    say: str

    @property
    def line(self) -> int:
        """The line it belongs to, 0 where it belongs to another kind of address."""
        first, _, number = self.at.strip().partition(" ")
        return int(number) if first == "line" and number.isdecimal() and len(number) <= MOST_DIGITS else 0


@dataclass(frozen=True, slots=True)
class Pin:
    """A tensor that was chosen: by the variable that holds it, or by its id where no variable does."""

    name: str = ""
    tensor: int = 0


@dataclass(frozen=True)
class Moment:
    """A trace just after event `at`. `pin` is the tensor that was chosen, None where the event's own is shown.

    `facet` is what of the tensor is asked about, `element` the place in it that was chosen. `stops` are the lines with
    a breakpoint, `conditions` those of breakpoints. `both` tells of two runs, where the program ran again with
    something changed.
    """

    trace: Trace
    at: int
    pin: Pin | None = None
    notes: tuple[Note, ...] = ()
    watch: tuple[str, ...] = ()
    about: str = ""
    facet: Facet = "value"
    element: tuple[int, ...] | None = None
    stops: frozenset[int] = frozenset()
    both: Both | None = None
    conditions: tuple[str, ...] = ()

    @property
    def event(self) -> Event | None:
        """The event, None while there is none."""
        return self.trace.events[self.at - 1] if self.at else None

    @cached_property
    def subject(self) -> int | None:
        """The id of the tensor that the event is about, or the nearest before it."""
        for number in range(self.at, max(0, self.at - LOOK_BACK), -1):
            tensor = subject_of(self.trace, self.trace.events[number - 1])
            if tensor is not None:
                return tensor
        return None

    @cached_property
    def tensor(self) -> int | None:
        """The id of the tensor to show: the pinned one or else the subject; None where it does not exist yet."""
        if self.pin is None:
            return self.subject
        if not self.pin.name:
            return self.pin.tensor if self.trace.state(self.pin.tensor, self.at) is not None else None
        return self.trace.lookup(self.pin.name, self.at)

    @cached_property
    def tensor_name(self) -> str:
        """The variable that holds the tensor now, empty where none does."""
        if self.pin is not None:
            return self.pin.name
        if self.tensor is None:
            return ""
        name = self.trace.names.get(self.tensor, "")
        return name if name and self.trace.lookup(name, self.at) == self.tensor else ""

    @property
    def writes(self) -> Sequence[int]:
        """The events that wrote the tensor's value or grad: those of its variable, over all tensors that it held."""
        if self.tensor_name:
            return self.trace.history(self.tensor_name, self.facet)
        return () if self.tensor is None else self.trace.writes(Cell(self.tensor, self.facet))

    def as_pin(self) -> Pin:
        """What keeps the tensor pane on this tensor."""
        return Pin(self.tensor_name) if self.tensor_name else Pin(tensor=self.tensor or 0)

    def array_at(self, at: int) -> Array | None:
        """The value or grad at a moment, of the tensor that the variable held then."""
        tensor = self.trace.lookup(self.tensor_name, at) if self.tensor_name else self.tensor
        if tensor is None:
            return None
        return self.trace.value(tensor, at) if self.facet == "value" else self.trace.grad(tensor, at)

    @cached_property
    def said(self) -> tuple[int, tuple[Note, ...]]:
        """The notes that were reached last, and the event they belong to; they stay until the next note."""
        latest = 0
        found: list[Note] = []
        for note in self.notes:
            number = self._reached(note)
            if number > latest:
                latest, found = number, [note]
            elif number and number == latest:
                found.append(note)
        return latest, tuple(found)

    def _reached(self, note: Note) -> int:
        """The last event up to here that the note belongs to, 0 for none."""
        if not self.at:
            return 0
        if note.line:
            numbers = self.trace.on_line(note.line)
            place = bisect_right(numbers, self.at)
            return numbers[place - 1] if place else 0
        if self.trace.matches(note.at, self.at):
            return self.at
        try:
            number = self.trace.locate(note.at)
        except AddressError:
            return 0
        return number if number <= self.at else 0


def subject_of(trace: Trace, event: Event) -> int | None:
    """The id of the tensor that an event is about, None for one that is about no tensor."""
    match event:
        case TensorCreated() | RequiresGrad() | Accumulate() | ZeroGrad() | Update():
            return event.tensor.id
        case Forward():
            return event.outputs[0].id if event.outputs else None
        case Clipped():
            return event.tensors[0].id if event.tensors else None
        case BackwardStarted():
            return event.roots[0].id if event.roots else None
        case Visit() | FanIn():
            return node_tensor(trace, event.node.id, event.node.forward, event.node.tensor)
        case _:
            return None


def node_tensor(trace: Trace, node: int, forward: int, leaf: int) -> int | None:
    """The id of the tensor whose gradient a node takes: its leaf, or the output of the op that made it."""
    if leaf:
        return leaf
    made = trace.events[forward - 1] if 0 < forward <= len(trace) else None
    if isinstance(made, Forward):
        for state in made.outputs:
            if state.grad_fn is not None and state.grad_fn.id == node:
                return state.id
    return None
