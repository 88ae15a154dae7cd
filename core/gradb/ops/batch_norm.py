"""batch_norm: each channel made to have mean 0 and variance 1 over the batch, or by running statistics."""

import math
from typing import Any

import numpy as np

from gradb.autograd.capture import one_step
from gradb.autograd.dispatch import apply
from gradb.autograd.mode import mode
from gradb.autograd.op import Grad, Op
from gradb.autograd.storage import kept, write
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.layer_norm import same_floats
from gradb.ops.normalizing import centered, for_input, moments
from gradb.ops.registry import torch_name
from gradb.trace.events import OpInfo


def _axes(input: Any) -> tuple[int, ...]:
    return (0, *range(2, len(input.shape)))


def _wide(parameter: Any, input: Any) -> Any:
    """One number for each channel, shaped to be combined with the input."""
    return parameter.reshape((1, -1, *[1] * (len(input.shape) - 2)))


def _batch_norm(
    input: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any, training: bool, momentum: float, eps: float
) -> tuple[Any, Any, Any]:
    if training:
        mean, rstd = moments(input, _axes(input), eps)
        saved_mean, saved_rstd = mean.reshape(-1), rstd.reshape(-1)
    else:
        mean = _wide(running_mean, input)
        rstd = 1 / np.sqrt(_wide(running_var, input) + input.dtype.type(eps))
        saved_mean, saved_rstd = np.zeros(0, input.dtype), np.zeros(0, input.dtype)
    result = (input - mean) * rstd
    if weight is not None:
        result *= _wide(weight, input)
    if bias is not None:
        result += _wide(bias, input)
    return np.ascontiguousarray(result), saved_mean, saved_rstd


def _standard(
    input: Any, running_mean: Any, running_var: Any, training: bool, eps: float, result1: Any, result2: Any
) -> tuple[Any, Any]:
    if training:
        return centered(input, _wide(result1, input), _wide(result2, input), _axes(input))
    rstd = lib.power(_wide(running_var, input) + eps, -0.5)
    return (input - _wide(running_mean, input)) * rstd, rstd


def _for_input(
    grads: Any, input: Any, weight: Any, running_mean: Any, running_var: Any, training: bool, eps: float, result1: Any,
    result2: Any,
) -> Any:  # fmt: skip
    standard, rstd = _standard(input, running_mean, running_var, training, eps, result1, result2)
    scaled = grads[0] if weight is None else grads[0] * _wide(weight, input)
    return for_input(scaled, standard, rstd, _axes(input)) if training else scaled * rstd


def _for_weight(
    grads: Any, input: Any, weight: Any, running_mean: Any, running_var: Any, training: bool, eps: float, result1: Any,
    result2: Any,
) -> Any:  # fmt: skip
    standard = _standard(input, running_mean, running_var, training, eps, result1, result2)[0]
    return lib.sum_dims(grads[0] * standard, _axes(input))


def _for_bias(
    grads: Any, input: Any, weight: Any, running_mean: Any, running_var: Any, training: bool, eps: float, result1: Any,
    result2: Any,
) -> Any:  # fmt: skip
    return lib.sum_dims(grads[0], _axes(input))


BATCH_NORM = Op(
    "NativeBatchNormBackward0",
    _batch_norm,
    name="batch_norm",
    symbol="(input - mean) / √(var + eps) · weight + bias",
    outputs=("result", "result1", "result2"),
    nondifferentiable=("result1", "result2"),
    input=Grad("(g - mean(g) - x̂ · mean(g · x̂)) · rstd, with g = ∂L/∂out · weight; g · rstd in evaluation", _for_input),
    weight=Grad("Σ ∂L/∂out · x̂, with x̂ = (input - mean) · rstd", _for_weight),
    bias=Grad("Σ ∂L/∂out", _for_bias),
)
_FOLLOW_MEAN = OpInfo("running_mean", ("self", "mean", "momentum"), "(1 - momentum) · self + momentum · mean", {})
_FOLLOW_VAR = OpInfo(
    "running_var", ("self", "var", "momentum"), "(1 - momentum) · self + momentum · var · n / (n - 1)", {}
)


def _follow(running: Tensor | None, info: OpInfo, seen: Any, momentum: float) -> None:
    """Moves a running statistic towards what this batch has. Its version stays, as torch's kernel leaves it."""
    if running is None:
        return
    before = kept(running)
    aliases = write(running, (before * (1 - momentum) + seen * momentum).astype(before.dtype))
    running._storage.version -= 1
    if mode.recorder is not None:
        mode.recorder.written(
            running, before, info, (running, Tensor._wrap(seen), momentum), None, aliases, mode.grad_enabled
        )


def _check(input: Tensor, training: bool, statistics: dict[str, Tensor | None]) -> None:
    shape = input._array.shape
    if len(shape) < 2:
        raise RuntimeError(f"batch_norm wants at least 2 dims (batch, channels), found shape {shape}")
    if training and shape[0] * math.prod(shape[2:]) == 1:
        raise ValueError(f"batch_norm in training wants more than 1 value for each channel, found shape {shape}")
    for name, tensor in statistics.items():
        if tensor is None:
            if not training and name.startswith("running"):
                raise RuntimeError(f"batch_norm wants {name} in evaluation")
        elif tensor._array.shape != (shape[1],):
            raise RuntimeError(f"batch_norm wants {name} of shape ({shape[1]},), found {tensor._array.shape}")


@torch_name("native_batch_norm")
@one_step
def native_batch_norm(
    input: Tensor, weight: Tensor | None, bias: Tensor | None, running_mean: Tensor | None, running_var: Tensor | None,
    training: bool, momentum: float, eps: float,
) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
    """batch_norm, and the mean and 1 / √(variance + eps) of the batch."""
    results = apply(BATCH_NORM, input, weight, bias, running_mean, running_var, bool(training), momentum, eps)
    if training and not (running_mean is None and running_var is None):
        count = input._array.size // max(input._array.shape[1], 1)
        variance = 1 / np.square(results[2]._array.astype(np.float64)) - eps
        _follow(running_mean, _FOLLOW_MEAN, results[1]._array, momentum)
        _follow(running_var, _FOLLOW_VAR, (variance * (count / (count - 1))).astype(input._array.dtype), momentum)
    return results


def batch_norm(
    input: Tensor, running_mean: Tensor | None, running_var: Tensor | None, weight: Tensor | None = None,
    bias: Tensor | None = None, training: bool = False, momentum: float = 0.1, eps: float = 1e-5,
) -> Tensor:  # fmt: skip
    """(input - mean) / √(variance + eps) · weight + bias for each channel (dim 1).

    In training mean and variance are the batch's, and the running ones move towards them by `momentum`; else the
    running ones are used. Raises ValueError in training for one value per channel.
    """
    _check(
        input,
        training,
        {"running_mean": running_mean, "running_var": running_var, "weight": weight, "bias": bias},
    )
    same_floats("batch_norm", input, weight, bias)
    if input._array.size == 0:  # torch takes this way for an empty batch, and its graph shows it
        result = input.clone()
        result = result if weight is None else result * weight[0]
        return result if bias is None else result + bias[0]
    return native_batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps)[0]
