"""What of a run is exported: addresses, steps and names find exactly what they say, or say what there is."""

import json

import pytest
from exported import exported, trace_of, trained
from gradb.errors import UserError
from gradb.export.formats import FORMATS, guess
from gradb.export.selection import Request, select, span
from gradb.trace.trace import Header, Trace
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic import traces

WHOLE = range(1, len(trained()) + 1)


def _lines(**request: object) -> list[dict[str, object]]:
    return [json.loads(line) for line in exported(trained(), "jsonl", **request).splitlines()][1:]


@given(traces(), st.data())
@settings(deadline=None)
def test_a_span_goes_to_the_last_event_that_lies_at_its_end(trace: Trace, data: st.DataObject) -> None:
    if not len(trace):
        assert span(trace, "start", "end") == range(1, 1)
        return
    number = data.draw(st.integers(1, len(trace)))
    step, phase = trace.step_of(number), trace.phase_of(number)
    line = trace.event(number).line
    for address in (f"step{step}", f"step{step}/{phase}", f"line {line}", trace.address(number), f"#{number}", "end"):
        last = max(n for n in range(1, len(trace) + 1) if trace.matches(address, n))
        assert span(trace, "start", address) == range(1, last + 1)


def test_a_span_may_end_with_a_turn_of_a_loop() -> None:
    assert span(trained(), "start", "step 2") == span(trained(), "start", "step2")
    program = "import torch\nw = torch.ones(1, requires_grad=True)\nfor epoch in range(2):\n    for i in range(2):\n"
    trace = trace_of(program + "        (w * 2).backward()\n")
    assert span(trace, "epoch 1", "epoch 1") == range(2, 2 + 12)  # six events for each of two backwards


def test_without_a_request_everything_is_exported_and_the_moment_is_the_last() -> None:
    selection = select(trained())
    assert (selection.numbers, selection.at, selection.at_moment) == (WHOLE, len(trained()), False)
    assert selection.tensors.all


@pytest.mark.parametrize(
    ("steps", "first", "last"), [("2", 2, 2), ("2-3", 2, 3), ("2-", 2, 3), ("-2", 1, 2), (" 1 - 2 ", 1, 2)]
)
def test_steps_are_whole(steps: str, first: int, last: int) -> None:
    trace = trained()
    assert select(trace, Request(steps=steps)).numbers == range(trace.step_span(first)[0], trace.step_span(last)[1] + 1)


def test_steps_and_addresses_together_leave_what_is_in_both() -> None:
    trace = trained()
    numbers = select(trace, Request(first="step1/backward", last="step2/forward", steps="2")).numbers
    assert numbers == span(trace, "step2", "step2/forward")
    assert not select(trace, Request(last="step1", steps="3")).numbers


def test_jsonl_has_the_lines_of_the_selected_events_alone() -> None:
    assert {line["step"] for line in _lines(steps="2")} == {2}
    assert [line["phase"] for line in _lines(first="step3/update", last="end")] == ["update"] * 2


def test_a_tensors_lines_are_those_that_read_or_write_it() -> None:
    kinds = [line["kind"] for line in _lines(steps="2", tensors=("b",))]
    assert kinds == ["forward", "zero_grad", "visit", "visit", "accumulate", "update"]
    assert [line["op"] for line in _lines(tensors=("w",), steps="1") if line["kind"] == "forward"] == ["mm"]


def test_the_gradient_of_a_name_is_taken_with_it_or_alone() -> None:
    both, alone = select(trained(), Request(tensors=("w",))), select(trained(), Request(tensors=("w.grad",)))
    w = trained().lookup("w", len(trained()))
    assert w is not None
    assert (both.tensors.label(w), both.tensors.grad_label(w)) == ("w", "w.grad")
    assert (alone.tensors.label(w), alone.tensors.grad_label(w)) == (None, "w.grad")


def test_what_an_op_made_is_found_by_its_event_and_a_pattern_finds_all_that_fit() -> None:
    trace = trained()
    made = next(line for line in _lines() if line["kind"] == "forward" and line["op"] == "pow")["index"]
    assert select(trace, Request(tensors=(f"pow#{made}",))).tensors.all is False
    step = trace_of("import torch\nm = torch.nn.Linear(2, 1)\nm(torch.ones(1, 2)).sum().backward()\n")
    tensors = select(step, Request(tensors=("*ias",))).tensors
    ids = {name: step.lookup(name, len(step)) for name in ("weight", "bias")}
    assert ids["bias"] is not None
    assert ids["weight"] is not None
    assert tensors.label(ids["bias"]) == "bias"
    assert tensors.label(ids["weight"]) is None


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (Request(first="step9"), "address 'step9': the run has the steps 1 to 3"),
        (Request(last="nowhere"), "address 'nowhere': this is not an address"),
        (Request(at="line 99"), "address 'line 99': line 99 has 0 events"),
        (Request(first="step3", last="step1"), "there are no events from step3 to step1"),
        (Request(steps="0"), "steps '0': there are no such steps\n  allowed: the run has the steps 1 to 3"),
        (Request(steps="3-2"), "steps '3-2': there are no such steps\n  allowed: the run has the steps 1 to 3"),
        (Request(steps="-"), "steps '-': these are no steps\n  allowed: 3, 2-5, 2- or -5"),
        (Request(steps="two"), "steps 'two': these are no steps\n  allowed: 3, 2-5, 2- or -5"),
        (Request(tensors=("ls",)), "the run has no tensor 'ls'\n  allowed: x, w, b, y, loss\n  to do: did you mean 'l"),
        (Request(tensors=("mul#99999",)), "the run has no tensor 'mul#99999'\n  allowed: x, w, b, y, loss"),
        (Request(tensors=("",)), "the run has no tensor ''\n  allowed: x, w, b, y, loss"),
        (Request(first="start", at="end"), "a moment and a range of events do not go together\n  allowed: at"),
    ],
)  # fmt: skip
def test_what_the_run_does_not_have_is_told(request_: Request, message: str) -> None:
    with pytest.raises(UserError) as caught:
        select(trained(), request_)
    assert str(caught.value).startswith(message)


def test_a_format_of_ranges_takes_no_moment_and_one_of_moments_no_range() -> None:
    with pytest.raises(UserError, match="`at` is one moment"):
        select(trained(), Request(at="end"), "range")
    with pytest.raises(UserError, match="shows one moment"):
        select(trained(), Request(steps="1"), "moment")


def test_an_empty_run_has_nothing_to_select() -> None:
    empty = Trace(Header())
    assert (select(empty).numbers, select(empty).at) == (range(1, 1), 0)
    for request in (Request(first="step1"), Request(steps="1"), Request(at="end"), Request(tensors=("w",))):
        with pytest.raises(UserError):
            select(empty, request)


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("a/b.c/run.csv", "csv"), ("RUN.NPZ", "npz"), ("events.out.tfevents", "tensorboard"), ("/dev/null", "jsonl"),
        ("run.trace.json", "chrome-trace"), ("report.md", "markdown"), (".hidden", "jsonl"),
    ],
)  # fmt: skip
def test_a_files_name_says_its_format(filename: str, name: str) -> None:
    assert guess(filename).name == name


def test_a_name_that_says_no_format_is_refused_and_no_two_formats_have_one_suffix() -> None:
    with pytest.raises(UserError, match="does not say in which format"):
        guess("run.txt")
    suffixes = [suffix for format_ in FORMATS.values() for suffix in format_.suffixes]
    assert len(suffixes) == len(set(suffixes))
