"""Chrome's trace format, for https://ui.perfetto.dev: tracks for the phases, arrows from ops to their visits.

A trace has no clock: event n lasts from microsecond n to n + 1. The format is described at
https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

import msgspec

from gradb.debug.cleaning import clean_json
from gradb.export.selection import Selection
from gradb.export.selection_events import numbered
from gradb.trace.events import BackwardStarted, Event, Forward, Visit
from gradb.trace.formulas import explain
from gradb.trace.trace import Trace

_PROCESS = 1
_STEPS = 1
_TRACKS = {"forward": 2, "backward": 3, "update": 4}
_TIME = "time is the number of the event: each takes 1 µs"
_encoder = msgspec.json.Encoder()


def chunks(trace: Trace, selection: Selection) -> Iterator[bytes]:
    """The file piece by piece, an event of the run each."""
    title = _valid(trace.header.title)
    yield b'{"otherData":' + _encode({"title": title, "time": _TIME, "gradb": trace.header.version})
    yield b',"traceEvents":['
    yield b",\n".join(_encode(entry) for entry in _names(title))
    for number, event in numbered(trace, selection.numbers):
        for entry in _entries(trace, selection, number, event):
            yield b",\n" + _encode(entry)
    yield b"]}\n"


def _names(title: str) -> Iterator[dict[str, Any]]:
    """What Perfetto calls the tracks, and their order."""
    yield _meta("process_name", name=f"{title or 'gradb'} ({_TIME})")
    for name, track in {"steps": _STEPS, **_TRACKS}.items():
        yield _meta("thread_name", track, name=name)
        yield _meta("thread_sort_index", track, sort_index=track)


def _meta(kind: str, track: int = 0, **args: object) -> dict[str, Any]:
    return {"ph": "M", "name": kind, "pid": _PROCESS, "tid": track, "args": args}


def _entries(trace: Trace, selection: Selection, number: int, event: Event) -> Iterator[dict[str, Any]]:
    """The slices, arrows and counters that begin with an event."""
    numbers = selection.numbers
    step = trace.step_of(number)
    first, last = trace.step_span(step)
    if number == max(first, numbers[0]):
        yield _slice(_STEPS, f"step {step}", "step", number, min(last, numbers[-1]), {"step": step})
    if not selection.tensors.concerned(event):
        return
    args = {"address": trace.address(number), "line": event.line, "what": _valid(explain(trace, number).title)}
    end = number
    if isinstance(event, BackwardStarted):
        end = min(_finished(trace, number), numbers[-1])
        if event.roots and event.roots[0].array.size == 1:
            loss = float(event.roots[0].array.reshape(())[()])
            if math.isfinite(loss):  # JSON has no other numbers
                yield {"ph": "C", "name": "loss", "pid": _PROCESS, "tid": 0, "ts": number, "args": {"loss": loss}}
    track = _TRACKS[trace.phase_of(number)]
    yield _slice(track, _name(trace, event), event.kind, number, end, args)
    if isinstance(event, Visit) and event.node.forward in numbers:
        start = _TRACKS[trace.phase_of(event.node.forward)]
        yield _arrow("s", number, start, event.node.forward)
        yield _arrow("f", number, track, number) | {"bp": "e"}


def _slice(track: int, name: str, kind: str, first: int, last: int, args: dict[str, Any]) -> dict[str, Any]:
    return {
        "ph": "X", "name": _valid(name), "cat": kind, "pid": _PROCESS, "tid": track, "ts": first,
        "dur": last - first + 1, "args": args,
    }  # fmt: skip


def _arrow(phase: str, number: int, track: int, at: int) -> dict[str, Any]:
    """One end of the arrow to a visit, in the middle of its slice."""
    return {
        "ph": phase, "name": "gradient", "cat": "gradient", "id": number, "pid": _PROCESS, "tid": track, "ts": at + 0.5,
    }  # fmt: skip


def _name(trace: Trace, event: Event) -> str:
    """A short name for a slice."""
    match event:
        case Forward():
            return event.op.name
        case Visit():
            return event.node.name
        case BackwardStarted():
            return f"backward from {', '.join(trace.name(root.id) for root in event.roots)}"
        case _:
            state = getattr(event, "tensor", None)
            return event.kind if state is None else f"{event.kind} {trace.name(state.id)}"


def _finished(trace: Trace, started: int) -> int:
    """The event at which a backward ends; itself where it has not."""
    finished = trace.of_kind("backward_finished")
    place = bisect_left(finished, started)
    return finished[place] if place < len(finished) else started


def _valid(text: str) -> str:
    """The text with question marks for halves of characters, which no file can hold."""
    return text.encode(errors="replace").decode()


def _encode(entry: dict[str, Any]) -> bytes:
    return clean_json(_encoder.encode(entry))
