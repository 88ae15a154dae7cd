"""Follows the ops of a function that runs once, and makes a CapturedGraph of them: `capture(run, inputs, owned)`."""

from collections.abc import Callable, Sequence
from typing import Any

from gradb.autograd.aliases import set_data
from gradb.autograd.inplace import write_through
from gradb.autograd.mode import mode
from gradb.autograd.tensor import Tensor
from gradb.autograd.traced_numbers import Traced
from gradb.jit import complaints
from gradb.jit.graph import CapturedGraph, Computed, Slot, Step, rebuilt, tensors_in
from gradb.jit.pruning import needed
from gradb.trace.captured import CapturedNodes

_FROM_PYTHON = frozenset({"tensor", "as_tensor", "Tensor"})


class GraphTracer:
    """What `mode.tracer` is while a function is captured. `owned` are the parameters of the module, if it is one."""

    def __init__(self, inputs: Sequence[Tensor], owned: Sequence[Tensor], warns: bool) -> None:
        self.graph = CapturedGraph()
        self._slots: dict[int, Slot] = {}  # by the identity of a tensor
        self._kept: list[Tensor] = []  # alive until the end, so that no two have the same identity
        self._owned = {id(tensor) for tensor in owned}
        self._warns = warns
        self._nodes: CapturedNodes | None = None
        self.graph.inputs = [self._new_slot(tensor) for tensor in inputs]

    def __enter__(self) -> "GraphTracer":
        self._outer = mode.tracer
        mode.tracer = self
        recorder = mode.recorder
        if recorder is not None:
            self._nodes = self.graph.nodes(recorder.token)
            self._before = recorder.run_begins(self._nodes, again=False)
            self._nodes.begin_step(0)
        return self

    def __exit__(self, *error: object) -> None:
        mode.tracer = self._outer
        if self._nodes is not None and mode.recorder is not None:
            mode.recorder.run_ends(self._before)

    # --- what the engine tells

    def ran(self, function: Callable[..., Any], arguments: tuple[Any, ...], result: Any) -> None:
        """An op was run: one step."""
        written = arguments[1:2] if function is write_through else arguments[:1] if function is set_data else ()
        self._add(function, arguments, {}, result, written)

    def one_step(self, function: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Runs a function as one step."""
        given = tensors_in((arguments, keywords))
        before = [(tensor._array, tensor._storage.version) for tensor in given]
        mode.tracer = None
        try:
            result = function(*arguments, **keywords)
        finally:
            mode.tracer = self
        written = [
            tensor
            for tensor, (array, version) in zip(given, before, strict=True)
            if tensor._array is not array or tensor._storage.version != version
        ]
        self._add(function, arguments, keywords, result, written)
        return result

    def made(self, again: Callable[..., Any], arguments: tuple[Any, ...], origin: str, leaf: Tensor) -> None:
        """A leaf was made: each later run makes one of its own."""
        if origin in _FROM_PYTHON and self._warns:
            complaints.warn(complaints.constant(origin))
        self._add(again, arguments, {}, leaf)

    def left_for_python(self, what: str) -> None:
        """A tensor became a Python value."""
        if self._warns:
            complaints.warn(complaints.converted(what))

    # --- the graph

    def finish(self, result: Any) -> None:
        """The function returned: steps that its result does not need, and that change nothing outside, are left out."""
        graph = self.graph
        graph.outputs = self.slotted(result)
        graph.steps = needed(graph, {slot: memory_of(self._kept[slot.number]) for slot in self._slots.values()})

    def slotted(self, value: Any) -> Any:
        """A value with slots in the places of its tensors. Raises RuntimeError for a tensor that must not be in it."""
        return rebuilt(value, self._slotted)

    def _slotted(self, value: Any) -> Any:
        if isinstance(value, Traced):
            return Computed(value.function, self.slotted(value.operands))
        if not isinstance(value, Tensor):
            return value
        slot = self._slots.get(id(value))
        if slot is None:
            if value._requires_grad and id(value) not in self._owned:
                raise complaints.closed_over(value)
            slot = self._new_slot(value)
            self.graph.constants[slot] = value
        return slot

    def _new_slot(self, tensor: Tensor) -> Slot:
        slot = self._slots[id(tensor)] = Slot(len(self._kept))
        self._kept.append(tensor)
        return slot

    def _add(
        self, function: Callable[..., Any], arguments: Any, keywords: Any, result: Any, written: Sequence[Tensor] = ()
    ) -> None:
        given, named = self.slotted(arguments), self.slotted(keywords)
        made = result if isinstance(result, tuple) else (result,)
        results = [self._slot_of(item) if isinstance(item, Tensor) else None for item in made]
        writes = tuple([self._slots[id(tensor)] for tensor in written])
        steps = self.graph.steps
        steps.append(Step(len(steps), function, given, named, tuple(results), writes))
        if self._nodes is not None:
            self._nodes.begin_step(len(steps))

    def _slot_of(self, result: Tensor) -> Slot:
        return self._slots.get(id(result)) or self._new_slot(result)


def memory_of(tensor: Tensor) -> int:
    """A number that tensors on the same memory share."""
    group = tensor._storage.group
    return id(tensor) if group is None else id(group)


def capture(
    run: Callable[[], Any], inputs: Sequence[Tensor], owned: Sequence[Tensor], strict: bool, warns: bool = True
) -> CapturedGraph:
    """The graph of what `run()` does with the inputs. Raises RuntimeError where torch's tracer does."""
    with GraphTracer(inputs, owned, warns) as tracer:
        result = run()
        check_result(result, strict, warns)
        tracer.finish(result)
    return tracer.graph


def check_result(result: Any, strict: bool, warns: bool) -> None:
    """Raises RuntimeError for what a traced function cannot return."""
    if result is None:
        raise complaints.nothing_returned()
    if isinstance(result, dict):
        if strict:
            raise complaints.dict_returned()
        result = tuple(result.values())
    elif type(result) is list and strict and warns:
        complaints.warn(complaints.list_returned())
    elif isinstance(result, Tensor):
        return
    if not isinstance(result, tuple | list):
        raise complaints.not_returnable(result)
    for item in result:
        if item is None:
            raise complaints.not_returnable(item)
        check_result(item, strict, warns)
