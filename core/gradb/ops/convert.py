"""Tensors in another dtype: to, float, double, int, long, bool, type."""

from typing import Any

import numpy as np

from gradb.autograd.dispatch import unary
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops.dtypes import CPU, DTYPES, NAMES, check_device, device, numpy_dtype
from gradb.ops.dtypes import dtype as Dtype
from gradb.ops.registry import tensor_method, tensor_property

TO_COPY = Op(
    "ToCopyBackward0",
    lambda self, dtype: self.astype(numpy_dtype(dtype)),
    name="to",
    symbol="self as dtype",
    self=Grad("∂L/∂out", lambda grad: grad),
)
ROUGH = Op("", lambda self, dtype: self.astype(numpy_dtype(dtype)), name="to", symbol="self as dtype")


def to_dtype(tensor: Tensor, dtype: Any, copy: bool = False) -> Tensor:
    """The tensor in a dtype (torch's or numpy's); the tensor itself where it has it."""
    wanted = dtype if isinstance(dtype, Dtype) else DTYPES[np.dtype(dtype)] if isinstance(dtype, np.dtype) else dtype
    target = numpy_dtype(wanted)
    if tensor._array.dtype == target:
        return tensor.clone() if copy else tensor
    if target.kind != "f":
        return unary(ROUGH, tensor, DTYPES[target])
    return unary(TO_COPY, tensor, DTYPES[target])


@tensor_method()
def to(self: Tensor, *args: Any, dtype: Any = None, copy: bool = False, **others: Any) -> Tensor:
    """In a dtype, or in the dtype of another tensor; devices other than the CPU raise RuntimeError."""
    check_device(others.get("device"))
    for arg in args:
        if isinstance(arg, Dtype) or arg in (float, int, bool):
            dtype = arg
        elif isinstance(arg, Tensor):
            dtype = DTYPES[arg._array.dtype]
        elif isinstance(arg, str | device):
            check_device(arg)
    return to_dtype(self, dtype if dtype is not None else DTYPES[self._array.dtype], copy)


def _conversion(name: str, dtype: Dtype) -> None:
    def convert(self: Tensor) -> Tensor:
        return to_dtype(self, dtype)

    convert.__name__ = convert.__qualname__ = name
    convert.__doc__ = f"In {dtype}."
    tensor_method(name)(convert)


for _name in ("half", "float", "double", "short", "int", "long", "bool"):
    _conversion(_name, NAMES[_name])

_conversion("char", NAMES["int8"])
_conversion("byte", NAMES["uint8"])


@tensor_method("type")
def type_(self: Tensor, dtype: Any = None) -> Any:
    """In a dtype; without one the old name of the tensor's type, such as `torch.FloatTensor`."""
    if dtype is None:
        return f"torch.{_OLD_NAMES[DTYPES[self._array.dtype].name]}Tensor"
    return to_dtype(self, dtype)


_OLD_NAMES = {
    "float16": "Half", "float32": "Float", "float64": "Double", "int8": "Char", "int16": "Short", "int32": "Int",
    "int64": "Long", "uint8": "Byte", "bool": "Bool",
}  # fmt: skip


@tensor_method()
def type_as(self: Tensor, other: Tensor) -> Tensor:
    """In the dtype of another tensor."""
    return to_dtype(self, DTYPES[other._array.dtype])


@tensor_method()
def cpu(self: Tensor) -> Tensor:
    """The tensor itself: everything is on the CPU."""
    return self


@tensor_property("dtype")
def _dtype(self: Tensor) -> Dtype:
    return DTYPES[self._array.dtype]


@tensor_property("device")
def _device(self: Tensor) -> device:
    return CPU
