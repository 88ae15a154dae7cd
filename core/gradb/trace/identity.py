"""What the tensors and nodes of a run are called in its events: `Identities` gives them numbers and takes their state.

Numbers count from 1 in the order in which the run meets the tensors, so that the same program gives the same numbers.
Tensors and nodes are known only by their attributes, so that the trace does not depend on the engine.
"""

from typing import Any

from gradb.trace.captured import CapturedNodes
from gradb.trace.events import NodeRef, TensorCreated, TensorState
from gradb.trace.trace import Trace

SCALARS = frozenset({int, float, bool, str, type(None)})


class Identities:
    """The numbers given so far. `line` is the source line that runs now; an instrumented program sets it."""

    __slots__ = (
        "_add",
        "_events",
        "_last_node",
        "_last_tensor",
        "_runs",
        "again",
        "captured",
        "graph_run",
        "line",
        "module",
        "token",
        "trace",
    )

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.line = 0
        self.token = object()  # tells the tensors and nodes of this recording from those of another
        self._events = trace.events
        self._add = trace.events.append
        self._last_tensor = 0
        self._last_node = 0
        self.captured: CapturedNodes | None = None  # of the captured graph that runs now
        self.again = False  # whether it runs again, and not for the first time
        self.graph_run = 0  # counts the runs of captured graphs, 0 while none runs
        self._runs = 0
        self.module = ""  # the path of the module that is called now

    def state(self, tensor: Any) -> TensorState:
        """The tensor as it is now. One that the recording has not met before is announced by an event.

        Its `_origin`, where it has one, says which function made it without an event.
        """
        if tensor._run is self.token:
            state: TensorState = tensor._state
            if state.array is tensor._array and state.requires_grad is tensor._requires_grad:
                return state
            return self.remember(tensor, state.id)
        state = self.new_state(tensor)
        self.announce(state, getattr(tensor, "_origin", "outside"))
        return state

    def announce(self, state: TensorState, origin: str) -> None:
        """A tensor came to be, or came in from before the recording."""
        self._add(TensorCreated(self.line, state, origin))

    def node(self, node: Any) -> NodeRef:
        """The node's name and number in this recording."""
        if node.run is self.token:
            return node.ref
        leaf = getattr(node, "variable", None)
        return self.new_node(node, 0, 0 if leaf is None else self.state(leaf).id)

    def name_of(self, tensor: Any) -> str | None:
        """What a message calls a tensor: its variable, or `mul#12` by the op that made it; None for an unknown one."""
        if tensor._run is not self.token:
            return None
        self.learn_names()
        name = self.trace.name(tensor._state.id)
        return None if name.startswith("tensor#") else name

    def learn_names(self) -> None:
        """Before a message is made: an instrumented program has told its variables already."""

    def new_state(self, tensor: Any) -> TensorState:
        """The first state of a tensor, with a new id."""
        self._last_tensor += 1
        return self.remember(tensor, self._last_tensor)

    def remember(self, tensor: Any, tensor_id: int) -> TensorState:
        """The state of a tensor now, kept with the tensor until something about it changes."""
        storage = tensor._storage
        array = tensor._array
        if storage.group is not None and storage.group.pinned:
            array = array.copy()  # the user's numpy code may write into it unseen
        storage.lent = True
        grad_fn = tensor.grad_fn
        ref = None
        if grad_fn is not None:
            ref = grad_fn.ref if grad_fn.run is self.token else self.new_node(grad_fn, 0, 0)
        state = TensorState(tensor_id, array, tensor._requires_grad, ref, tensor._output_nr)
        tensor._run = self.token
        tensor._state = state
        return state

    def new_node(self, node: Any, forward: int, leaf: int) -> NodeRef:
        """A number for a node. `forward`: the event that made it; `leaf`: the id of an AccumulateGrad node's leaf."""
        captured = self.captured
        if captured is None or not forward:
            self._last_node = node_id = self._last_node + 1
            ref = NodeRef(node_id, type(node).__name__, forward, leaf)
        else:
            node_id = captured.number(type(node).__name__, self._last_node + 1)
            self._last_node = max(self._last_node, node_id)
            ref = NodeRef(node_id, type(node).__name__, forward, leaf, captured.call)
        node.run = self.token
        node.ref = ref
        return ref

    def run_begins(self, nodes: CapturedNodes, again: bool) -> tuple[Any, ...]:
        """A captured graph runs, `again` or for its capture; returns what `run_ends` wants."""
        before = self.captured, self.again, self.graph_run
        self._runs += 1
        self.captured, self.again, self.graph_run = nodes, again, self._runs
        nodes.begin_call()
        return before

    def run_ends(self, before: tuple[Any, ...]) -> None:
        """The run ended, also by an error."""
        self.captured, self.again, self.graph_run = before

    def operand(self, value: Any) -> Any:
        """An op's argument as events hold it: tensors as their states, plain values as they are, others as texts."""
        kind = type(value)
        if kind in SCALARS:
            return value
        if kind is tuple or kind is list:
            return tuple([self.operand(item) for item in value])
        if hasattr(type(value), "_storage"):
            return self.state(value)
        if isinstance(value, int):
            return int.__add__(value, 0)
        return float.__add__(value, 0.0) if isinstance(value, float) else str(value)
