"""The breakpoints of a session: `breakpoints.next(trace, at, "forward")` finds where to stop, in either direction."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from gradb.debug.breakpoint import Breakpoint, parse_breakpoint
from gradb.debug.conditions import parse_condition
from gradb.debug.outcome import Outcome
from gradb.debug.stopping import Cancelled, Interrupted, check, hits
from gradb.errors import UserError
from gradb.trace.trace import Trace

Direction = Literal["forward", "backward"]


class Stop(Struct, frozen=True):
    """Where to stop: the event, the breakpoints that it is for, and of each what its condition gave (or None)."""

    event: int
    breakpoints: tuple[Breakpoint, ...]
    outcomes: tuple[Outcome | None, ...]


class Breakpoints:
    """A list of breakpoints, numbered from 1; a number is not used again."""

    def __init__(self, breakpoints: Sequence[Breakpoint] = ()) -> None:
        self._items: dict[int, Breakpoint] = {}
        self._last = 0
        for one in breakpoints:
            self._keep(one)

    def __iter__(self) -> Iterator[Breakpoint]:
        return iter(tuple(self._items.values()))

    def __len__(self) -> int:
        return len(self._items)

    def add(
        self, breakpoint_: str | Breakpoint, trace: Trace | None = None, *, temporary: bool = False, ignore: int = 0
    ) -> Breakpoint:
        """Adds one, from its text or as it is, and returns it with its number. With `trace`, which should be whole,
        names that do not exist are refused. Raises UserError."""
        one = parse_breakpoint(breakpoint_) if isinstance(breakpoint_, str) else breakpoint_
        if temporary or ignore:
            one = replace(one, temporary=temporary, ignore=ignore)
        if trace is not None:
            check(trace, one)
        return self._keep(replace(one, number=0))

    def get(self, number: int) -> Breakpoint:
        """The breakpoint of that number. Raises UserError."""
        if number not in self._items:
            there = ", ".join(map(str, self._items)) or "none: there are no breakpoints"
            raise UserError(f"there is no breakpoint {number}", allowed=there)
        return self._items[number]

    def remove(self, number: int) -> None:
        """Removes one. Raises UserError."""
        del self._items[self.get(number).number]

    def clear(self) -> None:
        """Removes all."""
        self._items.clear()

    def enable(self, number: int, enabled: bool = True) -> Breakpoint:
        """Switches one on or off. Raises UserError."""
        return self._set(replace(self.get(number), enabled=enabled))

    def ignore(self, number: int, count: int) -> Breakpoint:
        """Passes over the next `count` hits, in whichever direction they come. Raises UserError."""
        return self._set(replace(self.get(number), ignore=max(count, 0)))

    def condition(self, number: int, text: str) -> Breakpoint:
        """Gives one a condition that must hold too, or with an empty text takes it away. Raises UserError."""
        if text:
            parse_condition(text)
        return self._set(replace(self.get(number), condition=text))

    def toggle_line(self, line: int) -> Breakpoint | None:
        """Removes the breakpoints of a line, or adds one where there is none, and returns it."""
        there = [one.number for one in self if one.kind == "line" and one.target == str(line)]
        for number in there:
            self.remove(number)
        return None if there else self.add(Breakpoint("line", str(line)))

    def lines(self) -> frozenset[int]:
        """The lines that have an enabled breakpoint."""
        return frozenset(int(one.target) for one in self if one.kind == "line" and one.enabled)

    def next(
        self, trace: Trace, at: int, direction: Direction = "forward", cancelled: Cancelled | None = None
    ) -> Stop | None:
        """The nearest stop after (or before) a moment; None where there is none, or after `cancelled()` became true.

        Hits count as they are passed and reached, and a temporary breakpoint is removed by its stop. When it is
        cancelled, nothing has changed. Raises UserError where a condition cannot be worked out.
        """
        forward = direction == "forward"
        stops: dict[int, tuple[int, Outcome | None]] = {}
        passed: dict[int, list[int]] = {}
        best = len(trace) + 1 if forward else 0
        try:
            for one in self:
                if not one.enabled:
                    continue
                ignored = passed[one.number] = list[int]()
                for number, outcome in hits(trace, one, at, forward, cancelled, best):
                    if len(ignored) < one.ignore:
                        ignored.append(number)
                        continue
                    stops[one.number] = (number, outcome)
                    best = number
                    break
        except Interrupted:
            return None
        return self._stopped(best, stops, passed, forward)

    def _stopped(
        self, best: int, stops: dict[int, tuple[int, Outcome | None]], passed: dict[int, list[int]], forward: bool
    ) -> Stop | None:
        """Counts what was passed on the way to the stop, and what it is for."""
        reached: list[tuple[Breakpoint, Outcome | None]] = []
        for number, ignored in passed.items():
            one = self._items[number]
            count = sum((n <= best) if forward else (n >= best) for n in ignored)
            stop = stops.get(number)
            here = stop is not None and stop[0] == best
            one = self._set(replace(one, ignore=one.ignore - count, hits=one.hits + count + here))
            if stop is not None and here:
                reached.append((one, stop[1]))
                if one.temporary:
                    self.remove(number)
        if not reached:
            return None
        return Stop(best, tuple([one for one, _ in reached]), tuple([outcome for _, outcome in reached]))

    # --- as plain data

    def to_plain(self) -> list[dict[str, Any]]:
        """As plain data, to be kept in a file; temporary ones are left out and hits are forgotten."""
        return [msgspec.to_builtins(replace(one, hits=0)) for one in self if not one.temporary]

    @classmethod
    def from_plain(cls, data: Any) -> "Breakpoints":
        """From plain data. Raises UserError where the data is not what `to_plain` gives."""
        try:
            read = msgspec.convert(data, list[Breakpoint])
        except msgspec.ValidationError as error:
            raise UserError(f"these are no breakpoints: {error}") from None
        return cls(
            [
                replace(parse_breakpoint(one.text), number=one.number, enabled=one.enabled, ignore=one.ignore)
                for one in read
            ]
        )

    def _keep(self, one: Breakpoint) -> Breakpoint:
        number = one.number if one.number > 0 and one.number not in self._items else self._last + 1
        self._last = max(self._last, number)
        return self._set(replace(one, number=number))

    def _set(self, one: Breakpoint) -> Breakpoint:
        self._items[one.number] = one
        return one
