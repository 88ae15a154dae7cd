"""gradb against what torch gave for the tables, read from files: without torch. `make golden` writes them."""

import math
from typing import Any

import gradb.dialect
import gradb.nn.functional  # pyright: ignore[reportUnusedImport]
import numpy as np
import pytest
from golden import recorded, tables
from tolerance import ELEMENTWISE

TABLES = tables()
SCALES = {"results": 1.0, "gradients": 4.0, "out": 10.0}
ORDER_TERMS = 100.0  # a graph of 25 random products


@pytest.mark.parametrize("table", TABLES)
def test_torch_was_asked_for_nearly_every_case(table: str) -> None:
    missing = {name for name, _ in TABLES[table]} - {name for name, _ in recorded(table)}
    assert len(missing) <= len(TABLES[table]) // 20, f"{len(missing)} cases are not recorded: run `make golden`"


@pytest.mark.parametrize("table", TABLES)
def test_gradb_gives_what_torch_gave(table: str) -> None:
    wrong: list[str] = []
    functions = dict(TABLES[table])
    for name, expected in recorded(table):
        evaluate = functions.get(name)
        if evaluate is None or (table, name) in DIFFERENT:
            continue
        found = evaluate(gradb.dialect)
        for key, wanted in expected.items():
            if not agree(found.get(key), wanted, SCALES.get(key, 1.0) * (ORDER_TERMS if table == "order" else 1.0)):
                wrong.append(f"{name}: {key}\n  gradb {found.get(key)}\n  torch {wanted}")
    assert not wrong, f"{len(wrong)} differ:\n" + "\n".join(wrong[:20])


DIFFERENT = {
    *[("errors", line) for line in ("T.ones(0, 2).max(0)", "float(x)", "int(x)", "T.tensor([None])")],
    *[("errors", line) for line in ("T.full((2,), 'a')", "T.eye(-1)", "x.type('a')", "T.equal(x, 3)")],
    *[("errors", line) for line in ("x.sum(keepdim=True)", "T.cross(T.ones(2), T.ones(2))", "T.cdist(x, m)")],
}
"""What tests/parity/README.md lists."""


def agree(found: Any, wanted: Any, scale: float) -> bool:
    """Whether two told values are the same, numbers within the tolerance of their dtype."""
    if is_tensor(wanted):
        if not is_tensor(found) or found[:2] != wanted[:2] or found[3:] != wanted[3:]:
            return False
        return close(wanted[0], found[2], wanted[2], scale)
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(found) == len(wanted)
            and all(agree(mine, other, scale) for mine, other in zip(found, wanted, strict=True))
        )
    if isinstance(wanted, float) and isinstance(found, float):
        return math.isclose(found, wanted, rel_tol=1e-5, abs_tol=1e-7) or (found != found and wanted != wanted)
    if isinstance(wanted, str) and isinstance(found, str) and wanted.endswith(("Error", "Exception")):
        return found == wanted or (wanted == "RuntimeError" and found == "NotImplementedError")
    return bool(found == wanted)


def is_tensor(told: Any) -> bool:
    return isinstance(told, list) and len(told) > 2 and isinstance(told[0], str) and isinstance(told[2], list)


def close(dtype: str, found: list[Any], wanted: list[Any], scale: float) -> bool:
    if dtype not in ELEMENTWISE:
        return found == wanted
    mine, other = np.asarray(found, np.float64), np.asarray(wanted, np.float64)
    tolerance = ELEMENTWISE[dtype] * scale * math.sqrt(max(other.size, 16))
    finite = other[np.isfinite(other)]
    size = float(np.abs(finite).max()) if finite.size else 0.0
    return bool(np.allclose(mine, other, tolerance, tolerance * size, equal_nan=True))
