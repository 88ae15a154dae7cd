"""The scenarios that come with gradb: each does what it claims, and each note is said somewhere."""

import re
from functools import cache

import pytest
from gradb.export.formats import exporter
from gradb.scenario.bundled import chapters, heading, load_bundled, names
from gradb.scenario.expectations import check
from gradb.scenario.runner import run
from gradb.trace.events import Plotted
from gradb.trace.trace import Trace

NAMES = names()


@cache
def _run(name: str) -> Trace:
    return run(name)


def test_the_scenarios_come_in_the_order_of_a_course() -> None:
    assert NAMES[:2] == ["leaf", "requires_grad"]
    assert [name for chapter in chapters() for name in chapter.scenarios] == NAMES


def test_every_scenario_stands_in_a_chapter() -> None:
    assert "More" not in [chapter.title for chapter in chapters()]


@pytest.mark.parametrize("name", NAMES)
def test_the_heading_says_what_the_whole_scenario_says(name: str) -> None:
    scenario = load_bundled(name)
    assert (heading(name).title, heading(name).about) == (scenario.title, scenario.about)


@pytest.mark.parametrize("name", NAMES)
def test_every_expectation_holds(name: str) -> None:
    assert [verdict for verdict in check(load_bundled(name), _run(name)) if not verdict.holds] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_has_text_notes_watches_and_expectations(name: str) -> None:
    scenario = load_bundled(name)
    assert scenario.about
    assert scenario.notes
    assert scenario.watch
    assert len(scenario.claims) >= 5


@pytest.mark.parametrize("name", NAMES)
def test_every_note_is_said_at_some_event(name: str) -> None:
    trace = _run(name)
    silent = [
        note.at
        for note in load_bundled(name).notes
        if not any(trace.matches(note.at, number) for number in range(1, len(trace) + 1))
    ]
    assert silent == []


@pytest.mark.parametrize("name", NAMES)
def test_everything_that_is_watched_exists_at_the_end(name: str) -> None:
    trace = _run(name)
    for watched in load_bundled(name).watch:
        assert trace.lookup(re.sub(r"\.grad$", "", watched), len(trace)) is not None, watched


@pytest.mark.parametrize("name", NAMES)
def test_a_second_run_exports_the_same_bytes(name: str) -> None:
    export = exporter("jsonl")
    again = export(run(name))
    for number, chunk in enumerate(export(_run(name))):
        assert chunk == next(again), f"event {number} differs"
    assert next(again, None) is None


def test_the_regression_plots_the_points_and_the_fitted_curve() -> None:
    trace = _run("regression")
    plots = {event.call: event for event in trace.events if isinstance(event, Plotted)}
    assert [series.size for series in plots["scatter"].series] == [100, 100]
    assert [series.size for series in plots["plot"].series] == [100, 100]
    assert dict(plots["plot"].options)["label"] == "fitted curve"


def test_the_regression_has_800_steps_of_equal_length() -> None:
    trace = _run("regression")
    assert trace.steps == 800
    spans = [trace.step_span(step) for step in range(2, 800)]
    assert len({last - first for first, last in spans}) == 1
