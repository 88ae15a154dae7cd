"""A run that is saved while it is recorded: the file grows, holds what it must, and loses nothing that was there."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import Any

import gradb
import pytest
from gradb.errors import UserError
from gradb.recording import recording
from gradb.scenario.runner import start
from gradb.scenario.sources import open_source
from gradb.trace.file.saving import Saving
from gradb.trace.file.trace import FileTrace, open_trace
from gradb.trace.file.writer import Writer
from gradb.trace.frames import FrameRecorder
from gradb.trace.trace import Header, Trace
from hypothesis import given, settings
from hypothesis import strategies as st
from same_trace import assert_answers_the_same


def train(steps: int) -> Any:
    gradb.manual_seed(3)
    x = gradb.linspace(-1, 1, 50)
    w = gradb.randn(1, requires_grad=True)
    for _ in range(steps):
        loss = ((w * x - 2 * x) ** 2).mean()
        loss.backward()
        with gradb.no_grad():
            w -= 0.1 * w.grad
            w.grad.zero_()
    return w


def recorded(steps: int) -> Trace:
    with gradb.record() as trace:
        w = train(steps)
    assert w is not None
    return trace


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


def test_a_run_saved_while_it_is_recorded_is_the_run_recorded_in_memory(folder: Path) -> None:
    with gradb.record(folder / "run.gradb", title="Saved") as saved:
        w = train(120)
    assert w is not None
    memory = recorded(120)
    opened = open_trace(folder / "run.gradb")
    moments = [0, 1, 239, 240, 241, len(memory)]
    for trace in (saved, opened):
        assert trace.header.title == "Saved"
        trace.header = memory.header
        assert_answers_the_same(memory, trace, moments)
    assert [path.name for path in folder.iterdir()] == ["run.gradb"]
    assert not opened.growing
    assert opened.facts["seed"] == "3"


# --- what was there


def test_a_trace_that_is_there_is_replaced_only_by_a_whole_new_one(folder: Path) -> None:
    path = folder / "run.gradb"
    with gradb.record(path, title="old"):
        train(2)
    path.chmod(0o640)
    old = path.read_bytes()
    with gradb.record(path, title="new") as trace:
        train(20)
        assert path.read_bytes() == old
        (part,) = (one for one in folder.iterdir() if one.suffix == ".gradb" and one != path)
        with closing(open_trace(part)) as growing:
            assert growing.header.title == "new"
    with closing(open_trace(path)) as opened:
        assert opened.header.title == trace.header.title == "new"
        assert len(opened) == len(trace) > 100
    assert path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in folder.iterdir()] == ["run.gradb"]


def test_a_trace_that_is_replaced_while_others_read_both_is_whole_for_everybody(folder: Path) -> None:
    path = folder / "run.gradb"
    with gradb.record(path, title="old"):
        train(2)
    old = open_trace(path)
    with gradb.record(path, title="new"):
        train(3)
        (part,) = (one for one in folder.iterdir() if one.suffix == ".gradb" and one != path)
        growing = open_trace(part)
        train(20)
    with closing(open_trace(path)) as opened:
        sleep(0.06)
        for trace in (opened, growing):
            assert len(trace) == len(opened) > len(old)
            assert trace.value(1, len(trace)) is not None
            assert not trace.growing
    assert (old.header.title, len([*old.events])) == ("old", len(old))
    old.close()
    growing.close()


def test_a_run_that_ends_with_an_error_of_its_own_is_saved_as_far_as_it_came(folder: Path) -> None:
    def fail() -> None:
        with gradb.record(folder / "run.gradb"):
            train(3)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert len(open_trace(folder / "run.gradb")) == len(recorded(3))


@pytest.mark.parametrize("content", [b"a letter from home", b"SQLite format 3\0" + bytes(100)])
def test_a_file_that_is_no_trace_is_not_replaced(content: bytes, folder: Path) -> None:
    path = folder / "run.gradb"
    path.write_bytes(content)
    with pytest.raises(UserError), gradb.record(path):
        train(1)
    assert path.read_bytes() == content
    assert [*folder.iterdir()] == [path]


def test_a_database_of_another_program_is_told_from_a_trace(folder: Path) -> None:
    path = folder / "run.gradb"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE letters (text)")
    with pytest.raises(UserError, match="not a trace of gradb"):
        open_trace(path)
    with pytest.raises(UserError, match="not a trace of gradb"), gradb.record(path):
        train(1)


def test_a_newer_format_asks_for_a_newer_gradb(folder: Path) -> None:
    path = folder / "run.gradb"
    with gradb.record(path):
        train(1)
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA user_version = 99")
    with pytest.raises(UserError, match="newer gradb"):
        open_trace(path)


def test_a_folder_that_is_missing_or_may_not_be_written_to_says_so(folder: Path) -> None:
    with pytest.raises(UserError, match="no such folder"), gradb.record(folder / "none" / "run.gradb"):
        train(1)
    (folder / "x.gradb").mkdir()
    with pytest.raises(UserError, match="this is a folder"), gradb.record(folder / "x.gradb"):
        train(1)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to_says_so(folder: Path) -> None:
    folder.chmod(0o500)
    with pytest.raises(UserError, match="may not be written"), gradb.record(folder / "run.gradb"):
        train(1)


def test_a_full_disk_ends_the_run_with_one_error_and_keeps_what_was_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "run.gradb"
    with gradb.record(path, title="old"):
        train(2)
    old = path.read_bytes()
    monkeypatch.setattr(Writer, "setting", "PRAGMA max_page_count = 60")  # SQLite's error for a full disk
    with pytest.raises(UserError, match="database or disk is full"), gradb.record(path, title="new"):
        train(3000)
    assert path.read_bytes() == old
    (part,) = (one for one in folder.iterdir() if one.suffix == ".gradb" and one != path)
    rest = open_trace(part)
    assert rest.growing
    assert 0 < len(rest) < len(recorded(3000))
    assert rest.event(len(rest)).kind


# --- a run that is killed

KILLED = """
import os, signal, gradb
x = gradb.linspace(-1, 1, 50)
w = gradb.ones(1, requires_grad=True)
with gradb.record({path!r}) as trace:
    while True:
        ((w * x) ** 2).mean().backward()
        if len(trace.events) > {events}:
            with open({count!r}, "w") as file:
                file.write(str(len(trace.events)))
            os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("events", [1200, 5000])
