"""The views of the tensor pane: table, heatmap, history, change and node, without an app where that is possible."""

import numpy as np
import pytest
from gradb.scenario.loader import parse
from gradb.scenario.runner import run
from gradb.trace.events import Accumulate, TensorCreated, TensorState
from gradb.trace.numbers import Element
from gradb.trace.trace import Header, Trace
from gradb_tui.app import GradbApp
from gradb_tui.panes.moment import Moment, Pin
from gradb_tui.panes.rows import Row
from gradb_tui.panes.tensor_change import a_step_before, change_rows
from gradb_tui.panes.tensor_element import Window, exact, fitted, head_rows, moved, place_of, plane_of, slice_moved
from gradb_tui.panes.tensor_facts import tensor_rows
from gradb_tui.panes.tensor_heat import HeatMap, levels_of
from gradb_tui.panes.tensor_history import History, sparkline
from gradb_tui.panes.tensor_node import node_rows
from gradb_tui.panes.tensor_table import table_rows
from gradb_tui.session import Session
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

shapes = st.lists(st.integers(1, 6), max_size=4).map(tuple)


def texts(rows: list[Row]) -> list[str]:
    return [row.text.rstrip() for row in rows]


@given(shapes, st.data())
def test_a_cursor_over_the_elements_never_leaves_the_array(shape: tuple[int, ...], data: st.DataObject) -> None:
    element = fitted(data.draw(st.none() | st.tuples(*[st.integers(0, 9)] * len(shape))), shape)
    array = np.zeros(shape)
    for _ in range(5):
        element = moved(element, shape, data.draw(st.integers(-9, 9)), data.draw(st.integers(-9, 9)))
        element = slice_moved(element, shape, data.draw(st.integers(-9, 9)))
        assert array[element] == 0
        assert plane_of(array, element)[place_of(element)] == 0


@given(
    st.tuples(st.integers(1, 60), st.integers(1, 60)),
    st.data(),
    st.integers(1, 80),
    st.integers(1, 30),
)
def test_a_table_always_shows_the_element_and_fits(
    shape: tuple[int, int], data: st.DataObject, width: int, height: int
) -> None:
    element = data.draw(st.integers(0, shape[0] - 1)), data.draw(st.integers(0, shape[1] - 1))
    array = np.arange(shape[0] * shape[1], dtype=np.float32).reshape(shape)
    rows = table_rows(array, element, Window(), width, height)
    (shown,) = [text for row in rows for text, role in row.spans if role == "now"]
    assert float(shown) == float(f"{array[element]:.4g}")
    assert len(rows) <= max(2, height)
    assert all(len(row.text) <= max(width, 16) for row in rows)


def test_a_table_numbers_its_rows_and_columns_and_marks_what_is_no_number() -> None:
    array = np.array([[1.5, -2.25], [np.nan, 1e-5]], np.float32)
    rows = table_rows(array, (0, 1), Window(), 40, 5)
    assert texts(rows) == ["            0          1", "0         1.5      -2.25", "1         nan      1e-05"]
    assert ("nan".rjust(10), "bad") in rows[2].spans
    cube = np.arange(8, dtype=np.int64).reshape(2, 2, 2)
    assert texts(table_rows(cube, (1, 0, 0), Window(), 40, 5)) == ["[1 0 1", "0  4 5", "1  6 7"]


def test_an_element_is_shown_with_all_its_digits() -> None:
    value = np.array([0.1], np.float32)
    assert [exact(value[0]), exact(np.float64(0.1)), exact(np.int64(3)), exact(np.bool_(True))] == [
        "0.1",
        "0.1",
        "3",
        "True",
    ]
    assert exact(np.float32(1) / np.float32(3)) == "0.33333334"


@given(arrays.arrays(np.float32, st.tuples(st.integers(1, 40), st.integers(1, 40))), st.booleans(), st.data())
def test_a_heatmap_fits_any_space_and_shows_the_place_of_the_element(
    array: np.ndarray, colours: bool, data: st.DataObject
) -> None:
    width, height = data.draw(st.integers(1, 50)), data.draw(st.integers(2, 20))
    element: Element = tuple(data.draw(st.integers(0, n - 1)) for n in array.shape)
    rows = HeatMap().rows(array, element, width, height, colours=colours)
    assert len(rows) <= height
    assert all(len(row.text) <= width for row in rows[:-1])
    assert sum(role == "now" for row in rows[:-1] for _, role in row.spans) == 1


