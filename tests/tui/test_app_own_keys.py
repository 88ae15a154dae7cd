"""A user's own keys and what is remembered: the file of keys is checked, and its keys are those of the app."""

from io import StringIO
from pathlib import Path

import pytest
from gradb.errors import UserError
from gradb_tui.app import GradbApp
from gradb_tui.cli.keys import print_keys
from gradb_tui.keys import COMMANDS
from gradb_tui.keys.custom import load_commands, with_keys
from gradb_tui.preferences import Preferences
from gradb_tui.screens.help import help_lines
from gradb_tui.screens.walk import WalkScreen
from gradb_tui.session import Session


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


async def test_own_keys_take_the_place_of_those_of_the_table(leaf_session: Session) -> None:
    commands = with_keys({"keys": {"step": ["J", "F5"], "back": "Z", "next-node": "s"}})
    app = GradbApp(leaf_session, commands=commands)
    async with app.run_test(size=(120, 40)) as pilot:
        for key, at in [("J", 2), ("f5", 3), ("Z", 2), ("s", 7), ("n", 7), ("right", 7)]:
            await pilot.press(key)
            assert leaf_session.timeline.at == at, key
        assert isinstance(app.screen, WalkScreen)
        assert app.screen.bottom.rows[0].text.startswith(" J/Z event  s/N node")
    assert any(line.text.split()[:3] == ["J", "F5", "one"] for line, _ in help_lines(commands))


@pytest.mark.parametrize(
    ("document", "what"),
    [
        ({"keys": {"fly": "x"}}, "no command 'fly'"),
        ({"keys": {"step": "n"}}, "n would be the key of step and of next-node"),
        ({"keys": {"step": "ctrl+i"}}, "cannot tell"),
        ({"keys": {"step": "hyper+x"}}, "'hyper\\+x' is not a key"),
        ({"keys": {"step": 7}}, "7 is not a key"),
        ({"key": {}}, "'key' is not a table"),
        ({"keys": 3}, "'keys' is not a table"),
    ],
)
def test_a_wrong_table_of_keys_is_refused_with_what_is_wrong(document: dict[str, object], what: str) -> None:
    with pytest.raises(UserError, match=what):
        with_keys(document)


def test_the_file_of_keys_is_read_and_its_mistakes_name_it(tmp_path: Path) -> None:
    file = tmp_path / "keys.toml"
    assert load_commands(file) == COMMANDS
    file.write_text('[keys]\nhelp = ["?", "F2"]\n', encoding="utf-8")
    assert next(c for c in load_commands(file) if c.name == "help").keys == ("question_mark", "f2")
    for text in ("[keys\n", '[keys]\nfly = "x"\n'):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(UserError) as raised:
            load_commands(file)
        assert raised.value.where == str(file)


def test_names_of_commands_are_unlike_each_other() -> None:
    names = [command.name for command in COMMANDS if not command.on_a_page]
    assert len(names) == len(set(names))
    assert {"step", "next-node", "zoom", "copy-pane"} - set(names) == {"zoom"}


def test_gradb_keys_prints_every_command_by_name() -> None:
    out = StringIO()
    assert print_keys(out) == 0
    lines = out.getvalue().splitlines()
    assert any(line.split()[:3] == ["next-node", "n", "F10"] for line in lines)
    assert "there is none yet" in out.getvalue()


async def test_the_first_run_has_a_hint_and_the_second_has_none(leaf_session: Session) -> None:
    for greeted in (False, True):
        app = GradbApp(leaf_session, Preferences.load())
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause()
            assert isinstance(app.screen, WalkScreen)
            assert app.screen.bottom.rows[0].text.startswith(" New here?") != greeted
            app.theme = "gradb-light"
            await pilot.press("s")
            assert app.screen.bottom.rows[0].text.startswith(" s/S event")
    assert Preferences.load().theme == "gradb-light"


def test_preferences_that_cannot_be_read_are_as_none(tmp_path: Path) -> None:
    file = tmp_path / "state" / "gradb" / "preferences.json"
    file.parent.mkdir(parents=True)
    file.write_text("{", encoding="utf-8")
    assert Preferences.load() == Preferences()


async def test_a_hidden_pane_stays_hidden_in_the_next_session_until_its_number_is_pressed(
    leaf_session: Session,
) -> None:
    for before in (True, False):
        app = GradbApp(leaf_session, Preferences.load())
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause()
            screen = app.screen
            assert isinstance(screen, WalkScreen)
            assert ("notes" in screen.body.arrangement.places) == before
            if before:
                await pilot.press("6", "h", "5", "h")
                await pilot.pause()
                assert not {"notes", "charts"} & screen.body.arrangement.places.keys()
                assert screen.focused is not None
                assert screen.focused.id not in ("notes", "charts")
            else:
                await pilot.press("6")
                await pilot.pause()
                assert "notes" in screen.body.arrangement.places
                assert Preferences.load().hidden == ["notes", "charts"]
                await pilot.press("H")
                await pilot.pause()
                assert "charts" in screen.body.arrangement.places


async def test_the_last_pane_is_never_hidden(leaf_session: Session) -> None:
    app = GradbApp(leaf_session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*"hhhhhhhhh")
        await pilot.pause()
        assert isinstance(app.screen, WalkScreen)
        assert len(app.screen.body.arrangement.places) == 1
        assert app.screen.bottom.rows[0].text == " This is the last pane."
        await pilot.press("s", "tab", "n")
        assert leaf_session.timeline.at == 7
