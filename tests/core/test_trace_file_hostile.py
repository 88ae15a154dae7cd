"""A trace file from a stranger: whatever stands in it, reading it ends, and gives a clean run or one UserError."""

import os
import random
import sqlite3
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from gradb.errors import UserError
from gradb.scenario.runner import run
from gradb.scenario.sources import open_source
from gradb.trace.file.arrays import decoded
from gradb.trace.file.database import is_trace_file
from gradb.trace.file.trace import open_trace, understood
from hostile_traces import Statement, changed, number_of, read_all, spoil_event, spoil_table, with_event
from msgspec.msgpack import Ext
from small_runs import scenario

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
BOMB = zlib.compress(bytes(200_000_000), 9)


def assert_told(path: Path, what: str) -> None:
    """Every error is about this, there is one, and no reader has written into the file."""
    before = path.read_bytes()
    wrong = read_all(path, ("jsonl", "html"))
    assert path.read_bytes() == before
    assert wrong
    for error in wrong:
        assert what in str(error)
        assert error.where == str(path)


def test_a_file_that_nobody_changed_is_read_without_an_error(tmp_path: Path) -> None:
    assert read_all(changed(tmp_path)) == []


# --- arrays


@pytest.mark.parametrize(
    ("dtype", "shape"),
    [
        ("|O", "24"), ("O", "24"), ("object", "24"), ("<f4,<i4", "24"), ("|V12", "24"), ("<U3", "24"), ("<M8[s]", "24"),
        ("<f3", "24"), ("(2,)f4", "24"), ("<f4" * 500, "24"), ("<f4", "25"), ("<f4", "3"), ("<f4", "-24"), ("<f4", "x"),
        ("<f4", "-6,-4"), ("<f4", "999999999999"), ("<f4", "99999999999999999999,0"), ("<f4", "268435456,268435456"),
        ("<f4", "1.5,16"), ("<f4", ",".join("1" * 65) + ",24"),
    ],
)  # fmt: skip
def test_an_array_whose_type_or_shape_cannot_be_is_refused(dtype: str, shape: str, tmp_path: Path) -> None:
    path = changed(tmp_path, ("UPDATE arrays SET dtype = ?, shape = ?, coding = 'raw'", (dtype, shape)))
    assert_told(path, "the trace is damaged: event #")


def test_a_compressed_array_that_is_larger_than_its_shape_says_takes_no_more_memory_than_that(tmp_path: Path) -> None:
    path = changed(tmp_path, ("UPDATE arrays SET coding = 'zlib'", ()), ("UPDATE contents SET data = ?", (BOMB,)))
    tracemalloc.start()
    assert_told(path, "are no array of <f4 of the shape (12, 2)")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20_000_000


def test_the_arrays_of_one_event_are_no_larger_than_a_row_of_sqlite() -> None:
    with pytest.raises(ValueError, match="too large"):
        decoded("|u1", "1000000001", "zlib", BOMB)
    with pytest.raises(ValueError, match="too large"):
        decoded("|u1", "200000000", "zlib", BOMB, room=100_000_000)
    with pytest.raises(ValueError, match="too large"):
        decoded("|u1", "300000000", "zlib", BOMB)


def test_data_that_a_program_began_with_is_looked_at_in_the_same_way(tmp_path: Path) -> None:
    row = ("INSERT INTO data VALUES ('x', '|O', '1', 'raw', ?)", (bytes(8),))
    assert_told(changed(tmp_path, row), "what the program began with")


# --- tables


@pytest.mark.parametrize(
    "statements",
    [
        ("DROP TABLE writes",),
        ("ALTER TABLE events RENAME TO other",),
        ("ALTER TABLE events RENAME COLUMN data TO content",),
        ("ALTER TABLE events ADD COLUMN more",),
        ("ALTER TABLE events RENAME TO other", "CREATE VIEW events AS SELECT * FROM other"),
        (
            "DROP TABLE words",
            f"CREATE VIEW words AS {ENDLESS} SELECT i AS id, 'a' AS word FROM n",
        ),
        ("DROP TABLE names", "CREATE VIRTUAL TABLE names USING fts5(tensor, name)"),
        ("DROP TABLE names", "CREATE TABLE names (tensor INTEGER PRIMARY KEY, name AS (hex(zeroblob(100000000))))"),
        ("DROP TABLE owners", "CREATE TABLE owners (grad INTEGER PRIMARY KEY, tensor INTEGER) STRICT"),
    ],
)  # fmt: skip
def test_a_table_that_gradb_did_not_make_so_is_refused_at_once(statements: tuple[str, ...], tmp_path: Path) -> None:
    assert_told(changed(tmp_path, *statements), "is not the one that gradb makes")


