"""embedding: rows of a table by their numbers."""

from functools import partial
from typing import Any

import numpy as np

from gradb.autograd.dispatch import apply
from gradb.autograd.inplace import write_through
from gradb.autograd.mode import no_grad
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.linear_map import mapped
from gradb.ops.registry import torch_name
from gradb.ops.unsigned import shown_unsigned


def _summed_rows(grad: Any, indices: Any, shape: tuple[int, ...], padding_idx: int, by_frequency: bool) -> Any:
    """The rows of `grad` added up at their numbers; equal numbers are brought together first, which is quick."""
    total = np.zeros(shape, grad.dtype)
    rows = grad.reshape(indices.size, shape[1])
    order = np.argsort(indices, axis=None, kind="stable")
    numbers = indices.ravel()[order]
    if numbers.size:
        starts = np.flatnonzero(np.concatenate(([True], numbers[1:] != numbers[:-1])))
        sums = np.add.reduceat(rows[order], starts, 0)
        if by_frequency:
            sums /= np.diff(starts, append=numbers.size)[:, None].astype(grad.dtype)
        total[numbers[starts]] = sums
    if padding_idx >= 0:
        total[padding_idx] = 0
    return total


def _looked_up(table: Any, indices: Any, padding_idx: int, by_frequency: bool) -> Any:
    """The transpose of `_summed_rows`."""
    rows = table[indices]
    if by_frequency:
        rows = rows / np.bincount(indices.ravel(), minlength=table.shape[0])[indices][..., None].astype(table.dtype)
    return np.where((indices == padding_idx)[..., None], table.dtype.type(0), rows) if padding_idx >= 0 else rows


def _gradient(grad: Any, indices: Any, padding_idx: int, scale_grad_by_freq: bool, weight_sym_argsize_0: int) -> Any:
    numbers = lib.plain(indices)
    how = {"indices": numbers, "padding_idx": padding_idx, "by_frequency": scale_grad_by_freq}
    shape = (weight_sym_argsize_0, grad.shape[-1])
    return mapped(grad, partial(_summed_rows, shape=shape, **how), partial(_looked_up, **how))


EMBEDDING = Op(
    "EmbeddingBackward0",
    lambda weight, indices, padding_idx, scale_grad_by_freq, sparse: weight[indices],
    name="embedding",
    symbol="weight[indices]",
    weight=Grad("Σ ∂L/∂out over the places of each row's number", _gradient),
    shows=("sparse",),
)
shown_unsigned(EMBEDDING, "padding_idx")


def _shortened(weight: Any, indices: Any, max_norm: float, norm_type: float) -> Any:
    """The table with the rows of `indices` scaled down to at most `max_norm`."""
    table = weight.copy(order="K")
    numbers = np.unique(indices)
    norms = np.linalg.norm(table[numbers].astype(np.float64), norm_type, axis=1)
    factors = np.where(norms > max_norm, max_norm / (norms + 1e-7), 1.0)
    table[numbers] *= factors[:, None].astype(table.dtype)
    return table


SHORTEN = Op("", _shortened, name="embedding_renorm", symbol="rows scaled down to max_norm")


def embedding(
    input: Tensor, weight: Tensor, padding_idx: int | None = None, max_norm: float | None = None,
    norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False,
) -> Tensor:  # fmt: skip
    """The rows of `weight` (rows, width) whose numbers are in `input`; the row `padding_idx` gets no gradient.

    `max_norm` first scales the rows that are used down to this norm, in place.
    """
    rows = weight._array.shape[0] if weight._array.ndim else 0
    padding = -1
    if padding_idx is not None:
        if not -rows <= padding_idx < rows:
            raise AssertionError(f"padding_idx is one of the {rows} rows, found {padding_idx}")
        padding = padding_idx % rows
    if weight._array.ndim != 2:
        raise RuntimeError(f"embedding wants a weight of 2 dims (rows, width), found shape {weight._array.shape}")
    numbers = input._array
    if numbers.dtype not in (np.dtype(np.int64), np.dtype(np.int32)):
        raise RuntimeError(f"embedding wants row numbers in int64 or int32, found {numbers.dtype.name}")
    if numbers.size and not 0 <= numbers.min() <= numbers.max() < rows:
        wrong = numbers[(numbers < 0) | (numbers >= rows)].flat[0]
        raise IndexError(f"embedding: number {wrong} is out of range, the weight has rows 0 to {rows - 1}")
    if sparse:
        raise NotImplementedError("sparse gradients are not supported; leave sparse=False")
    if max_norm is not None:
        with no_grad():
            write_through(SHORTEN, weight, input, max_norm, norm_type)
    return apply(EMBEDDING, weight, input, padding, scale_grad_by_freq, sparse)


@torch_name("embedding")
def _embedding(
    weight: Tensor, indices: Tensor, padding_idx: int = -1, scale_grad_by_freq: bool = False, sparse: bool = False
) -> Tensor:
    """torch.embedding: the same with the table first, and -1 for no padding row."""
    return embedding(indices, weight, None if padding_idx < 0 else padding_idx, None, 2.0, scale_grad_by_freq, sparse)
