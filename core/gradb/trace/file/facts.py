"""What a trace file says of its run beside the events: `facts_of(header, {})`, and back with `header_of(facts)`."""

import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np

from gradb.trace.trace import Header

Fact = str | int | float | None


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
        "complete": 0,
        **more,
    }


def header_of(facts: Mapping[str, Fact]) -> Header:
    """The header of the run."""
    return Header(
        schema=int(facts.get("schema") or 0),
        version=str(facts.get("version", "")),
        engine=str(facts.get("engine", "")),
        title=str(facts.get("title", "")),
        source=str(facts.get("source", "")),
        instrumented=bool(facts.get("instrumented")),
    )
