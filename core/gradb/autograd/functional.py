"""`torch.autograd.functional`: Jacobians, Hessians and their products with vectors, as backward passes give them."""

from collections.abc import Callable
from typing import Any

import numpy as np

from gradb.autograd.engine import grad
from gradb.autograd.mode import enable_grad
from gradb.autograd.tensor import Tensor

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

Tensors = Tensor | tuple[Tensor, ...]


def jacobian(
    func: Callable[..., Any],
    inputs: Tensors,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """∂func/∂inputs, of the output's shape followed by the input's; nested as outputs and inputs are tuples."""
    from gradb.ops.registry import torch_functions

    args, outputs, one_input, one_output = _run(func, inputs, create_graph)
    table: list[Any] = []
    for number, output in enumerate(outputs):
        flat = output.reshape(-1)
        rows = [_grads([flat[i]], args, None, create_graph, strict, number) for i in range(output._array.size)]
        found: list[Any] = []
        for position, arg in enumerate(args):
            shape = (*output._array.shape, *arg._array.shape)
            columns = [row[position] for row in rows]
            empty = Tensor._wrap(np.zeros(shape, output._array.dtype))
            found.append(torch_functions["stack"](columns).reshape(shape) if columns else empty)
        table.append(found[0] if one_input else tuple(found))
    return table[0] if one_output else tuple(table)


def hessian(
    func: Callable[..., Any],
    inputs: Tensors,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The second derivatives of a function that gives one number."""

    def number(*args: Tensor) -> Tensor:
        output = func(*args)
        if not isinstance(output, Tensor) or output._array.size != 1:
            raise RuntimeError("hessian wants a function that returns one tensor of one element")
        return output.reshape(())

    def gradients(*args: Tensor) -> Any:
        return jacobian(number, args if isinstance(inputs, tuple) else args[0], True, strict)

    return jacobian(gradients, inputs, create_graph, strict)


def vjp(
    func: Callable[..., Any], inputs: Tensors, v: Any = None, create_graph: bool = False, strict: bool = False
) -> Any:
    """(func(inputs), v · ∂func/∂inputs); `v` has the shape of the output and may be left out for one number."""
    args, outputs, one_input, one_output = _run(func, inputs, create_graph)
    seeds = _vector(v, outputs, "output")
    found = _grads(outputs, args, seeds, create_graph, strict)
    return _given_back(outputs, create_graph, one_output), _given_back(found, create_graph, one_input)


def jvp(
    func: Callable[..., Any], inputs: Tensors, v: Any = None, create_graph: bool = False, strict: bool = False
) -> Any:
    """(func(inputs), ∂func/∂inputs · v), by walking back twice; `v` has the shape of the inputs."""
    args, outputs, _, one_output = _run(func, inputs, create_graph)
    seeds = _vector(v, args, "input")
    above = [Tensor._wrap(np.zeros_like(o._array)).requires_grad_() for o in outputs]
    inner = _grads(outputs, args, above, True, strict)
    found = _grads(inner, above, seeds, create_graph, strict)
    return _given_back(outputs, create_graph, one_output), _given_back(found, create_graph, one_output)


def vhp(
    func: Callable[..., Any], inputs: Tensors, v: Any = None, create_graph: bool = False, strict: bool = False
) -> Any:
    """(func(inputs), v · H), with H the second derivatives; `v` has the shape of the inputs."""
    args, outputs, one_input, one_output = _run(func, inputs, create_graph)
    seeds = _vector(v, args, "input")
    inner = _grads(outputs, args, None, True, strict)
    found = _grads(inner, args, seeds, create_graph, strict)
    return _given_back(outputs, create_graph, one_output), _given_back(found, create_graph, one_input)


def hvp(
    func: Callable[..., Any], inputs: Tensors, v: Any = None, create_graph: bool = False, strict: bool = False
) -> Any:
    """(func(inputs), H · v): the same as `vhp`, since second derivatives do not depend on their order."""
    return vhp(func, inputs, v, create_graph, strict)


def _run(
    func: Callable[..., Any], inputs: Tensors, create_graph: bool
) -> tuple[list[Tensor], list[Tensor], bool, bool]:
    """The inputs as starts of a graph of their own, the outputs, and whether each is one tensor and no tuple."""
    one_input = isinstance(inputs, Tensor)
    given = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    with enable_grad():
        if create_graph:
            args = [tensor.view_as(tensor) if tensor._requires_grad else _start(tensor) for tensor in given]
        else:
            args = [_start(tensor) for tensor in given]
        found = func(*args)
    one_output = isinstance(found, Tensor)
    outputs: list[Tensor] = [found] if isinstance(found, Tensor) else list(found)
    return args, outputs, one_input, one_output


def _start(tensor: Tensor) -> Tensor:
    return tensor.detach().requires_grad_()


def _vector(v: Any, like: list[Tensor], of: str) -> list[Tensor]:
    if v is None:
        if len(like) != 1 or like[0]._array.size != 1:
            raise RuntimeError(f"v may be left out for an {of} of one element only: give one of the {of}'s shape")
        return [Tensor._wrap(np.ones_like(like[0]._array))]
    vectors = [v] if isinstance(v, Tensor) else list(v)
    if len(vectors) != len(like):
        raise RuntimeError(f"{len(vectors)} vectors for {len(like)} {of}s: there must be one for each")
    for vector, tensor in zip(vectors, like, strict=True):
        if vector._array.shape != tensor._array.shape:
            raise RuntimeError(f"v has the shape {vector._array.shape}, the {of} has {tensor._array.shape}")
    return vectors


def _grads(
    outputs: list[Tensor],
    inputs: list[Tensor],
    seeds: list[Tensor] | None,
    create_graph: bool,
    strict: bool,
    number: int = 0,
) -> list[Tensor]:
    """The gradients, with zeros where an output does not depend on an input."""
    tracked = [i for i, output in enumerate(outputs) if output._requires_grad]
    found: Any = [None] * len(inputs)
    if tracked:
        with enable_grad():
            given = None if seeds is None else [seeds[i] for i in tracked]
            roots = [outputs[i] for i in tracked]
            found = grad(roots, inputs, given, retain_graph=True, create_graph=create_graph, allow_unused=True)
    gradients: list[Tensor] = []
    for position, (gradient, tensor) in enumerate(zip(found, inputs, strict=True)):
        if gradient is None and strict:
            raise RuntimeError(f"output {number} does not depend on input {position}, which strict=True forbids")
        gradients.append(Tensor._wrap(np.zeros_like(tensor._array)) if gradient is None else gradient)
    return gradients


def _given_back(tensors: list[Tensor], create_graph: bool, one: bool) -> Any:
    found = tensors if create_graph else [tensor.detach() for tensor in tensors]
    return found[0] if one else tuple(found)
