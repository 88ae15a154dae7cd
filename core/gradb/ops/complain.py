"""What several op families refuse in the same words."""

from gradb.autograd.tensor import Tensor


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
