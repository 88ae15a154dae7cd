"""What the charts draw: thinned but with every spike, on axes for any range, figures as the program made them."""

import math
from itertools import pairwise

import numpy as np
import pytest
from gradb.trace.events import Plotted
from gradb.trace.trace import Header, Trace
from gradb_tui.panes.axes import LogTicks, Ticks, limits
from gradb_tui.panes.figures import Losses, Plots, suits_logarithm, thin
from hypothesis import given
from hypothesis import strategies as st


def test_a_spike_survives_thinning() -> None:
    y = np.zeros(10_000)
    y[4321] = 5.0
    x, thinned = thin(np.arange(10_000.0), y, 40)
    assert len(x) <= 80
    assert thinned.max() == 5.0


def test_what_is_not_finite_is_left_out() -> None:
    x, y = thin(np.arange(4.0), np.array([1.0, np.nan, np.inf, 2.0]), 10)
    assert (x.tolist(), y.tolist()) == ([0.0, 3.0], [1.0, 2.0])


@given(st.floats(-1e300, 1e300) | st.just(math.nan), st.floats(-1e300, 1e300) | st.just(math.inf), st.integers(-1, 12))
def test_any_range_has_ticks_inside_it_or_none(a: float, b: float, most: int) -> None:
    for ticks in (Ticks(most), LogTicks(most)):
        if isinstance(ticks, LogTicks) and not (abs(a) < 300 and abs(b) < 300):
            continue
        found = ticks.get_ticks(a, b)
        assert len(found) <= max(1, most) + 1
        assert len(ticks.get_labels_for_ticks(found)) == len(found)
        assert all(a - (b - a) <= tick <= b + (b - a) for tick in found)


def test_ticks_are_round_numbers() -> None:
    assert Ticks(5).get_ticks(1, 800) == [200.0, 400.0, 600.0, 800.0]
    assert LogTicks(5).get_labels_for_ticks(LogTicks(5).get_ticks(-1, 3)) == ["0.1", "1", "10", "100", "1000"]


@given(st.integers(1, 300), st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_the_numbers_along_an_axis_never_touch(cells: int, first: float, span: float) -> None:
    axis = Ticks(cells // 3, cells=cells)
    ticks = axis.get_ticks(first, first + span)
    for (a, b), label in zip(pairwise(ticks), axis.get_labels_for_ticks(ticks), strict=False):
        assert len(label) < (b - a) / span * cells + 1e-6


def test_steps_are_counted_in_whole_numbers() -> None:
    assert Ticks(20, cells=60, whole=True).get_ticks(1, 6) == [1, 2, 3, 4, 5, 6]


@given(st.lists(st.floats(-1e300, 1e300), max_size=4))
def test_the_ends_of_an_axis_are_never_the_same(values: list[float]) -> None:
    low, high = limits(values)
    assert low < high
    assert math.isfinite(high - low)


def test_a_loss_over_decades_is_drawn_on_a_logarithmic_axis() -> None:
    assert suits_logarithm(np.array([900.0, 3.0]))
    assert not suits_logarithm(np.array([9.0, 3.0]))
    assert not suits_logarithm(np.array([900.0, 0.0]))


def test_the_loss_curve_marks_the_last_loss_that_was_seen(regression_trace: Trace) -> None:
    losses = Losses()
    losses.catch_up(regression_trace)
    at = regression_trace.losses()[2][0]
    figure = losses.figure(Losses.seen(regression_trace, at))
    assert figure.cursor == 3
    assert figure.title.endswith("at step 3")
    assert losses.figure(Losses.seen(regression_trace, 1)).title == "the loss is not computed yet"


@pytest.fixture
def plotting() -> Trace:
    trace = Trace(Header())
    x = np.arange(3.0)
    for call, series, options in (
        ("scatter", (x, x), ()),
        ("title", (), (("label", "[data]"),)),
        ("show", (), ()),
        ("plot", (x, 2 * x, x, 3 * x), ()),
        ("plot", (x,), (("label", "y"),)),
        ("show", (), ()),
        ("show", (), ()),
    ):
        trace.events.append(Plotted(1, call, series, options))
    return trace


def test_calls_up_to_show_make_a_figure(plotting: Trace) -> None:
    plots = Plots()
    plots.catch_up(plotting)
    assert plots.spans == [[1, 2, 3], [4, 5, 6]]
    assert [plots.at(at) for at in range(8)] == [None, 0, 0, 0, 1, 1, 1, None]


def test_a_figure_is_drawn_as_far_as_the_moment_has_seen(plotting: Trace) -> None:
    plots = Plots()
    plots.catch_up(plotting)
    assert plots.figure(plotting, 0, 1).title == "figure 1"
    assert plots.figure(plotting, 0, 2).title == "[data]"
    assert len(plots.figure(plotting, 1, 4).curves) == 2
    assert [curve.label for curve in plots.figure(plotting, 1, 6).curves] == ["", "", "y"]


def test_figures_grow_with_the_trace(plotting: Trace) -> None:
    growing, plots = Trace(Header()), Plots()
    for event in plotting.events:
        growing.events.append(event)
        plots.catch_up(growing)
    assert plots.spans == [[1, 2, 3], [4, 5, 6]]
