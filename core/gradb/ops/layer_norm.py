"""layer_norm, group_norm and rms_norm: each sample made to have mean 0 and variance 1, or a mean square of 1."""

import math
from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.dispatch import apply, unary
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.args import sizes
from gradb.ops.complain import floats_only
from gradb.ops.normalizing import centered, for_input, moments
from gradb.ops.number import plus
from gradb.ops.reduction import MEAN_DIM
from gradb.ops.registry import torch_name


def _axes(dims: int, normalized_shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(range(dims - len(normalized_shape), dims))


def _layer_norm(
    input: Any, weight: Any, bias: Any, normalized_shape: tuple[int, ...], eps: float
) -> tuple[Any, Any, Any]:
    mean, rstd = moments(input, _axes(input.ndim, normalized_shape), eps)
    result = (input - mean) * rstd
    if weight is not None:
        result *= weight
    if bias is not None:
        result += bias
    return np.ascontiguousarray(result), mean, rstd


def _layer_input(
    grads: Any, input: Any, weight: Any, bias: Any, normalized_shape: Any, result1: Any, result2: Any
) -> Any:
    axes = _axes(len(input.shape), normalized_shape)
    scaled = grads[0] if weight is None else grads[0] * weight
    return for_input(scaled, *centered(input, result1, result2, axes), axes)


def _layer_weight(
    grads: Any, input: Any, weight: Any, bias: Any, normalized_shape: Any, result1: Any, result2: Any
) -> Any:
    axes = _axes(len(input.shape), normalized_shape)
    return lib.sum_dims(grads[0] * centered(input, result1, result2, axes)[0], tuple(range(axes[0])))


def _layer_bias(
    grads: Any, input: Any, weight: Any, bias: Any, normalized_shape: Any, result1: Any, result2: Any
) -> Any:
    return lib.sum_dims(grads[0], tuple(range(len(input.shape) - len(normalized_shape))))


LAYER_NORM = Op(
    "NativeLayerNormBackward0",
    _layer_norm,
    name="layer_norm",
    symbol="(input - mean) / √(var + eps) · weight + bias",
    outputs=("result", "result1", "result2"),
    nondifferentiable=("result1", "result2"),
    input=Grad("(g - mean(g) - x̂ · mean(g · x̂)) · rstd, with g = ∂L/∂out · weight", _layer_input),
    weight=Grad("Σ ∂L/∂out · x̂, with x̂ = (input - mean) · rstd", _layer_weight),
    bias=Grad("Σ ∂L/∂out", _layer_bias),
)


def check_shape(op: str, input: Tensor, normalized_shape: Any, *parameters: Tensor | None) -> tuple[int, ...]:
    """The shape as a tuple. Raises where the input does not end in it, or a parameter has another one."""
    if isinstance(normalized_shape, int):
        raise TypeError(f"{op} takes normalized_shape as a tuple or list, found {normalized_shape}")
    shape = sizes((tuple(normalized_shape),))
    if not shape or input._array.shape[-len(shape) :] != shape:
        raise RuntimeError(
            f"{op} with normalized_shape={shape} wants an input that ends in it, found {input._array.shape}"
        )
    for parameter in parameters:
        if parameter is not None and parameter._array.shape != shape:
            raise RuntimeError(f"{op} wants parameters of shape {shape}, found {parameter._array.shape}")
    return shape


def same_floats(op: str, input: Tensor, *parameters: Tensor | None) -> None:
    """Raises unless all hold floats of one dtype."""
    floats_only(op, input)
    for parameter in parameters:
        if parameter is not None and parameter._array.dtype != input._array.dtype:
            raise complaints.dtypes_differ(op, input._array.dtype, parameter._array.dtype)


@torch_name()
def layer_norm(
    input: Tensor, normalized_shape: Any, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5,
    cudnn_enable: bool = True,
) -> Tensor:  # fmt: skip
    """(input - mean) / √(variance + eps) · weight + bias over the last dims, which have `normalized_shape`."""
    shape = check_shape("layer_norm", input, normalized_shape, weight, bias)
    same_floats("layer_norm", input, weight, bias)
    return apply(LAYER_NORM, input, weight, bias, shape, eps)[0]


def _grouped(x: Any, N: int, group: int) -> Any:
    return x.reshape((N, group, math.prod(x.shape[1:]) // group))


def _per_channel(parameter: Any, input: Any) -> Any:
    return parameter.reshape((1, -1, *[1] * (len(input.shape) - 2)))


def _group_norm(
    input: Any, weight: Any, bias: Any, N: int, C: int, HxW: int, group: int, eps: float
) -> tuple[Any, Any, Any]:
    rows = _grouped(input, N, group)
    mean, rstd = moments(rows, (2,), eps)
    result = ((rows - mean) * rstd).reshape(input.shape)
    if weight is not None:
        result *= _per_channel(weight, input)
    if bias is not None:
        result += _per_channel(bias, input)
    return result, mean[:, :, 0], rstd[:, :, 0]


def _standard(input: Any, N: int, group: int, result1: Any, result2: Any) -> tuple[Any, Any]:
    return centered(_grouped(input, N, group), lib.unsqueeze(result1, 2), lib.unsqueeze(result2, 2), (2,))


def _group_input(grads: Any, input: Any, weight: Any, N: int, group: int, result1: Any, result2: Any) -> Any:
    scaled = grads[0] if weight is None else grads[0] * _per_channel(weight, input)
    gradient = for_input(_grouped(scaled, N, group), *_standard(input, N, group, result1, result2), (2,))
    return gradient.reshape(input.shape)


def _other_dims(input: Any) -> tuple[int, ...]:
    return (0, *range(2, len(input.shape)))


def _group_weight(grads: Any, input: Any, weight: Any, N: int, group: int, result1: Any, result2: Any) -> Any:
    standard = _standard(input, N, group, result1, result2)[0].reshape(input.shape)
    return lib.sum_dims(grads[0] * standard, _other_dims(input))


def _group_bias(grads: Any, input: Any, weight: Any, N: int, group: int, result1: Any, result2: Any) -> Any:
    return lib.sum_dims(grads[0], _other_dims(input))


GROUP_NORM = Op(
    "NativeGroupNormBackward0",
    _group_norm,
    name="group_norm",
    symbol="(input - mean) / √(var + eps) · weight + bias for each group of channels",
    outputs=("result", "result1", "result2"),
    nondifferentiable=("result1", "result2"),
    input=Grad("(g - mean(g) - x̂ · mean(g · x̂)) · rstd, with g = ∂L/∂out · weight", _group_input),
    weight=Grad("Σ ∂L/∂out · x̂, with x̂ = (input - mean) · rstd", _group_weight),
    bias=Grad("Σ ∂L/∂out", _group_bias),
    shows=("C", "HxW", "eps"),
)


@torch_name()
def group_norm(
    input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5,
    cudnn_enabled: bool = True,
) -> Tensor:  # fmt: skip
    """(input - mean) / √(variance + eps) · weight + bias, for each sample and each of num_groups groups of channels."""
    shape = input._array.shape
    if len(shape) < 2:
        raise RuntimeError(f"group_norm wants at least 2 dims (batch, channels), found shape {shape}")
    if num_groups <= 0 or shape[1] % num_groups:
        raise RuntimeError(f"group_norm: {shape[1]} channels cannot be split into num_groups={num_groups}")
    for parameter in (weight, bias):
        if parameter is not None and parameter._array.shape != (shape[1],):
            raise RuntimeError(f"group_norm wants parameters of shape ({shape[1]},), found {parameter._array.shape}")
    same_floats("group_norm", input, weight, bias)
    area = math.prod(shape[2:])
    scale, shift = [None if t is None else t.contiguous() for t in (weight, bias)]
    return apply(GROUP_NORM, input.contiguous(), scale, shift, shape[0], shape[1], area, num_groups, eps)[0]


@torch_name()
def rms_norm(input: Tensor, normalized_shape: Any, weight: Tensor | None = None, eps: float | None = None) -> Tensor:
    """input / √(mean of input² + eps) · weight over the last dims; eps is the smallest step from 1 unless given."""
    shape = check_shape("rms_norm", input, normalized_shape, weight)
    smallest = float(np.finfo(input._array.dtype).eps) if eps is None else eps
    dims = tuple(reversed(_axes(input._array.ndim, shape)))
    square = unary(MEAN_DIM, input.pow(2), dims, True)
    result = input * plus(square, smallest).rsqrt()
    return (result if weight is None else result * weight).contiguous()
