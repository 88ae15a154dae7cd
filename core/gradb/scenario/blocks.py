"""Blocks of numbers in a scenario file: `is_block(checker, item, path, allowed)` checks nested lists of equal rows."""

from gradb.scenario.checking import Checker
from gradb.scenario.document import Item, Path


def is_block(checker: Checker, item: Item, path: Path, allowed: str) -> bool:
    """Whether the item is a number, or a nested list of numbers whose rows have equal lengths."""
    if not isinstance(item.value, list):
        if isinstance(item.value, bool | int | float):
            return True
        checker.refuse(item, path, allowed)
        return False
    children = [(child, (*path, place)) for place, child in item.children.items()]
    good = [is_block(checker, child, place, allowed) for child, place in children]  # all, to find every mistake
    if not all(good):
        return False
    shapes = [_shape(child) for child, _ in children]
    for shape, (child, place) in zip(shapes, children, strict=True):
        if shape != shapes[0]:
            what = f"this row has the shape {list(shape)}, the first one {list(shapes[0])}"
            checker.mistake(child.line, child.column, place, what, "rows of one length")
            return False
    return True


def _shape(item: Item) -> tuple[int, ...]:
    if not isinstance(item.value, list):
        return ()
    return (len(item.children), *(_shape(item.children[0]) if item.children else ()))
