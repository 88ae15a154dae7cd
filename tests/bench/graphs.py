"""Programs whose graph has so many nodes: `script(nodes, steps)` gives the text of one."""

OUTSIDE = 4  # the two leaves, the first product and the sum
IN_LAYER = 4


def script(nodes: int, steps: int) -> str:
    """A training of so many steps: two parameters that every layer uses, so that the graph is no mere chain."""
    layers, more = divmod(nodes - OUTSIDE, IN_LAYER)
    return f"""\
import torch

torch.manual_seed(0)
w = torch.rand(4, requires_grad=True)
b = torch.rand(4, requires_grad=True)
for step in range({steps}):
    x = w * b
    for layer in range({layers}):
        h = torch.tanh(x * w)
        g = h + b
        x = g - x
    for last in range({more}):
        x = -x
    loss = x.sum()
    loss.backward()
    with torch.no_grad():
        w -= 0.01 * w.grad
        b -= 0.01 * b.grad
        w.grad.zero_()
        b.grad.zero_()
"""
