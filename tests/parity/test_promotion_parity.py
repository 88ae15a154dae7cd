"""dtypes of results: every pair of dtypes and ranks under + - * / ** and comparisons gives torch's dtype and values."""

import itertools
import operator
from collections.abc import Callable
from typing import Any

import gradb.dialect
import numpy as np
import pytest

torch = pytest.importorskip("torch")

DTYPES = ["float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool"]
NUMBERS: list[Any] = [2, 2.5, True, -1]
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
}
IN_PLACE: dict[str, Callable[[Any, Any], Any]] = {
    "+=": operator.iadd,
    "-=": operator.isub,
    "*=": operator.imul,
    "/=": operator.itruediv,
    "**=": operator.ipow,
}


def operand(engine: Any, dtype: str, dims: int) -> Any:
    """1, 2, 3 in a dtype: with a dimension, or the number 2 without."""
    return engine.tensor([1, 2, 3] if dims else 2).to(getattr(engine, dtype))


def outcome(engine: Any, run: Callable[[Any], Any]) -> Any:
    """The dtype and values, or the class of what was raised."""
    try:
        result = run(engine)
    except Exception as error:
        return type(error)
    return str(result.dtype), result.numpy().copy()


def assert_same(run: Callable[[Any], Any], what: str) -> None:
    theirs, ours = outcome(torch, run), outcome(gradb.dialect, run)
    if isinstance(theirs, type) or isinstance(ours, type):
        assert isinstance(theirs, type), f"{what}: {ours}, torch {theirs}"
        assert isinstance(ours, type), f"{what}: {ours}, torch {theirs}"
        assert issubclass(ours, theirs), f"{what}: {ours}, torch {theirs}"
        return
    assert ours[0] == theirs[0], f"{what}: {ours[0]}, torch {theirs[0]}"
    np.testing.assert_allclose(ours[1], theirs[1], 1e-3 if "16" in ours[0] else 1e-6, err_msg=what)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("symbol", [*OPERATORS, *IN_PLACE])
def test_two_tensors_give_torchs_dtype(symbol: str) -> None:
    apply = OPERATORS.get(symbol) or IN_PLACE[symbol]
    for left, right in itertools.product(DTYPES, DTYPES):
        for left_dims, right_dims in itertools.product((0, 1), (0, 1)):
            assert_same(
                lambda T, a=left, b=right, m=left_dims, n=right_dims: apply(operand(T, a, m), operand(T, b, n)),
                f"{left}[{left_dims}] {symbol} {right}[{right_dims}]",
            )


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("symbol", [*OPERATORS, *IN_PLACE])
def test_a_tensor_and_a_number_give_torchs_dtype(symbol: str) -> None:
    apply = OPERATORS.get(symbol) or IN_PLACE[symbol]
    for dtype, number, dims in itertools.product(DTYPES, NUMBERS, (0, 1)):
        assert_same(
            lambda T, d=dtype, k=number, n=dims: apply(operand(T, d, n), k), f"{dtype}[{dims}] {symbol} {number}"
        )
        if symbol in OPERATORS:
            assert_same(
                lambda T, d=dtype, k=number, n=dims: apply(k, operand(T, d, n)), f"{number} {symbol} {dtype}[{dims}]"
            )


FUNCTIONS = {
    "maximum": lambda T, x, y: T.maximum(x, y),
    "minimum": lambda T, x, y: T.minimum(x, y),
    "where": lambda T, x, y: T.where(T.tensor([True, False, True]), x, y),
    "atan2": lambda T, x, y: T.atan2(x, y),
    "add alpha": lambda T, x, y: T.add(x, y, alpha=2),
    "cat": lambda T, x, y: T.cat([x.reshape(-1), y.reshape(-1)]),
    "stack": lambda T, x, y: T.stack([x.reshape(-1)[:1], y.reshape(-1)[:1]]),
    "result_type": lambda T, x, y: x * 0 + y * 0,
    "clamp": lambda T, x, y: T.clamp(x, y),
    "logical_and": lambda T, x, y: T.logical_and(x, y),
    "remainder": lambda T, x, y: T.remainder(x, y),
    "fmod": lambda T, x, y: T.fmod(x, y),
    "lerp": lambda T, x, y: T.lerp(x, y, 0.5),
    "mse_loss": lambda T, x, y: T.nn.functional.mse_loss(x, y),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_two_tensors_give_torchs_dtype(name: str) -> None:
    for left, right in itertools.product(DTYPES, DTYPES):
        for left_dims, right_dims in itertools.product((0, 1), (0, 1)):
            assert_same(
                lambda T, a=left, b=right, m=left_dims, n=right_dims: FUNCTIONS[name](
                    T, operand(T, a, m), operand(T, b, n)
                ),
                f"{name}({left}[{left_dims}], {right}[{right_dims}])",
            )


OF_ONE = [
    *["sum", "prod", "mean", "max", "min", "argmax", "cumsum", "exp", "sqrt", "neg", "abs", "square", "sign"],
    *["round", "floor", "std", "var", "any", "all", "sigmoid", "relu", "median"],
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", OF_ONE)
def test_functions_of_one_tensor_give_torchs_dtype(name: str) -> None:
    for dtype, dims in itertools.product(DTYPES, (0, 1)):
        arguments = (0,) if name == "cumsum" else ()
        what = f"{dtype}[{dims}].{name}()"
        assert_same(lambda T, d=dtype, n=dims, a=arguments: getattr(operand(T, d, n), name)(*a), what)


@pytest.mark.parametrize("left", ["float16", "float32", "float64"])
def test_gradients_have_the_dtype_of_their_input(left: str) -> None:
    for right, symbol in itertools.product(DTYPES[:-1], ["+", "-", "*", "/"]):
        grads: list[Any] = []
        for engine in (torch, gradb.dialect):
            x = operand(engine, left, 1).requires_grad_()
            (OPERATORS[symbol](x, operand(engine, right, 0)).sum() * 3).backward()
            grads.append((str(x.grad.dtype), x.grad.tolist()))
        assert grads[1] == grads[0], f"{left} {symbol} {right}"
