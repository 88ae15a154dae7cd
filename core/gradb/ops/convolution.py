"""conv1d and conv2d."""

import math
from typing import Any

from gradb.autograd import complaints
from gradb.autograd.dispatch import apply, unary
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import convolution_arrays as arrays
from gradb.ops import lib
from gradb.ops.convolution_arrays import Layout
from gradb.ops.registry import torch_functions, torch_name
from gradb.ops.shape import SQUEEZE_DIM, unsqueeze
from gradb.ops.windows import Sizes, each


def _convolution(
    input: Any, weight: Any, bias: Any, stride: Sizes, padding: Sizes, dilation: Sizes, transposed: bool,
    output_padding: Sizes, groups: int,
) -> Any:  # fmt: skip
    dims = len(stride)
    result = arrays.convolved(input, weight, _layout(stride, padding, dilation, groups))
    if bias is not None:
        result += bias.reshape(-1, *[1] * dims)
    return result


def _layout(stride: Sizes, padding: Sizes, dilation: Sizes, groups: int) -> Layout:
    dims = len(stride)
    return Layout(stride, padding * dims if len(padding) < dims else padding, dilation, groups)


def _for_input(grad: Any, weight: Any, shape: tuple[int, ...], layout: Layout) -> Any:
    if isinstance(grad, Tensor):
        return apply(FOR_INPUT, grad, weight, shape, layout)
    return arrays.input_gradient(grad, weight, shape, layout)


def _for_weight(grad: Any, input: Any, shape: tuple[int, ...], layout: Layout) -> Any:
    if isinstance(grad, Tensor):
        return apply(FOR_WEIGHT, grad, input, shape, layout)
    return arrays.weight_gradient(grad, input, shape, layout)


def _again(input: Any, weight: Any, layout: Layout) -> Any:
    if isinstance(input, Tensor):
        how = (layout.stride, layout.padding, layout.dilation, False, (0,) * len(layout.stride), layout.groups)
        return apply(CONVOLUTION, input, weight, None, *how)
    return arrays.convolved(input, weight, layout)


# Every gradient takes input and weight, because torch's node saves both whichever of them requires grad.
CONVOLUTION = Op(
    "ConvolutionBackward0",
    _convolution,
    name="convolution",
    symbol="weight ∗ input + bias",
    input=Grad(
        "∂L/∂out spread over the windows by weight",
        lambda grad, input, weight, stride, padding, dilation, groups: _for_input(
            grad, weight, input.shape, _layout(stride, padding, dilation, groups)
        ),
    ),
    weight=Grad(
        "Σ over the windows of input · ∂L/∂out",
        lambda grad, input, weight, stride, padding, dilation, groups: _for_weight(
            grad, input, weight.shape, _layout(stride, padding, dilation, groups)
        ),
    ),
    bias=Grad(
        "Σ ∂L/∂out over samples and positions",
        lambda grad, input, weight: lib.sum_dims(grad, (0, *range(2, len(weight.shape)))),
    ),
    shows=("transposed", "output_padding", "bias_sym_sizes_opt"),
)
FOR_INPUT = Op(
    "ConvolutionInputGradientBackward0",
    lambda output, weight, shape, layout: arrays.input_gradient(output, weight, shape, layout),
    name="convolution_input_gradient",
    symbol="output spread over the windows by weight",
    output=Grad("weight ∗ ∂L/∂out", lambda grad, weight, layout: _again(grad, weight, layout)),
    weight=Grad(
        "Σ over the windows of ∂L/∂out · output",
        lambda grad, output, weight_sym_sizes, layout: _for_weight(output, grad, weight_sym_sizes, layout),
    ),
)
FOR_WEIGHT = Op(
    "ConvolutionWeightGradientBackward0",
    lambda output, input, shape, layout: arrays.weight_gradient(output, input, shape, layout),
    name="convolution_weight_gradient",
    symbol="Σ over the windows of input · output",
    output=Grad("∂L/∂out ∗ input", lambda grad, input, layout: _again(input, grad, layout)),
    input=Grad(
        "output spread over the windows by ∂L/∂out",
        lambda grad, output, input_sym_sizes, layout: _for_input(output, grad, input_sym_sizes, layout),
    ),
)