def test_a_run_that_is_killed_leaves_a_file_with_all_but_the_last_thousand_events(events: int, folder: Path) -> None:
    path, count = folder / "run.gradb", folder / "count"
    program = KILLED.format(path=str(path), events=events, count=str(count))
    ended = subprocess.run([sys.executable, "-c", program], check=False)
    assert ended.returncode == -signal.SIGKILL
    trace = open_trace(path)
    assert trace.growing
    assert not trace.is_written
    assert int(count.read_text()) - 1000 < len(trace) <= int(count.read_text())
    assert_answers_the_same(prefix(trace), trace, [1, len(trace) // 2, len(trace)])
    trace.close()
    with pytest.raises(UserError, match="cut off after"):
        start(open_source(str(path))).run()


def prefix(trace: Trace) -> Trace:
    """A trace in memory of the events and names that another one has."""
    memory = Trace(trace.header)
    memory.events.extend(trace.events)
    return memory


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_a_file_that_is_cut_off_or_spoiled_anywhere_gives_an_error_or_the_events_that_were_there(data: Any) -> None:
    with TemporaryDirectory() as name:
        path = Path(name) / "run.gradb"
        content = bytearray(_whole())
        if data.draw(st.booleans()):
            del content[data.draw(st.integers(0, len(content) - 1)) :]
        else:
            place = data.draw(st.integers(0, len(content) - 40))
            content[place : place + 40] = bytes(40)
        path.write_bytes(content)
        try:
            trace = open_trace(path)
        except UserError:
            return
        moments = range(1, len(trace) + 1)
        for at in data.draw(st.lists(st.sampled_from(moments), max_size=5)) if moments else ():
            with suppress(UserError):
                trace.event(at)
                trace.address(at)
                trace.value(1, at)
        trace.close()


@cache
def _whole() -> bytes:
    with TemporaryDirectory() as name:
        with gradb.record(Path(name) / "run.gradb"):
            train(12)
        return (Path(name) / "run.gradb").read_bytes()


# --- a run that is followed


def test_a_reader_sees_a_run_grow_while_it_is_recorded(folder: Path) -> None:
    path = folder / "run.gradb"
    saving = Saving(path, Header(instrumented=False))
    recorder = FrameRecorder(saving.trace)
    saving.begin()
    reader = open_trace(path)
    seen = [len(reader)]
    with recording(recorder):
        for _ in range(4):
            train(30)
            saving.flush()
            sleep(0.06)
            seen.append(len(reader))
            assert_answers_the_same(prefix(reader), reader, [1, len(reader)])
            assert reader.is_written
    assert seen == sorted(set(seen))
    assert seen[-1] == len(saving.trace)
    saving.close()
    sleep(0.06)
    assert not reader.is_written
    assert len(reader) == len(saving.trace)
    reader.close()


WATCHING = """
import sys, time
from gradb.scenario.runner import start
from gradb.scenario.sources import open_source
run = start(open_source(sys.argv[1]))
print(len(run.trace), flush=True)
print(len(run.run()))
"""


def test_another_process_follows_a_run_to_its_end_and_disturbs_nothing(folder: Path) -> None:
    path = folder / "run.gradb"
    with ExitStack() as processes:
        with gradb.record(path) as trace:
            train(40)
            trace.address(1)  # what the recording thread asks about is written first
            command = [sys.executable, "-c", WATCHING, path]
            watching = processes.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
            assert watching.stdout is not None
            seen = int(watching.stdout.readline())
            # readers that come and go, here and in another process, take nothing away from the writer
            subprocess.run([sys.executable, "-c", f"import gradb; gradb.load({str(path)!r}).close()"], check=True)
            for _ in range(3):
                gradb.load(path).close()
                train(40)
                trace.address(1)
                with closing(open_trace(path)) as again:
                    assert len(again) == len(trace)
        assert int(watching.stdout.readline()) == len(trace) > seen > 0
    assert isinstance(trace, FileTrace)
    trace.close()  # the last one that had it open while it was written
    assert [one.name for one in folder.iterdir()] == ["run.gradb"]


def test_what_is_not_written_yet_is_there_for_the_thread_that_records(folder: Path) -> None:
    with gradb.record(folder / "run.gradb") as trace:
        x = gradb.ones(3, requires_grad=True)
        y = x * 2
        assert len(trace) == len(trace.events) == 2
        assert trace.events[-1].kind == "forward"
        assert trace.address(2) == "step1/forward/2"
        assert trace.value(2, 2) is not None
        y.sum().backward()
        with pytest.raises(RuntimeError, match="step1"):
            y.sum().backward()
