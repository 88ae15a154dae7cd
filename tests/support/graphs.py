"""Random graphs that a seed decides, and the order in which an engine visits their nodes."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np

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
