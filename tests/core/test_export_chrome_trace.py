"""The trace for Perfetto, held against the rules of the format: tracks, nested slices, arrows with both ends."""

import json
from collections import defaultdict
from typing import Any

from exported import exported, not_finite, trace_of, trained
from gradb.trace.events import Printed, Visit
from gradb.trace.trace import Header, Trace
from hypothesis import given, settings
from synthetic import traces

NEEDED = {
    "X": {"name", "cat", "pid", "tid", "ts", "dur", "args"},
    "M": {"name", "pid", "args"},
    "C": {"name", "pid", "ts", "args"},
    "s": {"name", "cat", "id", "pid", "tid", "ts"},
    "f": {"name", "cat", "id", "pid", "tid", "ts", "bp"},
}


def _strict(text: bytes) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


def _entries(trace: Trace, **request: object) -> list[dict[str, Any]]:
    return _strict(exported(trace, "chrome-trace", **request))["traceEvents"]


def _slices(entries: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The slices by the name of their track."""
    names = {e["tid"]: e["args"]["name"] for e in entries if e["name"] == "thread_name"}
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for entry in entries:
        if entry["ph"] == "X":
            found[names[entry["tid"]]].append(entry)
    return found


@given(traces())
@settings(deadline=None)
def test_every_entry_has_what_its_phase_needs_and_slices_of_a_track_nest(trace: Trace) -> None:
    entries = _entries(trace)
    for entry in entries:
        assert NEEDED[entry["ph"]] <= set(entry)
    for slices in _slices(entries).values():
        open_: list[float] = []
        for entry in slices:
            begin, end = entry["ts"], entry["ts"] + entry["dur"]
            while open_ and open_[-1] <= begin:
                open_.pop()
            assert not open_ or end <= open_[-1]
            open_.append(end)


@given(traces())
@settings(deadline=None)
def test_every_event_is_a_slice_on_the_track_of_its_phase_at_its_number(trace: Trace) -> None:
    found = _slices(_entries(trace))
    steps = found.pop("steps", [])
    assert [(s["ts"], s["ts"] + s["dur"] - 1) for s in steps] == [trace.step_span(n + 1) for n in range(trace.steps)]
    placed = {entry["ts"]: (track, entry) for track, slices in found.items() for entry in slices}
    assert sorted(placed) == list(range(1, len(trace) + 1))
    for number, (track, entry) in placed.items():
        assert (track, entry["cat"]) == (trace.phase_of(number), trace.event(number).kind)
        assert entry["args"]["address"] == trace.address(number)


def test_an_arrow_goes_from_each_op_to_its_visit() -> None:
    trace = trained()
    entries = _entries(trace)
    starts = {e["id"]: e for e in entries if e["ph"] == "s"}
    ends = {e["id"]: e for e in entries if e["ph"] == "f"}
    visits = [(n, e) for n, e in enumerate(trace.events, 1) if isinstance(e, Visit) and e.node.forward]
    assert len(visits) == len(starts) == len(ends) > 0
    slices = [e for e in entries if e["ph"] == "X" and e["dur"] == 1]
    for number, visit in visits:
        ends_in = [
            next(s for s in slices if s["tid"] == e["tid"] and s["ts"] <= e["ts"] < s["ts"] + s["dur"])
            for e in (starts[number], ends[number])
        ]
        assert [s["ts"] for s in ends_in] == [visit.node.forward, number]
        assert [s["cat"] for s in ends_in] == ["forward", "visit"]


def test_a_backward_spans_its_visits_and_the_loss_is_a_counter() -> None:
    trace = trained()
    entries = _entries(trace)
    spans = [(e["ts"], e["ts"] + e["dur"] - 1) for e in entries if e["name"] == "backward from loss"]
    assert spans == list(zip(trace.of_kind("backward_started"), trace.of_kind("backward_finished"), strict=True))
    assert [(e["ts"], e["args"]["loss"]) for e in entries if e["ph"] == "C"] == [(n, v) for n, _, v in trace.losses()]


def test_a_range_has_no_arrow_from_outside_and_no_slice_beyond_its_end() -> None:
    trace = trained()
    entries = _entries(trace, first="step2/backward", last="step2/backward/3")
    assert not [e for e in entries if e["ph"] in "sf"]
    numbers = range(trace.locate("step2/backward"), trace.locate("step2/backward/3") + 1)
    for entry in entries:
        if entry["ph"] == "X":
            assert entry["ts"] in numbers
            assert entry["ts"] + entry["dur"] - 1 in numbers


def test_a_reader_is_told_that_time_is_the_events_number() -> None:
    whole = _strict(exported(trained(), "chrome-trace"))
    assert whole["otherData"]["time"] == "time is the number of the event: each takes 1 µs"
    assert "number of the event" in next(e for e in whole["traceEvents"] if e["name"] == "process_name")["args"]["name"]


def test_what_json_lacks_stays_out() -> None:
    assert not [entry for entry in _entries(not_finite()) if entry["ph"] == "C"]
    trace = Trace(Header(title="\ud800"))
    trace.events.append(Printed(1, "a\ud800\x00</script>"))
    assert _entries(trace)[-1]["args"]["what"] == "print: a?\x00</script>"
    assert _entries(Trace(Header()))


def test_a_backward_that_raises_is_a_slice_too() -> None:
    trace = trace_of(
        "import torch\nx = torch.ones(1, requires_grad=True)\ny = x * 2\ny.sum().backward()\ny.sum().backward()\n"
    )
    assert len([e for e in _entries(trace) if e["name"].startswith("backward from")]) == len(
        trace.of_kind("backward_started")
    )
