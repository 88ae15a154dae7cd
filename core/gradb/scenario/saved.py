"""Scenarios whose runs are in trace files: `saved_scenario(path)`, and `facts_of_run(scenario)` for a new file."""

from pathlib import Path

from msgspec.structs import replace

from gradb.scenario.loader import check_size, parse
from gradb.scenario.scenario import Scenario
from gradb.trace.file.facts import Fact
from gradb.trace.file.trace import open_trace


def facts_of_run(scenario: Scenario) -> dict[str, Fact]:
    """What the header of a trace file says of a scenario."""
    return {"document": scenario.document, "file": Path(scenario.filename).name}


def saved_scenario(path: Path) -> Scenario:
    """What was run to give a trace file: with its texts and claims, where it was a scenario. Raises UserError.

    Its program is not trusted, even if it was a script: the file may come from a stranger.
    """
    trace = open_trace(path)
    try:
        if trace.document:
            check_size(trace.document, str(path))
            of_file = Path(str(trace.facts.get("file") or path.name)).name
            return replace(parse(trace.document, of_file, arrays=trace.data), saved=str(path))
        title = trace.header.title or path.name
        return Scenario(title=title, program=trace.source, filename=str(path), saved=str(path))
    finally:
        trace.close()
