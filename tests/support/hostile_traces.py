"""Trace files that a stranger has changed: `changed(folder, *statements)`; `read_all(path)` asks everything."""

import random
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import msgspec
from gradb.debug.alignment import Alignment
from gradb.debug.comparing import Tolerance
from gradb.debug.run_difference import RunDifference
from gradb.errors import UserError
from gradb.export.formats import FORMATS
from gradb.export.writing import pieces
from gradb.scenario.loader import parse
from gradb.scenario.runner import run
from gradb.trace.file.trace import FileTrace, open_trace
from gradb.trace.trace import Trace
from gradb.trace.writes import Cell
from msgspec.msgpack import Ext
from same_trace import WHATS

SCENARIO = """\
title: Hostile
program: |
  import torch
  torch.manual_seed(0)
  x = torch.randn(12, 2)
  model = torch.nn.Linear(2, 1)
  optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
  schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1)
  twice = torch.jit.trace(lambda a: a * 2 + a, x)
  for epoch in range(2):
      optimizer.zero_grad()
      y = twice(model(x))
      y.retain_grad()
      loss = (y ** 2).mean() + y.sum()
      loss.backward()
      torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
      optimizer.step()
      schedule.step()
      print("loss", loss.item())
  w = torch.ones(2)
  w.requires_grad_()
  w.grad = torch.zeros(2)
  import matplotlib.pyplot as plt
  plt.plot([1, 2], [3, 4], label="a")
  raise ValueError("end")
notes:
  - {at: start, say: Hello}
expect:
  - {at: step1, loss.shape: []}
watch: [loss]
"""
EVIL = (
    "a\x1b[31m\u202e\x9b\x07\x7f</script><!--<img src=x onerror=alert(1)>|`\"'\\\\"
    "\n::error::x\r\u2028[b]{%$\x00&lt;=1+1"
)
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
Statement: TypeAlias = str | tuple[str, tuple[Any, ...]]


@cache
def _recorded() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "run.gradb"
        run(parse(SCENARIO, "hostile.yaml"), save=path)
        return path.read_bytes()


def changed(folder: Path, *statements: Statement) -> Path:
    """A trace file after some statements of SQL, each alone or with its values."""
    path = folder / "hostile.gradb"
    path.write_bytes(_recorded())
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("PRAGMA writable_schema = ON")
        for statement in statements:
            query, values = (statement, ()) if isinstance(statement, str) else statement
            file.execute(query, values)
    return path


def with_event(folder: Path, number: int, change: Callable[[list[Any]], Any]) -> Path:
    """A trace file with one event's fields changed, or replaced by what `change` returns."""
    path = changed(folder)
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        fields: list[Any] = msgspec.msgpack.decode(_data(file, number))
        other = change(fields)
        data = msgspec.msgpack.encode(fields if other is None else other)
        file.execute("UPDATE events SET data = ? WHERE number = ?", (data, number))
    return path


@cache
def number_of(kind: str, place: int = 0) -> int:
    """The number of an event of a kind in the file."""
    with TemporaryDirectory() as folder:
        trace = open_trace(changed(Path(folder)))
        number = trace.of_kind(kind)[place]
        trace.close()
    return number


def _data(file: sqlite3.Connection, number: int) -> bytes:
    return file.execute("SELECT data FROM events WHERE number = ?", (number,)).fetchone()[0]


# --- texts


def with_evil_texts(folder: Path) -> Path:
    """A trace file with EVIL behind every text in it."""
    path = changed(
        folder,
        ("UPDATE names SET name = ? || tensor", (EVIL,)),
        ("UPDATE variables SET name = ? || id", (EVIL,)),
        ("UPDATE header SET value = ? WHERE key IN ('title', 'source', 'engine', 'version')", (EVIL,)),
        "UPDATE header SET value = '' WHERE key = 'document'",
        ("UPDATE header SET value = ? WHERE key = 'warnings'", (msgspec.json.encode([(1, EVIL)]).decode(),)),
        ("UPDATE turns SET loop = ?", (EVIL,)),
        ("UPDATE words SET word = word || ?", (EVIL,)),
    )
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        for number, data in file.execute("SELECT id, data FROM ops").fetchall():
            op = {field: _evil(value) for field, value in msgspec.msgpack.decode(data).items()}
            file.execute("UPDATE ops SET data = ? WHERE id = ?", (msgspec.msgpack.encode(op), number))
        for number, kind, data in file.execute("SELECT number, kind, data FROM events").fetchall():
            fields = msgspec.msgpack.decode(data)
            if kind == "update":  # its rule goes with the names in it
                fields[3] += EVIL
            else:
                fields = _evil(fields)
            file.execute("UPDATE events SET data = ? WHERE number = ?", (msgspec.msgpack.encode(fields), number))
    return path


def _evil(value: Any) -> Any:
    match value:
        case str():
            return value + EVIL
        case list():
            items: list[Any] = value
            return [_evil(item) for item in items]
        case dict():
            pairs: dict[Any, Any] = value
            return {_evil(name): _evil(item) for name, item in pairs.items()}
        case Ext() if value.code in (4, 5):  # a tensor, a node
            return Ext(value.code, msgspec.msgpack.encode(_evil(msgspec.msgpack.decode(value.data))))
        case _:
            return value


# --- reading


