"""torch's words for what numpy has: `dtype` (`torch.float32`), `Size`, `device`."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np


class dtype:
    """The type of a tensor's elements; prints as `torch.float32`."""

    __slots__ = ("is_floating_point", "itemsize", "name", "numpy")

    def __init__(self, name: str, numpy_name: str) -> None:
        self.name = name
        self.numpy = np.dtype(numpy_name)
        self.is_floating_point = self.numpy.kind == "f"
        self.itemsize = self.numpy.itemsize

    @property
    def is_signed(self) -> bool:
        """Whether it can hold negative numbers."""
        return self.numpy.kind in "if"

    @property
    def is_complex(self) -> bool:
        """False: there are no complex tensors here."""
        return False

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> str:
        return self.name


float16 = dtype("float16", "float16")
float32 = dtype("float32", "float32")
float64 = dtype("float64", "float64")
int8 = dtype("int8", "int8")
int16 = dtype("int16", "int16")
int32 = dtype("int32", "int32")
int64 = dtype("int64", "int64")
uint8 = dtype("uint8", "uint8")
bool_ = dtype("bool", "bool")

DTYPES: dict[Any, dtype] = {d.numpy: d for d in (float16, float32, float64, int8, int16, int32, int64, uint8, bool_)}
NAMES = {
    "float16": float16, "half": float16, "float32": float32, "float": float32, "float64": float64, "double": float64,
    "int8": int8, "int16": int16, "short": int16, "int32": int32, "int": int32, "int64": int64, "long": int64,
    "uint8": uint8, "bool": bool_,
}  # fmt: skip
"""Every name that torch has for these dtypes."""

_default = float32


def get_default_dtype() -> dtype:
    """The dtype of tensors made from Python floats."""
    return _default


def set_default_dtype(d: Any) -> None:
    """Makes tensors of Python floats have this dtype. Raises TypeError unless it is floating point."""
    global _default
    if not isinstance(d, dtype) or not d.is_floating_point:
        raise TypeError(f"the default dtype is a floating point one, found {d!r}")
    _default = d


def numpy_dtype(d: Any, default: Any = None) -> Any:
    """numpy's dtype for torch's. `default` stands for None; without it, None is the default dtype."""
    if d is None:
        return _default.numpy if default is None else default
    if isinstance(d, dtype):
        return d.numpy
    if d in (float, int, bool):
        return {float: float64, int: int64, bool: bool_}[d].numpy
    raise TypeError(f"dtype takes a dtype such as torch.float32, found {d!r}")


def floats(array: Any) -> Any:
    """An array of integers or bools as floats of the default dtype; anything else as it is."""
    return array.astype(_default.numpy) if isinstance(array, np.ndarray) and array.dtype.kind != "f" else array


class Size(tuple[int, ...]):
    """A shape; prints as `torch.Size([2, 3])`."""

    __slots__ = ()

    def numel(self) -> int:
        """How many elements a tensor of this shape has."""
        return math.prod(self)

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        return Size(found) if isinstance(index, slice) else found

    def __add__(self, other: Iterable[int]) -> "Size":  # type: ignore[override]  # a tuple's takes other tuples alone
        return Size((*self, *other))

    def __repr__(self) -> str:
        return f"torch.Size([{', '.join(map(str, self))}])"


class device:
    """Where tensors live; there is only the CPU."""

    __slots__ = ("index", "type")

    def __init__(self, type: "str | device" = "cpu", index: int | None = None) -> None:
        name = type.type if isinstance(type, device) else type
        kind, _, number = name.partition(":")
        if kind != "cpu":
            raise RuntimeError(f"there is no device {name!r} here; everything runs on 'cpu'")
        self.type = kind
        self.index = int(number) if number else index

    def __repr__(self) -> str:
        return f"device(type='{self.type}'" + (f", index={self.index})" if self.index is not None else ")")

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))


CPU = device()


def check_device(wanted: Any) -> None:
    """Raises RuntimeError for a device that is not the CPU."""
    if wanted is not None:
        device(wanted)
