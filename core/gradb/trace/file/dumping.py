"""Writes a whole run that is in memory: `save_trace(trace, "run.gradb")`."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path

from gradb.trace.events import Array
from gradb.trace.file.facts import Fact, facts_of
from gradb.trace.file.writer import Writer
from gradb.trace.trace import Trace

BATCH = 1000  # events that are committed at once


def save_trace(
    trace: Trace,
    path: str | PathLike[str],
    facts: Mapping[str, Fact] | None = None,
    data: Mapping[str, Array] | None = None,
) -> None:
    """Writes a new file; raises UserError where that cannot be done.

    `facts` go into its header; `data` are the arrays that the program began with.
    """
    writer = Writer(Path(path), facts_of(trace.header, facts or {}), trace.header.instrumented, data)
    rows = writer.rows
    rows.cuts += trace.cuts
    rows.turn(trace.turns)
    held = trace.bindings.items()
    bindings = [(since, name, id_) for name, of in held for since, id_ in zip(of.since, of.ids, strict=True)]
    bindings.sort(key=lambda binding: binding[0])
    rows.bind(bindings)
    for event in trace.events:
        rows.add(event)
        if rows.number % BATCH == 0:
            writer.commit()
    writer.commit()
    writer.close(complete=True)