def read_all(path: Path, formats: Iterable[str] = FORMATS) -> list[UserError]:
    """Everything that commands read of a file. Returns the errors that a user is told; nothing else may be raised."""
    wrong: list[UserError] = []
    for read in (_questions, _difference, *map(_export, formats)):
        try:
            trace = open_trace(path)
            try:
                read(trace)
            finally:
                trace.close()
        except UserError as error:
            wrong.append(error)
    return wrong


def _questions(trace: FileTrace) -> None:
    answers: list[Any] = [trace.header, trace.source_lines, trace.document, trace.data, trace.warnings]
    answers += [trace.thinning, trace.lacks_values(1)]
    answers += [trace.is_written, {**trace.names}, [*trace.losses()], [*trace.line_starts()], trace.loops.borders()]
    answers += [[*numbers] for numbers in trace.words().values()]
    for step in range(1, trace.steps + 1):
        answers += [trace.step_span(step), trace.turns_of(step)]
    for name in trace.bindings:
        answers += [[*trace.bindings[name].ids], *[[*trace.history(name, what)] for what in WHATS]]
    for number in range(1, len(trace) + 1):
        answers += _moment(trace, number)
    assert answers


def _moment(trace: Trace, at: int) -> Iterator[Any]:
    yield trace.event(at), trace.locate(trace.address(at))
    graph = trace.both_graphs(at)
    yield {**trace.node_states(graph, at)}, trace.flow(graph, at)
    for name in trace.bindings:
        tensor = trace.lookup(name, at)
        if tensor is not None:
            yield trace.name(tensor), trace.state(tensor, at), trace.grad_state(tensor, at)
            yield [*trace.writes(Cell(tensor))]


def _difference(trace: FileTrace) -> None:
    RunDifference(Alignment(trace, trace, None, None), Tolerance(1e-6, 0.0), None).find()


def _export(name: str) -> Callable[[FileTrace], None]:
    def export(trace: FileTrace) -> None:
        for piece in pieces(trace, name):
            assert isinstance(piece, bytes)

    return export


# --- changes at random

_VALUES = (
    None, -1, 0, 1, 2**31, 2**63 - 1, -(2**63), 3.5, float("inf"), "", "abc", "\x1b[31m</script>", "x" * 10_000, b"",
    b"\xff\x00", "1,2", "99999999999999999999", "-5", "<f4", "|O", "zlib", 10**9,
)  # fmt: skip
_PARTS = (
    None, -1, 0, 1, 2**40, 2**63, -(2**63), 3.5, "", "\x1b[31m</script>", True, [], [[]], [1], {}, Ext(2, b"\x01"),
    Ext(2, b"\xcd\xff\xff"), Ext(1, b"\x03\x01<f4" + (5).to_bytes(8, "little")), Ext(1, b"\x03\x00<f4\0\0\x80\x3f"),
    Ext(1, b"\x02\x01|O" + (1).to_bytes(8, "little") + b"\0" * 8), Ext(3, b"\x01"), Ext(4, b"\x93\x01\x02\x03"),
    Ext(0, b"\x91\x01"), Ext(7, b"9" * 3000), Ext(9, b""),
)  # fmt: skip


def spoil_table(path: Path, draw: random.Random) -> None:
    """Changes or deletes a row of some table."""
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        tables = [row[0] for row in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        table = draw.choice([one for one in tables if file.execute(f"SELECT count(*) FROM {one}").fetchone()[0]])
        columns = [(row[1], row[5]) for row in file.execute(f"PRAGMA table_info({table})")]
        key = [name for name, primary in columns if primary]
        rows = file.execute(f"SELECT {', '.join(key)} FROM {table}").fetchall()
        where = " AND ".join(f"{name} IS ?" for name in key)
        row = draw.choice(rows)
        column, value = draw.choice(columns)[0], draw.choice(_VALUES)
        with suppress(sqlite3.Error, OverflowError):  # some rows cannot be written
            if draw.random() < 0.2:
                file.execute(f"DELETE FROM {table} WHERE {where}", row)
            else:
                file.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (value, *row))


def spoil_event(path: Path, draw: random.Random) -> None:
    """Changes a part of some event, or a byte of it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        number = draw.randint(1, file.execute("SELECT max(number) FROM events").fetchone()[0])
        data = bytearray(_data(file, number))
        if draw.random() < 0.2:
            data[draw.randrange(len(data))] = draw.randrange(256)
        else:
            data = msgspec.msgpack.encode(_spoiled(msgspec.msgpack.decode(data), draw))
        file.execute("UPDATE events SET data = ? WHERE number = ?", (bytes(data), number))


def _spoiled(value: Any, draw: random.Random) -> Any:
    if isinstance(value, Ext) and value.code == 4 and draw.random() < 0.8:  # a tensor
        return Ext(4, msgspec.msgpack.encode(_spoiled(msgspec.msgpack.decode(value.data), draw)))
    if isinstance(value, list) and value and draw.random() < 0.9:
        items: list[Any] = [*value]
        place = draw.randrange(len(items))
        items[place] = _spoiled(items[place], draw)
        return items if draw.random() < 0.9 else items[:-1]
    return value + draw.choice([-1, 1, 1000]) if type(value) is int and draw.random() < 0.5 else draw.choice(_PARTS)
