"""Runs made by hand, event by event, for tests that need a trace and no engine: `leaf_trace`, `regression_trace`."""

from collections.abc import Callable

import numpy as np
import pytest
from gradb.trace.events import (
    Accumulate,
    Array,
    BackwardFinished,
    BackwardStarted,
    Forward,
    NodeRef,
    OpInfo,
    Plotted,
    Printed,
    TensorCreated,
    TensorState,
    Update,
    Visit,
    ZeroGrad,
)
from gradb.trace.trace import Header, Trace
from gradb_tui.panes.moment import Note
from gradb_tui.session import Session
from textual.app import App


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is read from the user's folders or written to them; this user has been here before."""
    folder = tmp_path_factory.mktemp("user")
    (folder / "state" / "gradb").mkdir(parents=True)
    (folder / "state" / "gradb" / "preferences.json").write_text('{"greeted": true}', encoding="utf-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))


LEAF_NOTES = (
    Note("line 4", "`w` is a **leaf** that requires grad: the program made it, and no op did."),
    Note(
        "line 6", "`y` is computed from `w`, so it is not a leaf. Backward passes its gradient on and does not keep it."
    ),
)

MUL = OpInfo("mul", ("self", "other"), "self · other", {"self": "∂L/∂out · other", "other": "∂L/∂out · self"})
ADD = OpInfo("add", ("self", "other"), "self + other", {"self": "∂L/∂out", "other": "∂L/∂out"})
SQUARE = OpInfo("pow", ("self", "exponent"), "self ^ exponent", {"self": "∂L/∂out · exponent · self"})
SUM = OpInfo("sum", ("self",), "Σ self", {"self": "expand(∂L/∂out)"})

LEAF_SOURCE = """\
import torch

x = torch.tensor([2.0])
w = torch.randn(1, requires_grad=True)
b = torch.randn(1, requires_grad=True)
y = w * x  # not a leaf
z = y + b
z.backward()
print(w.grad, b.grad, x.grad)
"""

REGRESSION_SOURCE = """\
import torch
import matplotlib.pyplot as plt

torch.manual_seed(100)
x = torch.linspace(-1, 1, 100).unsqueeze(1)
y = 3 * x ** 2 + 2 + 0.2 * torch.rand(x.size())
plt.scatter(x.numpy(), y.numpy())
plt.show()
w = torch.randn(1, 1, requires_grad=True)
b = torch.zeros(1, 1, requires_grad=True)
lr = 0.001
for i in range(800):
    square = x ** 2
    scaled = square * w
    y_pred = scaled + b
    loss = ((y - y_pred) ** 2).sum()
    loss.backward()
    with torch.no_grad():
        w -= lr * w.grad
        b -= lr * b.grad
        w.grad.zero_()
        b.grad.zero_()
"""


class Maker:
    """Adds events to a trace; numbers tensors and nodes."""

    def __init__(self, source: str) -> None:
        self.trace = Trace(Header(title="made by hand", source=source))
        self.events = self.trace.events
        self.tensors = 0
        self.nodes = 0

    def state(self, array: Array, *, grad: bool = False, node: NodeRef | None = None) -> TensorState:
        self.tensors += 1
        return TensorState(self.tensors, array, grad, node)

    def node(self, name: str, *, leaf: int = 0) -> NodeRef:
        self.nodes += 1
        return NodeRef(self.nodes, name, 0 if leaf else len(self.events) + 1, leaf)

    def leaf(self, line: int, name: str, array: Array, origin: str, *, grad: bool = False) -> TensorState:
        state = self.state(array, grad=grad)
        self.events.append(TensorCreated(line, state, origin))
        self.trace.bind(name, state.id)
        return state

    def op(self, line: int, name: str, info: OpInfo, inputs: tuple[object, ...], array: Array) -> TensorState:
        node = self.node(f"{info.name.capitalize()}Backward0")
        state = self.state(array, grad=True, node=node)
        self.events.append(Forward(line, info, inputs, (state,), node, False, True))  # type: ignore[arg-type]
        if name:
            self.trace.bind(name, state.id)
        return state

    def visit(self, line: int, node: NodeRef | None, incoming: Array, *outgoing: Array | None) -> None:
        assert node is not None
        self.events.append(Visit(line, node, (incoming,), outgoing))

    def accumulate(self, line: int, leaf: TensorState, gradient: Array, before: TensorState | None) -> TensorState:
        self.visit(line, self.node("AccumulateGrad", leaf=leaf.id), gradient)
        total = gradient if before is None else before.array + gradient
        after = self.state(total) if before is None else TensorState(before.id, total, False)
        self.events.append(Accumulate(line, leaf, gradient, None if before is None else before.array, after))
        return after


@pytest.fixture(scope="session")
def leaf_trace() -> Trace:
    return leaf()


@pytest.fixture(scope="session")
def regression_trace() -> Trace:
    return regression(40)


@pytest.fixture
def leaf_session() -> Session:
    return Session(leaf(), "Leaf, non-leaf and root tensors", "What is a leaf?", LEAF_NOTES, ("w.grad", "b.grad"))


@pytest.fixture
def regression_session(regression_trace: Trace) -> Session:
    return Session(regression_trace, "Fit a parabola", "", (), ("w", "b", "w.grad", "b.grad"))


@pytest.fixture
def screen_rows() -> Callable[[App[int]], list[str]]:
    """What an app shows: its rows as text, without the blanks at their ends."""
    return lambda app: [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


def leaf() -> Trace:
    """x, w, b; y = w · x; z = y + b; z.backward(); a print."""
    make = Maker(LEAF_SOURCE)
    f = np.float32
    x = make.leaf(3, "x", np.array([2.0], f), "tensor")
    w = make.leaf(4, "w", np.array([0.5], f), "randn", grad=True)
    b = make.leaf(5, "b", np.array([-1.25], f), "randn", grad=True)
    y = make.op(6, "y", MUL, (w, x), w.array * x.array)
    z = make.op(7, "z", ADD, (y, b), y.array + b.array)
    one = np.ones(1, f)
    make.events.append(BackwardStarted(8, (z,), (one,), False))
    make.visit(8, z.grad_fn, one, one, one)
    make.accumulate(8, b, one, None)
    make.visit(8, y.grad_fn, one, x.array, None)
    make.accumulate(8, w, x.array, None)
    assert y.grad_fn is not None
    make.events.append(BackwardFinished(8, (y.grad_fn,)))
    make.events.append(Printed(9, "tensor([2.]) tensor([1.]) None"))
    return make.trace


def regression(steps: int = 800) -> Trace:
    """The training of w · x² + b on 100 points, 22 events a step."""
    make = Maker(REGRESSION_SOURCE)
    f = np.float32
    noise = np.random.default_rng(100)
    x = make.leaf(5, "x", np.linspace(-1, 1, 100, dtype=f)[:, None], "linspace")
    y = make.leaf(6, "y", (3 * x.array**2 + 2 + 0.2 * noise.random((100, 1))).astype(f), "add")
    make.events.append(Plotted(7, "scatter", (x.array, y.array), ()))
    make.events.append(Plotted(8, "show", (), ()))
    w = make.leaf(9, "w", np.array([[0.2437]], f), "randn", grad=True)
    b = make.leaf(10, "b", np.zeros((1, 1), f), "zeros", grad=True)
    grads: dict[int, TensorState | None] = {w.id: None, b.id: None}
    for _ in range(steps):
        square = make.state(x.array**2)
        make.events.append(Forward(13, SQUARE, (x, 2), (square,), None, False, True))
        make.trace.bind("square", square.id)
        scaled = make.op(14, "scaled", MUL, (square, w), square.array * w.array)
        y_pred = make.op(15, "y_pred", ADD, (scaled, b), scaled.array + b.array)
        error = make.op(16, "", ADD, (y, y_pred), y.array - y_pred.array)
        squared = make.op(16, "", SQUARE, (error, 2), error.array**2)
        loss = make.op(16, "loss", SUM, (squared,), squared.array.sum())
        one = np.ones((), f)
        make.events.append(BackwardStarted(17, (loss,), (one,), False))
        to_error = -2 * error.array
        make.visit(17, loss.grad_fn, one, np.ones_like(squared.array))
        make.visit(17, squared.grad_fn, np.ones_like(squared.array), 2 * error.array)
        make.visit(17, error.grad_fn, 2 * error.array, None, to_error)
        make.visit(17, y_pred.grad_fn, to_error, to_error, to_error.sum(keepdims=True))
        grads[b.id] = make.accumulate(17, b, to_error.sum(keepdims=True), grads[b.id])
        to_w = (to_error * square.array).sum(keepdims=True)
        make.visit(17, scaled.grad_fn, to_error, None, to_w)
        grads[w.id] = make.accumulate(17, w, to_w, grads[w.id])
        freed = tuple(s.grad_fn for s in (loss, squared, error, y_pred, scaled) if s.grad_fn is not None)
        make.events.append(BackwardFinished(17, freed))
        w, b = (_update(make, 19 + i, leaf, grads[leaf.id]) for i, leaf in enumerate((w, b)))
        for i, leaf in enumerate((w, b)):
            grad = grads[leaf.id]
            assert grad is not None
            grads[leaf.id] = TensorState(grad.id, np.zeros_like(grad.array), False)
            make.events.append(ZeroGrad(21 + i, leaf, grad.array, grads[leaf.id]))
    return make.trace


def _update(make: Maker, line: int, leaf: TensorState, grad: TensorState | None) -> TensorState:
    assert grad is not None
    after = TensorState(leaf.id, (leaf.array - 0.001 * grad.array).astype(np.float32), True)
    make.events.append(Update(line, after, leaf.array, "self - lr · grad", (("lr", 0.001), ("grad", grad))))
    return after
