"""The named pairs that max(dim), sort and their like return; they print as torch's do."""

from typing import Any, NamedTuple

from gradb.autograd.tensor import Tensor


class ValuesAndIndices(NamedTuple):
    """Values, and where they were found."""

    values: Tensor
    indices: Tensor


def _text(self: Any) -> str:
    return f"torch.return_types.{type(self).__name__}(\nvalues={self.values!r},\nindices={self.indices!r})"


_kinds: dict[str, Any] = {}


def named_pair(op: str, values: Tensor, indices: Tensor) -> Any:
    """What op returns: a pair with `.values` and `.indices`."""
    if op not in _kinds:
        _kinds[op] = type(op, (ValuesAndIndices,), {"__repr__": _text, "__slots__": ()})
    return _kinds[op](values, indices)
