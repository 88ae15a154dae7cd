"""Triangles and diagonals of matrices: tril, triu, diag, diagonal, diag_embed, trace, and their indices."""

from typing import Any

import numpy as np

from gradb.autograd.dispatch import unary
from gradb.autograd.inplace import write_through
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops.args import one_dim
from gradb.ops.complain import not_for
from gradb.ops.dtypes import numpy_dtype
from gradb.ops.registry import tensor_method, torch_functions, torch_name
from gradb.ops.unsigned import shown_unsigned


def _triangle(name: str, keep: Any) -> Op:
    def forward(self: Any, diagonal: int) -> Any:
        return keep(self, diagonal).astype(self.dtype, order="C" if self.ndim > 2 else "K", copy=False)

    def gradient(grad: Any, diagonal: int) -> Any:
        return getattr(grad, name)(diagonal) if isinstance(grad, Tensor) else keep(grad, diagonal)

    op = Op(
        f"{name.capitalize()}Backward0",
        forward,
        name=name,
        symbol=f"{name}(self)",
        self=Grad(f"{name}(∂L/∂out)", gradient),
    )
    shown_unsigned(op, "diagonal")

    def function(input: Tensor, diagonal: int = 0) -> Tensor:
        _want_matrix(name, input)
        return unary(op, input, diagonal)

    def in_place(self: Tensor, diagonal: int = 0) -> Tensor:
        _want_matrix(name, self)
        return write_through(op, self, diagonal)

    function.__name__ = function.__qualname__ = name
    in_place.__name__ = in_place.__qualname__ = f"{name}_"
    part = "at and below" if name == "tril" else "at and above"
    function.__doc__ = f"The elements {part} a diagonal, else 0."
    in_place.__doc__ = f"Writes 0 where an element is not {part} a diagonal."
    torch_functions[name] = function
    tensor_method(name)(function)
    tensor_method(f"{name}_")(in_place)
    return op


def _want_matrix(op: str, input: Tensor) -> None:
    if input._array.ndim < 2:
        raise RuntimeError(f"{op} takes a tensor of at least 2 dims, found {input._array.ndim}")


TRIL = _triangle("tril", np.tril)
TRIU = _triangle("triu", np.triu)


def _embedded(x: Any, sizes: tuple[int, ...], offset: int, dim1: int, dim2: int) -> Any:
    """Zeros of a shape with x on a diagonal."""
    result = np.zeros(sizes, x.dtype)
    view: Any = np.diagonal(result, offset, dim1, dim2)
    view.flags.writeable = True
    view[...] = x
    return result


DIAGONAL_BACK = Op(
    "DiagonalBackwardBackward0",
    lambda self, sizes, offset, dim1, dim2: _embedded(self, sizes, offset, dim1, dim2),
    name="diagonal_backward",
    symbol="zeros with self on a diagonal",
    self=Grad("∂L/∂out on the diagonal", lambda grad, offset, dim1, dim2: _diagonal_of(grad, offset, dim1, dim2)),
)


def _diagonal_of(x: Any, offset: int, dim1: int, dim2: int) -> Any:
    return x.diagonal(offset, dim1, dim2)


def _on_diagonal(grad: Any, self_sym_sizes: Any, offset: int, dim1: int, dim2: int) -> Any:
    if isinstance(grad, Tensor):
        return unary(DIAGONAL_BACK, grad, self_sym_sizes, offset, dim1, dim2)
    return _embedded(grad, self_sym_sizes, offset, dim1, dim2)


def _diagonal(self: Any, offset: int, dim1: int, dim2: int) -> Any:
    view = np.diagonal(self, offset, dim1, dim2)
    view.flags.writeable = self.flags.writeable
    return view


_ON_DIAGONAL = Grad("∂L/∂out on the diagonal, else 0", _on_diagonal)
DIAGONAL = Op("DiagonalBackward0", _diagonal, name="diagonal", symbol="diagonal(self)", view=True, self=_ON_DIAGONAL)
DIAG = Op(
    "DiagonalBackward0_copy",
    lambda self, offset, dim1, dim2: np.diagonal(self, offset, dim1, dim2).copy(),
    name="diag",
    symbol="diagonal(self)",
    self=_ON_DIAGONAL,
)


