"""What the tensor, event, watch, source and notes panes say of a moment."""

import numpy as np
import pytest
from gradb.scenario.runner import run
from gradb.trace.events import TensorCreated, TensorState, Update
from gradb.trace.formulas import explain
from gradb.trace.health import health
from gradb.trace.trace import Header, Trace
from gradb_tui.panes.event import event_rows
from gradb_tui.panes.moment import Moment, Note, Pin
from gradb_tui.panes.notes import note_rows, output_rows
from gradb_tui.panes.python import python_rows
from gradb_tui.panes.rows import visible
from gradb_tui.panes.source import line_rows
from gradb_tui.panes.tensor_facts import health_spans, tensor_rows, value_text
from gradb_tui.panes.watch import expression_row, is_name, watch_row, watched
from small_runs import scenario


def text_of(rows: object) -> str:
    return "\n".join(visible(r.text).rstrip() for r in rows)  # type: ignore[attr-defined]


def tensor(trace: Trace, name: str, at: int) -> str:
    found = trace.lookup(name, at)
    assert found is not None
    return text_of(tensor_rows(trace, found, at, 80, 20))


def test_a_parameter_is_listed_once_whatever_modules_name_it() -> None:
    trace = run(scenario("import torch\nnet = torch.nn.Sequential(torch.nn.Linear(1, 1))\n"))
    assert watched(trace, len(trace), ()) == ["0.weight", "0.bias"]
    assert watched(trace, len(trace), ("net.0.weight",)) == ["net.0.weight", "0.weight", "0.bias"]


def test_a_leaf_shows_value_grad_flags_and_writers(leaf_trace: Trace) -> None:
    assert tensor(leaf_trace, "w", 12) == "\n".join(
        [
            "w  leaf · [1] · float32",
            "value tensor([0.5000], requires_grad=True)",
            "      zeros 0 NaN 0 Inf 0 by step1/forward/2, line 4",
            "grad  tensor([2.])",
            "      zeros 0 NaN 0 Inf 0 by step1/backward/7, line 8",
            "flags requires_grad True is_leaf True grad_fn None",
        ]
    )


def test_why_a_grad_is_none(leaf_trace: Trace) -> None:
    assert "None (no backward has reached it yet)" in tensor(leaf_trace, "w", 5)
    assert "next step1/backward/7, line 8" in tensor(leaf_trace, "w", 5)
    assert "None (requires_grad is False)" in tensor(leaf_trace, "x", 14)
    assert "not a leaf: its gradient is passed on, not kept" in tensor(leaf_trace, "y", 14)
    assert "tensor([1.], grad_fn=<MulBackward0>)" in tensor(leaf_trace, "y", 14)


def test_a_long_value_is_shortened_as_torch_does_it() -> None:
    assert value_text(np.arange(100.0, dtype=np.float32), 48, 3) == "tensor([ 0.,  1.,  2.,  ..., 97., 98., 99.])"
    assert value_text(np.arange(8.0, dtype=np.float32), 80, 3) == "tensor([0., 1., 2., 3., 4., 5., 6., 7.])"


@pytest.mark.parametrize("lines", [1, 2, 5, 50])
@pytest.mark.parametrize("shape", [(), (0,), (1,), (1000, 1000), (3, 4, 5), (100, 1)])
def test_a_value_of_any_shape_has_a_text(shape: tuple[int, ...], lines: int) -> None:
    assert value_text(np.ones(shape, np.float32), 30, lines).startswith("tensor(")


def test_nan_and_inf_are_told_by_more_than_colour() -> None:
    spans = health_spans(health(np.array([np.nan, np.inf, 1.0])))
    assert [span for span in spans if span[1] == "bad"] == [("!NaN\xa01!", "bad"), ("!Inf\xa01!", "bad")]


def test_the_tensor_follows_the_event_until_one_is_kept(leaf_trace: Trace) -> None:
    y, w = leaf_trace.lookup("y", 14), leaf_trace.lookup("w", 14)
    assert Moment(leaf_trace, 10).tensor == y  # MulBackward0 takes the gradient of y
    assert Moment(leaf_trace, 11).tensor == w
    assert Moment(leaf_trace, 14).tensor is not None  # a print is about what was worked on before it
    assert Moment(leaf_trace, 11, Pin(name="y")).tensor == y
    assert Moment(leaf_trace, 2, Pin(name="y")).tensor is None


def test_a_kept_variable_follows_its_tensors_from_step_to_step(regression_trace: Trace) -> None:
    first, second = (regression_trace.locate(f"line 15#{n}") for n in (1, 2))
    kept = [Moment(regression_trace, at, Pin(name="y_pred")).tensor for at in (first, second)]
    assert kept[0] != kept[1]


