"""`gradb schema`: the JSON Schema of what gradb reads and writes."""

from typing import Annotated, Literal

import typer

from gradb_tui.cli.root import command


@command()
def schema(
    what: Annotated[
        Literal["scenario", "trace", "verdict"],
        typer.Argument(help="A scenario file, a line of a trace, or a line of `replay --json --quiet`."),
    ],
) -> None:
    """Print the JSON Schema of a file, of a trace or of a verdict."""
    import json

    if what == "scenario":
        from gradb.scenario.schema import json_schema
    elif what == "verdict":
        from gradb.scenario.verdict_records import json_schema
    else:
        from gradb.export.records import json_schema
    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))