def _check(op: str, input: Tensor, weight: Tensor, bias: Tensor | None, dims: int, groups: int) -> None:
    """Raises unless the shapes and dtypes fit together; the input may come without a batch."""
    for value, name in ((input, "input"), (weight, "weight"), (bias, "bias")):
        if not isinstance(value, Tensor) and not (value is None and name == "bias"):
            raise TypeError(f"{op} takes a tensor as {name}, found {type(value).__name__}")
    x, w = input._array, weight._array
    if x.ndim not in (dims + 1, dims + 2):
        raise RuntimeError(
            f"{op} wants an input of {dims + 2} dims (batch, channels, sizes), or {dims + 1} without a batch, "
            f"found shape {x.shape}"
        )
    if w.ndim != dims + 2:
        raise RuntimeError(f"{op} wants a weight of {dims + 2} dims (out, in, kernel), found shape {w.shape}")
    for other in (w, *([bias._array] if bias is not None else [])):
        if other.dtype != x.dtype:
            raise complaints.dtypes_differ(op, x.dtype, other.dtype)
    if groups <= 0 or w.shape[0] % groups:
        raise RuntimeError(f"{op}: the {w.shape[0]} output channels cannot be split into groups={groups}")
    if x.shape[-dims - 1] != w.shape[1] * groups:
        raise RuntimeError(
            f"{op}: a weight of shape {w.shape} with groups={groups} wants {w.shape[1] * groups} input channels, "
            f"found {x.shape[-dims - 1]} in {x.shape}"
        )
    if bias is not None and bias._array.shape != (w.shape[0],):
        raise RuntimeError(f"{op} wants a bias of shape ({w.shape[0]},), found {bias._array.shape}")


def _same(op: str, input: Tensor, kernel: Sizes, stride: Sizes, dilation: Sizes) -> tuple[Tensor, Sizes]:
    """What padding='same' pads: on both sides alike, and one more at the end where that does not come out even."""
    if any(s != 1 for s in stride):
        raise RuntimeError(f"{op}: padding='same' needs stride 1, found {stride}")
    total = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
    if any(t % 2 for t in total):
        complaints.warn(f"{op}: padding='same' with an even kernel pads one more at the end, which takes a copy")
        pad = [n for t in reversed(total) for n in (0, t % 2)]
        input = torch_functions["constant_pad_nd"](input, pad, 0)
    return input, tuple([t // 2 for t in total])


def _conv(
    op: str, dims: int, input: Tensor, weight: Tensor, bias: Tensor | None, stride: Any, padding: Any, dilation: Any,
    groups: int,
) -> Tensor:  # fmt: skip
    _check(op, input, weight, bias, dims, groups)
    strides = each(op, "stride", stride, dims)
    dilations = each(op, "dilation", dilation, dims)
    batched = input._array.ndim == dims + 2
    if not batched:
        input = unsqueeze(input, 0)
    kernel = weight._array.shape[2:]
    output_padding = (0,) * dims
    if isinstance(padding, str):
        if padding not in ("same", "valid"):
            raise RuntimeError(f"{op}: padding is 'same', 'valid' or numbers, found {padding!r}")
        if padding == "same":
            input, pads = _same(op, input, kernel, strides, dilations)
        else:
            pads = output_padding = (0,)
    else:
        pads = each(op, "padding", padding, dims)
    if min(strides) <= 0 or min(pads) < 0 or min(dilations) <= 0:
        raise RuntimeError(
            f"{op} wants stride and dilation above 0 and padding not below, found {strides}, {dilations}, {pads}"
        )
    layout = _layout(strides, pads, dilations, groups)
    if math.prod(kernel) == 0 or min(layout.counts(input._array.shape[2:], kernel)) <= 0:
        raise RuntimeError(f"{op}: the kernel {kernel} is larger than the padded input {input._array.shape[2:]}")
    result = apply(CONVOLUTION, input, weight, bias, strides, pads, dilations, False, output_padding, int(groups))
    return result if batched else unary(SQUEEZE_DIM, result, 0)


@torch_name()
def conv1d(
    input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
    groups: int = 1,
) -> Tensor:  # fmt: skip
    """Slides a weight (out, in / groups, k) over an input (batch, in, size), or one without a batch."""
    return _conv("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


@torch_name()
def conv2d(
    input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
    groups: int = 1,
) -> Tensor:  # fmt: skip
    """Slides a weight (out, in / groups, kh, kw) over an input (batch, in, h, w), or one without a batch.

    `padding` is numbers, 'valid' (none), or 'same' (the result is as large as the input; stride 1).
    """
    return _conv("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)
