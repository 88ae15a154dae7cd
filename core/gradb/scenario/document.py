"""YAML as plain values that know where they stand: `read(text, filename)` gives an Item, or raises UserError.

Only the plain part of YAML 1.2 is read: mappings with text keys, sequences, text, numbers, true, false and null.
Tags are refused. An alias stands for a copy of what its anchor names, and the copies are counted, so that a few lines
cannot become a billion values.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)
from ruamel.yaml.nodes import ScalarNode

from gradb.errors import UserError

MAX_VALUES = 20_000  # in a file, counting what aliases stand for
MAX_DEPTH = 24

Plain: TypeAlias = "dict[str, Any] | list[Any] | str | int | float | bool | None"
Path: TypeAlias = "tuple[str | int, ...]"

_PLAIN_TAG = "tag:yaml.org,2002:"
_KINDS = {"dict": "a mapping", "list": "a list", "NoneType": "nothing (null)", "bool": "{}", "str": "the text {!r}"}


@dataclass(frozen=True, slots=True)
class Item:
    """A value, and the line and column (from 1) at which it begins.

    `children` are the items of a mapping or a list; `keys` says where each key of a mapping stands. `size` counts the
    values in it. `first_line` is the line of the file on which the first line of a text stands.
    """

    value: Plain
    line: int
    column: int
    children: dict[str | int, "Item"] = field(default_factory=dict["str | int", "Item"])
    keys: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    size: int = 1
    first_line: int = 0

    @property
    def found(self) -> str:
        """The value in a few words, for a message."""
        text = _KINDS.get(type(self.value).__name__, "the number {}").format(
            str(self.value).lower() if isinstance(self.value, bool) else self.value
        )
        return text if len(text) <= 60 else f"{text[:56]} ..."


def path_text(path: Path) -> str:
    """A key's path as a reader writes it: `expect[0].at`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def read(text: str, filename: str) -> Item:
    """The value of a YAML text with one document. Raises UserError with the place of the first mistake."""
    yaml: Any = YAML(typ="safe", pure=True)
    builder = _Builder(yaml, filename)
    try:
        return builder.build(yaml.parse(text))
    except MarkedYAMLError as error:
        mark: Any = error.problem_mark or error.context_mark
        context = f" {error.context}" if error.context else ""
        where = f"{filename}:{mark.line + 1}:{mark.column + 1}" if mark is not None else filename
        raise UserError(f"this is not YAML: {error.problem}{context}", where=where) from None
    except YAMLError as error:
        before = text[: getattr(error, "position", 0)]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise UserError(
            f"this is not YAML: it holds the character {text[len(before) : len(before) + 1]!r}",
            where=f"{filename}:{line}:{column}",
            allowed="text without control characters",
        ) from None


class _Open:
    """A mapping or list that is being read."""

    def __init__(self, event: CollectionStartEvent, line: int, column: int) -> None:
        self.anchor: str | None = event.anchor
        self.is_mapping = isinstance(event, MappingStartEvent)
        self.line = line
        self.column = column
        self.key: str | None = None
        self.children: dict[str | int, Item] = {}
        self.keys: dict[str, tuple[int, int]] = {}

    def item(self) -> Item:
        items = self.children.items()
        value: Any = {k: i.value for k, i in items} if self.is_mapping else [i.value for _, i in items]
        size = 1 + sum(child.size for child in self.children.values())
        return Item(value, self.line, self.column, self.children, self.keys, size)