def test_what_else_is_in_the_database_is_never_used(tmp_path: Path) -> None:
    path = changed(
        tmp_path,
        "CREATE TABLE diary (line TEXT)",
        "CREATE TRIGGER t AFTER INSERT ON events BEGIN DELETE FROM events; END",
        f"CREATE VIEW endless AS {ENDLESS} SELECT i FROM n",
        "CREATE INDEX own ON events (line)",
    )
    before = path.read_bytes()
    assert read_all(path) == []
    assert path.read_bytes() == before


def test_millions_of_rows_in_the_header_are_not_read(tmp_path: Path) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000) SELECT 'k' || i, i FROM n"
    assert_told(changed(tmp_path, f"INSERT INTO header {endless}"), "its header has more than 1000 rows")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE header SET value = x'ff' WHERE key = 'title'",
        "UPDATE header SET value = CAST(x'ff41' AS TEXT) WHERE key = 'title'",
        "UPDATE header SET value = '[[[' WHERE key = 'warnings'",
        "UPDATE header SET value = '[[1]]' WHERE key = 'warnings'",
        ("INSERT OR REPLACE INTO header VALUES ('warnings', ?)", ("[" * 100_000,)),
        "INSERT OR REPLACE INTO header VALUES ('keep', 'nothing')",
        "INSERT OR REPLACE INTO header VALUES ('budget', 'x')",
        "INSERT OR REPLACE INTO header VALUES ('budget', 1e300)",
        "UPDATE events SET number = number + 1 WHERE number = (SELECT max(number) FROM events)",
        "UPDATE events SET kind = 'unknown' WHERE number = 5",
        "UPDATE events SET kind = NULL WHERE number = 5",
        "UPDATE events SET kind = 'visit' WHERE number = 1",
        "UPDATE events SET data = NULL WHERE number = 5",
        "UPDATE events SET data = 'text' WHERE number = 5",
        "UPDATE events SET data = x'' WHERE number = 5",
        "UPDATE events SET data = x'dd7fffffff' WHERE number = 5",
        "DELETE FROM events WHERE number = 5",
        "DELETE FROM events",
        "DELETE FROM arrays",
        "DELETE FROM ops",
        "UPDATE ops SET data = 'x'",
        "UPDATE names SET name = x'41'",
        "UPDATE variables SET name = x'41' WHERE id = 1",
        "UPDATE segments SET phase = 'sideways'",
        "UPDATE segments SET step = 'a'",
        "UPDATE segments SET step = 1000000000000",
        "UPDATE segments SET start = start + 1000000",
        "DELETE FROM segments",
        "UPDATE turns SET loop = NULL",
        "UPDATE turns SET number = 'a'",
        "UPDATE losses SET value = 'a', step = 'b'",
        "UPDATE owners SET tensor = 'a'",
        "UPDATE words SET word = x'41' WHERE id = 1",
        "UPDATE blocks SET lines = x'00'",
        "UPDATE blocks SET kinds = 'abc'",
        "UPDATE blocks SET count = count + 1",
        "UPDATE blocks SET count = 1000000000000000",
        "UPDATE blocks SET count = 9223372036854775807",
        "UPDATE blocks SET count = 'many'",
        "UPDATE OR IGNORE writes SET event = 1",
    ],
)  # fmt: skip
def test_what_does_not_belong_in_a_table_is_one_error(statement: Statement, tmp_path: Path) -> None:
    assert_told(changed(tmp_path, statement), "the trace ")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE bindings SET since = -5 WHERE since = 3",
        "UPDATE OR IGNORE bindings SET since = 'a' WHERE since = 3",
        "UPDATE bindings SET tensor = 'a'",
        "UPDATE OR IGNORE writes SET event = -1",
        "UPDATE OR IGNORE nodes SET event = 1000000",
        "UPDATE OR IGNORE nodes SET event = x'00'",
        "UPDATE OR IGNORE rewritten SET tensor = 'a'",
        "UPDATE turns SET since = -1",
        "DELETE FROM bindings",
        "DELETE FROM names",
        "DELETE FROM writes",
        "DELETE FROM nodes",
        "UPDATE header SET value = -1 WHERE key = 'schema'",
        "UPDATE header SET value = 'x' WHERE key = 'schema'",
    ],
)  # fmt: skip
def test_an_index_that_is_wrong_leads_nowhere(statement: str, tmp_path: Path) -> None:
    for error in read_all(changed(tmp_path, statement), ("jsonl", "html", "csv")):
        assert "the trace is damaged" in str(error)


