"""The scenarios that come with gradb: each does what it claims, and each note is said somewhere."""

import re
from collections.abc import Iterator
from functools import cache

import pytest
from gradb.export.writing import pieces
from gradb.scenario import language
from gradb.scenario.bundled import chapters, heading, load_bundled, names
from gradb.scenario.expectations import check
from gradb.scenario.runner import run
from gradb.trace.events import Plotted
from gradb.trace.trace import Trace
from gradb_tui.cli.listing import listing
from rich.cells import cell_len

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


@pytest.fixture
def chinese() -> Iterator[None]:
    """Inside, texts are in Chinese."""
    language.use("zh")
    yield
    language.use("en")


@pytest.mark.parametrize("name", NAMES)
def test_every_text_of_a_scenario_is_there_in_chinese(name: str, chinese: None) -> None:
    scenario = load_bundled(name)
    texts = [scenario.title, scenario.about, *[note.say for note in scenario.notes]]
    assert [text for text in texts if not re.search(r"[\u4e00-\u9fff]", text) and not _is_formula(text)] == []


def _is_formula(text: str) -> bool:
    """Whether a text is numbers and signs alone, which every language shares."""
    return not re.search(r"[a-z]{4}", re.sub(r"`[^`]*`", "", text))


def test_the_list_has_its_titles_in_one_column_in_every_language(chinese: None) -> None:
    lines = [line for line in listing() if line.startswith("  ")]
    titles = [heading(name).title for name in NAMES]
    columns = {cell_len(line[: line.index(title)]) for line, title in zip(lines, titles, strict=True)}
    assert len(columns) == 1
    assert max(map(cell_len, lines)) <= 80


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
    again = pieces(run(name), "jsonl")
    for number, chunk in enumerate(pieces(_run(name), "jsonl")):
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


def test_the_data_sets_are_whole() -> None:
    flowers, digits = load_bundled("iris_softmax").data, load_bundled("digits_mlp").data["digits"]
    assert (flowers["flowers"].shape, flowers["species"].shape) == ((150, 4), (150,))
    assert [(flowers["species"] == kind).sum() for kind in range(3)] == [50, 50, 50]
    assert (digits.shape, digits[:, :64].min(), digits[:, :64].max()) == ((300, 65), 0, 16)
    assert [(digits[:, 64] == digit).sum() for digit in range(10)] == [30] * 10
