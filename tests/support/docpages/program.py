"""What a scenario's program may use: its modules, Python's builtins and statements."""

import ast
from collections.abc import Callable

from gradb.scenario.program import words
from gradb.scenario.program.builtins import Lazies, allowed
from gradb.scenario.program.guards import Guards
from gradb.scenario.program.modules import importable

from docpages.table import code, table

_STATEMENTS = {
    "Assign": "assignments",
    "For": "`for`",
    "While": "`while`",
    "If": "`if`",
    "With": "`with`",
    "Try": "`try`",
    "Raise": "`raise`",
    "Assert": "`assert`",
    "FunctionDef": "functions",
    "ClassDef": "classes",
    "Return": "`return`",
    "Import": "`import`",
    "ImportFrom": "`from ... import`",
    "Delete": "`del`",
    "Global": "`global`",
    "Lambda": "`lambda`",
    "ListComp": "comprehensions",
    "JoinedStr": "f-strings",
    "NamedExpr": "`:=`",
}


def _listed(names: set[str] | frozenset[str]) -> str:
    return ", ".join(code(name) for name in sorted(names))


def program() -> str:
    """What a program may hold, in a table."""
    for name in _STATEMENTS:
        assert getattr(ast, name) in words.SYNTAX, f"{name} is no longer for programs"
    builtins = allowed(Guards({}), Lazies(), print)
    modules = importable(None, lambda *_: None, 1)
    rows = [
        ("statements", ", ".join(_STATEMENTS.values())),
        ("not", ", ".join(words.IN_WORDS.values())),
        ("modules", _listed(set(modules))),
        ("builtins", _listed({name for name in builtins if not name.startswith("_")})),
        ("methods of classes", _listed(words.DEFINABLE)),
    ]
    return table(("", "a program may use"), rows)


PARTS: dict[str, Callable[[], str]] = {"program": program}
