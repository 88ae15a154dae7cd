"""The regression of 800 steps, written once for gradb and PyTorch, and once by hand in numpy."""

from typing import Any

import gradb
import numpy as np

STEPS = 800
LEARNING_RATE = 0.001
END = (2.9668, 2.1138)


def program(torch: Any) -> tuple[float, float]:
    """The bundled scenario's program, on gradb or on PyTorch. Returns w and b at the end."""
    torch.manual_seed(100)
    x = torch.unsqueeze(torch.linspace(-1, 1, 100), dim=1)
    y = 3 * x.pow(2) + 2 + 0.2 * torch.rand(x.size())
    w = torch.randn(1, 1, requires_grad=True)
    b = torch.zeros(1, 1, requires_grad=True)
    for _ in range(STEPS):
        y_pred = w * x**2 + b
        loss = ((y_pred - y) ** 2).sum()
        loss.backward()
        with torch.no_grad():
            w -= LEARNING_RATE * w.grad
            b -= LEARNING_RATE * b.grad
            w.grad.zero_()
            b.grad.zero_()
    return w.item(), b.item()


def by_hand() -> tuple[float, float]:
    """The same steps with the gradients worked out on paper, in numpy and float32."""
    gradb.manual_seed(100)
    x = gradb.linspace(-1, 1, 100).numpy()[:, None]
    y = 3 * x**2 + 2 + np.float32(0.2) * gradb.rand(100, 1).numpy()
    w = gradb.randn(1, 1).numpy().copy()
    b = np.zeros((1, 1), np.float32)
    rate = np.float32(LEARNING_RATE)
    for _ in range(STEPS):
        squares = x**2
        error = w * squares + b - y
        _loss = (error**2).sum()
        slope = 2 * error
        w -= rate * (slope * squares).sum()
        b -= rate * slope.sum()
    return w.item(), b.item()


def recorded() -> tuple[float, float]:
    """The program with every event recorded."""
    with gradb.record():
        return program(gradb)
