"""Turns what happens on torch into the events of a trace: `TorchRecorder(trace, torch)`, told by the modules beside it.

The events are those that gradb's own engine gives, with three differences that a comparison must know:
- a forward event is one ATen op, named and with the arguments as ATen has them;
- a tensor is announced when the recording first meets it, which for a Parameter may be after it was filled;
- updates by an optimizer have neither rule nor state.
"""

import weakref
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from gradb.trace.events import (
    Accumulate,
    Array,
    BackwardStarted,
    Clipped,
    NodeRef,
    RequiresGrad,
    Scheduled,
    TensorCreated,
    TensorState,
    Update,
    ZeroGrad,
)
from gradb.trace.recorder import Recorder
from gradb.trace.trace import Trace
from gradb.verify.pytorch.memory import Known, node_of, origin_of

ACCUMULATE = "AccumulateGrad"
_PLAIN = (int, float, bool, str, type(None))


class TorchRecorder(Recorder):
    """A recorder of torch's own tensors and nodes. While `silent` is not 0, what torch does is not recorded."""

    def __init__(self, trace: Trace, torch: Any) -> None:
        super().__init__(trace)
        self.torch = torch
        self.silent = 0
        self.muted = False  # whether printed texts are left out
        self.calling = ""  # the function of torch that the program called last
        self.known = Known()
        self.owners: dict[int, weakref.ref[Any]] = {}  # by the id of a .grad tensor: whose .grad it is
        self.flush: Any = _nothing  # tells of the op that ran last, once its node is known
        self._refs: dict[int, NodeRef] = {}  # by sequence number
        self._numbers: dict[int, int] = {}  # sequence numbers by id
        self._leaf_refs: dict[int, NodeRef] = {}  # by the leaf's id

    @contextmanager
    def silence(self) -> Generator[None]:
        """Inside, the recorder's own use of torch is not recorded."""
        self.silent += 1
        try:
            yield
        finally:
            self.silent -= 1

    def add(self, event: Any) -> None:
        """Appends an event, after what is still to be told."""
        self.flush()
        self._add(event)

    # --- tensors and nodes

    def array(self, tensor: Any) -> Array:
        """A copy of the tensor's content."""
        self.silent += 1
        try:
            return tensor.detach().numpy().copy()
        finally:
            self.silent -= 1

    def is_tensor(self, value: Any) -> bool:
        """Whether it is one of torch's tensors."""
        return isinstance(value, self.torch.Tensor)

    def state(self, tensor: Any) -> TensorState:
        """The tensor as it is now; one that was not met before is announced."""
        self.flush()
        found = self.known.state(tensor)
        if found is None:
            return self.introduce(tensor, origin_of(tensor))
        return self.remember(tensor, found.id)

    def introduce(self, tensor: Any, origin: str) -> TensorState:
        """Tells of a tensor that came to be without an op."""
        state = self.new_state(tensor)
        self._add(TensorCreated(self.line, state, origin))
        return state

    def new_state(self, tensor: Any) -> TensorState:
        """The state of a tensor that gets a new id."""
        self._last_tensor += 1
        return self.remember(tensor, self._last_tensor)

    def remember(self, tensor: Any, tensor_id: int) -> TensorState:
        """Takes the tensor's content and its place in the graph as they are now."""
        self.silent += 1
        try:
            node = node_of(tensor)
            ref = None if node is None else self.node(node)
            state = TensorState(tensor_id, self.array(tensor), tensor.requires_grad, ref, tensor.output_nr)
            self.known.keep(tensor, state)
        finally:
            self.silent -= 1
        return state

    def is_new(self, node: Any) -> bool:
        """Whether the recording has not met this node (of an op) before."""
        return node._sequence_nr() not in self._refs

    def node(self, node: Any, forward: int = 0) -> NodeRef:
        """The node's name and number in this recording."""
        if type(node).__name__ == ACCUMULATE:
            leaf = self.state(node.variable).id
            return self._leaf_refs.get(leaf) or self._new_ref(ACCUMULATE, 0, leaf, self._leaf_refs, leaf)
        number = node._sequence_nr()
        found = self._refs.get(number)
        if found is None:
            found = self._new_ref(type(node).__name__, forward, 0, self._refs, number)
            self._numbers[found.id] = number
        return found

    def _new_ref(self, name: str, forward: int, leaf: int, refs: dict[int, NodeRef], key: int) -> NodeRef:
        self._last_node += 1
        ref = refs[key] = NodeRef(self._last_node, name, forward, leaf)
        return ref

    def made_later(self, ref: NodeRef, node: Any) -> bool:
        """Whether the node of an event was made after another one."""
        return self._numbers[ref.id] > node._sequence_nr()

    def operand(self, value: Any) -> Any:
        """An argument of an op as events have it."""
        if type(value) in _PLAIN:
            return value
        if isinstance(value, list | tuple):
            return tuple([self.operand(item) for item in value])
        if not self.is_tensor(value):
            return str(value)
        found = self.known.state(value)
        if found is None:
            return self.introduce(value, origin_of(value))
        with self.silence():
            same = value.requires_grad == found.requires_grad
        return found if same else self.remember(value, found.id)  # a write into its base may have switched it

    # --- what the program and the modules beside this one tell

    def named(self, name: str, value: Any) -> None:
        """A variable was assigned; as in `Recorder.named`."""
        if type(value) in _PLAIN or self.paused:
            return
        if self.is_tensor(value):
            self._bind(name, self.state(value).id)
        elif isinstance(value, self.torch.nn.Module):
            self.scopes.name(value, name)
            for path, parameter in value.named_parameters():
                if type(path) is not str or not self.is_tensor(parameter):
                    continue  # a class of the program may say anything
                tensor_id = self.state(parameter).id
                held = self.trace.bindings.get(path)
                if held is None or held.ids[-1] == tensor_id:
                    self._bind(path, tensor_id)
                self._bind(f"{name}.{path}", tensor_id)

    def turn(self, loop: int) -> None:
        self.flush()
        super().turn(loop)

    def printed(self, text: str) -> None:
        if not self.muted:
            self.flush()
            super().printed(text)

    def plotted(self, call: str, series: Any, options: Any) -> None:
        self.flush()
        super().plotted(call, series, options)

    def raised(self, error: BaseException) -> None:
        self.flush()
        super().raised(error)

    def walk_starts(self, event: BackwardStarted) -> None:
        """A backward begins. The turn of the loop that runs now is a training step."""
        self.flush()
        self._note_turns()
        self._add(event)

    def take_back(self, event: BackwardStarted) -> bool:
        """Takes a backward back that did not begin; False where something happened since."""
        self.flush()
        events, cuts = self.trace.events, self.trace.cuts
        if events[-1] is not event:
            return False
        events.pop()
        if cuts and cuts[-1][0] == len(events) + 1:
            cuts.pop()
            self.trace.turns.pop()
        return True

    def requires_grad(self, tensor: Any) -> None:
        state = self.state(tensor)
        self._add(RequiresGrad(self.line, state))

    def owns(self, leaf: Any, grad: Any) -> TensorState:
        """Notes whose `.grad` a tensor is, and takes its state."""
        found = self.known.state(grad)
        state = self.new_state(grad) if found is None else self.remember(grad, found.id)
        self.owners[state.id] = weakref.ref(leaf)
        return state

    def accumulate(self, tensor: Any, contribution: Array, before: Array | None, grad: Any) -> None:
        state = self.state(tensor)
        self._add(Accumulate(self.line, state, contribution, before, self.owns(tensor, grad)))

    def zero_grad(self, tensor: Any, before: Array | None, grad: Any) -> None:
        after = None
        if grad is not None:
            self.state(grad)
            after = self.owns(tensor, grad)
        state = self.state(tensor)
        self._add(ZeroGrad(self.line, state, before, after))

    def updated(self, leaf: Any, before: Array, rule: str) -> None:
        """A leaf got a new value."""
        state = self.state(leaf)
        self._add(Update(self.line, state, before, rule, ()))

    def clip(self, by: str, limit: float, norm: Any, leaves: list[Any], before: list[Array]) -> None:
        """The gradients of leaves were clipped."""
        states = tuple([self.state(leaf) for leaf in leaves])
        grads = tuple([self.owns(leaf, leaf.grad) for leaf in leaves])
        kind, total, coefficient = norm or (None, None, None)
        self._add(Clipped(self.line, by, limit, kind, total, coefficient, states, tuple(before), grads))

    def schedule(self, by: str, group: int, option: str, before: float, after: float) -> None:
        """A scheduler changed an option of a parameter group."""
        self.add(Scheduled(self.line, by, group, option, before, after))


def _nothing() -> None:
    """Nothing is still to be told."""