def test_a_gradient_of_itself_has_a_name_that_ends(tmp_path: Path) -> None:
    path = changed(tmp_path, "DELETE FROM names", "DELETE FROM owners", "INSERT INTO owners VALUES (3, 4), (4, 3)")
    trace = open_trace(path)
    assert len(trace.name(3)) < 1000
    trace.close()


# --- events


def _setting(field: int, value: Any) -> Callable[[list[Any]], None]:
    def change(fields: list[Any]) -> None:
        fields[field] = value

    return change


def _nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


OP, INPUTS, OUTPUTS, NODE = 1, 2, 3, 4


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("forward", OP, "mul"),
        ("forward", OP, Ext(3, b"\xcd\xff\xff")),
        ("forward", INPUTS, 7),
        ("forward", INPUTS, [{"a": 1}]),
        ("forward", INPUTS, _nested(60)),
        ("forward", OUTPUTS, []),
        ("forward", OUTPUTS, [[1, Ext(2, b"\xce\x7f\xff\xff\xff"), False]]),
        ("forward", NODE, [1, "MulBackward0", 100_000]),
        ("forward", NODE, [-1, "MulBackward0", 0]),
        ("forward", NODE, [1, "MulBackward0", 0, 0, 1 << 60]),
        ("forward", 0, -1),
        ("forward", 0, 1 << 62),
        ("visit", 2, [7]),
        ("backward_started", 1, []),
        ("backward_started", 2, []),
        ("update", 4, [["lr"]]),
        ("update", 4, [["lr", 1], "momentum"]),
        ("update", 4, []),
        ("clipped", 7, []),
        ("accumulate", 2, Ext(1, b"\x03\x01<f4" + (1).to_bytes(8, "little") + bytes(4))),
        ("scheduled", 7, [["a", [1]]]),
        ("printed", 1, b"\xff"),
        ("plotted", 2, [Ext(1, b"\x03\x01<f4" + (1 << 40).to_bytes(8, "little"))]),
        ("plotted", 2, [Ext(1, b"\xff\xff")]),
        ("plotted", 2, [Ext(1, b"")]),
        ("raised", 1, Ext(7, b"9" * 5000)),
    ],
)
def test_an_event_that_cannot_be_is_one_error(kind: str, field: int, value: Any, tmp_path: Path) -> None:
    number = number_of(kind, -1)
    path = with_event(tmp_path, number, _setting(field, value))
    assert_told(path, f"the trace is damaged: event #{number}: ")


def test_a_tensor_whose_data_got_another_shape_is_no_damage(tmp_path: Path) -> None:
    program = (
        "import torch\nw = torch.ones(2, requires_grad=True)\n(w * 2).sum().backward()\nw.data = torch.ones(3)\n"
        "w.grad.zero_()\nw.grad = None\n(w * 2).sum().backward()\nprint(w.grad)\n"
    )
    run(scenario(program), save=tmp_path / "run.gradb")
    assert read_all(tmp_path / "run.gradb") == []


def test_lists_in_lists_without_end_are_one_error(tmp_path: Path) -> None:
    number = number_of("printed")
    path = changed(tmp_path, ("UPDATE events SET data = ? WHERE number = ?", (b"\x91" * 1_000_000, number)))
    assert_told(path, f"the trace is damaged: event #{number}: ")
    loose = msgspec.msgpack.encode(Ext(0, b""))
    for _ in range(3000):
        loose = msgspec.msgpack.encode(Ext(0, loose))
    path = changed(tmp_path, ("UPDATE events SET data = ? WHERE number = ?", (loose, number)))
    assert_told(path, f"the trace is damaged: event #{number}: ")


def test_an_input_that_was_computed_later_is_refused_so_that_a_graph_ends(tmp_path: Path) -> None:
    first = number_of("forward")
    state = Ext(4, msgspec.msgpack.encode([9, Ext(1, b"\x03\x00<f4" + bytes(4)), True, [9, "AddBackward0", first]]))

    assert_told(with_event(tmp_path, first, _setting(INPUTS, [state])), "an input was computed later")


