"""A trace file from a stranger, in the debugger and on the command line: a clean view, or one message and code 2."""

from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Gradb
from gradb_tui.app import app_for
from gradb_tui.cli import walk
from hostile_traces import EVIL, STEERING, changed, number_of, with_evil_texts
from textual.app import App

SCREENS = ("question_mark", "i", "B", "slash", "W", "L", "ctrl+p", "colon")


@pytest.fixture
def gradb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Gradb:
    return Gradb(tmp_path, monkeypatch, capfd)


async def test_no_text_of_a_file_steers_the_terminal_from_any_pane(
    tmp_path: Path, screen_rows: Callable[[App[int]], list[str]]
) -> None:
    app = app_for(str(with_evil_texts(tmp_path)), shared=True)
    shown = ""
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.pause(0.2)
        await pilot.press("escape")
        assert app.session is not None
        for at in range(1, len(app.session.trace) + 1, 7):
            app.session.timeline.seek(at)
            await pilot.press("right", "v")
            shown += "\n".join(screen_rows(app))
        for key in SCREENS:
            await pilot.press(key)
            shown += "\n".join(screen_rows(app))
            await pilot.press("escape")
    assert app.return_code in (None, 0)
    assert STEERING.findall(shown) == []
    assert "[b]{%$" in shown  # not read as markup


async def test_an_event_that_cannot_be_read_ends_the_debugger_with_one_message(tmp_path: Path) -> None:
    number = number_of("raised")  # the last one, which is looked at first
    app = app_for(str(changed(tmp_path, f"UPDATE events SET data = x'ff' WHERE number = {number}")), shared=True)
    await app.run_async(headless=True, size=(120, 40))
    assert app.return_code == 2
    assert f"the trace is damaged: event #{number}" in app.failure
    assert app.failure.count("damaged") == 1


COMMANDS = (
    ("replay", "-q", "FILE"), ("replay", "FILE"), ("replay", "--json", "FILE"), ("run", "FILE"), ("verify", "FILE"),
    ("export", "FILE", "-o", "out.csv"), ("export", "FILE", "-f", "html"), ("diff", "FILE", "FILE"),
    ("diff", "FILE", "leaf", "--update"), ("record", "leaf", "--save", "FILE"),
)  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_says_once_what_is_wrong_with_a_file(words: tuple[str, ...], gradb: Gradb) -> None:
    path = changed(gradb.folder, "DROP TABLE writes")
    before = path.read_bytes()
    result = gradb(*[path.name if word == "FILE" else word for word in words])
    assert result.code == 2
    assert "Traceback" not in result.err
    assert result.err.count("is not the one that gradb makes") == 1
    assert path.read_bytes() == before
    assert [one.name for one in gradb.folder.iterdir()] == [path.name]


def test_a_failure_that_nobody_foresaw_is_told_of_the_file(gradb: Gradb, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyError("no such thing")

    path = changed(gradb.folder)
    monkeypatch.setattr(walk, "explain", fail)
    result = gradb("replay", path.name)
    assert result.code == 2
    assert "the trace says what no run says, or gradb does not understand it: KeyError" in result.err


def test_a_file_with_evil_texts_is_replayed_without_a_sign_that_steers(gradb: Gradb) -> None:
    path = with_evil_texts(gradb.folder)
    for words in (("replay", path.name), ("replay", "--json", path.name), ("replay", "--github", path.name)):
        result = gradb(*words)
        assert STEERING.findall(result.out + result.err) == []
        if "--json" not in words:
            assert "</script>" in result.out
        if "--github" in words:
            assert "\n::error::x" not in result.out
    assert EVIL
