"""What is kept of a scenario between sessions."""

import os
from pathlib import Path

import pytest
from gradb.debug.breakpoints import Breakpoints
from gradb.debug.state import State, key_of, load_state, save_state, state_file, state_folder


def kept() -> State:
    breakpoints = Breakpoints()
    breakpoints.add("w.grad if step > 3", ignore=2)
    breakpoints.add("nan_or_inf")
    breakpoints.enable(2, False)
    return State(tuple(breakpoints), {"a": "step3/backward/1"}, ("w", "w.grad.norm()"), ("break w",))


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    state = kept()
    assert save_state("leaf", state, tmp_path) == ""
    loaded, message = load_state("leaf", tmp_path)
    assert message == ""
    assert loaded.breakpoints == state.breakpoints
    assert (loaded.bookmarks, loaded.watch, loaded.history) == (state.bookmarks, state.watch, state.history)


def test_each_scenario_has_a_file_of_its_own(tmp_path: Path) -> None:
    save_state("leaf", kept(), tmp_path)
    assert load_state("regression", tmp_path) == (State(), "")
    assert state_file("a/leaf.yaml", tmp_path) != state_file("b/leaf.yaml", tmp_path)


def test_a_file_is_the_same_from_every_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert key_of("s.yaml") == key_of(str(tmp_path / "s.yaml"))
    assert key_of("leaf") == "leaf"


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"[]", b"\xff\xfe", b'{"version": 99}', b'{"breakpoints": [{"kind": "line", "target": "x"}]}',
        b"[" * 5000,
        b'{"breakpoints": [{"kind": "condition", "target": "__import__(1)"}]}', b'"' + b"x" * 1_000_001 + b'"',
    ],
)  # fmt: skip
def test_a_broken_file_is_ignored_with_a_message(tmp_path: Path, data: bytes) -> None:
    state_file("leaf", tmp_path).write_bytes(data)
    state, message = load_state("leaf", tmp_path)
    assert state == State()
    assert "is ignored" in message


def test_what_cannot_be_read_or_written_is_told_and_no_error(tmp_path: Path) -> None:
    state_file("leaf", tmp_path).mkdir()
    assert "is ignored" in load_state("leaf", tmp_path)[1]
    assert "cannot be written" in save_state("leaf", kept(), tmp_path)
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert "cannot be written" in save_state("leaf", kept(), blocked)


def test_no_half_written_file_stays(tmp_path: Path) -> None:
    save_state("leaf", kept(), tmp_path)
    save_state("leaf", State(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [state_file("leaf", tmp_path).name]


@pytest.mark.skipif(os.name == "nt" or os.uname().sysname == "Darwin", reason="the rule of other systems")
def test_the_folder_follows_xdg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert state_folder() == tmp_path / "gradb"
