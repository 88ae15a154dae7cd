"""Changes as a user writes them: `read_changes("w[0] = 3; lr = 0.05", trace, at)`, and `targets`, what can be set.

A target is a leaf (`w`, `w[0, 1]`), a number that the program has in a variable (`lr`), an option of the optimizers
(`lr`, `momentum`), or a number on a line by what it is (`line 8: 0.5`).
"""

import ast
import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from gradb.errors import UserError
from gradb.scenario.changes import Change, NumberChange, OptionChange, ValueChange, new_value
from gradb.scenario.literals import Literal, assigned_names, literals
from gradb.scenario.near import did_you_mean, near_miss
from gradb.trace.events import Array, TensorState, Update
from gradb.trace.numbers import Element, brief, is_short
from gradb.trace.trace import Trace

FORM = "NAME = NUMBER, NAME[0, 1] = NUMBER, NAME = [1.0, 2.0], line 8: OLD = NEW; several with ; between"
MOST_NUMBERS = 16  # of a tensor that is written out
_LOOKED_AT = 50  # updates, to find out which options the optimizers have
_SHOWN = 12
_NUMBER = "a number such as 0.05 or 1e-3"
_LONGEST = 60  # characters of a text in a message
_BITS = 64  # of a whole number
_ELEMENT = re.compile(r"(.+?)\s*\[([^\[\]]*)\]")
_LINE = re.compile(r"line\s*(\d{1,9})\s*:\s*(\S+)")
_SPECIAL = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


class Target(Struct, frozen=True):
    """What can be set: its name, what it is now as text, and a few words about it. `text` is a whole line."""

    name: str
    value: str
    about: str

    @property
    def text(self) -> str:
        """The line that sets it to what it is."""
        return f"{self.name} = {self.value}"


class Assignment(Struct, frozen=True):
    """One thing that is set: what it was, what it will be, and the changes of the run that this takes."""

    name: str
    before: str
    after: str
    changes: tuple[Change, ...]

    def __str__(self) -> str:
        return f"{self.name}: {self.before} → {self.after}"


def read_changes(text: str, trace: Trace, at: int) -> tuple[Assignment, ...]:
    """What a line sets. Raises UserError, which says what can be set and to what."""
    parts = [part for part in text.split(";") if part.strip()]
    if not parts:
        raise UserError("nothing is set", allowed=FORM)
    return tuple([_assignment(part.strip(), trace, at) for part in parts])


def fork_point(assignments: Sequence[Assignment], trace: Trace, at: int) -> int:
    """The event after which the changes are made: the current one; for a number in its line, the last before that line
    began to run, so that the line runs with the new number. 0 is before the first."""
    lines = [change.line for one in assignments for change in one.changes if isinstance(change, NumberChange)]
    if trace.event(at).line not in lines:
        return at
    starts = trace.line_starts()
    return starts[bisect_right(starts, at) - 1] - 1


def targets(trace: Trace, at: int, line: int = 0, name: str = "", element: Element | None = None) -> list[Target]:
    """What can be set at a moment: first the leaf `name` (of which `element` was chosen) and the numbers of `line`."""
    known = literals(trace.source)
    found = list(_leaf_targets(trace, at, name, element))
    options = _options(trace)
    found += [_literal_target(one) for one in known if one.line == line and one.keyword not in options]
    found += [Target(option, f"{value:g}", "an option of the optimizer") for option, value in options.items()]
    found += [_literal_target(one) for one in known if one.name and one.line != line]
    names = [one for one in list(trace.bindings) if _state(trace, one, at) is not None]
    by_grad = sorted(names, key=lambda one: not getattr(_state(trace, one, at), "requires_grad", False))
    shown = {trace.lookup(name, at)} if name else set[int | None]()
    for other in by_grad:
        tensor = trace.lookup(other, at)
        if tensor not in shown or "." not in other:  # a parameter has a name in each module around it: one will do
            shown.add(tensor)
            found += _leaf_targets(trace, at, other, None)
    once: dict[str, Target] = {}
    for one in found:
        once.setdefault(one.name, one)
    return list(once.values())


def _leaf_targets(trace: Trace, at: int, name: str, element: Element | None) -> Iterator[Target]:
    state = _state(trace, name, at) if name else None
    if state is None or not state.is_leaf or name.endswith(".grad"):
        return
    array = state.array
    about = "a leaf that requires grad" if state.requires_grad else "a tensor without requires_grad"
    if not is_short(array, MOST_NUMBERS) or element is not None:
        if not array.ndim or not array.size:
            return
        place = element if element is not None and len(element) == array.ndim else (0,) * array.ndim
        yield Target(f"{name}[{', '.join(map(str, place))}]", _written(array[place]), about)
    if is_short(array, MOST_NUMBERS):
        yield Target(name, _written(array), about)


def _literal_target(one: Literal) -> Target:
    if one.name:
        return Target(one.name, one.text, f"a number in line {one.line}")
    use = f", its {one.keyword}" if one.keyword else ""
    return Target(f"line {one.line}: {one.text}", one.text, f"a number in line {one.line}{use}")


def _state(trace: Trace, name: str, at: int) -> TensorState | None:
    tensor = trace.lookup(name, at)
    return None if tensor is None else trace.state(tensor, at)


