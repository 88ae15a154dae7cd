"""`gradcheck` and `gradgradcheck` hold the gradients of a function against differences of its values."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradb.autograd.complaints import warn
from gradb.autograd.engine import grad
from gradb.autograd.mode import enable_grad
from gradb.autograd.tensor import Tensor
from gradb.autograd.unrecorded import unrecorded
from gradb.trace.events import Array

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]


class GradcheckError(RuntimeError):
    """A gradient that is not what differences of values say."""


def gradcheck(
    func: Callable[..., Any],
    inputs: Tensor | Sequence[Any],
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    **_: Any,
) -> bool:
    """Whether the gradients of `func` at `inputs` (float64) agree with central differences of step `eps`.

    Raises GradcheckError where they do not, unless `raise_exception` is False, and ValueError where no input requires
    grad. Other options of torch's are taken and change nothing. What runs here is not recorded.
    """
    args: list[Any] = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    checked = [i for i, arg in enumerate(args) if isinstance(arg, Tensor) and arg._requires_grad]
    if not checked:
        raise ValueError("gradcheck wants an input that requires grad, and none of them does")
    for i in checked:
        if args[i]._array.dtype != np.float64:
            warn(f"gradcheck: input {i} is {args[i]._array.dtype.name}; differences are exact enough in float64 only")
    with unrecorded(), enable_grad():
        outputs = _outputs(func, args)
        for number, output in enumerate(outputs):
            if not output._requires_grad:
                continue
            for i in checked:
                analytic, numeric = _analytic(output, args[i]), _numeric(func, args, i, number, eps)
                if not np.allclose(analytic, numeric, rtol, atol, equal_nan=True):
                    if not raise_exception:
                        return False
                    raise GradcheckError(
                        f"the gradient of output {number} for input {i} is not what differences say: "
                        f"backward gives\n{analytic}\nand differences give\n{numeric}"
                    )
    return True


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Tensor | Sequence[Any],
    grad_outputs: Tensor | Sequence[Tensor] | None = None,
    **options: Any,
) -> bool:
    """The same for the gradients of the gradients; `grad_outputs` are random where they are not given."""
    args: list[Any] = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    checked = [i for i, arg in enumerate(args) if isinstance(arg, Tensor) and arg._requires_grad]
    with unrecorded():
        outputs = [output for output in _outputs(func, args) if output._requires_grad]
        if grad_outputs is None:
            draw = np.random.default_rng(0)
            above = [Tensor._wrap(np.asarray(draw.normal(size=o._array.shape), o._array.dtype)) for o in outputs]
        else:
            above = [grad_outputs] if isinstance(grad_outputs, Tensor) else list(grad_outputs)
        above = [tensor.detach().requires_grad_() for tensor in above]

        def gradients(*given: Any) -> tuple[Tensor, ...]:
            results = [o for o in _outputs(func, given[: len(args)]) if o._requires_grad]
            wanted = [given[i] for i in checked]
            found = grad(results, wanted, given[len(args) :], create_graph=True, allow_unused=True)
            return tuple([g for g in found if g is not None])

        return gradcheck(gradients, [*args, *above], **options)


def _outputs(func: Callable[..., Any], args: Sequence[Any]) -> list[Tensor]:
    found = func(*args)
    return [o for o in (found if isinstance(found, tuple | list) else [found]) if isinstance(o, Tensor)]


def _analytic(output: Tensor, tensor: Tensor) -> Array:
    """A row for each element of the input, a column for each of the output."""
    table = np.zeros((tensor._array.size, output._array.size))
    for column in range(output._array.size):
        seed = np.zeros(output._array.size, output._array.dtype)
        seed[column] = 1
        given = Tensor._wrap(seed.reshape(output._array.shape))
        (found,) = grad(output, tensor, given, retain_graph=True, allow_unused=True)
        if found is not None:
            table[:, column] = found._array.ravel()
    return table


def _numeric(func: Callable[..., Any], args: list[Any], position: int, number: int, eps: float) -> Array:
    """The same by central differences."""
    array = args[position]._array
    rows: list[Array] = []
    for element in range(array.size):
        ends: list[Array] = []
        for step in (-eps, eps):
            moved = array.copy(order="C")
            moved.reshape(-1)[element] += step
            given = [*args[:position], Tensor._wrap(moved).requires_grad_(), *args[position + 1 :]]
            ends.append(_outputs(func, given)[number]._array.ravel())
        rows.append((ends[1] - ends[0]) / (2 * eps))
    return np.asarray(rows)
