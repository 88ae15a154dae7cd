"""The order in which nodes are visited, and fan-in, on random graphs: torch's, node by node."""

from typing import Any

import gradb.dialect
import pytest

torch = pytest.importorskip("torch")

from graphs import nodes_in_order, random_graph, visits  # noqa: E402
from tolerance import assert_close  # noqa: E402

GRAPHS = 1000


@pytest.mark.parametrize("only_some", [False, True], ids=["all leaves", "inputs="])
@pytest.mark.parametrize("start", range(0, GRAPHS, 100))
def test_nodes_are_visited_in_torchs_order_with_torchs_sums(only_some: bool, start: int) -> None:
    for seed in range(start, start + 100):
        if only_some and not any_reaches(seed):
            continue
        expected, sums, theirs = visits(torch, seed, only_some)
        found, totals, ours = visits(gradb.dialect, seed, only_some)
        assert found == expected, f"graph {seed}"
        for number, gradients in sums.items():
            for total, other in zip(totals[number], gradients, strict=True):
                assert (total is None) == (other is None), f"graph {seed}, node {number}"
                if other is not None:
                    assert_close(total, other, 1000, f"graph {seed}, what reached node {number}")
        for leaf, other in zip(ours, theirs, strict=True):
            assert (leaf.grad is None) == (other.grad is None), f"graph {seed}"
            if other.grad is not None:
                assert_close(leaf.grad.numpy(), other.grad.numpy(), 1000, f"graph {seed}")


def any_reaches(seed: int) -> bool:
    """Whether the first leaf that requires grad is in the graph; torch raises for one that is not."""
    leaves, roots = random_graph(torch, seed)
    wanted = next(leaf for leaf in leaves if leaf.requires_grad)
    return any(getattr(node, "variable", None) is wanted for node in nodes_in_order(roots))


def test_autograd_grad_agrees_on_random_graphs() -> None:
    for seed in range(0, GRAPHS, 4):
        results: list[list[Any]] = []
        for engine in (torch, gradb.dialect):
            leaves, roots = random_graph(engine, seed)
            wanted = [leaf for leaf in leaves if leaf.requires_grad]
            results.append(list(engine.autograd.grad(roots, wanted, allow_unused=True)))
        for theirs, ours in zip(*results, strict=True):
            assert (ours is None) == (theirs is None), f"graph {seed}"
            if theirs is not None:
                assert_close(ours.numpy(), theirs.numpy(), 1000, f"graph {seed}")
