"""What a scenario file may hold: Structs from which the checks, the messages and `gradb schema scenario` are made.

The description of each leaf type completes the sentence "allowed: ..." of a message. The text below a key is its row in
`docs/scenario-format.md`.
"""

from typing import Annotated, Any, TypeAlias

from msgspec import Meta, Struct

from gradb.trace.address import FORMS

Text = Annotated[str, Meta(min_length=1, description="text that is not empty")]
Markdown = Annotated[str, Meta(description="text, which may be Markdown")]
_LANGUAGES = "or one for each language: {en: ..., zh: ...}"
Localised = Annotated[Text | dict[str, Text], Meta(description=f"text that is not empty, {_LANGUAGES}")]
LocalisedMarkdown = Annotated[
    Markdown | dict[str, Markdown], Meta(description=f"text, which may be Markdown, {_LANGUAGES}")
]
Source = Annotated[str, Meta(min_length=1, description="PyTorch code, as a block of text after `program: |`")]
Name = Annotated[
    str, Meta(pattern=r"^[\w.\[\]]+$", description="the name of a tensor, such as w, w.grad or 0.weight, in quotes")
]
Address = Annotated[str, Meta(description=f"an address: {FORMS}")]
Visited = Annotated[str, Meta(min_length=1, description="a node, such as MulBackward0 or AccumulateGrad(w)")]
ErrorKind = Annotated[str, Meta(pattern=r"^\w+$", description="the name of an error, such as RuntimeError")]
PositiveWhole = Annotated[int, Meta(ge=1, description="a whole number from 1")]
PositiveNumber = Annotated[float, Meta(gt=0, description="a number above 0")]
DATA_NAME = r"^[A-Za-z][A-Za-z0-9_]*$"
Value: TypeAlias = bool | int | float | str | list[Any] | None


class NoteEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """What is said to the reader while the cursor is at an address."""

    at: Address
    """Where it is said. A line, a step or a phase stands for each of its events."""
    say: LocalisedMarkdown
    """What the notes pane shows there."""


class FileEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """Numbers in a file beside the scenario. Of a .csv file every column is taken, or `columns` as the columns of a
    matrix, or one `column` as a vector; of an .npz file its only array, or the one called `array`."""

    file: Text
    """The name of a `.csv` or `.npz` file in the scenario's folder, or in one below it."""
    columns: tuple[Text, ...] = ()
    """Of a `.csv` file: the columns of the matrix, by the names in its first row."""
    column: Text = ""
    """Of a `.csv` file: the one column that makes a vector."""
    array: Text = ""
    """Of an `.npz` file: the name of the array. It may be left out where the file has one alone."""


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """What a run may use; what is left out keeps the default. They lower the defaults and never raise them."""

    events: PositiveWhole | None = None
    """How many events may be recorded."""
    seconds: PositiveNumber | None = None
    """How long the program may run."""
    bytes: PositiveWhole | None = None
    """How much memory it may take on top of what is in use."""


class Near(Struct, frozen=True, forbid_unknown_fields=True):
    """A value that is met when every element is at most `within` away."""

    near: Annotated[float | list[Any], Meta(description="a number or a list of numbers")]
    """The value that is aimed at, of the same shape as the tensor."""
    within: PositiveNumber
    """How far each element may be from it."""


class StateEntry(Struct, frozen=True):
    """What tensors are at an address: every other key is a tensor's name, or its name and an attribute."""

    at: Address
    """The moment: just after the event at this address."""


class OrderEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """The nodes that the backward of a step visits, all of them, in this order."""

    order: tuple[Visited, ...]
    """The nodes by name; `AccumulateGrad(w)` names the leaf as well."""
    step: PositiveWhole = 1
    """The training step whose backward is meant."""


class PrintedEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """A text that the program prints: all of one `print`, or one line of it."""

    printed: Annotated[str, Meta(description="text that the program prints, in quotes where YAML would read a number")]
    """The text, without the line break at its end."""


class RaisesEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """The error that the program ends with; `message` is a part of what it says."""

    raises: ErrorKind
    """The class of the error."""
    message: Text = ""
    """A part of its text."""


_VALUE_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": ["number", "boolean", "string", "null", "array"]},
        {
            "type": "object",
            "properties": {"near": {"type": ["number", "array"]}, "within": {"type": "number", "exclusiveMinimum": 0}},
            "required": ["near", "within"],
            "additionalProperties": False,
        },
    ]
}
_ENTRY_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {
            "type": "object",
            "properties": {"at": {"type": "string", "description": f"an address: {FORMS}"}},
            "required": ["at"],
            "minProperties": 2,
            "additionalProperties": _VALUE_SCHEMA,
        },
        {
            "type": "object",
            "properties": {
                "order": {"type": "array", "items": {"type": "string"}},
                "step": {"type": "integer", "minimum": 1, "default": 1},
            },
            "required": ["order"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"printed": {"type": "string"}},
            "required": ["printed"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"raises": {"type": "string"}, "message": {"type": "string"}},
            "required": ["raises"],
            "additionalProperties": False,
        },
    ],
}
Entry = Annotated[
    dict[str, Any],
    Meta(
        description="a claim: a mapping with one of the keys at, order, printed, raises",
        extra_json_schema=_ENTRY_SCHEMA,
    ),
]


_DATA_SCHEMA: dict[str, Any] = {
    "propertyNames": {"pattern": DATA_NAME},
    "additionalProperties": {
        "anyOf": [
            {"type": ["number", "boolean", "array"]},
            {
                "type": "object",
                "properties": {
                    "file": {"type": "string", "pattern": r"\.(csv|npz)$"},
                    "columns": {"type": "array", "items": {"type": "string"}},
                    "column": {"type": "string"},
                    "array": {"type": "string"},
                },
                "required": ["file"],
                "additionalProperties": False,
            },
        ]
    },
}
Data = Annotated[
    dict[str, Any],
    Meta(
        description="a mapping of names to lists of numbers, or to {file: x.csv}, {file: x.npz}",
        extra_json_schema=_DATA_SCHEMA,
    ),
]


class ScenarioFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A program, what is expected of it, and what to tell and show the reader."""

    title: Localised
    """What the scenario is called in lists and on the screen."""
    program: Source
    """The program. Its lines are counted from the first one below this key."""
    about: LocalisedMarkdown = ""
    """What it shows, and why one should look at it."""
    data: Data = {}
    """Tensors that the program begins with, in variables of these names."""
    watch: tuple[Name, ...] = ()
    """What the watch pane shows, in this order, before the other variables."""
    notes: tuple[NoteEntry, ...] = ()
    """What is said to the reader, and where."""
    expect: tuple[Entry, ...] = ()
    """What is claimed of the run. `gradb replay` checks it."""
    limits: Limits = Limits()
    """What the run may use."""


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a scenario file."""
    import msgspec

    return msgspec.json.schema(ScenarioFile)
