"""Conv1d and Conv2d."""

import math
from typing import Any

from gradb.autograd.tensor import Parameter, Tensor
from gradb.nn import functional as F
from gradb.nn import init
from gradb.nn.module import Module
from gradb.ops.padding import pad


class _Conv(Module):
    """Weight and bias of a convolution. Both start uniform within ±1/√(in_channels / groups · kernel)."""

    dims: int
    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = self._each(kernel_size)
        self.stride = self._each(stride)
        self.padding = padding if isinstance(padding, str) else self._each(padding)
        self.dilation = self._each(dilation)
        self.groups = groups
        self.padding_mode = padding_mode
        self._check()
        self.weight = Parameter(init.unrecorded_empty((out_channels, in_channels // groups, *self.kernel_size), dtype))
        if bias:
            self.bias = Parameter(init.unrecorded_empty((out_channels,), dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def _each(self, value: Any) -> tuple[int, ...]:
        return tuple(value) if isinstance(value, tuple | list) else (value,) * self.dims

    def _check(self) -> None:
        """Raises ValueError for numbers that do not fit together."""
        if self.groups <= 0:
            raise ValueError(f"groups is above 0, found {self.groups}")
        if self.in_channels % self.groups or self.out_channels % self.groups:
            raise ValueError(
                f"{self.in_channels} input and {self.out_channels} output channels cannot both be split into "
                f"groups={self.groups}"
            )
        if isinstance(self.padding, str):
            if self.padding not in ("same", "valid"):
                raise ValueError(f"padding is 'same', 'valid' or numbers, found {self.padding!r}")
            if self.padding == "same" and any(s != 1 for s in self.stride):
                raise ValueError(f"padding='same' needs stride 1, found {self.stride}")
        if self.padding_mode not in ("zeros", "reflect", "replicate", "circular"):
            raise ValueError(
                f"padding_mode is 'zeros', 'reflect', 'replicate' or 'circular', found {self.padding_mode!r}"
            )

    def reset_parameters(self) -> None:
        """Draws weight and bias anew."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        fan_in = self.in_channels // self.groups * math.prod(self.kernel_size)
        if self.bias is not None and fan_in != 0:
            init.uniform_(self.bias, -1 / math.sqrt(fan_in), 1 / math.sqrt(fan_in))

    def _framed(self, input: Tensor) -> tuple[Tensor, Any]:
        """The input with a border that is not of zeros around it, and the padding that is left to do."""
        if self.padding_mode == "zeros":
            return input, self.padding
        pads = (0,) * self.dims if isinstance(self.padding, str) else self.padding
        return pad(input, [n for p in reversed(pads) for n in (p, p)], self.padding_mode), 0

    def extra_repr(self) -> str:
        parts = [
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}",
            f"padding={self.padding}" if self.padding != (0,) * self.dims else "",
            f"dilation={self.dilation}" if self.dilation != (1,) * self.dims else "",
            f"groups={self.groups}" if self.groups != 1 else "",
            "bias=False" if self.bias is None else "",
            f"padding_mode={self.padding_mode}" if self.padding_mode != "zeros" else "",
        ]
        return ", ".join([part for part in parts if part])


class Conv1d(_Conv):
    """Slides windows over (batch, channels, size)."""

    dims = 1

    def forward(self, input: Tensor) -> Tensor:
        framed, padding = self._framed(input)
        return F.conv1d(framed, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)


class Conv2d(_Conv):
    """Slides windows over (batch, channels, height, width)."""

    dims = 2

    def forward(self, input: Tensor) -> Tensor:
        framed, padding = self._framed(input)
        return F.conv2d(framed, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)
