"""What a reader calls a loop of a program: `name_of_loop` takes its variable, as in `epoch 2, batch 3`."""

import ast
from typing import Any

PLAIN = "turn"  # where the program gives no name
_NUMBERING = ("_index", "_idx", "_number", "_num", "_id", "_i", "_no", "_nr")
_TAKEN = frozenset({"step", "line", "start", "end"})  # words of addresses


def name_of_loop(statement: Any) -> str:
    """The name of a `for` loop: `epoch` for `for epoch in ...`, and `batch` for a loop over batches without a name.

    A variable that only counts (`batch_idx`) gives the name of what it counts.
    """
    target, values = statement.target, statement.iter
    over_batches = any(word in ast.unparse(values).lower() for word in ("loader", "batch"))
    counted = isinstance(values, ast.Call) and isinstance(values.func, ast.Name) and values.func.id == "enumerate"
    if counted and isinstance(target, ast.Tuple | ast.List) and target.elts:
        target = target.elts[0]
    name = target.id.strip("_") if isinstance(target, ast.Name) else ""
    for ending in _NUMBERING:
        name = name.removesuffix(ending)
    if over_batches and len(name) < 2:
        return "batch"
    return PLAIN if not name or name in _TAKEN or name[-1].isdigit() else name
