"""The equation of einsum: `parsed("ij,jk", dims)` finds the labels of each input and where each label goes."""

from collections import Counter
from typing import NamedTuple

ELLIPSIS = "..."


class Subscripts(NamedTuple):
    """`inputs`: a label for each dim; the dims of an ellipsis are `.0`, `.1` ... `places`: where each label's dim goes;
    the first `kept` of them are the output's."""

    inputs: list[tuple[str, ...]]
    places: dict[str, int]
    kept: int


def parsed(equation: str, dims: list[int]) -> Subscripts:
    """Raises RuntimeError where the equation is malformed or does not fit tensors with so many dims."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = [_labels(term, equation) for term in left.split(",")]
    if len(terms) != len(dims):
        raise RuntimeError(f"einsum: {equation!r} names {len(terms)} tensors, {len(dims)} were given")
    covered = 0
    for labels, count in zip(terms, dims, strict=True):
        missing = count - len([label for label in labels if label != ELLIPSIS])
        if (missing and ELLIPSIS not in labels) or missing < 0:
            raise RuntimeError(f"einsum: {''.join(labels)!r} does not fit a tensor of {count} dims")
        covered = max(covered, missing)
    inputs = [_spelled(labels, count, covered) for labels, count in zip(terms, dims, strict=True)]
    output = _labels(right, equation) if arrow else _implied(terms)
    kept = [label for item in output for label in (_dots(covered, covered) if item == ELLIPSIS else (item,))]
    known = {label for labels in inputs for label in labels}
    if len(set(kept)) < len(kept) or not {label for label in kept if label[0] != "."} <= known:
        raise RuntimeError(f"einsum: a label of the output of {equation!r} comes twice or is in no input")
    summed = [*_missing_dots(kept, covered), *sorted(known - set(kept) - set(_dots(covered, covered)))]
    return Subscripts(inputs, {label: i for i, label in enumerate([*kept, *summed])}, len(kept))


def _missing_dots(kept: list[str], covered: int) -> list[str]:
    return [label for label in _dots(covered, covered) if label not in kept]


def _labels(term: str, equation: str) -> list[str]:
    labels: list[str] = []
    rest = term
    while rest:
        found = ELLIPSIS if rest.startswith(ELLIPSIS) else rest[0]
        if found != ELLIPSIS and not (found.isascii() and found.isalpha()):
            raise RuntimeError(f"einsum: {found!r} in {equation!r} is no letter")
        if found == ELLIPSIS and ELLIPSIS in labels:
            raise RuntimeError(f"einsum: two ellipses in one term of {equation!r}")
        labels.append(found)
        rest = rest[len(found) :]
    return labels


def _dots(count: int, covered: int) -> list[str]:
    """The labels of the last `count` of the dims that the longest ellipsis covers."""
    return [f".{i}" for i in range(covered - count, covered)]


def _spelled(labels: list[str], dims: int, covered: int) -> tuple[str, ...]:
    dots = _dots(dims - len(labels) + 1, covered)
    return tuple([name for label in labels for name in (dots if label == ELLIPSIS else (label,))])


def _implied(terms: list[list[str]]) -> list[str]:
    """Without an arrow: the ellipsis, then the labels that come once, in the alphabet's order."""
    counts = Counter([label for labels in terms for label in labels])
    once = sorted(label for label, count in counts.items() if count == 1 and label != ELLIPSIS)
    return [ELLIPSIS, *once] if counts[ELLIPSIS] else once
