"""A finished or growing run: `Trace` holds the header, the events and the names, and answers questions by search."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from msgspec import Struct

from gradb.trace.address import AddressError, Addresses
from gradb.trace.events import Array, Event, Forward, TensorState
from gradb.trace.for_scripts import ForScripts
from gradb.trace.graph import NO_FLOW, Flow, Graph
from gradb.trace.graph_flow import flow_of
from gradb.trace.graph_states import NodeStates
from gradb.trace.graphs import Graphs
from gradb.trace.history import Bindings
from gradb.trace.index import Index
from gradb.trace.loops import Loops, Turn
from gradb.trace.memory import MemoryIndex
from gradb.trace.writes import Cell, What

if TYPE_CHECKING:
    from gradb.trace.timeline import Timeline

SCHEMA_VERSION = 1
_DEEPEST = 100  # gradients of gradients of a tensor that have names


class Header(Struct, frozen=True):
    """What a trace says of itself. `instrumented`: the program's loops and variables are known from its source."""

    schema: int = SCHEMA_VERSION
    version: str = ""
    engine: str = "gradb"
    title: str = ""
    source: str = ""
    instrumented: bool = False


class Trace(ForScripts):
    """A run. Events are numbered from 1, and moment n is just after event n; moment 0 is before the first.

    Queries about a tensor take its id (`lookup` finds the id of a variable) and a moment. All of them search: none
    takes longer than O(log n) in the number of events, once the events are indexed.
    """

    def __init__(self, header: Header, index: Index | None = None) -> None:
        """An empty run in memory, or what an index has found."""
        self.header = header
        self._index = MemoryIndex(header.instrumented) if index is None else index
        self._addresses = Addresses(self._index)
        self._graphs = Graphs(self._index, self.name)
        # An engine appends to them; readers only read, and those of a file can only be read.
        self.events = cast("list[Event]", self._index.events)
        self.cuts = self._index.cuts
        self.turns = self._index.turns

    def __len__(self) -> int:
        return len(self._index)

    @property
    def names(self) -> Mapping[int, str]:
        """By its id, the first variable that held a tensor."""
        return self._index.names

    @property
    def bindings(self) -> Mapping[str, Bindings]:
        """What each variable held since when."""
        return self._index.bindings

    @property
    def source(self) -> str:
        """The text of the program, empty where it is not known."""
        return self.header.source

    @cached_property
    def source_lines(self) -> list[str]:
        """The program line by line; line n is at n - 1."""
        return self.source.splitlines()

    def event(self, number: int) -> Event:
        """The event of that number, counted from 1. Raises AddressError beyond the ends."""
        if not 1 <= number <= len(self):
            raise AddressError(f"#{number}", f"the run has the events #1 to #{len(self)}")
        return self.events[number - 1]

    def timeline(self) -> "Timeline":
        """A cursor over this trace, at its first event."""
        from gradb.trace.timeline import Timeline

        return Timeline(self)

    # --- names

    def bind(self, name: str, tensor_id: int) -> None:
        """Notes that the variable `name` holds the tensor from now on; a tensor's first variable is its name."""
        self._index.bind(name, tensor_id)

    def holds(self, name: str) -> int | None:
        """The tensor that a variable holds at the end of what is recorded, None before its first."""
        return self._index.holds(name)

    def name(self, tensor_id: int) -> str:
        """What to call a tensor: its first variable, `w.grad`, or `mul#12` by the op and event that made it."""
        name, grads = self.names.get(tensor_id), ""
        while name is None:
            owner = self._index.owner(tensor_id)
            if not owner or len(grads) > _DEEPEST * len(".grad"):
                made = self._index.first_write(Cell(tensor_id))
                event = self.events[made - 1] if made else None
                name = f"{event.op.name if isinstance(event, Forward) else 'tensor'}#{made or tensor_id}"
                break
            tensor_id, grads = owner, f"{grads}.grad"
            name = self.names.get(tensor_id)
        return name + grads

    def lookup(self, name: str, at: int) -> int | None:
        """The id of the tensor that a variable held at a moment; also `w.grad` for the tensor in `.grad`."""
        held = self.bindings.get(name)
        if held is not None:
            return held.at(at)
        if name.endswith(".grad"):
            owner = self.lookup(name.removesuffix(".grad"), at)
            grad = None if owner is None else self.grad_state(owner, at)
            return None if grad is None else grad.id
        return None

    # --- addresses and steps

    def address(self, number: int) -> str:
        """The stable name of an event, such as `step3/backward/17`."""
        return self._addresses.address(number)

    def locate(self, text: str) -> int:
        """The number of the event at an address. Raises AddressError."""
        return self._addresses.locate(text)

    def names_turn(self, text: str) -> bool:
        """Whether a text names turns of loops that the run has, such as `epoch 2` or `epoch2/batch3`."""
        return self._addresses.names_turn(text)

    def span(self, text: str) -> tuple[int, int]:
        """The first and the last event at an address: of `step3`, `line 5` and `epoch 2` all of theirs."""
        return self._addresses.span(text)

    def matches(self, text: str, number: int) -> bool:
        """Whether an event lies at an address; `line 5`, `step3` and `step3/forward` hold for each of theirs."""
        return self._addresses.matches(text, number)

    @property
    def steps(self) -> int:
        """How many training steps there are so far."""
        return self._index.steps.count

    def step_of(self, number: int) -> int:
        """The step of an event, counted from 1."""
        return self._index.steps.place(number).step

    def turns_of(self, step: int) -> tuple[Turn, ...]:
        """Which turn each of the loops was in during a step, the outermost first, such as epoch 2, batch 5.

        Empty where no loop ran, or where the program's loops are not known.
        """
        first, last = self.step_span(step)
        return self._index.turns_in(first, last)

    @property
    def loops(self) -> Loops:
        """The loops in which backward ran, and where their turns lie."""
        return Loops(self._index)

    def phase_of(self, number: int) -> str:
        """`forward`, `backward` or `update`."""
        return self._index.steps.place(number).phase

    def step_span(self, step: int) -> tuple[int, int]:
        """The first and the last event of a step."""
        return self._index.steps.span(step)

    def phase_spans(self, step: int) -> list[tuple[str, int, int]]:
        """The runs of events of one phase in a step, in order: phase, first event, last event."""
        return self._index.steps.phase_spans(step)

    def phase_span(self, number: int) -> tuple[int, int]:
        """The first and last event of the run of one phase that an event lies in."""
        return self._index.steps.phase_span_at(number)

    # --- values

    def state(self, tensor_id: int, at: int) -> TensorState | None:
        """The tensor as it was at a moment, None before it came to be."""
        return self._index.state(tensor_id, at)

    def value(self, tensor_id: int, at: int) -> Array | None:
        """The tensor's value at a moment, None before it came to be."""
        state = self._index.state(tensor_id, at)
        return None if state is None else state.array

    def grad_state(self, tensor_id: int, at: int) -> TensorState | None:
        """The tensor that was in `.grad` at a moment, None where `.grad` was None."""
        return self._index.content(Cell(tensor_id, "grad"), at)

    def grad(self, tensor_id: int, at: int) -> Array | None:
        """The value of `.grad` at a moment, None where `.grad` was None."""
        state = self.grad_state(tensor_id, at)
        return None if state is None else state.array

    def writes(self, cell: Cell) -> Sequence[int]:
        """The events that wrote a cell, in order."""
        return self._index.writes(cell)

    def last_write(self, cell: Cell, at: int) -> int | None:
        """The last event up to a moment that wrote a cell."""
        return self._index.last_write(cell, at)

    def next_write(self, cell: Cell, at: int) -> int | None:
        """The first event after a moment that writes a cell."""
        return self._index.next_write(cell, at)

    def history(self, name: str, what: What = "value") -> Sequence[int]:
        """The events after which a variable's value or `.grad` was another one, over all tensors that it held."""
        return self._index.history(name, what) if name in self.bindings else ()

    def words(self) -> Mapping[str, Sequence[int]]:
        """The events by the names of their kind, op, node or error, in lower case."""
        return self._index.words()

    def of_kind(self, kind: str) -> Sequence[int]:
        """The events of a kind, in order."""
        return self._index.of_kind(kind)

    def on_line(self, line: int) -> Sequence[int]:
        """The events of a source line, in order."""
        return self._index.on_line(line)

    def line_starts(self) -> Sequence[int]:
        """The first event of each run of events that belong to one source line."""
        return self._index.line_starts()

    def losses(self) -> Sequence[tuple[int, int, float]]:
        """Of each backward whose first root has one element: the event, the step and the root's value."""
        return self._index.losses()

    def lacks_values(self, at: int) -> bool:
        """Whether of values in an event's step only the health is known, as a trace file need not keep everything."""
        return False

    @property
    def thinning(self) -> str:
        """What the trace does not have, in words; empty where it has everything."""
        return ""

    # --- the graph

    def graph(self, at: int) -> Graph:
        """The graph that the backward of the current step walks, or of what is built so far where there is none."""
        return self._graphs.at(at)

    def captured_graph(self, at: int) -> Graph | None:
        """The static graph that `torch.jit.trace` captured, as it ran last up to a moment; None before a capture."""
        return self._graphs.captured(at)

    def both_graphs(self, at: int) -> Graph:
        """The graph at a moment, with the captured one beside it where the graph is not that one itself."""
        return self._graphs.both(at)

    def modules(self, at: int) -> dict[str, tuple[int, ...]]:
        """Of the graph at a moment: the keys of the nodes of each module, by its path."""
        return self.graph(at).modules

    def node_states(self, graph: Graph, at: int) -> Mapping[int, str]:
        """By node key: `not_built`, `built`, `ready` (its gradient is complete), `visited` or `freed`."""
        return NodeStates(self._index, graph, at)

    def flow(self, graph: Graph, at: int) -> Flow:
        """What the event at a moment touches in the graph."""
        return flow_of(graph, self.events[at - 1]) if 1 <= at <= len(self) else NO_FLOW

    def find(self, node_id: int, kind: str) -> Any:
        """The events of a node: `visit` or `freed`."""
        return self._index.node_events(node_id, kind)
