"""Products of matrices and vectors: matmul and what it is made of, addmm, linear."""

import math
from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.capture import one_step
from gradb.autograd.dispatch import apply, unary
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.complain import not_for
from gradb.ops.expanding import expand
from gradb.ops.matrix_arrays import product
from gradb.ops.registry import tensor_method, torch_name
from gradb.ops.shape import SQUEEZE_DIM as SQUEEZE_PRODUCT_DIM
from gradb.ops.shape import SQUEEZE_PRODUCT, UNSAFE_VIEW, can_view, unsqueeze, view
from gradb.ops.transposing import t


def _scale(value: Any, by: Any) -> Any:
    return value if by == 1 else value * by


def _for_left(grad: Any, right: Any, sizes: Any, strides: Any) -> Any:
    """∂L/∂out @ rightᵀ, laid out in memory as the left factor is, which is what torch does too."""
    if strides[0] == 1 and strides[1] == sizes[0]:
        return (right @ grad.T).T
    return grad @ right.T


def _for_right(grad: Any, left: Any, sizes: Any, strides: Any) -> Any:
    """leftᵀ @ ∂L/∂out, laid out in memory as the right factor is."""
    if strides[0] == 1 and strides[1] == sizes[0]:
        return (grad.T @ left).T
    return left.T @ grad


MM = Op(
    "MmBackward0",
    lambda self, mat2: product(self, mat2),
    name="mm",
    symbol="self @ mat2",
    self=Grad(
        "∂L/∂out @ mat2ᵀ",
        lambda grad, mat2, self_sym_sizes, self_sym_strides: _for_left(grad, mat2, self_sym_sizes, self_sym_strides),
    ),
    mat2=Grad(
        "selfᵀ @ ∂L/∂out",
        lambda grad, self, mat2_sym_sizes, mat2_sym_strides: _for_right(grad, self, mat2_sym_sizes, mat2_sym_strides),
    ),
    shows=("mat2_sym_sizes", "mat2_sym_strides", "self_sym_sizes", "self_sym_strides"),
)
MV = Op(
    "MvBackward0",
    lambda self, vec: product(self, vec),
    name="mv",
    symbol="self @ vec",
    self=Grad("∂L/∂out ⊗ vec (outer product)", lambda grad, vec: lib.unsqueeze(grad, 1) * vec),
    vec=Grad("selfᵀ @ ∂L/∂out", lambda grad, self: self.T @ grad),
)
DOT = Op(
    "DotBackward0",
    lambda self, tensor: np.dot(self, tensor),
    name="dot",
    symbol="Σ self · tensor",
    self=Grad("∂L/∂out · tensor", lambda grad, tensor: grad * tensor),
    tensor=Grad("∂L/∂out · self", lambda grad, self: grad * self),
)
BMM = Op(
    "BmmBackward0",
    lambda self, mat2: product(self, mat2),
    name="bmm",
    symbol="self @ mat2",
    self=Grad("∂L/∂out @ mat2ᵀ", lambda grad, mat2: grad @ lib.swap(mat2, 1, 2)),
    mat2=Grad("selfᵀ @ ∂L/∂out", lambda grad, self: lib.swap(self, 1, 2) @ grad),
)


def _addmm(self: Any, mat1: Any, mat2: Any, beta: Any, alpha: Any) -> Any:
    result = product(mat1, mat2)
    if beta == 1 and alpha == 1 and self.dtype is result.dtype and self.ndim <= 2:
        result += self  # the product is fresh memory
        return result
    return _scale(self, beta) + _scale(result, alpha)