def test_a_cell_that_stands_for_several_elements_takes_the_largest_and_tells_nan() -> None:
    array = np.zeros((4, 4), np.float32)
    array[1, 1], array[3, 0], array[2, 3] = -8, 4, np.nan
    levels, most = levels_of(array, 2, 2)
    assert (levels.tolist(), most) == ([[-16, 0], [8, 17]], 8.0)


def test_a_sparkline_goes_from_the_lowest_to_the_highest() -> None:
    assert sparkline([0, 1, float("nan"), None, 7], 10) == "▁▂! █"
    assert sparkline([3, 3], 10) == "▁▁"


def test_the_history_lists_every_write_of_the_variable_around_the_cursor(regression_trace: Trace) -> None:
    at = regression_trace.locate("step3/update/1")
    history = History()
    moment = Moment(regression_trace, at, Pin("w"))
    rows = texts(history.rows(moment, 60, 8))
    assert rows[0] == "w  [1, 1] · float32"
    assert "NaN" in rows[1]
    assert rows[2].startswith(f"value over {len(moment.writes)} writes")
    (here,) = [text for text in rows if text.startswith("▶")]
    assert "step3/update/1" in here
    history.choose(moment, 2)
    (chosen,) = [text for text in texts(history.rows(moment, 60, 8)) if text.startswith(">")]
    assert "step5/update/1" in chosen
    later = Moment(regression_trace, at + 1, Pin("w"))
    assert not [text for text in texts(history.rows(later, 60, 8)) if text.startswith(">")]


def test_what_is_never_written_has_no_history(leaf_trace: Trace) -> None:
    moment = Moment(leaf_trace, 14, Pin("y"), facet="grad")
    assert texts(History().rows(moment, 60, 8)) == ["y.grad  None", "It is never written while this run records."]


def test_a_change_shows_both_writes_and_what_changed_most(regression_trace: Trace) -> None:
    at = regression_trace.locate("step2/update/1")
    rows = texts(change_rows(Moment(regression_trace, at, Pin("w")), 90, 20))
    assert rows[2].startswith("from  step1/update/1")
    assert rows[3].startswith("to    step2/update/1")
    assert rows[4].startswith("most  ")
    assert "→" in rows[4]
    assert any(text.startswith("diff  tensor(") for text in rows[5:])
    first = texts(change_rows(Moment(regression_trace, 5, Pin("w")), 90, 20))
    assert first[2] == "This is its first write. There is nothing to compare it with."


def test_a_change_shows_what_it_was_at_the_same_place_a_step_before(regression_trace: Trace) -> None:
    at = regression_trace.locate("step3/backward/6")
    assert a_step_before(regression_trace, at) == regression_trace.locate("step2/backward/6")
    assert a_step_before(regression_trace, regression_trace.locate("step1/backward/6")) == 0
    moment = Moment(regression_trace, at, Pin("b"), facet="grad")
    rows = texts(change_rows(moment, 90, 20))
    place = next(i for i, text in enumerate(rows) if text.startswith("step"))
    assert rows[place].startswith("step  step2/backward/6")
    assert rows[place + 1].startswith("most  ")


@pytest.mark.parametrize("height", [8, 9, 12])
def test_the_health_is_seen_where_the_values_do_not_fit(height: int) -> None:
    trace = Trace(Header())
    leaf = TensorState(1, np.ones((9, 9), np.float32), True)
    grad = TensorState(2, np.full((9, 9), np.nan, np.float32), False)
    trace.events.append(TensorCreated(1, leaf, "tensor"))
    trace.events.append(Accumulate(2, leaf, grad.array, None, grad))
    shown = texts(tensor_rows(trace, 1, 2, 36, height))[:height]
    assert sum("NaN" in text for text in shown) >= 2
    assert any("!NaN" in text for text in shown)


def test_the_node_view_tells_what_was_saved_what_came_and_the_optimizers_state(regression_trace: Trace) -> None:
    at = regression_trace.locate("step3/update/2")
    page = "\n".join(texts(node_rows(Moment(regression_trace, at, Pin("scaled")), 90)))
    assert "MulBackward0 made at step3/forward" in page
    assert "saved square = 100×1 (norm" in page
    assert "released at step3/backward" in page
    page = "\n".join(texts(node_rows(Moment(regression_trace, at, Pin("w")), 90)))
    assert "AccumulateGrad adds what comes to .grad" in page
    assert ".grad += [[" in page
    assert "rule self - lr · grad" in page
    assert "lr 0.001" in page


