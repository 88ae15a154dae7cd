"""The keys of a scenario file: a table for each Struct of `gradb.scenario.schema`."""

import ast
import inspect
from collections.abc import Callable
from functools import cache, partial
from types import NoneType
from typing import Any, get_args, get_origin

import msgspec
from gradb.scenario import claims, loader, schema, tables
from gradb.scenario.checking import description
from gradb.scenario.document import MAX_DEPTH, MAX_VALUES
from gradb.scenario.program.budget import Budget
from gradb.trace.address import FORMS
from msgspec import Struct

from docpages.table import code, table

ADDRESSES = {
    "start, end": "the first event, the last one",
    "#1234": "an event by its number, from 1",
    "step3": "the first event of the third training step",
    "step3/forward": "the first event of a phase of it: forward, backward, update",
    "step3/backward/17": "the 17th event of that phase",
    "step3/update/2": "the second event of its update phase",
    "line 12": "the first event of a line of the program; in a note, each of them",
    "line 12#3": "the third event of that line",
}


@cache
def _texts() -> dict[tuple[str, str], str]:
    """What stands below each key of each Struct."""
    found: dict[tuple[str, str], str] = {}
    for node in ast.parse(inspect.getsource(schema)).body:
        if isinstance(node, ast.ClassDef):
            for key, below in zip(node.body, node.body[1:], strict=False):
                if isinstance(key, ast.AnnAssign) and isinstance(key.target, ast.Name):
                    assert isinstance(below, ast.Expr), f"nothing is said of {ast.unparse(key)}"
                    assert isinstance(below.value, ast.Constant)
                    found[node.name, key.target.id] = str(below.value.value)
    return found


def value_text(kind: Any) -> str:
    """What may stand at a key of that type."""
    if get_origin(kind) is tuple:
        inside = get_args(kind)[0]
        return "a list of mappings" if _is_struct(inside) else f"a list; each: {value_text(inside)}"
    if _is_struct(kind):
        return "a mapping"
    plain = [one for one in get_args(kind) if one is not NoneType] if NoneType in get_args(kind) else [kind]
    return description(plain[0]) or plain[0].__name__


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)


def keys(struct: type[Struct]) -> str:
    """The keys of a Struct as a table."""
    rows = [
        (
            code(field.name) + (" (needed)" if field.required else ""),
            _with_code(value_text(field.type)),
            _texts()[struct.__name__, field.name],
        )
        for field in msgspec.structs.fields(struct)
    ]
    return table(("key", "value", "meaning"), rows)


def _with_code(text: str) -> str:
    """A description with the braces of YAML as code."""
    head, brace, rest = text.partition("{")
    return f"{head}{code(brace + rest)}" if brace else text


def subjects() -> str:
    """What a claim about a tensor may name."""
    rows = [(code("w"), f"its value: {claims.NUMBERS}")]
    rows += [(code(f"w.{name}"), claims.ALLOWED[name]) for name in claims.ATTRIBUTES]
    return table(("claim about a tensor `w`", "value"), rows)


def addresses() -> str:
    """Every form of an address."""
    forms = [form for row in ADDRESSES for form in row.split(", ")]
    assert forms == FORMS.split(", "), "an address has another form"
    rows = [(", ".join(map(code, row.split(", "))), text) for row, text in ADDRESSES.items()]
    return table(("address", "event"), rows)


def limits() -> str:
    """What a run may use, and how large a file may be."""
    default = Budget()
    texts = {key: _texts()["Limits", key] for key in Limits}
    values = {"events": f"{default.events:,}", "seconds": f"{default.seconds:g}", "bytes": f"{default.bytes:,}"}
    options = {"events": "--max-events N", "seconds": "--max-seconds S", "bytes": "--max-bytes N"}
    rows = [(code(key), values[key], code(options[key]), texts[key]) for key in Limits]
    return table(("key of `limits`", "default", "on the command line", "meaning"), rows)


def sizes() -> str:
    """How large a scenario file and its data may be."""
    rows = [
        ("a scenario file", f"{loader.MAX_BYTES:,} bytes, {MAX_VALUES:,} values, {MAX_DEPTH} levels deep"),
        ("a file of data", f"{tables.MAX_BYTES:,} bytes; a table {tables.MAX_VALUES:,} values"),
        ("the dtypes of an `.npz` file", ", ".join(map(code, tables.DTYPES))),
    ]
    return table(("of", "at most"), rows)


Limits = [field.name for field in msgspec.structs.fields(schema.Limits)]
STRUCTS = {
    "scenario": schema.ScenarioFile,
    "note": schema.NoteEntry,
    "file": schema.FileEntry,
    "state": schema.StateEntry,
    "near": schema.Near,
    "order": schema.OrderEntry,
    "printed": schema.PrintedEntry,
    "raises": schema.RaisesEntry,
}
PARTS: dict[str, Callable[[], str]] = {
    **{f"{name}-keys": partial(keys, struct) for name, struct in STRUCTS.items()},
    "subjects": subjects,
    "addresses": addresses,
    "limits": limits,
    "sizes": sizes,
}
