"""Functions of one number, element by element: exp, log, sin, abs and their like."""

from typing import Any

import numpy as np

from gradb.autograd.dispatch import unary
from gradb.autograd.inplace import write_through
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.complain import not_for
from gradb.ops.dtypes import floats
from gradb.ops.registry import tensor_method, torch_functions

EXP = Op(
    "ExpBackward0",
    lambda self: np.exp(floats(self)),
    name="exp",
    symbol="e^self",
    self=Grad("∂L/∂out · result", lambda grad, result: grad * result),
)
EXPM1 = Op(
    "Expm1Backward0",
    lambda self: np.expm1(floats(self)),
    name="expm1",
    symbol="e^self - 1",
    self=Grad("∂L/∂out · (result + 1)", lambda grad, result: grad * (result + 1)),
)
LOG = Op(
    "LogBackward0",
    lambda self: np.log(floats(self)),
    name="log",
    symbol="ln(self)",
    self=Grad("∂L/∂out / self", lambda grad, self: grad / self),
)
LOG1P = Op(
    "Log1PBackward0",
    lambda self: np.log1p(floats(self)),
    name="log1p",
    symbol="ln(1 + self)",
    self=Grad("∂L/∂out / (1 + self)", lambda grad, self: grad / (self + 1)),
)
LOG2 = Op(
    "Log2Backward0",
    lambda self: np.log2(floats(self)),
    name="log2",
    symbol="log2(self)",
    self=Grad("∂L/∂out / (self · ln 2)", lambda grad, self: grad / (self * 0.6931471805599453)),
)
LOG10 = Op(
    "Log10Backward0",
    lambda self: np.log10(floats(self)),
    name="log10",
    symbol="log10(self)",
    self=Grad("∂L/∂out / (self · ln 10)", lambda grad, self: grad / (self * 2.3025850929940456)),
)
SIN = Op(
    "SinBackward0",
    lambda self: np.sin(floats(self)),
    name="sin",
    symbol="sin(self)",
    self=Grad("∂L/∂out · cos(self)", lambda grad, self: grad * lib.cos(self)),
)
COS = Op(
    "CosBackward0",
    lambda self: np.cos(floats(self)),
    name="cos",
    symbol="cos(self)",
    self=Grad("-∂L/∂out · sin(self)", lambda grad, self: grad * -lib.sin(self)),
)
TAN = Op(
    "TanBackward0",
    lambda self: np.tan(floats(self)),
    name="tan",
    symbol="tan(self)",
    self=Grad("∂L/∂out · (1 + result²)", lambda grad, result: grad * (1 + result * result)),
)
TANH = Op(
    "TanhBackward0",
    lambda self: np.tanh(floats(self)),
    name="tanh",
    symbol="tanh(self)",
    self=Grad("∂L/∂out · (1 - result²)", lambda grad, result: grad * (1 - result * result)),
)


def _sigmoid(self: Any) -> Any:
    return 1 / (1 + np.exp(-floats(self)))


SIGMOID = Op(
    "SigmoidBackward0",
    _sigmoid,
    name="sigmoid",
    symbol="σ(self)",
    self=Grad("∂L/∂out · (1 - result) · result", lambda grad, result: grad * ((1 - result) * result)),
)


ABS = Op(
    "AbsBackward0",
    lambda self: np.abs(not_for("b", "abs", self)),
    name="abs",
    symbol="|self|",
    self=Grad("∂L/∂out · sign(self)", lambda grad, self: grad * lib.sign(self)),
)


def _whole(name: str, ufunc: Any, self: Any) -> Any:
    """A step function: integers stay as they are."""
    return ufunc(self) if not_for("b", name, self).dtype.kind == "f" else self.copy()


def _flat(node: str, name: str, forward: Any) -> Op:
    """A step function: the gradient is 0 wherever there is one."""
    return Op(node, forward, name=name, symbol=f"{name}(self)", self=Grad("0", lib.zeros_like))


SIGN = _flat("SignBackward0", "sign", lambda self: lib.signs(self) if self.dtype.kind != "b" else self.copy())
FLOOR = _flat("FloorBackward0", "floor", lambda self: _whole("floor", np.floor, self))
CEIL = _flat("CeilBackward0", "ceil", lambda self: _whole("ceil", np.ceil, self))
TRUNC = _flat("TruncBackward0", "trunc", lambda self: _whole("trunc", np.trunc, self))
ROUND = _flat("RoundBackward0", "round", lambda self: _whole("round", np.round, self))


def offer(name: str, op: Op, *others: str) -> Any:
    """Makes torch.name, Tensor.name and Tensor.name_ of an op."""

    def function(input: Tensor) -> Tensor:
        return unary(op, input)

    def in_place(self: Tensor) -> Tensor:
        return write_through(op, self)

    function.__name__ = function.__qualname__ = name
    in_place.__name__ = in_place.__qualname__ = f"{name}_"
    function.__doc__ = f"{op.info.symbol}, element by element."
    in_place.__doc__ = f"{op.info.symbol}, element by element, in place."
    for each in (name, *others):
        torch_functions[each] = function
        tensor_method(each)(function)
        torch_functions[f"{each}_"] = in_place
        tensor_method(f"{each}_")(in_place)
    return function


exp = offer("exp", EXP)
expm1 = offer("expm1", EXPM1)
log = offer("log", LOG)
log1p = offer("log1p", LOG1P)
log2 = offer("log2", LOG2)
log10 = offer("log10", LOG10)
sin = offer("sin", SIN)
cos = offer("cos", COS)
tan = offer("tan", TAN)
tanh = offer("tanh", TANH)
sigmoid = offer("sigmoid", SIGMOID)
absolute = offer("abs", ABS, "absolute")
tensor_method("__abs__")(absolute)
sign = offer("sign", SIGN)
floor = offer("floor", FLOOR)
ceil = offer("ceil", CEIL)
trunc = offer("trunc", TRUNC, "fix")
round_ = offer("round", ROUND)