# --- the scenario in the file


def test_a_document_that_is_too_large_for_a_scenario_is_refused(tmp_path: Path) -> None:
    path = changed(tmp_path, ("UPDATE header SET value = ? WHERE key = 'document'", ("a: &a [*a]\n" * 100_000,)))
    with pytest.raises(UserError, match="too large"):
        open_source(str(path))


def test_the_program_in_a_file_does_not_run_when_it_is_opened_and_is_not_trusted(tmp_path: Path) -> None:
    program = f"open({str(tmp_path / 'made')!r}, 'w')"
    document = f"title: T\nprogram: |\n  {program}\n"
    path = changed(
        tmp_path,
        ("UPDATE header SET value = ? WHERE key = 'document'", (document,)),
        ("UPDATE header SET value = ? WHERE key = 'source'", (program,)),
    )
    assert read_all(path) == []
    assert not open_source(str(path)).trusted
    assert not (tmp_path / "made").exists()


def test_the_name_of_its_scenario_is_a_name_and_no_path(tmp_path: Path) -> None:
    path = changed(tmp_path, "UPDATE header SET value = '/etc/../home/other.yaml' WHERE key = 'file'")
    assert open_source(str(path)).filename == "other.yaml"


@pytest.mark.parametrize("process", [-1, 0, 1 << 62, "1", 3.5, None, 2**31 - 1])
def test_nobody_waits_for_a_recorder_that_cannot_be(process: object, tmp_path: Path) -> None:
    path = changed(tmp_path, "UPDATE header SET value = 0 WHERE key = 'complete'")
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("UPDATE header SET value = ? WHERE key = 'process'", (process,))
    log = Path(f"{path}-wal")
    log.touch()
    trace = open_trace(path)
    log.touch()
    assert trace.growing
    assert not trace.is_written
    trace.close()


def test_a_run_of_another_machine_counts_as_ended_when_nothing_comes_any_more(tmp_path: Path) -> None:
    path = changed(
        tmp_path,
        "UPDATE header SET value = 0 WHERE key = 'complete'",
        "UPDATE header SET value = 'elsewhere' WHERE key = 'host'",
    )
    trace = open_trace(path)
    assert not trace.is_written  # a copy, without what is written beside a run that goes on
    log = Path(f"{path}-wal")
    log.touch()
    assert trace.is_written
    for when in (0, 1 << 33):  # the time of a file in an archive is what its maker says
        os.utime(log, (when, when))
        assert not trace.is_written
    log.unlink()
    trace.close()


# --- what is no file


def test_a_folder_a_pipe_and_a_device_are_told_from_files_and_not_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.gradb"
    os.mkfifo(pipe)
    folder = tmp_path / "folder.gradb"
    folder.mkdir()
    for path in (pipe, folder, Path("/dev/zero")):
        assert not is_trace_file(path)
        with pytest.raises(UserError, match="this is a "):
            open_trace(path)


def test_a_link_is_followed_and_one_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    path = changed(tmp_path)
    link = tmp_path / "link.gradb"
    link.symlink_to(path)
    assert read_all(link) == []
    circle = tmp_path / "circle.gradb"
    circle.symlink_to(circle)
    with pytest.raises(UserError):
        open_trace(circle)
    assert not is_trace_file(circle)


@pytest.mark.parametrize("rest", [0, 100, 5000])
def test_a_file_that_is_cut_while_it_is_open_is_one_error(rest: int, tmp_path: Path) -> None:
    path = changed(tmp_path)
    trace = open_trace(path, cache=0)
    first = trace.event(1)
    os.truncate(path, rest)
    with pytest.raises(UserError):
        assert [trace.graph(number) for number in range(1, len(trace) + 1)]
    assert first
    trace.close()


@pytest.mark.parametrize("spoil", [spoil_table, spoil_event])
@pytest.mark.parametrize("seed", range(8))
def test_changes_at_random_end_in_errors_for_a_user_and_in_nothing_else(
    spoil: Callable[[Path, random.Random], None], seed: int, tmp_path: Path
) -> None:
    draw = random.Random(seed)
    path = changed(tmp_path)
    for _ in range(draw.choice([1, 3])):
        spoil(path, draw)
    before = path.read_bytes()
    with suppress(UserError), understood():
        read_all(path)
    assert path.read_bytes() == before
