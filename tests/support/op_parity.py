"""One expression under torch and under gradb: `compare(row, ...)` raises AssertionError where the two differ.

A row is an expression and its inputs (see `op_inputs`); statements before the expression are split off by `;`.
"""

import math
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from op_inputs import Row as Row
from op_inputs import inputs
from tolerance import ELEMENTWISE


class Engine(NamedTuple):
    """Where an expression is evaluated: torch, or what stands for it."""

    torch: Any
    functional: Any

    def tensor(self, array: Any) -> Any:
        """A leaf on the array's memory; floats require grad."""
        leaf = self.torch.from_numpy(array)
        return leaf.requires_grad_() if array.dtype.kind == "f" else leaf


class Outcome(NamedTuple):
    """What an engine made of a row: the result, or the class of the exception."""

    leaves: dict[str, Any]
    result: Any
    error: type[BaseException] | None
    message: str = ""


def run(row: Row, engine: Engine, dtype: str, layout: str) -> Outcome:
    """Evaluates a row under an engine."""
    leaves = {name: engine.tensor(array) for name, array in inputs(row, dtype, layout).items()}
    names = {"torch": engine.torch, "F": engine.functional, "math": math, **leaves}
    *statements, expression = row.expression.split(";")
    try:
        for statement in statements:
            exec(statement.strip(), names)
        return Outcome(leaves, eval(expression.strip(), names), None)
    except Exception as error:
        return Outcome(leaves, None, type(error), str(error))


def tensors(result: Any) -> list[Any]:
    """The tensors in a result, however nested."""
    if isinstance(result, tuple | list):
        return [t for item in result for t in tensors(item)]
    return [result] if hasattr(result, "grad_fn") else []


def close(path: str, have: Any, want: Any, scale: float = 1.0) -> None:
    """Compares two arrays."""
    have, want = np.asarray(have), np.asarray(want)
    assert have.dtype == want.dtype, f"{path}: dtype {have.dtype}, torch {want.dtype}"
    assert have.shape == want.shape, f"{path}: shape {have.shape}, torch {want.shape}"
    if want.dtype.kind != "f":
        assert np.array_equal(have, want), f"{path}:\n{have}\ntorch\n{want}"
        return
    tolerance = ELEMENTWISE[want.dtype.name] * scale * math.sqrt(max(want.size, 16))
    finite = want[np.isfinite(want)]
    size = float(np.abs(finite).max()) if finite.size else 0.0
    assert np.allclose(have, want, tolerance, tolerance * size, equal_nan=True), f"{path}:\n{have}\ntorch\n{want}"


def array(tensor: Any) -> Any:
    """The numbers of a tensor of either engine."""
    plain = tensor.detach()
    return plain.numpy(force=True) if type(plain).__module__ == "torch" else plain.numpy()


def same_result(path: str, have: Any, want: Any) -> None:
    """Compares what two expressions gave: kinds, values, dtypes, who requires grad."""
    if isinstance(want, tuple | list):
        assert isinstance(have, tuple | list), f"{path}: {type(have)}, torch {type(want)}"
        assert len(have) == len(want), f"{path}: {len(have)} items, torch {len(want)}"
        assert isinstance(have, tuple) == isinstance(want, tuple), f"{path}: {type(have)}, torch {type(want)}"
        for i, (mine, other) in enumerate(zip(have, want, strict=True)):
            same_result(f"{path}[{i}]", mine, other)
    elif hasattr(want, "grad_fn"):
        close(path, array(have), array(want))
        assert have.requires_grad == want.requires_grad, f"{path}: requires_grad {have.requires_grad}"
        assert have.is_leaf == want.is_leaf, f"{path}: is_leaf {have.is_leaf}"
        assert have.is_contiguous() == want.is_contiguous(), f"{path}: is_contiguous {have.is_contiguous()}"
        same_graph(f"{path}.grad_fn", have.grad_fn, want.grad_fn)
    else:
        assert type(have).__name__ == type(want).__name__, f"{path}: {type(have)}, torch {type(want)}"
        assert have == want or (have != have and want != want), f"{path}: {have}, torch {want}"


def same_graph(path: str, have: Any, want: Any, seen: dict[tuple[int, int], Any] | None = None) -> None:
    """Compares two graphs: names, edges, saved fields. `seen` holds the pairs of nodes that were compared before."""
    assert (have is None) == (want is None), f"{path}: {have}, torch {want}"
    seen = {} if seen is None else seen
    if want is None or (id(have), id(want)) in seen:
        return
    seen[id(have), id(want)] = have, want
    name = type(want).__name__
    assert type(have).__name__ == name, f"{path}: {type(have).__name__}, torch {name}"
    same_saved(path, have, want)
    mine, theirs = have.next_functions, want.next_functions
    assert len(mine) == len(theirs), f"{path} {name}: {len(mine)} edges, torch {len(theirs)}"
    for i, ((node, output), (other, at)) in enumerate(zip(mine, theirs, strict=True)):
        assert output == at, f"{path} {name} edge {i}: output {output}, torch {at}"
        same_graph(f"{path}>{name}.{i}", node, other, seen)


def saved_names(node: Any) -> list[str]:
    """The saved fields that a node shows."""
    return sorted({field.removeprefix("_saved_") for field in dir(node) if field.startswith("_saved_")})


def same_saved(path: str, have: Any, want: Any) -> None:
    """Compares the saved fields of two nodes."""
    name = type(want).__name__
    fields = saved_names(want)
    assert saved_names(have) == fields, f"{path} {name}: saves {saved_names(have)}, torch {fields}"
    for field in fields:
        same_field(f"{path} {name}._saved_{field}", getattr(have, f"_saved_{field}"), getattr(want, f"_saved_{field}"))


