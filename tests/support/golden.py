"""What torch gave for the tables, as data: `python -m golden` writes it with torch, `recorded(table)` reads it without.

One JSON object a line, in `tests/parity/golden/TABLE.jsonl`; the first line names torch's version. Each other line has
the name of a case, and what its function here tells of it.
"""

import json
import sys
import warnings
import zlib
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from engine_expressions import TABLE, Leaves, floats
from engine_programs import PROGRAMS, outcome
from error_programs import ERRORS
from function_programs import FUNCTION_PROGRAMS
from graphs import visits
from hook_programs import HOOK_PROGRAMS
from mode_programs import MODE_PROGRAMS
from op_parity import Engine, Row, attempt, first_order, run, tensors
from op_rows import ROWS
from second_order_programs import SECOND_ORDER_PROGRAMS, second_order_of

FOLDER = Path(__file__).parent.parent / "parity" / "golden"
GRAPHS = 200
SHOWN = 24

Case = dict[str, Any]


def tables() -> dict[str, list[tuple[str, Callable[[Any], Any]]]]:
    """By table: the name of each case, and the function that evaluates it on an engine."""
    programs = {**PROGRAMS, **HOOK_PROGRAMS, **FUNCTION_PROGRAMS, **MODE_PROGRAMS}
    sources = {name: source for name, source in programs.items() if "import " not in source}
    rows = dict.fromkeys(row for row in ROWS if "plain" in row.layouts)
    return {
        "ops": [(f"{row.expression} | {row.inputs}", _Of(_row, row)) for row in rows],
        "expressions": [(name, _Of(_expression, name)) for name in TABLE],
        "programs": [(name, _Of(_program, source)) for name, source in sources.items()],
        "errors": [(line, _Of(_raised, source)) for line, source in ERRORS.items()],
        "second_order": [(name, _Of(_second_order, source)) for name, source in SECOND_ORDER_PROGRAMS.items()],
        "order": [(f"graph {seed}", _Of(_order, seed)) for seed in range(GRAPHS)],
    }


class _Of:
    """A function of an engine and a case, waiting for the engine."""

    def __init__(self, function: Callable[[Any, Any], Any], case: Any) -> None:
        self.function = function
        self.case = case

    def __call__(self, torch: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self.function(torch, self.case)


def _row(torch: Any, row: Row) -> Any:
    engine = Engine(torch, torch.nn.functional)
    found = run(row, engine, "float32", "plain")
    if found.error is not None:
        return {"raised": found.error.__name__}
    results = tensors(found.result)
    told: Case = {"results": [described(t) for t in results], "nodes": [graph(t.grad_fn) for t in results]}
    if any(t.requires_grad for t in results):
        seed = zlib.crc32(row.expression.encode())
        gradients, error = attempt(lambda: first_order(engine, found, seed)[0])
        told["gradients"] = error.__name__ if error is not None else [described(g, False) for g in gradients]
    return told


def _expression(torch: Any, name: str) -> Any:
    x = Leaves(torch, "float32")
    result = TABLE[name](torch, torch.nn.functional, x)
    told: Case = {"results": [described(result)], "nodes": [graph(result.grad_fn)]}
    if result.requires_grad:
        weights = np.random.default_rng(3).uniform(0.5, 1.5, tuple(result.shape))
        result.backward(torch.tensor(weights).to(result.dtype))
        told["gradients"] = [described(leaf.grad, False) for leaf in floats(x).values()]
    return told


def _program(torch: Any, source: str) -> Any:
    *values, error = outcome(torch, source)
    told: list[Any] = []
    for value in values:
        if isinstance(value, tuple) and value[:1] == ("tensor",):
            told.append([_array(value[1]), *value[2:]])
        else:
            told.append(value if isinstance(value, str | int | float | bool | None) else str(value))
    return {"out": told, "raised": None if error is None else error.__name__}


def _raised(torch: Any, source: str) -> Any:
    names = {"T": torch, "nn": torch.nn, "F": torch.nn.functional, "optim": torch.optim}
    try:
        exec(source, names)
    except Exception as error:
        return {"raised": type(error).__name__}
    return {"raised": None}


def _second_order(torch: Any, source: str) -> Any:
    return {"gradients": [g.__name__ if isinstance(g, type) else _array(g) for g in second_order_of(torch, source)]}


def _order(torch: Any, seed: int) -> Any:
    order, _, leaves = visits(torch, seed, False)
    return {"order": order, "gradients": [described(leaf.grad) for leaf in leaves]}


def described(tensor: Any, tracked: bool = True) -> Any:
    """A tensor as dtype, shape, flat values, and where `tracked` whether it requires grad; None for none."""
    if tensor is None:
        return None
    plain = tensor.detach()
    array = plain.numpy(force=True) if type(plain).__module__ == "torch" else plain.numpy()
    return [*_array(array), bool(tensor.requires_grad)] if tracked else _array(array)


def _array(array: Any) -> list[Any]:
    """dtype, shape, values with as many digits as the dtype has: of a large array every second, third ... only."""
    shown = array.ravel()[:: array.size // SHOWN + 1]
    if array.dtype.kind == "f" and array.dtype.itemsize < 8:
        values = [float(str(value)) for value in shown]
    else:
        values = shown.tolist()
    return [array.dtype.name, list(array.shape), values]


def graph(node: Any, depth: int = 4) -> Any:
    """The names of a node and of those behind it, as a text: `Mul(Acc, -)`."""
    if node is None:
        return "-"
    behind = [graph(target, depth - 1) for target, _ in node.next_functions] if depth else []
    return type(node).__name__ + (f"({', '.join(behind)})" if behind else "")


def recorded(table: str) -> Iterator[tuple[str, Any]]:
    """What torch gave for each case of a table."""
    with (FOLDER / f"{table}.jsonl").open(encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            told = json.loads(line)
            yield told.pop("case"), told


def write() -> None:
    """Writes all tables. Raises ImportError without torch."""
    torch = import_module("torch")
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    for table, cases in tables().items():
        path = FOLDER / f"{table}.jsonl"
        with path.open("w", encoding="utf-8") as lines:
            print(json.dumps({"torch": torch.__version__, "cases": len(cases)}), file=lines)
            for name, evaluate in cases:
                told = {"case": name, **evaluate(torch)}
                print(json.dumps(told, ensure_ascii=False, separators=(",", ":")), file=lines)
        print(f"{len(cases)} cases, {path.stat().st_size >> 10} kB: {path}", file=sys.stderr)


if __name__ == "__main__":
    write()
