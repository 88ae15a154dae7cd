"""What a replay found, as JSON: a `VerdictLine` for each expectation, then a `ReplayLine`; `json_schema()` of both."""

from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct

SCHEMA_VERSION = 1

Outcome = Annotated[
    Literal["holds", "fails", "cannot_run"],
    Meta(description="every expectation holds; one fails or the program raised; it could not run to its end"),
]
Place = Annotated[str, Meta(description="file:line:column, empty where there is none")]


class VerdictLine(Struct, tag="verdict", tag_field="kind", frozen=True):
    """An expectation: what was expected, what the run shows, and the address of the event at which it shows it."""

    source: str
    claim: str
    holds: bool
    expected: str
    actual: str
    address: str
    place: Place


class Problem(Struct, frozen=True):
    """Why a source could not run: what is wrong and where, what is allowed, what to do. Texts may be empty."""

    what: str
    where: str = ""
    allowed: str = ""
    fix: str = ""


class ReplayLine(Struct, tag="replay", tag_field="kind", frozen=True):
    """The last line of a source: how many of its expectations fail, and how long the run was."""

    source: str
    outcome: Outcome
    expectations: Annotated[int, Meta(ge=0)]
    failed: Annotated[int, Meta(ge=0)]
    events: Annotated[int, Meta(ge=0)]
    steps: Annotated[int, Meta(ge=0)]
    problem: Problem | None


AnyLine: TypeAlias = VerdictLine | ReplayLine


def json_schema() -> dict[str, Any]:
    """The JSON Schema of one line of `gradb replay --json --quiet`."""
    import msgspec

    schema = msgspec.json.schema(AnyLine)
    return {"title": "gradb verdict, one line", "description": f"schema version {SCHEMA_VERSION}", **schema}
