"""Bits and signs: shifts (<< and >>), signbit, isposinf, isneginf."""

from typing import Any

import numpy as np

from gradb.autograd.dispatch import binary, unary
from gradb.autograd.op import Op
from gradb.autograd.tensor import Tensor
from gradb.ops.registry import tensor_method, torch_functions


def _shift(name: str, symbol: str, ufunc: Any, operator: str) -> None:
    def forward(self: Any, other: Any) -> Any:
        if np.asarray(self).dtype.kind not in "iu":
            raise NotImplementedError(f"{name} takes whole numbers, found {np.asarray(self).dtype.name}")
        return ufunc(self, other)

    op = Op("", forward, name=name, symbol=f"self {symbol} other", inputs=2, elementwise=True)

    def function(input: Any, other: Any) -> Tensor:
        return binary(op, input, other)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"The bits moved: input {symbol} other."
    torch_functions[name] = function
    tensor_method(name, operator)(function)


_shift("bitwise_left_shift", "<<", np.left_shift, "__lshift__")
_shift("bitwise_right_shift", ">>", np.right_shift, "__rshift__")


def _question(name: str, meaning: str, ask: Any) -> None:
    op = Op("", ask, name=name, symbol=f"{name}(self)")

    def function(input: Tensor) -> Tensor:
        return unary(op, input)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Where {meaning}, element by element."
    torch_functions[name] = function
    tensor_method(name)(function)


_question(
    "signbit",
    "a number has a minus sign (-0 too)",
    lambda self: np.signbit(self) if self.dtype.kind == "f" else self < 0,
)
_question("isposinf", "a number is +Inf", lambda self: np.isposinf(self))
_question("isneginf", "a number is -Inf", lambda self: np.isneginf(self))
