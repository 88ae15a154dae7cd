"""What of a run is exported: `select(trace, Request(steps="2-5", tensors=("w",)))` gives its events and tensors."""

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from gradb.errors import UserError
from gradb.export.formats import Takes
from gradb.export.selection_tensors import Tensors
from gradb.export.words import Words

if TYPE_CHECKING:
    from gradb.trace.trace import Trace

_STEPS = re.compile(r"(?P<first>[0-9]{0,18})\s*(?P<dash>-?)\s*(?P<last>[0-9]{0,18})")


class Request(Struct, frozen=True):
    """What a user asks for, as texts; empty ones ask for everything.

    `first` and `last` are addresses, `steps` is `3`, `2-5`, `2-` or `-5`, `tensors` are names of variables, in which
    `*` and `?` stand for other characters, and `at` is the address of a moment.
    """

    first: str = ""
    last: str = ""
    steps: str = ""
    tensors: tuple[str, ...] = ()
    at: str = ""


class Selection(Struct, frozen=True):
    """What is exported: the numbers of the events, one moment of them (the last, if none was asked for), the tensors.

    `at_moment`: a moment was asked for, or is all that the format can show. `words` are the author's, for the formats
    that show them.
    """

    numbers: range
    at: int
    at_moment: bool
    tensors: Tensors
    words: Words = Words()


def select(trace: "Trace", request: Request | None = None, takes: Takes = "both") -> Selection:
    """What a request stands for in a trace, for a format that `takes` a range of events, a moment, or both.

    Raises UserError for an address, a step or a tensor that the run does not have, and for what the format cannot show.
    """
    request = request or Request()
    ranged = next((name for name in ("first", "last", "steps") if getattr(request, name)), "")
    if request.at and takes == "range":
        raise UserError("this format tells of a range of events, and `at` is one moment", allowed="from, to, steps")
    if ranged and (request.at or takes == "moment"):
        raise UserError(
            "a moment and a range of events do not go together"
            if request.at
            else "this format shows one moment, not a range of events",
            allowed="at",
        )
    numbers = _numbers(trace, request)
    at = trace.locate(request.at) if request.at else numbers[-1] if numbers else 0
    return Selection(numbers, at, bool(request.at) or takes == "moment", Tensors(trace, request.tensors))


def span(trace: "Trace", first: str, last: str) -> range:
    """The events from one address to another; `to step3` includes all of step 3. Raises AddressError."""
    if not len(trace) and first in ("", "start") and last in ("", "end"):
        return range(1, 1)
    return range(trace.locate(first or "start"), trace.span(last or "end")[1] + 1)


def _numbers(trace: "Trace", request: Request) -> range:
    numbers = span(trace, request.first, request.last)
    if numbers.stop < numbers.start:
        raise UserError(f"there are no events from {request.first or 'start'} to {request.last or 'end'}")
    if not request.steps:
        return numbers
    first, last = _steps(trace, request.steps)
    return range(
        max(numbers.start, trace.step_span(first)[0]),
        max(numbers.start, min(numbers.stop, trace.step_span(last)[1] + 1)),
    )


def _steps(trace: "Trace", text: str) -> tuple[int, int]:
    """The first and the last step."""
    match = _STEPS.fullmatch(text.strip())
    if match is None or not (match["first"] or match["last"]):
        raise UserError(f"steps {text!r}: these are no steps", allowed="3, 2-5, 2- or -5")
    first = int(match["first"] or 1)
    last = int(match["last"] or trace.steps) if match["dash"] else first
    if not 1 <= first <= last <= trace.steps:
        raise UserError(f"steps {text!r}: there are no such steps", allowed=_existing(trace.steps))
    return first, last


def _existing(steps: int) -> str:
    return f"the run has the steps 1 to {steps}" if steps else "the run has no steps"
