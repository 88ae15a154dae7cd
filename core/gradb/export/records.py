"""What an event looks like as JSON: one Struct for each kind of line. The trace's schema is made from them.

JSON has no NaN and no infinity: they are the texts "nan", "inf" and "-inf".
"""

from typing import Annotated, Any, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

Number = Annotated[float | Literal["nan", "inf", "-inf"], Meta(description="a number; what JSON lacks is a text")]
Data = Annotated[Any, Meta(description="a number, a bool or nested lists of them; null where it is left out")]
Place = Annotated[int, Meta(ge=1)]


class Line(Struct, tag_field="kind", frozen=True):
    """What every line about an event has. `line` is the program's source line, 0 where it is not known."""

    index: Place
    address: str
    step: Place
    phase: Literal["forward", "backward", "update"]
    line: int


class TensorRecord(Struct, frozen=True):
    """A tensor, known by its id in this run; `name` is its variable, and `grad_fn` the name of its node."""

    id: int
    name: str
    shape: list[int]
    dtype: str
    requires_grad: bool
    is_leaf: bool
    grad_fn: str | None


class HealthRecord(Struct, frozen=True):
    """Minimum, maximum and mean of the finite elements, the 2-norm of all, and the counts of zeros, NaN and Inf."""

    min: Number | None
    max: Number | None
    mean: Number | None
    norm: Number
    zeros: int
    nan: int
    inf: int
    count: int


class ValueRecord(Struct, frozen=True):
    """An array. `data` is null where it has more elements than the size limit; its health is always there."""

    shape: list[int]
    dtype: str
    data: Data
    health: HealthRecord


class TensorName(Struct, frozen=True):
    """A tensor by id and name alone."""

    id: int
    name: str


class NodeRecord(Struct, frozen=True):
    """A backward function. `forward` is the index of the event that made it; `leaf` the tensor it accumulates into."""

    id: int
    name: str
    forward: int | None
    leaf: TensorName | None = None


class Held(Struct, frozen=True):
    """A tensor with its value after the event."""

    tensor: TensorRecord
    value: ValueRecord


class Parameter(Struct, frozen=True):
    """What was given for a parameter: a tensor, a list of tensors, or a plain value or array."""

    name: str
    tensor: TensorRecord | UnsetType = UNSET
    tensors: list[TensorRecord] | UnsetType = UNSET
    value: Data | ValueRecord | UnsetType = UNSET


class Edge(Struct, frozen=True):
    """A gradient that leaves a node: to which input of the op, by which formula."""

    input: str | None
    tensor: TensorName | None
    formula: str
    gradient: ValueRecord | None


class HeaderLine(Struct, tag="header", tag_field="kind", frozen=True):
    """The first line of an export."""

    schema: int
    version: str
    engine: str
    title: str
    source: str
    events: int


class TensorCreatedLine(Line, tag="tensor_created", frozen=True):
    """A leaf came to be; `origin` is the function that made it."""

    tensor: TensorRecord
    value: ValueRecord
    origin: str


class RequiresGradLine(Line, tag="requires_grad", frozen=True):
    """A leaf's requires_grad was switched; the tensor is shown as it is after."""

    tensor: TensorRecord


class ForwardLine(Line, tag="forward", frozen=True):
    """An op ran. `formula` is the op's; `aliases` are other tensors whose memory an in-place op changed.

    `captured`: a graph that was captured ran its op again. Its node has the same id at each call. `module` is the path
    of the module in whose call it ran, such as `model.layers.0`, and empty outside of modules.
    """

    op: str
    formula: str
    inputs: list[Parameter]
    outputs: list[Held]
    node: NodeRecord | None
    in_place: bool
    grad_mode: bool
    aliases: list[Held]
    captured: bool
    module: str


class BackwardStartedLine(Line, tag="backward_started", frozen=True):
    """A backward pass begins; `seeds` are the gradients of the roots, in the roots' order."""

    roots: list[TensorRecord]
    seeds: list[ValueRecord]
    retain_graph: bool


class BackwardFinishedLine(Line, tag="backward_finished", frozen=True):
    """A backward pass ended; `freed` are the nodes whose saved tensors were let go."""

    freed: list[NodeRecord]


class VisitLine(Line, tag="visit", frozen=True):
    """A node ran: `incoming` has a gradient for each of its outputs, `outgoing` an edge for each of its inputs."""

    node: NodeRecord
    incoming: list[ValueRecord | None]
    outgoing: list[Edge]


class FanInLine(Line, tag="fan_in", frozen=True):
    """A second or later gradient reached a node; `total` is the sum so far."""

    node: NodeRecord
    output_nr: int
    contribution: ValueRecord
    source: NodeRecord
    total: ValueRecord


class AccumulateLine(Line, tag="accumulate", frozen=True):
    """`.grad` of a tensor was written; `before` is null where it was None."""

    tensor: TensorRecord
    contribution: ValueRecord
    before: ValueRecord | None
    after: ValueRecord


class ZeroGradLine(Line, tag="zero_grad", frozen=True):
    """`.grad` of a tensor was cleared (`after` is null) or set."""

    tensor: TensorRecord
    before: ValueRecord | None
    after: ValueRecord | None


class UpdateLine(Line, tag="update", frozen=True):
    """A leaf that requires grad got a new value by `rule`, in which `used` stands."""

    tensor: TensorRecord
    before: ValueRecord
    after: ValueRecord
    rule: str
    used: list[Parameter]
    aliases: list[Held]


class Clipping(Struct, frozen=True):
    """A leaf, and its gradient before and after it was clipped."""

    tensor: TensorRecord
    before: ValueRecord
    after: ValueRecord


class ClippedLine(Line, tag="clipped", frozen=True):
    """A call clipped gradients in place to `limit`; a clipped norm multiplied them by `coefficient`."""

    by: str
    limit: Number
    norm_type: Number | None
    total_norm: Number | None
    coefficient: Number | None
    gradients: list[Clipping]
    aliases: list[Held]


class ScheduledLine(Line, tag="scheduled", frozen=True):
    """A scheduler changed an option of a parameter group, such as lr, by `rule`, in which `used` stands."""

    by: str
    group: int
    option: str
    before: Number
    after: Number
    rule: str
    used: list[Parameter]


class PrintedLine(Line, tag="printed", frozen=True):
    """The program printed a text."""

    text: str


class PlottedLine(Line, tag="plotted", frozen=True):
    """The program called a plotting function; `series` are its arrays."""

    call: str
    series: list[ValueRecord]
    options: dict[str, Data]


class RaisedLine(Line, tag="raised", frozen=True):
    """The program ended with an error."""

    error: str
    message: str


EventLine: TypeAlias = (
    TensorCreatedLine
    | RequiresGradLine
    | ForwardLine
    | BackwardStartedLine
    | BackwardFinishedLine
    | VisitLine
    | FanInLine
    | AccumulateLine
    | ZeroGradLine
    | UpdateLine
    | ClippedLine
    | ScheduledLine
    | PrintedLine
    | PlottedLine
    | RaisedLine
)
AnyLine: TypeAlias = HeaderLine | EventLine


def json_schema() -> dict[str, Any]:
    """The JSON Schema of one line of an export, or of `gradb replay --json`."""
    import msgspec

    from gradb.trace.trace import SCHEMA_VERSION

    schema = msgspec.json.schema(AnyLine)
    return {"title": "gradb trace, one line", "description": f"schema version {SCHEMA_VERSION}", **schema}
