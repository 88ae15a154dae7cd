"""`trace(function, example_inputs)`: runs a function once and captures its graph, as `torch.jit.trace` does."""

from collections.abc import Callable, Sequence
from inspect import ismethod
from typing import Any

import numpy as np

from gradb.autograd.mode import mode, no_grad
from gradb.autograd.tensor import Tensor
from gradb.autograd.unrecorded import unrecorded
from gradb.jit import complaints
from gradb.jit.function import ScriptFunction
from gradb.jit.graph import CapturedGraph, rebuilt, tensors_in
from gradb.jit.module import TopLevelTracedModule, TracedModule
from gradb.jit.signature import signature_of
from gradb.jit.tracer import capture
from gradb.nn.module import Module
from gradb.trace.events import OpInfo

_CHECKED = OpInfo("trace_check", ("self",), "self as the check of the trace leaves it", {})


def trace(
    func: Any, example_inputs: Any = None, *, check_trace: bool = True, check_tolerance: float = 1e-5,
    strict: bool = True, example_kwarg_inputs: dict[str, Any] | None = None,
) -> Any:  # fmt: skip
    """Runs a function or a module with the example inputs; what it returns runs the ops that ran there.

    `example_inputs` is a tensor or a tuple of the arguments; `example_kwarg_inputs` gives them by name. The check runs
    the function and the graph two times each, unrecorded, as torch does, and warns where results differ. Raises
    RuntimeError for arguments and results that are no tensors, and for a tensor that requires grad and is neither an
    argument nor a parameter of the module.
    """
    if isinstance(func, TopLevelTracedModule | ScriptFunction):
        return func
    if ismethod(func) and isinstance(func.__self__, Module) and func.__name__ == "forward":
        func = func.__self__
    if isinstance(func, TracedModule):
        raise complaints.submodule_called()
    args, kwargs = _examples(example_inputs, example_kwarg_inputs)
    module = func if isinstance(func, Module) else None
    name = "forward" if module is not None else str(getattr(func, "__name__", type(func).__name__))
    args, kwargs = _told_apart((args, kwargs))
    signature = signature_of(func if module is None else module.forward, name, args, kwargs)
    owned = [] if module is None else [*module.parameters(), *module.buffers()]
    inputs = signature.tensors(args, kwargs)
    graph = capture(lambda: func(*args, **kwargs), inputs, owned, strict)
    if check_trace:
        _check(func, args, kwargs, graph, owned, check_tolerance, strict)
    return ScriptFunction(graph, signature) if module is None else TopLevelTracedModule(module, graph, signature)


def _examples(inputs: Any, by_name: dict[str, Any] | None) -> tuple[tuple[Any, ...], dict[str, Any]]:
    if by_name is not None:
        return (), by_name
    if inputs is None:
        raise RuntimeError("trace wants example_inputs, or example_kwarg_inputs with a dict")
    if isinstance(inputs, Tensor | dict):
        return (inputs,), {}
    return tuple(inputs), {}


def _told_apart(arguments: Any) -> Any:
    """The arguments with views in the places of tensors that stand there twice: each place is an input of its own."""
    met: set[int] = set()

    def apart(item: Any) -> Any:
        if id(item) not in met or not isinstance(item, Tensor):
            met.add(id(item))
            return item
        with unrecorded():
            return item.view(item.shape)

    return rebuilt(arguments, apart)


def _check(
    func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], graph: CapturedGraph,
    owned: Sequence[Tensor], tolerance: float, strict: bool,
) -> None:  # fmt: skip
    """Runs the function and the graph on copies of the inputs, in torch's order, and compares the results."""
    outside = list(graph.constants.values())
    before = [tensor._array for tensor in outside]
    for tensor in outside:
        tensor._storage.lent = True
    with unrecorded(), no_grad():
        given, named = _copied((args, kwargs))
        again = capture(lambda: func(*given, **named), tensors_in((given, named)), owned, strict, warns=False)
        traced = graph.run(tensors_in(_copied((args, kwargs))))
        given, named = _copied((args, kwargs))
        different = _first_difference(traced, func(*given, **named), tolerance)
        if not different:
            different = _first_difference(traced, again.run(tensors_in(_copied((args, kwargs)))), tolerance)
    if different:
        complaints.warn(complaints.differs(different))
    recorder = mode.recorder
    for tensor, array in zip(outside, before, strict=True):
        if recorder is not None and tensor._array is not array and tensor._run is recorder.token:
            recorder.written(tensor, array, _CHECKED, (tensor,), None, (), mode.grad_enabled)


def _first_difference(one: Any, other: Any, tolerance: float) -> int:
    """The number of the first result that is another one, 0 where all are the same."""
    for number, (a, b) in enumerate(zip(tensors_in(one), tensors_in(other), strict=False), start=1):
        x, y = a._array, b._array
        if x.shape != y.shape or not np.allclose(x, y, rtol=tolerance, atol=1e-5, equal_nan=True):
            return number
    return 0


def _copied(value: Any) -> Any:
    return rebuilt(value, lambda item: item.detach().clone() if isinstance(item, Tensor) else item)
