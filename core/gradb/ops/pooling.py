"""What the pooling ops accept: window sizes as torch takes them, checked against the input."""

from typing import Any

from gradb.autograd.tensor import Tensor
from gradb.ops.windows import Sizes, each, output_size


def pool_sizes(op: str, dims: int, kernel_size: Any, stride: Any, padding: Any) -> tuple[Sizes, Sizes, Sizes]:
    """kernel, stride and padding for each dim; the stride is () where it is left out, and means the kernel."""
    return (
        each(op, "kernel_size", kernel_size, dims),
        each(op, "stride", stride, dims, ()),
        each(op, "padding", padding, dims),
    )


def check(
    op: str, input: Any, dims: int, kernel: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes, ceil_mode: bool
) -> None:
    """Raises RuntimeError unless the windows fit the input, which comes with or without a batch."""
    if not isinstance(input, Tensor):
        raise TypeError(f"{op} takes a tensor, found {type(input).__name__}")
    shape = input._array.shape
    if len(shape) not in (dims + 1, dims + 2) or 0 in shape[-dims - 1 :]:
        raise RuntimeError(
            f"{op} wants {dims + 2} dims (batch, channels, sizes), or {dims + 1} without a batch, only the batch may "
            f"be empty; found shape {shape}"
        )
    steps = stride or kernel
    if min(*kernel, *steps, *dilation, 1) <= 0:
        raise RuntimeError(f"{op}: kernel, stride and dilation are above 0, found {kernel}, {steps}, {dilation}")
    for k, p, d in zip(kernel, padding, dilation, strict=True):
        if not 0 <= p <= (d * (k - 1) + 1) // 2:
            raise RuntimeError(f"{op}: padding {p} is below 0 or more than half of the kernel {k} with dilation {d}")
    count = [output_size(*n, ceil_mode) for n in zip(shape[-dims:], kernel, steps, padding, dilation, strict=True)]
    if min(count) <= 0:
        raise RuntimeError(f"{op}: the windows {kernel} are larger than the input {shape[-dims:]}")
