"""The debugger in a real terminal: it draws, follows keys, and gives the terminal back as it was, however it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import pytest
from pty_terminal import ALTERNATE, ESCAPES, NORMAL, START, Terminal

FAILING = f"from gradb_tui.panes.source import SourcePane as S; S.choose = lambda *_: 1 / 0; {START}"


@pytest.fixture
def terminal() -> Generator[Terminal]:
    terminal = Terminal("run", "leaf")
    yield terminal
    terminal.close()


def test_a_walk_from_start_to_quit(terminal: Terminal) -> None:
    terminal.wait_for("quit")
    terminal.press("s")
    terminal.wait_for("forward/2")
    terminal.press("S")
    terminal.wait_for("forward/1")
    terminal.press("q")
    assert terminal.end() == 0
    terminal.assert_given_back()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["SIGTERM", "SIGHUP"])
def test_a_signal_to_end_gives_the_terminal_back(terminal: Terminal, number: signal.Signals) -> None:
    terminal.wait_for("quit")
    terminal.process.send_signal(number)
    assert terminal.end() == 128 + number
    terminal.assert_given_back()


def test_ctrl_z_goes_back_to_the_shell_and_fg_comes_back(terminal: Terminal) -> None:
    terminal.wait_for("quit")
    terminal.read(0.3)
    terminal.press("\x1a")
    end = time.monotonic() + 20
    while not terminal.stopped():
        assert time.monotonic() < end, "the program did not stop"
    terminal.assert_given_back()
    terminal.process.send_signal(signal.SIGCONT)
    terminal.wait_for("quit")
    terminal.press("s")
    terminal.wait_for("forward/2")
    terminal.press("q")
    assert terminal.end() == 0
    terminal.assert_given_back()


def test_the_debugger_ends_with_its_terminal(terminal: Terminal) -> None:
    terminal.wait_for("quit")
    terminal.hang_up()
    assert terminal.process.wait(20) == 129


def test_a_failure_of_the_debugger_ends_in_a_message_and_gives_the_terminal_back(tmp_path: Path) -> None:
    terminal = Terminal("run", "leaf", code=FAILING, columns=300, XDG_STATE_HOME=str(tmp_path))
    try:
        terminal.wait_for("New here?")
        terminal.press("\x1b[B")
        assert terminal.end() == 1
        terminal.assert_given_back()
        said = ESCAPES.sub(b"", terminal.seen[terminal.seen.rfind(NORMAL) :]).decode().replace("\r\n", "")
        assert "gradb itself has failed: ZeroDivisionError: division by zero" in said
        assert "`gradb run leaf` opens the run again" in said
        assert "Traceback" not in said
        report = tmp_path / "gradb" / "crash.txt"
        assert str(report) in said
        assert "ZeroDivisionError" in report.read_text()
    finally:
        terminal.close()


def test_sizes_that_change_quickly_are_followed(terminal: Terminal) -> None:
    terminal.wait_for("quit")
    for columns, rows in [(1, 1), (200, 50), (3, 60), (250, 2), (120, 40)] * 4:
        terminal.resize(columns, rows)
        os.killpg(terminal.process.pid, signal.SIGWINCH)
        terminal.read(0.02)
    terminal.press("s")
    terminal.wait_for("forward/2")
    terminal.press("q")
    assert terminal.end() == 0
    terminal.assert_given_back()


def test_the_chooser_opens_a_scenario_and_q_goes_back_to_it() -> None:
    terminal = Terminal()
    try:
        terminal.wait_for("Choose a scenario")
        terminal.press("\r")
        terminal.wait_for("1 source")
        terminal.press("q")
        terminal.wait_for("Choose a scenario")
        terminal.press("q")
        assert terminal.end() == 0
        terminal.assert_given_back()
    finally:
        terminal.close()


def test_a_source_that_cannot_be_opened_is_told_before_the_screen_changes() -> None:
    terminal = Terminal("run", "nothing_of_that_name")
    try:
        assert terminal.end() == 2
        assert ALTERNATE not in terminal.seen
        assert b"nothing_of_that_name" in terminal.seen
        assert b"Traceback" not in terminal.seen
    finally:
        terminal.close()


def test_a_program_that_is_not_allowed_is_told_before_the_screen_changes(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("title: bad\nprogram: |\n  import os\n")
    terminal = Terminal("run", str(file))
    try:
        assert terminal.end() == 2
        assert ALTERNATE not in terminal.seen
        assert b"bad.yaml:3" in terminal.seen
    finally:
        terminal.close()


def test_a_program_without_end_can_be_left_at_once(tmp_path: Path) -> None:
    file = tmp_path / "endless.py"
    file.write_text("import time\nimport torch\nx = torch.ones(1)\nwhile True:\n    y = x * 2\n    time.sleep(0.02)\n")
    terminal = Terminal("run", str(file))
    try:
        terminal.wait_for("event 1 of")
        terminal.press("s")
        terminal.wait_for("forward/2")
        terminal.press("q")
        assert terminal.end() == 0
        terminal.assert_given_back()
    finally:
        terminal.close()


def test_a_script_that_sleeps_does_not_keep_the_debugger_from_ending(tmp_path: Path) -> None:
    file = tmp_path / "asleep.py"
    file.write_text("import time\nimport torch\nx = torch.ones(1)\ntime.sleep(600)\n")
    terminal = Terminal("run", str(file))
    try:
        terminal.wait_for("event 1 of 1")
        terminal.press("q")
        assert terminal.end() == 0
        terminal.assert_given_back()
    finally:
        terminal.close()


def test_a_terminal_that_cannot_draw_gets_the_walk_as_text() -> None:
    terminal = Terminal("run", "leaf", TERM="dumb")
    try:
        assert terminal.end() in (0, 1)
        assert ALTERNATE not in terminal.seen
        assert b"there is no terminal to show the debugger in" in terminal.seen
        assert b"step1/backward/1" in terminal.seen
    finally:
        terminal.close()


@pytest.mark.parametrize("stream", ["stdin", "stdout"])
def test_without_a_terminal_on_both_sides_the_walk_is_text(stream: str, tmp_path: Path) -> None:
    terminal = Terminal("list")
    try:
        terminal.end()
        with (tmp_path / "other").open("w+b") as other:
            ended = subprocess.run(
                [sys.executable, "-c", START, "run", "leaf"],
                stdin=other if stream == "stdin" else terminal.program_side,
                stdout=other if stream == "stdout" else terminal.program_side,
                stderr=subprocess.PIPE,
                check=False,
            )
        terminal.read(0.2)
        text = terminal.seen + (tmp_path / "other").read_bytes()
        assert ended.returncode == 0
        assert b"there is no terminal to show the debugger in" in ended.stderr
        assert b"step1/backward/1" in text
        assert b"\x1b" not in text
    finally:
        terminal.close()


def test_a_long_run_that_records_can_be_left_at_once(tmp_path: Path) -> None:
    file = tmp_path / "long.py"
    file.write_text("import torch\nx = torch.ones(1)\nwhile True:\n    x = x * 1\n")
    terminal = Terminal("run", str(file))
    try:
        terminal.wait_for("recording")
        terminal.press("q")
        assert terminal.end() == 0
        terminal.assert_given_back()
    finally:
        terminal.close()


def test_a_plain_terminal_without_colours_is_served() -> None:
    terminal = Terminal("run", "leaf", NO_COLOR="1", TERM="xterm")
    try:
        terminal.wait_for("1 source")
        terminal.press("q")
        assert terminal.end() == 0
        terminal.assert_given_back()
    finally:
        terminal.close()
