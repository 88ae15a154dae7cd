"""Stable names of events: `step3/backward/17`, `#1234`, `line 12#3`, `epoch2/batch3`, `start`, to read and to write."""

import re
from typing import TYPE_CHECKING

from gradb.errors import UserError
from gradb.trace.loops import Loops

if TYPE_CHECKING:
    from gradb.trace.index import Index

FORMS = "start, end, #1234, step3, step3/forward, step3/backward/17, step3/update/2, line 12, line 12#3"

_NUMBER = re.compile(r"#?\s*([0-9]{1,18})")
_STEP = re.compile(r"step\s*([0-9]{1,18})(?:\s*/\s*(forward|backward|update)(?:\s*/\s*([0-9]{1,18}))?)?")
_TURN = re.compile(r"([^\W\d]\w*?)\s*([0-9]{1,18})")
_LINE = re.compile(r"line\s*([0-9]{1,18})(?:\s*#\s*([0-9]{1,18}))?")


class AddressError(UserError):
    """An address that cannot be read, or at which there is no event."""

    def __init__(self, text: str, what: str) -> None:
        super().__init__(f"address {text!r}: {what}", allowed=FORMS)


def is_address(text: str) -> bool:
    """Whether the text has the form that an address has in every run; the event need not exist."""
    text = text.strip()
    return text in ("start", "end") or any(form.fullmatch(text) for form in (_NUMBER, _STEP, _LINE))


class Addresses:
    """Reads and writes the addresses of one run."""

    def __init__(self, index: "Index") -> None:
        self._index = index
        self._loops = Loops(index)

    def address(self, number: int) -> str:
        """The address of an event by step, phase and position."""
        place = self._index.steps.place(number)
        return f"step{place.step}/{place.phase}/{place.position}"

    def locate(self, text: str) -> int:
        """The event at an address. Raises AddressError, which says what there is."""
        given = text.strip()
        total = len(self._index)
        if total == 0:
            raise AddressError(text, "the run has no events")
        if given in ("start", "end"):
            return 1 if given == "start" else total
        if match := _NUMBER.fullmatch(given):
            number = int(match[1])
            if not 1 <= number <= total:
                raise AddressError(text, f"the run has the events #1 to #{total}")
            return number
        if match := _STEP.fullmatch(given):
            return self._in_step(text, int(match[1]), match[2], int(match[3] or 1))
        if match := _LINE.fullmatch(given):
            return self._on_line(text, int(match[1]), int(match[2] or 1))
        return self._turn(text)[0]

    def span(self, text: str) -> tuple[int, int]:
        """The first and the last event at an address that may stand for many. Raises AddressError."""
        first = self.locate(text)
        given = text.strip()
        if (match := _STEP.fullmatch(given)) and match[3] is None:
            phases = self._index.steps.phase_spans(int(match[1]))
            return first, max(last for phase, _, last in phases if match[2] in (None, phase))
        if (match := _LINE.fullmatch(given)) and match[2] is None:
            return first, self._index.on_line(int(match[1]))[-1]
        return self._turn(given) if self.names_turn(given) else (first, first)

    def names_turn(self, text: str) -> bool:
        """Whether the text has the form of a turn of loops that the run has, such as `epoch 2`."""
        path = _turns(text)
        return bool(path) and all(loop in self._loops.names for loop, _ in path)

    def matches(self, text: str, number: int) -> bool:
        """Whether an event lies at an address that may stand for many: a line, a step, a phase."""
        given = text.strip()
        if (match := _LINE.fullmatch(given)) and match[2] is None:
            return self._index.events[number - 1].line == int(match[1])
        if (match := _STEP.fullmatch(given)) and match[3] is None:
            place = self._index.steps.place(number)
            return place.step == int(match[1]) and match[2] in (None, place.phase)
        try:
            if self.names_turn(given):
                first, last = self._turn(given)
                return first <= number <= last
            return self.locate(given) == number
        except AddressError:
            return False

    def _turn(self, text: str) -> tuple[int, int]:
        """The first and last event of a turn."""
        path = _turns(text)
        unknown = next((loop for loop, _ in path if loop not in self._loops.names), None)
        if not path:
            raise AddressError(text, "this is not an address")
        if unknown is not None:
            known = ", ".join(self._loops.names)
            raise AddressError(text, f"no loop is called {unknown!r}" + (f"; there are: {known}" if known else ""))
        span = self._loops.span(path)
        if span is None:
            counted = " ".join(f"{loop} {number}" for loop, number in path)
            raise AddressError(text, f"there is no turn {counted} in which backward runs")
        return span

    def _in_step(self, text: str, step: int, phase: str | None, position: int) -> int:
        steps = self._index.steps
        if not 1 <= step <= steps.count:
            raise AddressError(text, f"the run has the steps 1 to {steps.count}")
        if phase is None:
            return steps.span(step)[0]
        number = steps.find(step, phase, position) if position else None
        if number is None:
            count = sum(last - first + 1 for name, first, last in steps.phase_spans(step) if name == phase)
            raise AddressError(text, f"step {step} has {count} events in its {phase} phase")
        return number

    def _on_line(self, text: str, line: int, occurrence: int) -> int:
        numbers = self._index.on_line(line)
        if not 1 <= occurrence <= len(numbers):
            raise AddressError(text, f"line {line} has {len(numbers)} events")
        return numbers[occurrence - 1]


def _turns(text: str) -> list[tuple[str, int]]:
    """The loops and numbers of `epoch2/batch3`, empty where the text has another form."""
    found = [_TURN.fullmatch(part.strip()) for part in text.split("/")]
    return [(match[1], int(match[2])) for match in found if match] if all(found) else []
