"""The table of keys is the one source: every binding is in the help, every row of the help is bound, each key once."""

import pytest
from gradb_tui.app import GradbApp
from gradb_tui.keys import COMMANDS, PANES, bindings, hints, key_name
from gradb_tui.keys.command import key_of
from gradb_tui.moves import MOVES, NOWHERE
from gradb_tui.panes.bars import hints_row
from gradb_tui.panes.view import RowsView
from gradb_tui.screens.breakpoints import BreakpointsScreen
from gradb_tui.screens.claim import ClaimScreen
from gradb_tui.screens.fork import ForkScreen
from gradb_tui.screens.help import help_lines
from gradb_tui.screens.message import MessageScreen, Page
from gradb_tui.screens.walk import WalkScreen
from gradb_tui.screens.why import WhyScreen
from textual.app import App
from textual.binding import Binding
from textual.screen import Screen

HOLDERS = {
    "app": GradbApp,
    "walk": WalkScreen,
    "pane": RowsView,
    "page": Page,
    "help": MessageScreen,
    "breakpoints": BreakpointsScreen,
    "why": WhyScreen,
    "fork": ForkScreen,
    "claim": ClaimScreen,
}


def bound(holder: type) -> dict[str, str]:
    """The keys that a class of ours binds itself, with their actions."""
    found: dict[str, str] = {}
    for binding in vars(holder)["BINDINGS"]:
        assert isinstance(binding, Binding)
        found |= dict.fromkeys(binding.key.split(","), binding.action)
    return found


@pytest.mark.parametrize("where", HOLDERS)
def test_every_row_of_the_help_is_bound_and_every_binding_is_in_the_help(where: str) -> None:
    ours = [command for command in COMMANDS if command.where == where]
    rows = {key: command.action for command in ours for key in (*command.keys, *command.also)}
    assert bound(HOLDERS[where]) == rows


def test_the_help_page_has_a_line_for_each_command() -> None:
    page = [line.text for line, _ in help_lines()]
    for command in COMMANDS:
        assert sum(line.split() == f"{command.key_text} {command.help}".split() for line in page) == 1


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: f"{command.where}-{command.key_text}")
def test_every_command_has_its_action(command: object) -> None:
    from gradb_tui.keys import Command

    assert isinstance(command, Command)
    name, _, argument = command.action.partition("(")
    holder = HOLDERS[command.where]
    assert hasattr(holder, f"action_{name}") or hasattr(App, f"action_{name}")
    if name == "move":
        assert argument.strip("')") in MOVES
    if name == "pane":
        assert argument.strip("')") in PANES


def test_no_key_does_two_things_on_a_screen() -> None:
    keys = [key for command in COMMANDS if not command.on_a_page for key in (*command.keys, *command.also)]
    assert len(keys) == len(set(keys))


def test_a_capital_is_the_reverse_of_its_letter() -> None:
    by_key = {key: command for command in COMMANDS if command.where == "walk" for key in command.keys}
    reverse = {"step": "back", "next_node": "previous_node", "end_of_phase": "start_of_phase", "start": "end"}
    reverse |= {"next_line": "previous_line"}
    for small, large in (("s", "S"), ("n", "N"), ("f", "F"), ("l", "L"), ("g", "G")):
        forwards, back = (by_key[key].action.removeprefix("move('").removesuffix("')") for key in (small, large))
        assert reverse[forwards] == back


def test_keys_that_a_terminal_cannot_tell_from_others_are_not_bound() -> None:
    keys = {key for command in COMMANDS for key in (*command.keys, *command.also)}
    assert keys.isdisjoint({"ctrl+left_square_bracket", "ctrl+i", "ctrl+h", "ctrl+m", "ctrl+j"})


def test_keys_have_names_that_a_reader_knows() -> None:
    keys = ("left_square_bracket", "question_mark", "s", "shift+f11", "ctrl+p", "shift+down", "full_stop")
    names = ["[", "?", "s", "Shift+F11", "Ctrl+P", "Shift+↓", "."]
    assert [key_name(key) for key in keys] == names
    assert [key_of(name) for name in names] == list(keys)
    assert all("_" not in command.key_text for command in COMMANDS)


def test_every_move_says_why_it_goes_nowhere() -> None:
    assert set(MOVES) == set(NOWHERE)


def test_the_hints_keep_help_and_quit_where_others_do_not_fit() -> None:
    assert hints_row(80).text.startswith(" s/S event  n/N node")
    assert hints_row(20).text == " ? help  q quit "
    assert ("Tab", "pane") in hints(COMMANDS)


def test_bindings_of_the_walk_go_before_those_of_a_pane() -> None:
    assert all(binding.priority for binding in bindings("walk"))
    assert issubclass(WalkScreen, Screen)
