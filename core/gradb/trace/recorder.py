"""Collects what happens while a program runs: `Recorder(trace)` turns calls of the engine into events of the trace.

Every kind of event is made in one method here. A method does what must be done at that moment and nothing that a
reader could do later: it takes the arrays as they are (their memory is marked as lent, see `autograd/storage.py`).
"""

import weakref
from typing import Any

import numpy as np

from gradb.trace.events import (
    Accumulate,
    Array,
    BackwardFinished,
    BackwardStarted,
    Clipped,
    FanIn,
    Forward,
    OpInfo,
    RequiresGrad,
    Scalar,
    Scheduled,
    TensorCreated,
    TensorState,
    Update,
    Visit,
    ZeroGrad,
)
from gradb.trace.identity import SCALARS
from gradb.trace.surroundings import Surroundings
from gradb.trace.trace import Trace

Changed = tuple[tuple[TensorState, Array], ...]


class Recorder(Surroundings):
    """Writes one run into a trace."""

    __slots__ = ("_owners",)

    def __init__(self, trace: Trace) -> None:
        super().__init__(trace)
        self._owners: dict[int, weakref.ref[Any]] = {}  # by the id of a .grad tensor: whose .grad it is

    # --- tensors and ops

    def created(self, tensor: Any, origin: str) -> None:
        """A function such as `randn` made a leaf."""
        self.announce(self.new_state(tensor), origin)

    def requires_grad(self, tensor: Any) -> None:
        """A leaf's requires_grad was switched."""
        state = self.state(tensor)
        self._add(RequiresGrad(self.line, state))

    def forward(
        self, info: OpInfo, parameters: tuple[Any, ...], result: Any, node: Any, grad_mode: bool = True
    ) -> None:
        """An op made one new tensor."""
        token = self.token
        inputs: list[Any] = []
        for p in parameters:  # the hot path of a recording: what most ops need is done here without further calls
            if type(p) in SCALARS:
                inputs.append(p)
            elif getattr(p, "_run", None) is not token or p._state.array is not p._array:
                inputs.append(self.operand(p))
            else:
                inputs.append(p._state)
        ref = None if node is None else self.new_node(node, len(self._events) + 1, 0)
        storage = result._storage
        self._last_tensor = tensor_id = self._last_tensor + 1
        if storage.group is None:
            storage.lent = True
            state = TensorState(tensor_id, result._array, result._requires_grad, ref)
            result._run = token
            result._state = state
        else:
            state = self.remember(result, tensor_id)
        again, module, run = self.again, self.module, self.graph_run
        self._add(Forward(self.line, info, tuple(inputs), (state,), ref, False, grad_mode, (), again, module, run))

    def forward_many(
        self, info: OpInfo, parameters: tuple[Any, ...], results: Any, node: Any, grad_mode: bool = True
    ) -> None:
        """An op made several new tensors."""
        inputs = tuple([self.operand(p) for p in parameters])
        ref = None if node is None else self.new_node(node, len(self._events) + 1, 0)
        outputs = tuple([self.new_state(result) for result in results])
        again, module, run = self.again, self.module, self.graph_run
        self._add(Forward(self.line, info, inputs, outputs, ref, False, grad_mode, (), again, module, run))

    def written(
        self,
        tensor: Any,
        before: Array,
        info: OpInfo,
        parameters: tuple[Any, ...],
        node: Any,
        aliases: tuple[Any, ...],
        grad_mode: bool = True,
    ) -> None:
        """An op changed a tensor in place: an update of a leaf, a reset of a gradient, or else a forward op.

        `parameters` begin with the tensor itself; `aliases` are the other tensors on its memory.
        """
        if tensor._run is self.token:
            old = tensor._state
        else:
            self._last_tensor += 1
            old = TensorState(self._last_tensor, before, tensor._requires_grad)
            self.announce(old, "outside")
        rest = tuple([p if type(p) in SCALARS else self.operand(p) for p in parameters[1:]])
        ref = None if node is None else self.new_node(node, len(self._events) + 1, 0)
        new = self.remember(tensor, old.id)
        changed = self._changed(tensor, new, before, aliases) if aliases else ((new, before),)
        for state, content in changed:
            if state.requires_grad and state.grad_fn is None:
                used = tuple(zip(info.inputs[1:], rest, strict=False))
                self._add(Update(self.line, state, content, info.symbol, used, _others(changed, state)))
                return
        if info.name == "zero_" and old.id in self._owners:
            leaf = self._owners[old.id]()
            if leaf is not None and leaf._grad is tensor:
                self._add(ZeroGrad(self.line, self.state(leaf), before, new))
                return
        others = _others(changed, new)
        again, module, run = self.again, self.module, self.graph_run
        self._add(Forward(self.line, info, (old, *rest), (new,), ref, True, grad_mode, others, again, module, run))

    def _changed(self, tensor: Any, new: TensorState, before: Array, aliases: tuple[Any, ...]) -> Changed:
        """The tensors on memory that was written: the state of each now, and its content before.

        What is no view comes first: a view of a leaf requires grad too, but the leaf itself is what was updated.
        """
        tensors = [tensor, *[alias for alias in aliases if alias._run is self.token]]
        tensors.sort(key=lambda t: t._view is not None)
        held = [before if t is tensor else t._state.array for t in tensors]
        return tuple([(new if t is tensor else self.state(t), h) for t, h in zip(tensors, held, strict=True)])

    # --- backward

    def backward_started(self, roots: Any, seeds: Any, retain_graph: bool) -> None:
        """A walk begins. The turn of the loop that runs now is a training step."""
        states = tuple([self.state(root) for root in roots])
        self._note_turns()
        self._add(BackwardStarted(self.line, states, tuple([_array(seed) for seed in seeds]), retain_graph))

    def backward_finished(self, freed: list[Any]) -> None:
        """The walk ended, whole or by an error."""
        token = self.token
        refs = tuple([node.ref if node.run is token else self.node(node) for node in freed])
        self._add(BackwardFinished(self.line, refs))

    def visit(self, node: Any, incoming: Any, outgoing: Any) -> None:
        """The engine ran a node."""
        ref = node.ref if node.run is self.token else self.node(node)
        self._add(Visit(self.line, ref, _arrays(incoming), _arrays(outgoing)))

    def fan_in(self, node: Any, output_nr: int, contribution: Any, source: Any, total: Any) -> None:
        """A second or later gradient reached the node."""
        ref = self.node(node)
        self._add(FanIn(self.line, ref, output_nr, _array(contribution), self.node(source), _array(total)))

    def accumulate(self, tensor: Any, contribution: Array, before: Array | None, grad: Any) -> None:
        """`.grad` of a tensor was written."""
        state = self.state(tensor)
        after = self.state(grad) if grad._run is self.token else self.new_state(grad)
        if after.id not in self._owners:
            self._owners[after.id] = weakref.ref(tensor)
        self._add(Accumulate(self.line, state, contribution, before, after))

    def zero_grad(self, tensor: Any, before: Array | None, grad: Any) -> None:
        """`.grad` of a tensor was set to None, to zeros, or to a tensor of the program's."""
        after = None if grad is None else self.state(grad)
        if after is not None:
            self._owners[after.id] = weakref.ref(tensor)
        self._add(ZeroGrad(self.line, self.state(tensor), before, after))

    def update(
        self,
        tensor: Any,
        before: Array,
        rule: str,
        used: tuple[tuple[str, Any], ...],
        aliases: tuple[Any, ...] = (),
    ) -> None:
        """An optimizer gave a leaf a new value; `aliases` are the other tensors on its memory."""
        values = tuple([(name, v if isinstance(v, np.ndarray) else self.operand(v)) for name, v in used])
        state = self.state(tensor)
        others = tuple([self.state(alias) for alias in aliases if alias._run is self.token])
        self._add(Update(self.line, state, before, rule, values, others))

    def clipped(
        self,
        by: str,
        limit: float,
        norm: tuple[float, float, float] | None,
        tensors: tuple[Any, ...],
        before: tuple[Array, ...],
        aliases: tuple[Any, ...] = (),
    ) -> None:
        """The gradients of leaves were clipped. `norm` is its type, the total norm and the coefficient."""
        leaves = tuple([self.state(tensor) for tensor in tensors])
        grads: list[TensorState] = []
        for tensor, old in zip(tensors, before, strict=True):
            grad = tensor._grad
            if grad._run is not self.token:
                self._last_tensor += 1
                self._add(TensorCreated(self.line, TensorState(self._last_tensor, old, False), "outside"))
                grads.append(self.remember(grad, self._last_tensor))
            else:
                grads.append(self.state(grad))
            self._owners[grads[-1].id] = weakref.ref(tensor)
        others = tuple([self.state(alias) for alias in aliases if alias._run is self.token])
        kind, total, coefficient = norm or (None, None, None)
        self._add(Clipped(self.line, by, limit, kind, total, coefficient, leaves, before, tuple(grads), others))

    def scheduled(
        self,
        by: str,
        group: int,
        option: str,
        before: float,
        after: float,
        rule: str,
        used: tuple[tuple[str, Scalar], ...],
    ) -> None:
        """A scheduler changed an option of a parameter group."""
        self._add(Scheduled(self.line, by, group, option, before, after, rule, used))


def _others(changed: Changed, one: TensorState) -> tuple[TensorState, ...]:
    """The states of the other tensors on the same memory."""
    return tuple([state for state, _ in changed if state is not one]) if len(changed) > 1 else ()


def _array(value: Any) -> Any:
    return value if value is None or type(value) is np.ndarray else value._array


def _arrays(values: Any) -> tuple[Array | None, ...]:
    """The arrays of gradients that may be tensors (under `create_graph`)."""
    for value in values:
        if type(value) is not np.ndarray and value is not None:
            return tuple([_array(v) for v in values])
    return values if type(values) is tuple else tuple(values)
