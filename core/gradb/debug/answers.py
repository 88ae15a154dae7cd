"""What `why` is asked and what it answers: `Question`, and `Why` with its `Term`s, each with a question of its own."""

from typing import Literal

from msgspec import Struct

from gradb.debug.products import Product
from gradb.errors import UserError
from gradb.trace.events import Array, NodeRef
from gradb.trace.numbers import Element
from gradb.trace.telling import broken

What = Literal["grad", "value"]
Role = Literal["seed", "consumer", "before", "clipped", "hook", "input", "grad", "number"]


class Question(Struct, frozen=True):
    """Why has a tensor's value or gradient the value that it has at a moment, and there one `element` of it?

    Without `node` the gradient is `.grad`, or for a tensor without one what the last backward brought to it. With
    `node`, it is the gradient of that node's output `output_nr`, or for an AccumulateGrad node what comes to its leaf.
    """

    tensor: int
    what: What
    at: int
    element: Element | None = None
    node: NodeRef | None = None
    output_nr: int = 0


class Term(Struct, frozen=True):
    """One part of an answer. Of a gradient, the `value`s of all terms add up to the gradient.

    `role`: `seed` (the backward began here), `consumer` (came back through an op that used the tensor), `before` (was
    in `.grad` already), `clipped`, `hook` (what the other terms leave open: a hook changed the gradient); and for a
    value `input` (a tensor it was computed from), `grad` (the gradient an update used) and `number`.
    `label` is what the term is called, `symbols` and `numbers` are the same formula with names and with numbers.
    `number` is the chosen element of `value`. `event` is where it comes from, on source line `line`, by the op `op` and
    its node `node`. `products` are the largest `upstream × local` in the element, of `count` (0 where not known).
    `next` asks the same of what stands above; None at the end of the walk.
    """

    role: Role
    label: str
    symbols: str
    numbers: str
    value: Array | None
    number: float | None
    event: int
    line: int = 0
    op: str = ""
    node: NodeRef | None = None
    products: tuple[Product, ...] = ()
    count: int = 0
    next: Question | None = None


class Why(Struct, frozen=True):
    """An answer. `value` is None where there is no value or gradient yet; `title` says so in a sentence.

    `event` is the one that wrote the value, 0 if none; `element` is the one that the numbers are about.
    """

    question: Question
    name: str
    value: Array | None
    element: Element
    number: float | None
    event: int
    line: int
    title: str
    symbols: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()


def checked_element(element: Element | None, array: Array | None) -> Element:
    """The element; where none is chosen, the first that is NaN or infinite, else the first.

    Raises UserError where the array has no such element.
    """
    if array is None:
        return ()
    if element is None:
        return broken(array) or (0,) * array.ndim
    if len(element) != array.ndim or any(not 0 <= i < size for i, size in zip(element, array.shape, strict=True)):
        sizes = ", ".join(f"0 to {size - 1}" for size in array.shape)
        raise UserError(
            f"there is no element [{', '.join(map(str, element))}] in a tensor of the shape {list(array.shape)}",
            allowed=f"[{sizes}]" if array.ndim else "[]",
        )
    return element


def number_at(array: Array | None, element: Element) -> float | None:
    """One element as a number; None where there is none."""
    if array is None or array.size == 0 or len(element) != array.ndim:
        return None
    return float(array[element])