def _written(array: Array) -> str:
    """A tensor as a user would write it, each number with the digits that its dtype holds."""
    return str(_plain(array))


def _plain(array: Array) -> Any:
    if array.ndim:
        return [_plain(part) for part in array]
    return float(str(array[()])) if array.dtype.kind == "f" else array[()].item()


def _options(trace: Trace) -> dict[str, float]:
    """The numbers among the optimizers' options that a recorded update used; a parameter updated by hand has none."""
    found: dict[str, float] = {}
    for number in trace.of_kind("update")[:_LOOKED_AT]:
        event = trace.events[number - 1]
        if isinstance(event, Update) and "lr" in dict(event.used):
            for name, value in event.used:
                if name in ("lr", "momentum", "weight_decay", "dampening", "eps", "alpha") and type(value) is float:
                    found.setdefault(name, value)
    return found


# --- reading


def _assignment(text: str, trace: Trace, at: int) -> Assignment:
    target, equals, value = text.partition("=")
    target = target.strip()
    if not equals or not target or not value.strip():
        raise UserError(f"{text[:_LONGEST]!r} sets nothing", allowed=FORM)
    new = _value(value.strip())
    if line := _LINE.fullmatch(target):
        return _of_line(int(line[1]), line[2], _number(new, target), trace)
    if element := _ELEMENT.fullmatch(target):
        return _of_tensor(element[1], _element(element[2], target), new, trace, at)
    if _state(trace, target, at) is not None:
        return _of_tensor(target, None, new, trace, at)
    return _of_number(target, new, trace, at)


def _value(text: str) -> Any:
    try:
        value = _SPECIAL[text.lower()] if text.lower() in _SPECIAL else ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        value = None
    if not isinstance(value, bool | int | float | list | tuple):
        raise UserError(f"{text[:_LONGEST]!r} is no number", allowed=f"{_NUMBER}, nan, inf, or [1.0, 2.0]")
    return value


def _number(value: Any, target: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UserError(f"{target} is a number, and {repr(value)[:_LONGEST]} is none", allowed=_NUMBER)
    if isinstance(value, int) and value.bit_length() > _BITS:
        raise UserError(f"what {target} is set to is too large", allowed=f"whole numbers of up to {_BITS} bits")
    return value


def _of_line(line: int, old: str, new: int | float, trace: Trace) -> Assignment:
    there = [one for one in literals(trace.source) if one.line == line]
    fitting = [one for one in there if one.text == old]
    if not fitting:
        shown = ", ".join(dict.fromkeys(one.text for one in there)) or "none: there is no number on this line"
        raise UserError(f"line {line} has no number {old}", allowed=shown)
    return Assignment(f"line {line}", old, f"{new:g}", (NumberChange(new, line=line, old=fitting[0].value),))


def _of_tensor(name: str, element: Element | None, new: Any, trace: Trace, at: int) -> Assignment:
    state = _state(trace, name, at)
    if state is None:
        raise _unknown(name, trace, at)
    if state.grad_fn is not None:
        leaves = [one.name for one in targets(trace, at) if one.about.startswith("a leaf")]
        raise UserError(
            f"{name} was computed by {state.grad_fn.name}, and only a leaf can be set",
            allowed=", ".join(leaves[:_SHOWN]) or "a leaf; there is none here",
        )
    change = ValueChange(name, new, element)
    content = new_value(change, state.array)
    place = "" if element is None else f"[{', '.join(map(str, element))}]"
    before, after = (array if element is None else array[element] for array in (state.array, content))
    return Assignment(f"{name}{place}", brief(before), brief(after), (change,))


def _of_number(name: str, new: Any, trace: Trace, at: int) -> Assignment:
    known = literals(trace.source)
    options = _options(trace)
    named = [one for one in known if one.name == name]
    given = [one for one in known if one.keyword == name and name in options]
    changes: list[Change] = []
    if named or given or name in options:
        new = _number(new, name)
        changes += [NumberChange(new, name=name)] if named else []
        changes += [NumberChange(new, line=one.line, old=one.value) for one in given]
        changes += [OptionChange(name, new)] if name in options else []
    if not changes and name not in trace.bindings and name in assigned_names(trace.source):
        return Assignment(name, "what it was", f"{_number(new, name):g}", (NumberChange(new, name=name),))
    if not changes:
        raise _unknown(name, trace, at)
    before = named[0].text if named else given[0].text if given else f"{options[name]:g}"
    return Assignment(name, before, f"{new:g}", tuple(changes))


def _unknown(name: str, trace: Trace, at: int) -> UserError:
    there = [one.name for one in targets(trace, at)]
    shown: Sequence[str] = there[:_SHOWN]
    later = " exists only later in the run" if name in trace.bindings else " is no leaf and no number of the program"
    return UserError(
        f"{name}{later}",
        allowed=", ".join(shown) or "nothing can be set here",
        fix=did_you_mean(near_miss(name, there)),
    )


def _element(text: str, target: str) -> Element:
    parts = text.split(",")
    if not all(part.strip().isdecimal() and len(part) < 20 for part in parts):
        raise UserError(f"{target[:_LONGEST]!r} names no element", allowed="w[0], x[2, 0]")
    return tuple(int(part) for part in parts)
