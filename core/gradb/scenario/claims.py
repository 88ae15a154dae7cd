"""The claims of `expect:`: what each kind says, and how it is read from a file.

A claim keeps its `place` in the file, so that a failing expectation can be found.
"""

from typing import Any, TypeAlias

from msgspec import Struct

from gradb.scenario.blocks import is_block
from gradb.scenario.checking import Checker
from gradb.scenario.document import Item, Path
from gradb.scenario.schema import (
    Address,
    Near,
    OrderEntry,
    PrintedEntry,
    RaisesEntry,
    Value,
)

ATTRIBUTES = ("grad", "requires_grad", "is_leaf", "grad_fn", "shape", "dtype")

NUMBERS = "a number, true, false, a list of them, or {near: ..., within: ...}"
ALLOWED = {
    "grad": f"null, {NUMBERS}",
    "requires_grad": "true or false",
    "is_leaf": "true or false",
    "grad_fn": "null or the name of a node, such as MulBackward0",
    "shape": "a list of whole numbers, such as [2, 3]; [] for a tensor without dimensions",
    "dtype": "the name of a dtype, such as float32",
}


class StateClaim(Struct, frozen=True):
    """At an address, a tensor or one of its attributes is what is expected. `subject` is `w`, `w.grad` or `w.shape`.

    Whole numbers, bools and texts must be equal. Decimal numbers must agree to a relative 1e-6, which is what float32
    holds; a Near claim states its own absolute tolerance instead. The shapes must be equal.
    """

    at: str
    subject: str
    expected: Value | Near
    place: str


class OrderClaim(Struct, frozen=True):
    """The backward passes of a step visit exactly these nodes, in this order."""

    order: tuple[str, ...]
    step: int
    place: str


class PrintedClaim(Struct, frozen=True):
    """One `print`, or one line of what it printed, is this text."""

    text: str
    place: str


class RaisesClaim(Struct, frozen=True):
    """The program ends with this error, and `message` is a part of what the error says."""

    error: str
    message: str
    place: str


Claim: TypeAlias = StateClaim | OrderClaim | PrintedClaim | RaisesClaim


def read_claims(checker: Checker, item: Item, path: Path) -> list[Claim]:
    """The claims of one entry of `expect:`; an entry with `at` makes one claim for each of its other keys."""
    place = f"{checker.filename}:{item.line}:{item.column}"
    if "order" in item.keys:
        order = checker.value(item, path, OrderEntry)
        return [] if order is None else [OrderClaim(order.order, order.step, place)]
    if "printed" in item.keys:
        printed = checker.value(item, path, PrintedEntry)
        return [] if printed is None else [PrintedClaim(printed.printed.rstrip("\n"), place)]
    if "raises" in item.keys:
        raises = checker.value(item, path, RaisesEntry)
        return [] if raises is None else [RaisesClaim(raises.raises, raises.message, place)]
    if "at" in item.keys:
        return _read_state(checker, item, path)
    # None of the kinds: say which keys begin a claim, and what a near miss was meant to be.
    if checker.keys(item, path, ("at", "order", "printed", "raises"), ()) and not item.keys:
        checker.refuse(item, path, "a claim with one of the keys at, order, printed, raises")
    return []


def _read_state(checker: Checker, item: Item, path: Path) -> list[Claim]:
    at_item = item.children["at"]
    at = checker.value(at_item, (*path, "at"), Address)
    claims: list[Claim] = []
    for key, child in item.children.items():
        if key == "at" or not isinstance(key, str):
            continue
        expected = _expected(checker, key, child, (*path, key))
        line, column = item.keys[key]
        claims.append(StateClaim(at or "", key, expected, f"{checker.filename}:{line}:{column}"))
    if not claims:
        checker.mistake(item.line, item.column, path, "this claims nothing", "at least one name beside `at`")
    return claims


def _expected(checker: Checker, subject: str, item: Item, path: Path) -> Any:
    attribute = subject.rpartition(".")[2]
    allowed = ALLOWED.get(attribute, NUMBERS)
    value = item.value
    match attribute:
        case "requires_grad" | "is_leaf":
            good = isinstance(value, bool)
        case "grad_fn":
            good = value is None or isinstance(value, str)
        case "shape":
            good = isinstance(value, list) and all(type(size) is int and size >= 0 for size in value)
        case "dtype":
            good = isinstance(value, str)
        case _:
            if isinstance(value, dict):
                return _near(checker, item, path)
            if value is None and attribute == "grad":
                return None
            return value if is_block(checker, item, path, allowed) else None
    if not good:
        checker.refuse(item, path, allowed)
    return value


def _near(checker: Checker, item: Item, path: Path) -> Any:
    near = checker.value(item, path, Near)
    if near is not None:
        is_block(checker, item.children["near"], (*path, "near"), "a number or a list of numbers")
    return near
