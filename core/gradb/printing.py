"""The text of a tensor, exactly as PyTorch prints it: tensor_text(array)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


@dataclass(frozen=True, slots=True)
class PrintOptions:
    """How tensors print: digits after the point, when and how far to shorten, where lines end, scientific notation."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


_PROFILES = {
    "default": PrintOptions(),
    "short": PrintOptions(precision=2, edgeitems=2),
    "full": PrintOptions(threshold=math.inf),
}

_options = PrintOptions()


def get_printoptions() -> PrintOptions:
    """The options in force."""
    return _options


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Change how tensors print, as `torch.set_printoptions` does.

    `profile` is "default", "short" or "full" and gives way to the other arguments. What is None stays as it is, but
    for `sci_mode`, where None always means "choose by the values". As in torch, an unknown profile changes nothing.
    """
    global _options
    base = _PROFILES.get(profile or "", _options)
    _options = PrintOptions(
        precision=base.precision if precision is None else precision,
        threshold=base.threshold if threshold is None else threshold,
        edgeitems=base.edgeitems if edgeitems is None else edgeitems,
        linewidth=base.linewidth if linewidth is None else linewidth,
        sci_mode=sci_mode,
    )


def tensor_text(
    array: NDArray[Any],
    *,
    requires_grad: bool = False,
    grad_fn: str | None = None,
    prefix: str = "tensor(",
    default_dtype: DTypeLike = np.float32,
    options: PrintOptions | None = None,
) -> str:
    """What `repr` gives for a torch tensor with these values.

    `array`: any shape; bool, integers or floats. `grad_fn`: the name of the node that made it ("MulBackward0"); with
    it `requires_grad` is not shown. `prefix` opens the text and sets how far later lines are indented.
    `options` take the place of those in force.
    A dtype other than `default_dtype` (and int64 and bool, unless the tensor is empty) is named.
    Raises TypeError for another kind of dtype.
    """
    dtype = array.dtype
    if dtype.kind not in "biuf":
        raise TypeError(f"cannot print values of dtype {dtype}; bool, integers and floats can be printed")
    plain = dtype == default_dtype
    options = options or _options
    suffixes: list[str] = []
    if array.size == 0:
        contents = "[]"
        if array.ndim != 1:
            suffixes.append(f"size={array.shape}")
    else:
        contents = _contents(array, len(prefix), options)
        if not options.edgeitems:
            suffixes.append(f"size={array.shape}")
        plain = plain or dtype == np.int64 or dtype == np.bool_
    if not plain:
        suffixes.append(f"dtype=torch.{dtype.name}")
    if grad_fn is not None:
        suffixes.append(f"grad_fn=<{grad_fn}>")
    elif requires_grad:
        suffixes.append("requires_grad=True")
    return _with_suffixes(prefix + contents, suffixes, len(prefix), options.linewidth)


def _contents(array: NDArray[Any], indent: int, options: PrintOptions) -> str:
    """The values in their brackets; `array` has at least one."""
    shown = array
    if array.size > options.threshold and array.ndim:
        if not options.edgeitems:
            return "[...]"
        shown = _edges(array, options.edgeitems)
    texts, width = _value_texts(shown.ravel().tolist(), options)
    for axis in reversed(range(array.ndim)):
        innermost = axis == array.ndim - 1
        column = indent + axis  # where this axis' bracket opens
        per_line = max(1, (options.linewidth - column) // (width + 2)) if innermost else 1
        dots = " ..." if innermost else "..."
        line_break = "," + "\n" * max(1, array.ndim - axis - 1) + " " * (column + 1)
        count = shown.shape[axis]
        shortened = count < array.shape[axis]
        brackets: list[str] = []
        for start in range(0, len(texts), count):
            entries = texts[start : start + count]
            if shortened:
                entries.insert(options.edgeitems, dots)
            lines = [", ".join(entries[i : i + per_line]) for i in range(0, len(entries), per_line)]
            brackets.append(f"[{line_break.join(lines)}]")
        texts = brackets
    return texts[0]


def _edges(array: NDArray[Any], edgeitems: int) -> NDArray[Any]:
    """The first and last `edgeitems` entries along each axis that is longer than both together."""
    for axis, size in enumerate(array.shape):
        if size > 2 * edgeitems:
            before: tuple[slice, ...] = (slice(None),) * axis
            array = np.concatenate(
                (array[(*before, slice(edgeitems))], array[(*before, slice(-edgeitems, None))]), axis=axis
            )
    return array


def _value_texts(values: Sequence[bool | int | float], options: PrintOptions) -> tuple[list[str], int]:
    """The numbers' texts, aligned to the right, and the width they are aligned to."""
    if isinstance(values[0], float):
        texts, width = _float_texts(values, options)
    else:
        texts = [str(value) for value in values]
        width = max(map(len, texts))
    return [text.rjust(width) for text in texts], width


def _float_texts(values: Sequence[float], options: PrintOptions) -> tuple[list[str], int]:
    """The floats' texts in the notation that suits them all, and their width.

    Notation and width follow from the finite values other than zero; the others may be wider and then stick out.
    """
    telling = [value for value in values if value and math.isfinite(value)]
    if not telling:
        return [_whole_text(value) for value in values], 1
    if _in_scientific_notation(telling, options):
        spec = f".{options.precision}e"
    elif all(value.is_integer() for value in telling):
        return [_whole_text(value) for value in values], max(len(_whole_text(value)) for value in telling)
    else:
        spec = f".{options.precision}f"
    texts = [format(value, spec) for value in values]
    if len(telling) == len(values):
        return texts, max(map(len, texts))
    return texts, max(len(format(value, spec)) for value in telling)


def _in_scientific_notation(telling: Sequence[float], options: PrintOptions) -> bool:
    if options.sci_mode is not None:
        return options.sci_mode
    smallest, largest = min(map(abs, telling)), max(map(abs, telling))
    return largest / smallest > 1000.0 or largest > 1.0e8 or smallest < 1.0e-4


def _whole_text(value: float) -> str:
    """A float without decimals keeps its point, so that it does not look like an integer."""
    return f"{value:.0f}." if math.isfinite(value) else f"{value:.0f}"


def _with_suffixes(text: str, suffixes: Sequence[str], indent: int, linewidth: int) -> str:
    parts = [text]
    used = len(text) - text.rfind("\n") + 1  # torch counts two more than the last line has
    for suffix in suffixes:
        if used + len(suffix) + 2 > linewidth:
            parts.append(",\n" + " " * indent + suffix)
            used = indent + len(suffix)
        else:
            parts.append(", " + suffix)
            used += len(suffix) + 2
    parts.append(")")
    return "".join(parts)