def test_numbers_stand_under_their_symbols(leaf_trace: Trace) -> None:
    rows = event_rows(leaf_trace.event(4), explain(leaf_trace, 4), "forward", 60)
    assert text_of(rows) == "\n".join(["▸ forward op", "y = mul(w, x) → [1]", "  y = w · x", "    = 0.5 · 2 = 1"])


def test_an_event_of_each_kind_fits_a_narrow_pane(leaf_trace: Trace, regression_trace: Trace) -> None:
    for trace in (leaf_trace, regression_trace):
        for at in range(1, min(len(trace), 60) + 1):
            for width in (1, 7, 30):
                rows = event_rows(trace.event(at), explain(trace, at), trace.phase_of(at), width)
                assert all(len(r.text.rstrip()) <= width for r in rows)


def test_the_current_line_is_marked_and_wraps_under_its_code() -> None:
    (code,) = python_rows("w = torch.randn(1, requires_grad=True)")
    marked = line_rows(4, code, 26, 2, sign="*", current=True)
    assert text_of(marked) == "▶ 4* w = torch.randn(1,\n       requires_grad=True)"
    assert {r.role for r in marked} == {"line"}
    assert text_of(line_rows(4, code, 80, 2, sign="·", current=False)) == "  4· w = torch.randn(1, requires_grad=True)"


def test_a_note_stays_until_the_next_and_says_whether_it_is_about_this_event(leaf_trace: Trace) -> None:
    notes = (Note("line 4", "w is a **leaf**"), Note("step1/backward/1", "here it starts"))
    assert Moment(leaf_trace, 1, notes=notes).said == (0, ())
    assert Moment(leaf_trace, 2, notes=notes).said == (2, notes[:1])
    assert Moment(leaf_trace, 5, notes=notes).said == (2, notes[:1])
    assert Moment(leaf_trace, 6, notes=notes).said == (6, notes[1:])
    assert text_of(note_rows(notes[:1], True, 40)) == "▶ w is a leaf"
    assert text_of(note_rows(notes[:1], False, 40)) == "  w is a leaf"


def test_output_is_what_was_printed_up_to_here(leaf_trace: Trace) -> None:
    assert output_rows(leaf_trace, 13, 80) == ([], False)
    rows, printing = output_rows(leaf_trace, 14, 80)
    assert printing
    assert text_of(rows) == "▶ tensor([2.]) tensor([1.]) None"


def test_the_watch_comes_first_then_every_variable(leaf_trace: Trace) -> None:
    assert watched(leaf_trace, 1, ("w.grad", "b")) == ["w.grad", "b", "x", "w", "y", "z"]


def test_conditions_stand_between_the_watch_and_the_variables_with_their_values(leaf_trace: Trace) -> None:
    assert watched(leaf_trace, 1, ("b",), ("w.grad > 1", "b"))[:3] == ["b", "w.grad > 1", "x"]

    def line(text: str, at: int, *, stops: bool = False) -> str:
        return text_of([expression_row(leaf_trace, text, at, 60, stops=stops, chosen=False)])

    assert line("w.grad > 1", 14, stops=True) == " ● w.grad > 1 true  w.grad = [2]"
    assert line("w.grad > 1", 5) == " = w.grad > 1 not known here"
    assert line("w.norm()", 5) == " = w.norm() 0.5"
    assert is_name(leaf_trace, "w.grad")
    assert not is_name(leaf_trace, "nan_or_inf")
    assert not is_name(leaf_trace, "step")


def test_a_variable_in_one_line(leaf_trace: Trace) -> None:
    def line(name: str, at: int) -> str:
        return text_of([watch_row(leaf_trace, name, at, 40, 6, pinned=False, chosen=False)])

    assert line("w", 5) == " ○ w      [0.5]"
    assert line("x", 5) == " ‹ x      [2]"
    assert line("y", 5) == " □ y      [1]"
    assert line("y", 2) == "   y      not yet"
    assert line("w.grad", 5) == "   w.grad None"
    assert line("w.grad", 14) == " ‹ w.grad [2]"


def test_names_and_values_of_a_program_are_never_markup() -> None:
    trace = Trace(Header())
    state = TensorState(1, np.array([np.nan], np.float32), True)
    trace.events.append(TensorCreated(1, state, "[/x]"))
    trace.events.append(Update(2, state, np.ones(1, np.float32), "[bold]", (("[red]", 1.0),)))
    trace.bind("[/w]\x1b[2J", 1)
    assert tensor(trace, "[/w]\x1b[2J", 2).startswith("[/w]␛[2J  leaf")