ADDMM = Op(
    "AddmmBackward0",
    _addmm,
    name="addmm",
    symbol="beta · self + alpha · mat1 @ mat2",
    inputs=3,
    self=Grad("∂L/∂out · beta", lambda grad, beta: _scale(grad, beta)),
    mat1=Grad(
        "∂L/∂out @ mat2ᵀ · alpha",
        lambda grad, mat2, alpha, mat1_sym_sizes, mat1_sym_strides: _scale(
            _for_left(grad, mat2, mat1_sym_sizes, mat1_sym_strides), alpha
        ),
    ),
    mat2=Grad(
        "mat1ᵀ @ ∂L/∂out · alpha",
        lambda grad, mat1, alpha, mat2_sym_sizes, mat2_sym_strides: _scale(
            _for_right(grad, mat1, mat2_sym_sizes, mat2_sym_strides), alpha
        ),
    ),
    shows=("mat1_sym_sizes", "mat1_sym_strides", "mat2_sym_sizes", "mat2_sym_strides"),
)


def _check(op: str, left: Any, right: Any, left_dims: int, right_dims: int) -> None:
    """Raises RuntimeError unless the two fit a matrix product."""
    if not isinstance(left, Tensor) or not isinstance(right, Tensor):
        raise TypeError(f"{op} takes tensors, found {type(right if isinstance(left, Tensor) else left).__name__}")
    x, y = left._array, right._array
    if x.dtype is not y.dtype and x.dtype != y.dtype:
        raise complaints.dtypes_differ(op, x.dtype, y.dtype)
    not_for("b", op, x)
    inner = y.shape[-2] if right_dims > 1 and y.ndim > 1 else y.shape[0] if y.ndim else -1
    if x.ndim != left_dims or y.ndim != right_dims or x.shape[-1] != inner:
        raise complaints.shapes_differ(op, x.shape, y.shape)
    if left_dims == 3 and x.shape[0] != y.shape[0]:
        raise complaints.shapes_differ(op, x.shape, y.shape)


@torch_name()
@tensor_method()
def mm(input: Tensor, mat2: Tensor) -> Tensor:
    """The product of two matrices, (n, m) @ (m, p)."""
    _check("mm", input, mat2, 2, 2)
    return apply(MM, input, mat2)


@torch_name()
@tensor_method()
def mv(input: Tensor, vec: Tensor) -> Tensor:
    """A matrix times a vector, (n, m) @ (m,)."""
    _check("mv", input, vec, 2, 1)
    return apply(MV, input, vec)


@torch_name()
@tensor_method()
def dot(input: Tensor, tensor: Tensor) -> Tensor:
    """The sum of the products of two vectors."""
    _check("dot", input, tensor, 1, 1)
    return apply(DOT, input, tensor)


@torch_name()
@tensor_method()
def bmm(input: Tensor, mat2: Tensor) -> Tensor:
    """Products of matrices one by one, (b, n, m) @ (b, m, p)."""
    _check("bmm", input, mat2, 3, 3)
    return apply(BMM, input, mat2)


@torch_name()
@tensor_method()
def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """beta · input + alpha · mat1 @ mat2; `input` is broadcast to the product's shape."""
    _check("addmm", mat1, mat2, 2, 2)
    shape = (mat1._array.shape[0], mat2._array.shape[1])
    if input._array.dtype != mat1._array.dtype:
        raise complaints.dtypes_differ("addmm", input._array.dtype, mat1._array.dtype)
    have = input._array.shape
    if len(have) > 2 or any(n not in (1, m) for n, m in zip(reversed(have), reversed(shape), strict=False)):
        raise complaints.shapes_differ("addmm", have, shape)
    return apply(ADDMM, input, mat1, mat2, beta, alpha)


@torch_name()
@tensor_method()
@one_step
def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """The products of each element of one vector with each of the other."""
    if input._array.ndim != 1 or vec2._array.ndim != 1:
        raise RuntimeError(f"outer takes two vectors, found {input._array.ndim} and {vec2._array.ndim} dims")
    return input.reshape(input._array.size, 1) * vec2


