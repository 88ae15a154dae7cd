"""Every expression of the table on torch and here: node names, edges, saved fields, values, gradients."""

import warnings
from typing import Any

import gradb.dialect
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engine_expressions import TABLE, Leaves, floats  # noqa: E402
from tolerance import assert_close  # noqa: E402

DTYPES = ["float32", "float64"]
UNSIGNED = 1 << 64


def evaluated(engine: Any, name: str, dtype: str) -> tuple[Leaves, Any]:
    """The leaves, and what the expression makes of them."""
    leaves = Leaves(engine, dtype)
    return leaves, TABLE[name](engine, engine.nn.functional, leaves)


def shape_of_graph(node: Any, depth: int = 6) -> Any:
    """The names of a node and of the nodes behind it, with the numbers of outputs."""
    if node is None or depth == 0:
        return None
    behind = tuple((shape_of_graph(target, depth - 1), number) for target, number in node.next_functions)
    return type(node).__name__, behind


def saved_fields(node: Any) -> dict[str, Any]:
    """A node's saved fields in a form that both engines share."""
    names = [name for name in dir(node) if name.startswith("_saved_")]
    return {name.removeprefix("_saved_"): plain(getattr(node, name)) for name in names}


def plain(value: Any) -> Any:
    """A saved value as shape and dtype, number, text, or tuple of them."""
    if hasattr(value, "requires_grad"):
        return ("tensor", tuple(value.shape), str(value.dtype))
    if isinstance(value, list | tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= UNSIGNED // 2:
        return value - UNSIGNED  # torch shows negative numbers as unsigned ones
    return value


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", TABLE)
def test_values_and_gradients_are_torchs(name: str, dtype: str) -> None:
    theirs, expected = evaluated(torch, name, dtype)
    ours, found = evaluated(gradb.dialect, name, dtype)
    terms = 12
    assert_close(found.detach().numpy(), expected.detach().numpy(), terms, name)
    assert found.requires_grad == expected.requires_grad
    if not expected.requires_grad:
        return
    weights = np.random.default_rng(3).uniform(0.5, 1.5, expected.shape)
    for engine, result in ((torch, expected), (gradb.dialect, found)):
        result.backward(engine.tensor(weights).to(result.dtype))
    for leaf_name, leaf in floats(theirs).items():
        grad = getattr(ours, leaf_name).grad
        assert (grad is None) == (leaf.grad is None), f"{name}: gradient of {leaf_name}"
        if grad is not None:
            assert_close(grad.numpy(), leaf.grad.numpy(), terms, f"{name}: gradient of {leaf_name}")


@pytest.mark.parametrize("name", TABLE)
def test_nodes_and_edges_are_torchs(name: str) -> None:
    _, expected = evaluated(torch, name, "float32")
    _, found = evaluated(gradb.dialect, name, "float32")
    assert shape_of_graph(found.grad_fn) == shape_of_graph(expected.grad_fn)
    assert found.is_leaf == expected.is_leaf
    assert found.output_nr == expected.output_nr


@pytest.mark.parametrize("name", TABLE)
def test_saved_fields_are_torchs(name: str) -> None:
    _, expected = evaluated(torch, name, "float32")
    _, found = evaluated(gradb.dialect, name, "float32")
    if expected.grad_fn is None:
        assert found.grad_fn is None
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert saved_fields(found.grad_fn) == saved_fields(expected.grad_fn)


@pytest.mark.parametrize("name", TABLE)
def test_printed_text_is_torchs(name: str) -> None:
    _, expected = evaluated(torch, name, "float32")
    _, found = evaluated(gradb.dialect, name, "float32")
    if expected.numel() and bool(torch.isfinite(expected).all()):
        assert repr(found).split("grad_fn")[-1] == repr(expected).split("grad_fn")[-1]