def test_a_node_keeps_what_its_formulas_use_also_where_these_transpose_or_square_it() -> None:
    program = """\
title: T
program: |
  import torch
  rows, bias = torch.ones(2, 3), torch.zeros(2)
  w = torch.ones(3, 2, requires_grad=True)
  y = torch.addmm(bias, rows, w)
  z = y.tanh()
  z.sum().backward()
"""
    trace = run(parse(program, "t.yaml"))
    y, z = ("\n".join(texts(node_rows(Moment(trace, len(trace), Pin(name)), 90))) for name in "yz")
    assert "saved rows = 2×3 (norm 2.4495); w = 3×2 (norm 2.4495)" in y
    assert "saved the result, z = [[0.99505, 0.99505], [0.99505, 0.99505]]" in z


def test_the_head_of_a_view_says_how_sound_the_array_is() -> None:
    trace = Trace(Header())
    array = np.array([[np.nan, 1.0]], np.float32)
    trace.events.append(TensorCreated(1, TensorState(1, array, False), "tensor"))
    trace.bind("x", 1)
    rows = texts(head_rows(Moment(trace, 1, element=(0, 9)), array, 80))
    assert rows[0] == "x  [1, 2] · float32"
    assert "!NaN" in rows[1]
    assert rows[2] == "[0, 1] = 1.0"


@pytest.fixture
def large_session() -> Session:
    trace = Trace(Header(source="x = torch.randn(1000, 1000)\nc = torch.ones(2, 3, 4)\n"))
    big = np.random.default_rng(0).normal(size=(1000, 1000)).astype(np.float32)
    trace.events.append(TensorCreated(1, TensorState(1, big, False), "randn"))
    trace.bind("x", 1)
    cube = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    trace.events.append(TensorCreated(2, TensorState(2, cube, False), "ones"))
    trace.bind("c", 2)
    return Session(trace, "large")


async def test_the_arrows_walk_over_a_large_table(large_session: Session) -> None:
    app = GradbApp(large_session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("v", "down", "down", "shift+right", "shift+down", "up")
        row, column = large_session.element or (0, 0)
        assert column == 1
        assert row > 5
        await pilot.press("v", "shift+left")
        assert large_session.element == (row, 0)
        large_session.element = (999, 999)
        await pilot.press("m", "down", "shift+right", "V")
        assert large_session.element == (999, 999)
        await pilot.press("escape", "s", "right_curly_bracket", "shift+right")
        assert large_session.element == (1, 0, 1)
        await pilot.press("right_curly_bracket", "left_curly_bracket", "left_curly_bracket")
        assert large_session.element == (0, 0, 1)


async def test_enter_in_the_history_goes_to_the_write(regression_session: Session) -> None:
    app = GradbApp(regression_session)
    trace = regression_session.trace
    regression_session.timeline.seek("step2/update/1")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("v", "v", "v", "down", "down", "enter")
        await pilot.pause()
        assert trace.address(regression_session.timeline.at) == "step4/update/1"
        await pilot.press("a", "w")
        assert trace.event(regression_session.timeline.at).kind in ("accumulate", "zero_grad")


async def test_the_numbers_of_an_event_are_those_of_the_chosen_element(regression_session: Session) -> None:
    regression_session.timeline.seek("step1/forward/7")
    app = GradbApp(regression_session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("v", "down", "down", "down")
        await pilot.pause()
        assert regression_session.element == (3, 0)
        rows = [strip.text for strip in app.screen._compositor.render_strips()]
        assert any("[3, 0]: " in row for row in rows)


@pytest.mark.parametrize("size", [(1, 1), (20, 5), (40, 12), (80, 24)])
async def test_every_view_can_be_drawn_at_any_size(regression_session: Session, size: tuple[int, int]) -> None:
    app = GradbApp(regression_session)
    async with app.run_test(size=size) as pilot:
        for at in (1, 6, 9, 14, 40):
            regression_session.timeline.seek(at)
            await pilot.press("3", *"vvvvvv", "a", "z", "s", *"vvvvvv", "down", "a", "z")


async def test_a_heatmap_without_colour_has_shades(large_session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = GradbApp(large_session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("v", "v", "s")
        rows = [strip.text for strip in app.screen._compositor.render_strips()]
        assert any("|x| 0 ·░▒▓█" in row for row in rows)