@torch_name()
@tensor_method("matmul")
def matmul(input: Any, other: Any) -> Tensor:
    """The product of vectors, matrices, or batches of matrices (whose batch dims are broadcast)."""
    if not isinstance(input, Tensor) or not isinstance(other, Tensor):
        raise TypeError(f"matmul takes tensors, found {type(other if isinstance(input, Tensor) else input).__name__}")
    left, right = input._array.ndim, other._array.ndim
    if left == 2 and right == 2:
        return mm(input, other)
    if left == 0 or right == 0:
        raise RuntimeError("matmul wants tensors of at least 1 dim; use * for numbers")
    if left == 1 and right == 1:
        return dot(input, other)
    if left == 2 and right == 1:
        return mv(input, other)
    if left == 1 and right == 2:
        return unary(SQUEEZE_PRODUCT, mm(unsqueeze(input, 0), other), 0)
    if _should_fold(input, other):
        return _fold(input, other)
    if left == 1:
        return unary(SQUEEZE_PRODUCT_DIM, _batched(unsqueeze(input, 0), other), -2)
    if right == 1:
        return unary(SQUEEZE_PRODUCT_DIM, _batched(input, unsqueeze(other, 1)), -1)
    return _batched(input, other)


def _should_fold(input: Tensor, other: Tensor) -> bool:
    """Whether torch makes one matrix of the larger operand's rows: always where the smaller one requires grad."""
    swapped = input._array.ndim < other._array.ndim
    larger, smaller = (other, input) if swapped else (input, other)
    if larger._array.ndim < 3 or smaller._array.ndim > 2:
        return False
    if smaller._requires_grad:
        return True
    if input._array.ndim == 2:
        return False
    rows = np.swapaxes(larger._array, -1, -2) if swapped else larger._array
    return rows.size == 0 or can_view(rows, (-1, rows.shape[-1]))


@one_step
def _fold(input: Tensor, other: Tensor) -> Tensor:
    """Many rows times one matrix or vector. Where the right operand is larger: (rightᵀ @ leftᵀ)ᵀ."""
    swapped = input._array.ndim < other._array.ndim
    larger, smaller = (other.mT, input) if swapped else (input, other)
    if swapped and smaller._array.ndim == 2:
        smaller = t(smaller)
    shape = larger._array.shape
    if shape[-1] != smaller._array.shape[0]:
        raise complaints.shapes_differ("matmul", input._array.shape, other._array.shape)
    rows = larger.reshape(math.prod(shape[:-1]), shape[-1])
    if smaller._array.ndim == 1:
        return unary(UNSAFE_VIEW, mv(rows, smaller), shape[:-1])
    result = unary(UNSAFE_VIEW, mm(rows, smaller), (*shape[:-1], smaller._array.shape[1]))
    return result.mT.contiguous() if swapped else result


@one_step
def _batched(input: Tensor, other: Tensor) -> Tensor:
    x, y = input._array.shape, other._array.shape
    try:
        batch = np.broadcast_shapes(x[:-2], y[:-2])
    except ValueError:
        raise complaints.shapes_differ("matmul", x, y) from None
    count = math.prod(batch)
    left = expand(input, (*batch, *x[-2:])).reshape(count, *x[-2:])
    right = expand(other, (*batch, *y[-2:])).reshape(count, *y[-2:])
    return unary(UNSAFE_VIEW, bmm(left, right), (*batch, x[-2], y[-1]))


@tensor_method()
def __matmul__(self: Tensor, other: Any) -> Any:
    return matmul(self, other) if isinstance(other, Tensor) else NotImplemented


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """input @ weightᵀ + bias, with weight of shape (out, in)."""
    dims = input._array.ndim
    if dims == 2:
        return addmm(bias, input, t(weight)) if bias is not None else mm(input, t(weight))
    if bias is None:
        return matmul(input, t(weight))
    if not input.is_contiguous():
        return matmul(input, t(weight)) + bias
    return _linear_of_rows(input, weight, bias)


@one_step
def _linear_of_rows(input: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    shape = input._array.shape
    rows = view(input, (math.prod(shape[:-1]), shape[-1]))
    return view(addmm(bias, rows, t(weight)), (*shape[:-1], weight._array.shape[0]))
