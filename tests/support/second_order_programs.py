"""Programs that change tensors in place, through views and beside them, up to a number whose gradients are wanted.

Each computes `s` from `x` (and `y`), leaves in float64. `second_order_of` walks back twice, or says what the first
walk raised.
"""

from typing import Any

import numpy as np

SECOND_ORDER_PROGRAMS = {
    "row": "h = x * 2\nh[0].mul_(3)\ns = (h ** 3).sum()",
    "row by a row that then changed": "h = x * 2\nh[0].mul_(h[1])\ns = (h ** 3).sum()",
    "row by another leaf": "h = x * 2\nh[:1].mul_(y[1:] * y[:1])\ns = (h ** 3).sum()",
    "column": "h = x * x\nh[:, 1].add_(y[:, 0] ** 2)\ns = (h ** 3).sum()",
    "element": "h = x * 2\nh[0, 1] = 7.\ns = (h ** 3).sum()",
    "element of another leaf": "h = x * 2\nh[0, 1] = y[1, 1] ** 2\ns = (h ** 3).sum()",
    "transposed": "h = x * 2\nh.t()[1].mul_(h[0, 0])\ns = (h ** 3).sum()",
    "base after its view": "h = x * 2\nv = h[:, 1]\nh.mul_(x)\ns = (v ** 3).sum() + (h ** 2).sum()",
    "view of a view": "h = x * 2\nv = h[0][:1]\nv.mul_(y[0, :1])\ns = (h ** 3).sum() + (v ** 2).sum()",
    "two views": "h = x * 2\na, b = h[0], h[:, 0]\na.mul_(3)\nb.mul_(y[0])\ns = (h ** 3).sum() + (a ** 2).sum()",
    "expanded": "h = x[0] * 2\ne = h.expand(3, 2)\nh.mul_(y[0])\ns = (e ** 3).sum()",
    "windows": "h = x.reshape(-1) * 1\ne = h.unfold(0, 2, 1)\nh.mul_(y.reshape(-1))\ns = (e ** 3).sum()",
    "into a constant": "b = x.new_zeros(2)\nb[0] = x[1, 1] ** 2\nb[1:].copy_(y[0, :1] ** 3)\ns = (b ** 3).sum()",
    "saved result": "h = x * 2\nh[0].sigmoid_()\ns = (h ** 3).sum()",
    "saved result of the whole": "h = x * 2\nh.exp_()\ns = (h ** 3).sum()",
    "saved input": "h = x * 2\nh[1].pow_(3)\ns = (h ** 2).sum()",
    "relu": "h = x - 2\nh[:, :1].relu_()\ns = (h ** 3).sum()",
    "division": "h = x * 2\nh[0].div_(y[0])\ns = (h ** 3).sum()",
    "addcmul": "h = x * 2\nh[0].addcmul_(y[0], y[1])\ns = (h ** 3).sum()",
    "masked": "h = x * 2\nh[x > 2] = 3.\ns = (h ** 3).sum()",
    "index put": "h = x * 2\nh[T.tensor([0, 1]), T.tensor([1, 0])] = y[0] ** 2\ns = (h ** 3).sum()",
    "filled": "h = x * 2\nh[0].fill_(y[0, 0] ** 2)\ns = (h ** 3).sum()",
    "zeroed": "h = x * 2\nh[0].zero_()\ns = (h ** 3).sum()",
    "augmented": "h = x * 2\nh[0] += y[0] ** 2\nh[1] *= h[0]\ns = (h ** 3).sum()",
    "loop": "h = x * 1\nfor i in range(2):\n    h[i] = h[i - 1] * y[i]\ns = (h ** 3).sum()",
    "prod with a zero": "h = (x[0] - x[0, 0].detach())\ns = (h.prod() * y).sum() + h.prod() ** 2",
    "prod with two zeros": "h = T.cat([x[0] - x[0].detach(), x[1]])\ns = h.prod() * y[0, 0] + (h * h).sum()",
    "prod of rows with zeros": "h = x - x.detach() * x.detach().lt(2)\ns = (h.prod(1) * y[0]).sum()",
    "cumprod with a zero": "h = T.cat([x[0] - x[0].detach()[0], x[1]])\ns = (h.cumprod(0) * T.arange(1., 5.)).sum()",
}


def second_order_of(engine: Any, source: str) -> list[Any]:
    """The gradients of a program's number, and those of their squares' sum."""
    leaves = {
        "x": engine.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=engine.float64).requires_grad_(),
        "y": engine.tensor([[0.5, 1.5], [2.5, -1.0]], dtype=engine.float64).requires_grad_(),
    }
    names: dict[str, Any] = {"T": engine, **leaves}
    exec(source, names)
    wanted = list(leaves.values())
    try:
        grads = engine.autograd.grad(names["s"], wanted, create_graph=True, allow_unused=True)
    except RuntimeError as error:
        return [type(error)]
    terms: list[Any] = [(grad * grad).sum() for grad in grads if grad is not None]
    squares = sum(terms[1:], terms[0])
    seconds = engine.autograd.grad(squares, wanted, allow_unused=True)
    return [_array(grad, leaf) for grad, leaf in zip([*grads, *seconds], wanted * 2, strict=True)]


def _array(grad: Any, leaf: Any) -> Any:
    return np.zeros(tuple(leaf.shape)) if grad is None else np.array(grad.detach().numpy())
