"""What a trace file says of its run beside the events: `facts_of(header, {})`, and back with `header_of(facts)`."""

import os
import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from time import time

import numpy as np

from gradb.trace.trace import Header

Fact = str | int | float | None
_SILENT = 20  # seconds without a new event, after which a run on another machine counts as ended


def facts_of(header: Header, more: Mapping[str, Fact]) -> dict[str, Fact]:
    """The rows of the table `header` at the beginning of a run; `more` is what the one who records adds."""
    return {
        "schema": header.schema,
        "version": header.version,
        "engine": header.engine,
        "title": header.title,
        "source": header.source,
        "instrumented": int(header.instrumented),
        "platform": platform.platform(),
        "python": sys.version.partition(" ")[0],
        "numpy": np.__version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "process": os.getpid(),
        "host": platform.node(),
        "complete": 0,
        **more,
    }


def header_of(facts: Mapping[str, Fact]) -> Header:
    """The header of the run."""
    schema = facts.get("schema")
    return Header(
        schema=schema if isinstance(schema, int) else 0,
        version=str(facts.get("version", "")),
        engine=str(facts.get("engine", "")),
        title=str(facts.get("title", "")),
        source=str(facts.get("source", "")),
        instrumented=bool(facts.get("instrumented")),
    )


def is_alive(facts: Mapping[str, Fact], log: Path) -> bool:
    """Whether the process that records may still run: it does not if it was on this machine and is gone.

    `log` is the file in which SQLite keeps what was committed last. One of a run on another machine that stays as it is
    tells that the run has ended.
    """
    try:
        written = log.stat().st_mtime
    except OSError:
        return False
    process = facts.get("process")
    if os.name != "posix" or facts.get("host") != platform.node():
        return abs(time() - written) < _SILENT
    if not isinstance(process, int) or process < 1:
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True
