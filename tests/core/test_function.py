"""Functions that a program defines: one event each, with a formula, and messages that say where."""

from typing import Any

import gradb
import gradb.dialect as torch
import pytest
from gradb.trace.events import Forward, Visit
from gradb.trace.formulas import explain


class Square(torch.autograd.Function):
    """out = x · x"""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return (x * 1) * x

    @staticmethod
    def backward(ctx: Any, grad: Any) -> Any:
        """∂L/∂out · 2x"""
        (x,) = ctx.saved_tensors
        return 2 * x * grad


class Scale(torch.autograd.Function):
    """Multiplies by a number."""

    @staticmethod
    def forward(ctx: Any, x: Any, factor: float) -> Any:
        ctx.factor = factor
        return x * factor

    @staticmethod
    def backward(ctx: Any, grad: Any) -> Any:
        return grad * ctx.factor, None


def ops(trace: Any) -> list[str]:
    return [event.op.name for event in trace.events if isinstance(event, Forward)]


def test_a_function_is_one_forward_event_whatever_it_does_inside() -> None:
    with gradb.record() as trace:
        w = torch.tensor([3.0], requires_grad=True)
        y = Square.apply(w)
        y.backward()
    assert ops(trace) == ["Square"]
    visits = [event.node.name for event in trace.events if isinstance(event, Visit)]
    assert visits == ["SquareBackward", "AccumulateGrad"]
    assert w.grad.tolist() == [6.0]


def test_the_docstring_of_a_function_is_its_formula_when_it_is_one() -> None:
    with gradb.record() as trace:
        w = torch.tensor([3.0], requires_grad=True)
        y = Square.apply(w)
        z = Scale.apply(y, 2.0)
        z.backward()
    first, second = (n for n, event in enumerate(trace.events, 1) if isinstance(event, Forward))
    assert explain(trace, first).symbols == ("y = w · w",)
    assert explain(trace, second).symbols == ("z = Scale(y, 2)",)
    back = next(n for n, event in enumerate(trace.events, 1) if isinstance(event, Visit))
    assert explain(trace, back).symbols == ("∂L/∂y = Scale.backward(∂L/∂z)",)


def test_a_second_order_gradient_through_a_function_is_recorded_op_by_op() -> None:
    with gradb.record() as trace:
        w = torch.tensor([3.0], requires_grad=True)
        Square.apply(w).backward(create_graph=True)
        first: Any = w.grad
        w.grad = None
        first.backward()
    second: Any = w.grad
    assert (first.tolist(), second.tolist()) == ([6.0], [2.0])
    assert ops(trace) == ["Square", "mul", "mul", "copy"]


def test_a_function_in_a_function_is_still_one_event() -> None:
    class Outer(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return Square.apply(x)

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad

    with gradb.record() as trace:
        w = torch.tensor([3.0], requires_grad=True)
        Outer.apply(w).backward()
    assert ops(trace) == ["Outer"]


def test_recording_goes_on_after_a_forward_that_raised() -> None:
    class Fails(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            raise KeyError("x")

    with gradb.record() as trace:
        w = torch.tensor([3.0], requires_grad=True)
        with pytest.raises(KeyError):
            Fails.apply(w)
        w.sum()
    assert ops(trace) == ["sum"]
    assert torch.is_grad_enabled()


def test_a_changed_saved_tensor_is_named_with_its_places() -> None:
    with gradb.record():
        w = torch.tensor([3.0], requires_grad=True)
        h = w * 1
        y = Square.apply(h)
        h.add_(1)
        with pytest.raises(RuntimeError, match=r"SquareBackward needs \S+, saved as 'saved_tensors\[0\]' at line"):
            y.backward()


def test_released_tensors_of_a_function_are_said_to_be() -> None:
    w = torch.tensor([3.0], requires_grad=True)
    y = Square.apply(w)
    y.backward()
    with pytest.raises(RuntimeError, match="SquareBackward no longer has its saved tensors"):
        y.backward()


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (lambda g: (g, g), "one gradient for each of forward's 1 arguments .* it returned 2"),
        (lambda g: 3, "a int, where a tensor or None belongs"),
        (lambda g: torch.ones(2), r"a gradient of shape \(2\); the argument has the shape \(3\)"),
    ],
)
def test_a_backward_that_returns_something_else_is_told_what_belongs_there(returned: Any, message: str) -> None:
    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return returned(grad)

    w = torch.tensor([3.0], requires_grad=True)
    if "shape" in message:
        w = torch.tensor([3.0, 4.0, 5.0], requires_grad=True)
    with pytest.raises(RuntimeError, match=f"WrongBackward.*{message}"):
        Wrong.apply(w).sum().backward()


def test_attributes_of_ctx_do_not_touch_the_node() -> None:
    class Keeps(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.shape, ctx.edges, ctx.op, ctx.saved = x.shape, "edges", "op", "saved"
            return x * 2

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            assert (ctx.shape, ctx.edges, ctx.op, ctx.saved) == ((1,), "edges", "op", "saved")
            return grad * 2

    w = torch.tensor([3.0], requires_grad=True)
    Keeps.apply(w).backward()
    assert w.grad.tolist() == [2.0]


def test_the_node_of_a_function_does_not_keep_its_result_alive() -> None:
    import gc
    import weakref

    class Exp(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            y = x.exp()
            ctx.save_for_backward(y)
            return y

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (y,) = ctx.saved_tensors
            return grad * y

    w = torch.tensor([1.0], requires_grad=True)
    y = Exp.apply(w)
    gone = weakref.ref(y)
    gc.disable()
    try:
        del y
        assert gone() is None
    finally:
        gc.enable()
