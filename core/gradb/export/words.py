"""What an author says of a run beside its trace: `Words`, the notes and expectations that some exports show."""

from typing import Any

from msgspec import Struct


class Said(Struct, frozen=True):
    """A note, in Markdown, for the events at an address."""

    at: str
    text: str


class Expected(Struct, frozen=True):
    """At an address, `subject` (`w`, `w.grad`, `w.shape`) is `value`: a number, bool, text, nested lists, or None.

    `within` is the absolute tolerance that the author allows, None where the default holds.
    """

    at: str
    subject: str
    value: Any
    within: float | None = None


class Words(Struct, frozen=True):
    """`about` is Markdown. `claims` are the expectations that are not about a tensor, each as a text."""

    about: str = ""
    notes: tuple[Said, ...] = ()
    expected: tuple[Expected, ...] = ()
    claims: tuple[str, ...] = ()
