"""What the engine says when a program asks for what cannot be: the exceptions and warnings, each of torch's class.

Each function returns the exception, so that the place that finds the mistake also raises it. A tensor is named by its
variable where a recording knows it, and else by its shape.
"""

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from gradb.autograd.mode import mode

if TYPE_CHECKING:
    from gradb.autograd.tensor import Tensor


def called(tensor: Any) -> str:
    """How a message speaks of a tensor: `w`, or `a tensor of shape (2, 3)`."""
    recorder = mode.recorder or mode.knows_names
    name = recorder.name_of(tensor) if recorder is not None else None
    return name if name is not None else f"a tensor of shape {shape_text(tensor._array.shape)}"


def shape_text(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))})" if shape else "() (one number)"


def shapes_differ(op: str, *shapes: tuple[int, ...]) -> RuntimeError:
    """Operands whose shapes cannot be broadcast, or do not fit each other."""
    return RuntimeError(f"{op}: the shapes {' and '.join(map(shape_text, shapes))} do not fit together")


def dtypes_differ(op: str, *dtypes: Any) -> RuntimeError:
    return RuntimeError(
        f"{op} wants one dtype, found {' and '.join(d.name for d in dtypes)}. Convert one of them, "
        "for example with .float()"
    )


def refuse_bools(op: str, *operands: Any) -> None:
    """Raises RuntimeError where an operand is an array of bools, or True or False."""
    if any(type(o) is bool or (isinstance(o, np.ndarray) and o.dtype.kind == "b") for o in operands):
        raise RuntimeError(f"{op} is not defined for bool tensors: use ^ or ~, or convert with .int()")


def not_a_tensor(op: str, found: Any) -> TypeError:
    return TypeError(f"{op} takes a tensor, found {type(found).__name__}; torch.tensor(...) makes one")


def bad_dim(dim: int, dims: int) -> IndexError:
    low, high = (-dims, dims - 1) if dims else (-1, 0)
    return IndexError(f"dim {dim} is out of range: this tensor has dims from {low} to {high}")


def not_one_number(tensor: "Tensor") -> RuntimeError:
    return RuntimeError(
        f"only a tensor of one element is a number, but {called(tensor)} has {tensor._array.size} elements"
    )


def warn(message: str) -> None:
    """A UserWarning that points at the program's line."""
    warnings.warn(message, UserWarning, stacklevel=4)
