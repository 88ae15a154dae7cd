"""What several op families refuse in the same words."""

from typing import Any

import numpy as np

from gradb.autograd.tensor import Tensor


def not_for(kinds: str, op: str, *arrays: Any, error: type[Exception] = NotImplementedError) -> Any:
    """The first of the arrays. Raises where one is of one of the kinds: "b" for bools, "iu" for integers."""
    for array in arrays:
        if isinstance(array, np.ndarray) and array.dtype.kind in kinds:
            raise error(f"{op} is not defined for {array.dtype.name}: convert with .float() or .long() first")
    return arrays[0]


def want_floats(op: str, tensor: Tensor) -> None:
    """Raises RuntimeError unless the tensor holds floats."""
    if tensor._array.dtype.kind != "f":
        raise RuntimeError(
            f"{op} is not defined for {tensor._array.dtype.name}: convert the tensor with .float() first"
        )


def floats_only(op: str, tensor: Tensor) -> None:
    """Raises NotImplementedError unless the tensor holds floats: torch's class where a kernel knows floats only."""
    if tensor._array.dtype.kind != "f":
        raise NotImplementedError(
            f"{op} is not implemented for {tensor._array.dtype.name}: convert the tensor with .float() first"
        )