def _diag_embed(self: Any, offset: int, dim1: int, dim2: int) -> Any:
    size = self.shape[-1] + abs(offset)
    dims = self.ndim + 1
    shape = list(self.shape[:-1])
    for at in sorted((dim1 % dims, dim2 % dims)):
        shape.insert(at, size)
    return _embedded(self, tuple(shape), offset, dim1, dim2)


DIAG_EMBED = Op(
    "DiagEmbedBackward0",
    _diag_embed,
    name="diag_embed",
    symbol="zeros with self on a diagonal",
    self=Grad("∂L/∂out on the diagonal", lambda grad, offset, dim1, dim2: _diagonal_of(grad, offset, dim1, dim2)),
)
for _op in (DIAGONAL, DIAG, DIAG_EMBED):
    shown_unsigned(_op, "offset", "dim1", "dim2")

TRACE = Op(
    "TraceBackward0",
    lambda self: np.add.reduce(np.diagonal(self), None, self.dtype if self.dtype.kind == "f" else np.int64),
    name="trace",
    symbol="Σ diagonal(self)",
    self=Grad("∂L/∂out on the diagonal, else 0", lambda grad, self_sym_sizes: _traced(grad, self_sym_sizes)),
)


def _traced(grad: Any, sizes: tuple[int, ...]) -> Any:
    if isinstance(grad, Tensor):
        return unary(DIAGONAL_BACK, grad.expand(min(sizes)), sizes, 0, 0, 1)
    return _embedded(grad, sizes, 0, 0, 1)


@torch_name()
@tensor_method()
def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """A view of a diagonal of two dims, as the last dim."""
    first, second = one_dim(dim1, input._array.ndim), one_dim(dim2, input._array.ndim)
    if first == second:
        raise RuntimeError(f"diagonal takes two dims that differ, found {dim1} and {dim2}")
    return unary(DIAGONAL, input, offset, dim1, dim2)


@torch_name()
@tensor_method()
def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """The diagonal of a matrix as a copy; of a vector the matrix with it on the diagonal."""
    if input._array.ndim == 1:
        return diag_embed(input, diagonal)
    if input._array.ndim != 2:
        raise RuntimeError(f"diag takes a vector or a matrix, found {input._array.ndim} dims")
    return unary(DIAG, input, diagonal, 0, 1)


@torch_name()
@tensor_method()
def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Zeros with the last dim on a diagonal of two new dims."""
    dims = input._array.ndim + 1
    if one_dim(dim1, dims) == one_dim(dim2, dims):
        raise RuntimeError(f"diag_embed takes two dims that differ, found {dim1} and {dim2}")
    return unary(DIAG_EMBED, input, offset, dim1, dim2)


@torch_name()
@tensor_method()
def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    """All elements on the diagonal of a matrix."""
    return diag_embed(input.contiguous().view(-1), offset)


@torch_name()
@tensor_method()
def trace(input: Tensor) -> Tensor:
    """The sum of the diagonal of a matrix."""
    if input._array.ndim != 2:
        raise RuntimeError(f"trace takes a matrix, found {input._array.ndim} dims")
    not_for("b", "trace", input._array)
    return unary(TRACE, input)


def _indices(name: str, find: Any) -> Any:
    def function(row: int, col: int, offset: int = 0, *, dtype: Any = None) -> Tensor:
        found = np.stack(find(row, offset, col))
        return Tensor._wrap(found.astype(np.int64 if dtype is None else numpy_dtype(dtype)))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Rows and columns of the elements that {name[:4]} keeps of a matrix."
    torch_functions[name] = function
    return function


tril_indices = _indices("tril_indices", np.tril_indices)
triu_indices = _indices("triu_indices", np.triu_indices)
