"""Gradient clipping in place: `clip_grad_norm_(parameters, max_norm)`, `clip_grad_value_(parameters, clip_value)`."""

import math
import types
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from gradb.autograd.mode import mode
from gradb.autograd.storage import kept, write
from gradb.autograd.tensor import Tensor
from gradb.trace.events import Array

Parameters = Tensor | Iterable[Tensor]


def clip_grad_norm_(
    parameters: Parameters,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scales the gradients so that the norm of all of them together is at most `max_norm`; returns that norm before.

    Every gradient is multiplied by max_norm / (total norm + 1e-6), or by 1 where that is larger. Raises RuntimeError
    for a norm that is not finite where `error_if_nonfinite`.
    """
    generated = isinstance(parameters, types.GeneratorType)
    tensors = _listed(parameters)
    if generated and not tensors:
        warnings.warn("`parameters` is an empty generator: no gradient is clipped", UserWarning, stacklevel=2)
    tensors = [tensor for tensor in tensors if tensor._grad is not None]
    norm_type, max_norm = float(norm_type), float(max_norm)
    grads = [_array(tensor) for tensor in tensors]
    dtype = np.result_type(*grads) if grads else np.dtype(np.float32)
    norms = [np.asarray(vector_norm(grad, norm_type), grad.dtype) for grad in grads]
    total = np.asarray(vector_norm(np.array(norms, dtype), norm_type) if norms else 0.0, dtype)
    if error_if_nonfinite and not np.isfinite(total):
        raise RuntimeError(
            f"the total norm of the gradients is {float(total)} and cannot be clipped; "
            "error_if_nonfinite=False scales them all the same"
        )
    coefficient = np.asarray(np.minimum(max_norm / (total + 1e-6), 1.0), dtype)
    told = (norm_type, float(total), float(coefficient))
    _rewrite(tensors, lambda grad: grad * coefficient.astype(grad.dtype), "clip_grad_norm_", max_norm, told)
    result = Tensor._wrap(total)
    result._origin = "clip_grad_norm_"
    return result


def clip_grad_value_(parameters: Parameters, clip_value: float, foreach: bool | None = None) -> None:
    """Moves every element of the gradients that lies outside [-clip_value, clip_value] to the nearer end."""
    limit = float(clip_value)
    tensors = [tensor for tensor in _listed(parameters) if tensor._grad is not None]
    _rewrite(tensors, lambda grad: np.minimum(np.maximum(grad, -limit), limit), "clip_grad_value_", limit, None)
    for tensor in tensors:
        assert tensor._grad is not None
        tensor._grad._storage.version += 1  # torch writes twice, once for each bound


def vector_norm(values: Array, p: float) -> float:
    """The p-norm of all elements; p may be infinite, and 0 counts what is not 0."""
    absolute = np.abs(values.astype(np.float64, copy=False)).ravel()
    if p == 2:
        return math.sqrt(absolute @ absolute)
    if p == 0:
        return float(np.count_nonzero(absolute))
    if math.isinf(p):
        extreme = np.max if p > 0 else np.min
        return float(extreme(absolute)) if absolute.size else 0.0
    return float(np.sum(absolute**p) ** (1 / p))


def _listed(parameters: Parameters) -> list[Tensor]:
    return [parameters] if isinstance(parameters, Tensor) else list(parameters)


def _array(tensor: Tensor) -> Array:
    assert tensor._grad is not None
    return tensor._grad._array


def _rewrite(
    tensors: list[Tensor],
    change: Callable[[Array], Any],
    by: str,
    limit: float,
    norm: tuple[float, float, float] | None,
) -> None:
    """Puts what `change` makes of each gradient into it, and tells the recorder once."""
    before: list[Array] = []
    aliases: list[Tensor] = []
    for tensor in tensors:
        grad = tensor._grad
        assert grad is not None
        before.append(kept(grad))
        aliases.extend(write(grad, np.asarray(change(grad._array), grad._array.dtype)))
    if mode.recorder is not None and tensors:
        mode.recorder.clipped(by, limit, norm, tuple(tensors), tuple(before), tuple(aliases))
