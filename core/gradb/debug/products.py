"""Of what one element of a gradient is made: `products(forward, name, ...)` lists the `upstream × local` in its sum.

Where a tensor was broadcast, or multiplied as a matrix, an element of its gradient is a sum over many elements of the
gradient above. The list is only given when it adds up to the gradient that was recorded.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from gradb.debug.arithmetic import OUT, evaluate
from gradb.trace.events import Array
from gradb.trace.numbers import Element

_SHOWN = 4  # the largest products of a sum
_TOLERANCE = 1e-3  # of the sum of their sizes: float32 adds them up in another order
_MATRIX = re.compile(r"(?P<left>∂L/∂out|\w+?)(?P<lt>ᵀ?) @ (?P<right>∂L/∂out|\w+?)(?P<rt>ᵀ?)(?: · (?P<by>\w+))?")
_OUTER = re.compile(r"∂L/∂out ⊗ (\w+)")
_SAME_ORDER = ("reshape", "squeeze", "unsqueeze")
_CONTRACTED = "sum of ∂L/∂out over the repeated dims"
_SPREAD = re.compile(r"expand\(∂L/∂out\)(?: / \w+)?")


class Product(Struct, frozen=True):
    """One `upstream × local`: the element of the gradient above, its value, the local derivative, and their product."""

    element: Element
    upstream: float
    local: float
    value: float


class Products(Struct, frozen=True):
    """The largest products of a sum, the largest first, and how many there are."""

    largest: tuple[Product, ...]
    count: int


def products(
    formula: str, values: Mapping[str, Any], upstream: Array, gradient: Array, element: Element
) -> Products | None:
    """What adds up to `gradient[element]`; None where the formula does not tell.

    `formula` is that of the gradient of one input, `values` the op's arrays and numbers by name, `upstream` the
    gradient of the op's output, `gradient` what went to the input.
    """
    above = upstream.astype(np.float64)
    if formula == _CONTRACTED:
        formula = "∂L/∂out"
    ways = [_matrix(formula, values, above, element), _moved(formula, values, above, gradient, element)]
    for count in (gradient.size, 1) if "count" in formula and "count" not in values else (0,):
        ways.append(_elementwise(formula, {**values, "count": count}, above, gradient, element))
    for way in ways:
        checked = None if way is None else _checked(*way, above, float(gradient[element]))
        if checked is not None:
            return checked
    return None


def _checked(places: list[Array], local: Array, above: Array, wanted: float) -> Products | None:
    """The products, if their sum is what was recorded."""
    factors = above[tuple(places)] if above.ndim else np.full(local.shape, above[()])
    with np.errstate(all="ignore"):
        terms = factors * local
        size, total = float(np.abs(terms).sum()), float(terms.sum())
        same = total == wanted or (math.isnan(total) and math.isnan(wanted))
        if not same and not abs(total - wanted) <= _TOLERANCE * size + 1e-30:
            return None
    if not terms.size:
        return None
    sizes = np.where(np.isnan(terms), np.inf, np.abs(terms))
    order = np.argsort(-sizes, kind="stable")[:_SHOWN]
    largest = [
        Product(tuple(int(p[i]) for p in places), float(factors[i]), float(local[i]), float(terms[i])) for i in order
    ]
    return Products(tuple(largest), int(terms.size))


Sum = tuple[list[Array], Array]  # the places in the gradient above, one array for each dim, and the local derivatives


def _elementwise(
    formula: str, values: Mapping[str, Any], above: Array, gradient: Array, element: Element
) -> Sum | None:
    """An op that works element by element: the sum goes over the elements that this one was broadcast to."""
    local = evaluate(formula, {**values, OUT: np.ones(())})
    if local is None:
        return None
    shape = above.shape
    lead = len(shape) - gradient.ndim
    try:
        if above.size == 1 and gradient.size > 1:
            spread = np.broadcast_to(np.asarray(local, np.float64), gradient.shape)
            return _one((0,) * above.ndim, float(spread[element]))
        everywhere = np.broadcast_to(np.asarray(local, np.float64), shape)
    except ValueError:
        return None
    if lead < 0:
        return None
    axes: list[Array] = [np.arange(size) for size in shape[:lead]]
    for at, own, size in zip(element, gradient.shape, shape[lead:], strict=True):
        if own == size:
            axes.append(np.array([at]))
        elif own == 1:
            axes.append(np.arange(size))
        else:
            return None
    return _picked(axes, everywhere)


def _picked(axes: list[Array], local: Array) -> Sum:
    if not axes:
        return [], local.reshape(1)
    grid = np.meshgrid(*axes, indexing="ij")
    places = [g.ravel() for g in grid]
    return places, local[tuple(places)]


def _matrix(formula: str, values: Mapping[str, Any], above: Array, element: Element) -> Sum | None:
    """A product of matrices: the sum goes along a row or a column of the gradient above."""
    match = _MATRIX.fullmatch(formula)
    if match is None:
        return None
    upstream_left = match["left"] == "∂L/∂out"
    other = values.get(match["right"] if upstream_left else match["left"])
    factor = values.get(match["by"], 1) if match["by"] else 1
    if not isinstance(other, np.ndarray) or not isinstance(factor, int | float):
        return None
    turned = match["rt"] if upstream_left else match["lt"]
    other = other.astype(np.float64) * factor
    if turned and other.ndim > 1:
        other = np.swapaxes(other, -1, -2)
    try:
        return _row(above, other, element) if upstream_left else _column(other, above, element)
    except (IndexError, ValueError):
        return None


def _row(above: Array, right: Array, element: Element) -> Sum:
    """`above[..., i, :] · right[..., :, j]`."""
    batch, i, j = element[:-2], element[-2], element[-1]
    along = np.arange(above.shape[-1])
    places = [np.full_like(along, at) for at in (*batch, i)]
    return [*places, along], right[(*batch, slice(None), j)]


def _column(left: Array, above: Array, element: Element) -> Sum:
    """`left[..., i, :] · above[..., :, j]`, or `left[i, :] · above` for a vector."""
    if above.ndim == 1:
        return [np.arange(above.shape[0])], left[element[0]]
    batch, i, j = element[:-2], element[-2], element[-1]
    along = np.arange(above.shape[-2])
    places = [np.full_like(along, at) for at in batch]
    return [*places, along, np.full_like(along, j)], left[(*batch, i)]


def _moved(formula: str, values: Mapping[str, Any], above: Array, gradient: Array, element: Element) -> Sum | None:
    """An op that only moves elements, or whose output is a sum: one element of the gradient above."""
    if formula.split("(")[0] in _SAME_ORDER and above.size == gradient.size:
        flat = int(np.ravel_multi_index(element, gradient.shape)) if gradient.ndim else 0
        return _one([int(p) for p in np.unravel_index(flat, above.shape)] if above.ndim else ())
    if formula == "(∂L/∂out)ᵀ" and above.ndim <= 2:
        return _one(element[::-1])
    if formula in ("transpose(∂L/∂out)", "permute(∂L/∂out)"):
        return _one(_turned(element, values))
    if (match := _OUTER.match(formula)) and isinstance(values.get(match[1]), np.ndarray):
        return _one(element[:1], float(values[match[1]][element[1]]))
    if not _SPREAD.fullmatch(formula) or above.size == 0:
        return None
    local = above.size / gradient.size if " / " in formula else 1.0
    if above.size == 1:
        return _one((0,) * above.ndim, local)
    dim = values.get("dim")
    dims = {d % gradient.ndim for d in ((dim,) if isinstance(dim, int) else dim or ())}
    if above.ndim == gradient.ndim:
        return _one([0 if d in dims else at for d, at in enumerate(element)], local)
    return _one([at for d, at in enumerate(element) if d not in dims], local)


def _turned(element: Element, values: Mapping[str, Any]) -> Sequence[int]:
    """Where an element of a tensor went that an op turned: its dims `dim0` and `dim1`, or all of them by `dims`."""
    if "dims" in values:
        return [element[dim] for dim in values["dims"]]
    place = list(element)
    one, other = values["dim0"], values["dim1"]
    place[one], place[other] = place[other], place[one]
    return place


def _one(place: Sequence[int], local: float = 1.0) -> Sum:
    return [np.array([p]) for p in place], np.array([local])