class _Builder:
    """Puts a stream of YAML events together, without recursion."""

    def __init__(self, yaml: Any, filename: str) -> None:
        self.resolver = yaml.resolver
        self.constructor = yaml.constructor
        self.filename = filename
        self.stack: list[_Open] = []
        self.anchors: dict[str, Item] = {}
        self.root: Item | None = None
        self.values = 0

    def build(self, events: Iterator[Any]) -> Item:
        for event in events:
            self._place(event)
            match event:
                case DocumentStartEvent() if self.root is not None:
                    raise self._mistake("a second document begins here", "one document in a file")
                case AliasEvent():
                    found = self._alias(event)
                    self.values += found.size
                    self._add(found, None)
                case ScalarEvent():
                    self._check_tag(event)
                    self._add(self._scalar(event), event.anchor)
                case CollectionStartEvent():
                    self._check_tag(event)
                    if len(self.stack) == MAX_DEPTH:
                        raise self._mistake("the values are nested too deeply", f"a depth of {MAX_DEPTH}")
                    if self._needs_key():
                        raise self._mistake("a list or a mapping stands here as a key", "text")
                    self.stack.append(_Open(event, self.line, self.column))
                case CollectionEndEvent():
                    done = self.stack.pop()
                    self._add(done.item(), done.anchor)
                case _:
                    pass
        return Item(None, 1, 1) if self.root is None else self.root

    def _place(self, event: Any) -> None:
        self.line: int = event.start_mark.line + 1
        self.column: int = event.start_mark.column + 1

    def _mistake(self, what: str, allowed: str = "", fix: str = "") -> UserError:
        return UserError(what, where=f"{self.filename}:{self.line}:{self.column}", allowed=allowed, fix=fix)

    def _check_tag(self, event: NodeEvent) -> None:
        tag: Any = getattr(event, "ctag", None)
        if tag is not None:
            shown = str(tag).replace(_PLAIN_TAG, "!!")
            raise self._mistake(f"the tag {shown!r} stands here", "values without tags", "leave the tag out")

    def _alias(self, event: AliasEvent) -> Item:
        name = str(event.anchor)
        found = self.anchors.get(name)
        if found is None:
            raise self._mistake(f"the alias *{name} stands here, but no anchor &{name} ends before it")
        return found

    def _scalar(self, event: ScalarEvent) -> Item:
        text = self._text(str(event.value))
        tag: Any = self.resolver.resolve(ScalarNode, text, event.implicit)
        kind = str(tag).removeprefix(_PLAIN_TAG)
        first_line = self.line + 1 if event.style in ("|", ">") else self.line
        if kind not in ("int", "float", "bool", "null") or self._needs_key():
            return Item(text, self.line, self.column, first_line=first_line)
        node = ScalarNode(tag, text, event.start_mark, event.end_mark)
        try:
            value = None if kind == "null" else getattr(self.constructor, f"construct_yaml_{kind}")(node)
        except ValueError:
            raise self._mistake("this number cannot be read", "a number of up to 4000 digits") from None
        if isinstance(value, int) and value.bit_length() > 64:
            raise self._mistake("this number is too large", "whole numbers of up to 64 bits")
        return Item(value, self.line, self.column, first_line=first_line)

    def _text(self, text: str) -> str:
        """The text; a character that was written as the two halves of UTF-16, as JSON may, becomes one."""
        if text.isascii():
            return text
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            raise self._mistake("this text holds half a character of UTF-16", "whole characters") from None

    def _needs_key(self) -> bool:
        return bool(self.stack) and self.stack[-1].is_mapping and self.stack[-1].key is None

    def _add(self, item: Item, anchor: str | None) -> None:
        self.values += 1
        if self.values > MAX_VALUES:
            raise self._mistake(
                "the file holds too many values, counting what its aliases stand for", f"{MAX_VALUES} values"
            )
        if anchor is not None:
            self.anchors[anchor] = item
        if not self.stack:
            self.root = item
            return
        top = self.stack[-1]
        if not top.is_mapping:
            top.children[len(top.children)] = item
        elif top.key is None:
            self._begin_key(top, item)
        else:
            top.children[top.key] = item
            top.key = None

    def _begin_key(self, top: _Open, item: Item) -> None:
        key = item.value
        if not isinstance(key, str):
            raise self._mistake(f"found the key {item.value}", "text")
        if key in top.keys:
            line, column = top.keys[key]
            raise self._mistake(
                f"the key {key!r} stands here a second time (first in line {line}, column {column})",
                "each key once",
            )
        top.keys[key] = (self.line, self.column)
        top.key = key
