"""Saved integers as torch's nodes show them: 64 bits without a sign, so that `dim=-1` reads 18446744073709551615.

`shown_unsigned(OP, "dim")` is called once after an op is made. The op itself gets, and a recording shows, the -1.
"""

from typing import Any

from gradb.autograd.node import Node
from gradb.autograd.op import Op


def unsigned(value: Any) -> Any:
    """An integer modulo 2^64; a tuple of them likewise; anything else as it is."""
    if isinstance(value, tuple | list):
        return tuple([unsigned(item) for item in value])
    return value % (1 << 64) if type(value) is int else value


def shown_unsigned(op: Op, *fields: str) -> None:
    """Makes `_saved_<field>` of the op's nodes show as torch shows it."""
    for field in fields:
        setattr(op.node_type, f"_saved_{field}", property(_reader(op.fields.index(field))))


def _reader(position: int) -> Any:
    def read(node: Node) -> Any:
        if node.saved is None:
            from gradb.autograd.backward_complaints import released

            raise released(node)
        return unsigned(node.saved[position])

    return read
