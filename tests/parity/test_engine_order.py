"""The order in which nodes are visited, and fan-in, on random graphs: torch's, node by node."""

import random
from collections.abc import Callable
from typing import Any

import gradb.dialect
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tolerance import assert_close  # noqa: E402

GRAPHS = 1000
UNARY = ("sin", "cos", "exp", "tanh", "sigmoid", "neg", "relu", "abs", "square")
BINARY: tuple[Callable[[Any, Any], Any], ...] = (
    lambda a, b: a + b,
    lambda a, b: a * b,
    lambda a, b: a - b,
    lambda a, b: a * a + b,
    lambda a, b: a @ b,
)


def random_graph(engine: Any, seed: int) -> tuple[list[Any], list[Any]]:
    """Leaves and roots of a graph that the seed decides."""
    choose = random.Random(seed)
    values = np.random.default_rng(seed)
    leaves = [
        engine.tensor(values.uniform(-0.6, 0.6, (2, 2)), requires_grad=choose.random() < 0.85)
        for _ in range(choose.randint(1, 6))
    ]
    if not any(leaf.requires_grad for leaf in leaves):
        leaves[0].requires_grad_()
    tensors = list(leaves)
    for _ in range(choose.randint(1, 25)):
        kind = choose.random()
        if kind < 0.4:
            result = getattr(choose.choice(tensors), choose.choice(UNARY))()
        elif kind < 0.9:
            result = choose.choice(BINARY)(choose.choice(tensors), choose.choice(tensors))
        else:
            result = engine.cat([choose.choice(tensors) for _ in range(choose.randint(1, 4))])[0:2]
        tensors.append(result)
    tracked = [t for t in tensors if t.requires_grad]
    roots = [tracked[-1]] if choose.random() < 0.7 else [choose.choice(tracked) for _ in range(choose.randint(1, 3))]
    return leaves, [root.sum() for root in roots]


def nodes_in_order(roots: list[Any]) -> list[Any]:
    """Every node behind the roots, in an order that follows from the edges alone."""
    seen: list[Any] = []
    stack = [root.grad_fn for root in reversed(roots)]
    while stack:
        node = stack.pop()
        if node is None or node in seen:
            continue
        seen.append(node)
        stack.extend(target for target, _ in reversed(node.next_functions))
    return seen


def visits(engine: Any, seed: int, only_some: bool) -> tuple[list[int], dict[int, Any], list[Any]]:
    """The numbers of the nodes in the order in which backward runs them, what each got, and the leaves."""
    leaves, roots = random_graph(engine, seed)
    nodes = nodes_in_order(roots)
    order: list[int] = []
    got: dict[int, Any] = {}

    def noted(number: int) -> Callable[..., None]:
        return lambda *gradients: order.append(number)

    def kept(number: int) -> Callable[..., None]:
        def hook(gradients: Any) -> None:
            got[number] = [None if g is None else np.array(g.detach().numpy()) for g in gradients]

        return hook

    for number, node in enumerate(nodes):
        node.register_hook(noted(number))
        node.register_prehook(kept(number))
    wanted = [leaf for leaf in leaves if leaf.requires_grad]
    engine.autograd.backward(roots, inputs=wanted[:1] if only_some else None)
    return order, got, leaves


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
