"""NaN, infinities and zeros pass through ops and their gradients as in PyTorch: it is how a NaN is traced back."""

from collections.abc import Callable
from typing import Any

import gradb
import numpy as np
import pytest

torch = pytest.importorskip("torch")

INF, NAN = float("inf"), float("nan")
VALUES = [NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -2.5, 7.0, -7.0, 100.0, -100.0]
PAIRS = [[a for a in VALUES for _ in VALUES], [b for _ in VALUES for b in VALUES]]
SHORT = ([1.0, NAN, 2.0], [0.0, 0.0, 0.0], [INF, 1.0, 2.0], [-INF, -INF, -INF], [1.0, 1.0, 0.0])
UPSTREAM = (1.0, 0.0, NAN, INF)

POINTWISE = (
    "abs", "exp", "log", "log1p", "sqrt", "rsqrt", "sin", "tanh", "sigmoid", "relu", "reciprocal", "square", "erf",
    "sign", "floor", "nan_to_num", "isnan", "isfinite", "nn.functional.leaky_relu", "nn.functional.elu",
    "nn.functional.selu", "nn.functional.celu", "nn.functional.silu", "nn.functional.mish", "nn.functional.softsign",
    "nn.functional.hardswish",
)  # fmt: skip
REDUCED = (
    "softmax(x, 0)", "log_softmax(x, 0)", "logsumexp(x, 0)", "max(x)", "min(x)", "amax(x)", "max(x, 0).values",
    "sum(x)", "mean(x)", "prod(x)", "norm(x)", "norm(x, p=1)", "norm(x, p=INF)", "std(x)", "median(x)", "cumsum(x, 0)",
)  # fmt: skip
OF_TWO = (
    "mul(a, b)", "div(a, b)", "pow(a, b)", "maximum(a, b)", "minimum(a, b)", "where(a > 0, a, b)",
    "nn.functional.mse_loss(a, b, reduction='none')", "nn.functional.l1_loss(a, b, reduction='none')",
    "nn.functional.smooth_l1_loss(a, b, reduction='none')", "nn.functional.huber_loss(a, b, reduction='none')",
)  # fmt: skip


def results(T: Any, op: Callable[..., Any], values: list[list[float]], upstream: float) -> list[Any]:
    """The result, then the gradients of what was given."""
    tensors = [T.tensor(one, requires_grad=True) for one in values]
    result = op(T, *tensors)
    if result.requires_grad:
        result.backward(T.full_like(result, upstream).detach())
    # torch has no memory for a gradient of nothing but zeros until it is copied
    grads = [tensor.grad.clone() for tensor in tensors if tensor.grad is not None]
    return [one.detach().numpy().astype(np.float64) for one in (result, *grads)]


def agree(op: Callable[..., Any], values: list[list[float]]) -> None:
    for upstream in UPSTREAM:
        ours, theirs = results(gradb, op, values, upstream), results(torch, op, values, upstream)
        assert len(ours) == len(theirs)
        for mine, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(mine, other, 1e-5, 1e-6, err_msg=f"where {upstream} comes from above")


def written(text: str) -> Callable[..., Any]:
    names = ("a", "b") if "a, b" in text else ("x",)
    return lambda T, *given: eval(f"T.{text}", {"T": T, "INF": INF, **dict(zip(names, given, strict=True))})


@pytest.mark.parametrize("name", POINTWISE)
def test_an_op_of_single_elements_passes_them_on_as_torch_does(name: str) -> None:
    agree(written(f"{name}(x)"), [VALUES])


@pytest.mark.parametrize("text", REDUCED)
@pytest.mark.parametrize("values", SHORT, ids=str)
def test_a_reduction_passes_them_on_as_torch_does(text: str, values: list[float]) -> None:
    agree(written(text), [values])


@pytest.mark.parametrize("text", OF_TWO)
def test_an_op_of_two_tensors_passes_them_on_as_torch_does(text: str) -> None:
    agree(written(text), PAIRS)