def same_field(path: str, have: Any, want: Any) -> None:
    """Compares one saved value."""
    if isinstance(want, tuple | list):
        assert isinstance(have, tuple | list), f"{path}: {have}, torch {want}"
        assert len(have) == len(want), f"{path}: {have}, torch {want}"
        for i, (mine, other) in enumerate(zip(have, want, strict=True)):
            same_field(f"{path}[{i}]", mine, other)
    elif hasattr(want, "grad_fn"):
        assert hasattr(have, "grad_fn"), f"{path}: {have}, torch {want}"
        close(path, array(have), array(want))
    elif type(want) is int:
        assert type(have) is int, f"{path}: {have!r}, torch {want!r}"
        assert (have - want) % (1 << 64) == 0, f"{path}: {have}, torch {want}"  # torch shows -1 without its sign
    else:
        assert type(have) is type(want), f"{path}: {have!r}, torch {want!r}"
        assert have == want or (have != have and want != want), f"{path}: {have}, torch {want}"


def first_order(engine: Engine, outcome: Outcome, seed: int, create_graph: bool = False) -> tuple[Any, ...]:
    """The gradients of the leaves for random gradients of the results, and these random gradients."""
    roots = [t for t in tensors(outcome.result) if t.requires_grad]
    random = np.random.default_rng(seed)
    seeds = [engine.torch.from_numpy(np.asarray(random.normal(size=tuple(t.shape)), array(t).dtype)) for t in roots]
    if create_graph:
        seeds = [s.requires_grad_() for s in seeds]
    leaves = [leaf for leaf in outcome.leaves.values() if leaf.requires_grad]
    grads = engine.torch.autograd.grad(roots, leaves, seeds, create_graph=create_graph, allow_unused=True)
    return grads, seeds


def second_order(engine: Engine, outcome: Outcome, seed: int) -> tuple[Any, ...]:
    """The gradients of the gradients, with respect to the leaves and to the gradients that came in."""
    grads, seeds = first_order(engine, outcome, seed, True)
    roots = [g for g in grads if g is not None and g.requires_grad]
    if not roots:
        return ()
    random = np.random.default_rng(seed + 1)
    above = [engine.torch.from_numpy(np.asarray(random.normal(size=tuple(t.shape)), array(t).dtype)) for t in roots]
    leaves = [*[leaf for leaf in outcome.leaves.values() if leaf.requires_grad], *seeds]
    return engine.torch.autograd.grad(roots, leaves, above, allow_unused=True)


def same_gradients(path: str, have: Any, want: Any, scale: float, loose: bool = False) -> None:
    """Compares gradients; where `loose`, none at all counts as zeros."""
    assert len(have) == len(want) or loose, f"{path}: {len(have)}, torch {len(want)}"
    for i, (mine, other) in enumerate(zip(have, want, strict=False)):
        if loose and (mine is None or other is None):
            rest = other if mine is None else mine
            assert rest is None or not np.any(array(rest)), f"{path}[{i}]: {mine}, torch {other}"
            continue
        assert (mine is None) == (other is None), f"{path}[{i}]: {mine}, torch {other}"
        if other is not None:
            close(f"{path}[{i}]", array(mine), array(other), scale)


def compare(row: Row, mine: Engine, judge: Engine, dtype: str, layout: str) -> None:
    """Raises AssertionError, saying where, unless both engines do the same with the row."""
    want, have = run(row, judge, dtype, layout), run(row, mine, dtype, layout)
    assert have.error is want.error, f"raised {have.error} {have.message}; torch {want.error} {want.message}"
    if want.error is not None:
        return
    same_result("result", have.result, want.result)
    if not any(t.requires_grad for t in tensors(want.result)):
        return
    seed = zlib.crc32(row.expression.encode())
    wanted, error = attempt(lambda: first_order(judge, want, seed)[0])
    found, mistake = attempt(lambda: first_order(mine, have, seed)[0])
    assert mistake is error, f"backward raised {mistake} {found}; torch {error} {wanted}"
    if error is not None:
        return
    same_gradients("gradient", found, wanted, 4 * _coarseness(want.result, dtype))
    if not row.second or dtype != "float64":
        return
    wanted, error = attempt(lambda: second_order(judge, run(row, judge, dtype, layout), seed))
    if error is not None:
        return
    found = second_order(mine, run(row, mine, dtype, layout), seed)
    if not wanted or not found:
        wanted, found = wanted or (None,) * len(found), found or (None,) * len(wanted)
    same_gradients("second gradient", found, wanted, 1e3, loose=True)


def _coarseness(result: Any, dtype: str) -> float:
    """How much coarser than the leaves a result is: gradients of a half pass through halves."""
    dtypes = [str(t.dtype).removeprefix("torch.") for t in tensors(result) if t.requires_grad]
    return max(*[ELEMENTWISE[name] for name in dtypes], ELEMENTWISE[dtype]) / ELEMENTWISE[dtype]


def attempt(action: Any) -> tuple[Any, type[BaseException] | None]:
    """What an action gives, or its message and the class of its exception."""
    try:
        return action(), None
    except Exception as error:
        return str(error), type(error)


def cases(rows: list[Row]) -> Iterator[tuple[str, Row, str, str]]:
    """Each row in each dtype and layout, with a name."""
    for row in rows:
        for layout in row.layouts:
            for dtype in ("float32", "float64"):
                yield f"{row.expression} | {row.inputs} | {dtype} {layout}", row, dtype, layout
