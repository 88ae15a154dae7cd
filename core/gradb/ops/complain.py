"""What several op families refuse in the same words."""

from gradb.autograd.tensor import Tensor


def want_floats(op: str, tensor: Tensor) -> None:
    """Raises RuntimeError unless the tensor holds floats."""
    if tensor._array.dtype.kind != "f":
        raise RuntimeError(
            f"{op} is not defined for {tensor._array.dtype.name}: convert the tensor with .float() first"
        )
