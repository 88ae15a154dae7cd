"""Text formats that can neither reach into objects nor grow without bound: `formatted`, `joined`, `format_text`.

`str.format` can read attributes and items of its arguments; RestrictedPython was escaped that way more than once. Here
a field is a position or a name and nothing more.
"""

import re
import string
from collections.abc import Mapping, Sequence
from typing import Any

from gradb.scenario.program.limits import MAX_LENGTH, check_length, refuse, too_long
from gradb.scenario.program.weight import weigh

MAX_WIDTH = 10_000
MAX_FIELDS = 10_000

_NUMBER = re.compile(r"\d+")
_PLAIN_FIELD = re.compile(r"\w*", re.ASCII)
_PERCENT = re.compile(r"%(?:\([^)]*\))?[#0\- +]*(\*|\d+)?(?:\.(\*|\d+))?")
_DEPTH = 2  # a field's format may itself have fields, as in "{:{width}}"


def text_of(value: Any) -> str:
    """`str(value)`, for containers that are not too large."""
    weigh(value)
    return str(value)


def repr_of(value: Any) -> str:
    """`repr(value)`, for containers that are not too large."""
    weigh(value)
    return repr(value)


def formatted(value: Any, conversion: int, spec: str) -> str:
    """One field of an f-string: `conversion` is that of the syntax tree, -1 for none."""
    weigh(value)
    if conversion == ord("r"):
        value = repr(value)
    elif conversion == ord("s"):
        value = str(value)
    elif conversion == ord("a"):
        value = ascii(value)
    if spec:
        if type(spec) is not str:
            raise TypeError(f"a format is a text, not {type(spec).__name__}")
        for number in _NUMBER.findall(spec):
            if len(number) > 6 or int(number) > MAX_WIDTH:
                raise refuse(f"the format {spec[:40]!r} is too wide", f"widths of up to {MAX_WIDTH}")
    return format(value, spec)


def joined(*parts: str) -> str:
    """The parts of an f-string as one text."""
    check_length(sum(map(len, parts)))
    return "".join(parts)


def check_percent(text: str, values: Any) -> None:
    """Refuses `text % values` where a width is not a small number, or where the result would be too long."""
    fields = 0
    for match in _PERCENT.finditer(text):
        fields += 1
        for width in match.groups():
            if width is not None and (width == "*" or len(width) > 6 or int(width) > MAX_WIDTH):
                raise refuse(f"the format {match.group()!r} is too wide", f"widths of up to {MAX_WIDTH}")
    weigh(values)
    parts: Any = values.values() if isinstance(values, dict) else values if isinstance(values, tuple) else (values,)
    longest = max((len(part) for part in parts if isinstance(part, str)), default=0)
    if fields > MAX_FIELDS or fields * longest > MAX_LENGTH:
        raise too_long(fields * max(longest, 1))


def format_text(text: str, *args: Any, **kwargs: Any) -> str:
    """`text.format(*args, **kwargs)` without attributes and items in its fields."""
    return _Format(args, kwargs).fill(text, _DEPTH)


class _Format:
    def __init__(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        self.args = args
        self.kwargs = kwargs
        self.position = 0

    def fill(self, text: str, depth: int) -> str:
        if depth == 0:
            raise ValueError("a format is nested too deeply")
        parts: list[str] = []
        length = 0
        for literal, field, spec, conversion in string.Formatter().parse(text):
            parts.append(literal)
            if field is not None:
                value = self._value(field)
                code = -1 if not conversion else ord(conversion)
                parts.append(formatted(value, code, self.fill(spec, depth - 1) if spec else ""))
                length += len(parts[-1])
            if length > MAX_LENGTH or len(parts) > MAX_FIELDS:
                raise refuse("a format gives too long a text", f"{MAX_LENGTH:,} characters")
        return joined(*parts)

    def _value(self, field: str) -> Any:
        if not _PLAIN_FIELD.fullmatch(field):
            raise refuse(
                f"the field {{{field[:60]}}} in a format looks into its value",
                "fields that are a position or a name, such as {}, {0} or {loss}",
                "pass the value itself: '{}'.format(tensor.shape)",
            )
        if not field:
            self.position += 1
            return self.args[self.position - 1]
        return self.args[int(field)] if field.isdigit() else self.kwargs[field]
