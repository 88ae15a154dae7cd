"""Checks read values against the schema's types: `Checker(filename).value(item, path, type)` collects all mistakes."""

import re
from collections.abc import Callable, Iterable
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import Meta, Struct

from gradb.errors import UserError
from gradb.scenario.document import Item, Path, path_text
from gradb.scenario.language import FALLBACK, PATTERN
from gradb.scenario.near import did_you_mean, near_miss
from gradb.scenario.schema import Address, Localised, LocalisedMarkdown, Markdown, Text
from gradb.trace.address import is_address


class BadScenario(UserError):
    """A file with one or more mistakes; its text is one block for each."""

    def __init__(self, mistakes: list[UserError]) -> None:
        first = mistakes[0]
        super().__init__(first.what, where=first.where, allowed=first.allowed, fix=first.fix)
        self.mistakes = tuple(mistakes)

    def __str__(self) -> str:
        return "\n".join(str(mistake) for mistake in self.mistakes)


class Checker:
    """Collects the mistakes of one file, each with its place and its key's path."""

    def __init__(self, filename: str) -> None:
        self.filename = filename
        self._mistakes: list[tuple[int, int, UserError]] = []

    def raise_mistakes(self) -> None:
        """Raises BadScenario with the mistakes in the order of the file, if there are any."""
        if self._mistakes:
            raise BadScenario([error for _, _, error in sorted(self._mistakes, key=lambda m: m[:2])])

    def mistake(self, line: int, column: int, path: Path, what: str, allowed: str = "", fix: str = "") -> None:
        """Notes a mistake."""
        name = path_text(path)
        where = f"{self.filename}:{line}:{column}"
        error = UserError(f"{name}: {what}" if name else what, where=where, allowed=allowed, fix=fix)
        self._mistakes.append((line, column, error))

    def refuse(self, item: Item, path: Path, allowed: str) -> None:
        """Notes that a value is not what is allowed."""
        self.mistake(item.line, item.column, path, f"found {item.found}", allowed)

    def value(self, item: Item, path: Path, kind: Any) -> Any:
        """The value as the type `kind`, or None after a mistake. Structs and tuples are checked part by part."""
        if isinstance(kind, type) and issubclass(kind, Struct):
            return self._struct(item, path, kind)
        if kind in (Localised, LocalisedMarkdown) and isinstance(item.value, dict):
            return self._texts(item, path, Text if kind == Localised else Markdown)
        if get_origin(kind) is tuple:
            return self.items(item, path, lambda child, place: self.value(child, place, get_args(kind)[0]))
        try:
            converted = msgspec.convert(item.value, kind)
        except msgspec.ValidationError:
            return self.refuse(item, path, description(kind))
        if kind == Address and not is_address(converted):
            return self.refuse(item, path, description(kind))
        return converted

    def items(self, item: Item, path: Path, check: Callable[[Item, Path], Any]) -> tuple[Any, ...]:
        """A list, item by item."""
        if not isinstance(item.value, list):
            self.refuse(item, path, "a list")
            return ()
        return tuple([check(child, (*path, place)) for place, child in item.children.items()])

    def keys(self, item: Item, path: Path, known: Iterable[str], required: Iterable[str]) -> bool:
        """Whether the item is a mapping; notes the keys that are unknown or missing."""
        known, meant = list(known), set[str]()
        if not isinstance(item.value, dict):
            self.refuse(item, path, f"a mapping with the keys {', '.join(known)}")
            return False
        for key, (line, column) in item.keys.items():
            if key not in known:
                near = near_miss(key, known)
                meant.add(near)
                allowed = f"the keys {', '.join(known)}"
                self.mistake(line, column, (*path, key), "there is no such key", allowed, did_you_mean(near))
        for key in required:
            if key not in item.keys and key not in meant:
                self.mistake(item.line, item.column, path, f"the key {key!r} is missing")
        return True

    def _texts(self, item: Item, path: Path, kind: Any) -> dict[str, str]:
        """A text for each language."""
        for key, (line, column) in item.keys.items():
            if not re.fullmatch(PATTERN, key):
                self.mistake(line, column, (*path, key), "this is not a language", "a code such as en, zh or pt-BR")
        if FALLBACK not in item.keys:
            what = f"the text in English is missing: the key {FALLBACK!r}"
            self.mistake(item.line, item.column, path, what, "one text, or one for each language, English among them")
        return {str(key): self.value(child, (*path, key), kind) for key, child in item.children.items()}

    def _struct(self, item: Item, path: Path, kind: type[Struct]) -> Any:
        fields = {field.name: field for field in msgspec.structs.fields(kind)}
        required = [name for name, field in fields.items() if field.required]
        before = len(self._mistakes)
        if not self.keys(item, path, fields, required):
            return None
        values = {
            name: self.value(child, (*path, name), fields[name].type)
            for name, child in item.children.items()
            if isinstance(name, str) and name in fields
        }
        return kind(**values) if len(self._mistakes) == before else None


def description(kind: Any) -> str:
    """The description that a type of the schema carries."""
    origin = get_origin(kind)
    if origin is Annotated:
        return next((m.description for m in get_args(kind)[1:] if isinstance(m, Meta) and m.description), "")
    if origin is Union or origin is UnionType:
        return description(get_args(kind)[0])
    return ""
