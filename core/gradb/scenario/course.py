"""The course of the bundled scenarios: `read_course(text, known)` gives its chapters, `read_heading(text)` a title."""

import re
from collections.abc import Collection

from msgspec import Struct

from gradb.scenario.checking import Checker
from gradb.scenario.document import read
from gradb.scenario.language import pick
from gradb.scenario.schema import Localised, LocalisedMarkdown, Text

_OTHERS = {"en": "More", "zh": "其他"}


class Chapter(Struct, frozen=True):
    """Scenarios that belong together, in the order in which to read them."""

    title: str
    scenarios: tuple[str, ...]


class Heading(Struct, frozen=True):
    """What a list says of a scenario."""

    title: str
    about: str


class _ChapterEntry(Struct, frozen=True, forbid_unknown_fields=True):
    title: Localised
    scenarios: tuple[Text, ...]


class _HeadingEntry(Struct, frozen=True, forbid_unknown_fields=True):
    title: Localised
    about: LocalisedMarkdown = ""


def read_course(text: str, known: Collection[str]) -> list[Chapter]:
    """The chapters, each with the scenarios that are `known`, and those that stand in none. Raises UserError."""
    checker = Checker("course.yaml")
    entries: tuple[_ChapterEntry, ...] = checker.value(read(text, "course.yaml"), (), tuple[_ChapterEntry, ...])
    checker.raise_mistakes()
    chapters = [Chapter(pick(e.title), tuple([name for name in e.scenarios if name in known])) for e in entries]
    placed = {name for chapter in chapters for name in chapter.scenarios}
    others = tuple(sorted(set(known) - placed))
    return [chapter for chapter in (*chapters, Chapter(pick(_OTHERS), others)) if chapter.scenarios]


def read_heading(text: str, filename: str) -> Heading:
    """The keys of a scenario's text that stand before `program:` or `data:`, as a Heading. Raises UserError."""
    checker = Checker(filename)
    head = re.split(r"^(?:program|data):", text, maxsplit=1, flags=re.MULTILINE)[0]
    entry: _HeadingEntry = checker.value(read(head, filename), (), _HeadingEntry)
    checker.raise_mistakes()
    return Heading(pick(entry.title), pick(entry.about))
