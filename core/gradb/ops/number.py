"""Arithmetic with a number inside of torch's own functions, where its nodes are AddBackward1, MulBackward1 and so on."""

from gradb.autograd.dispatch import binary, unary
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops.arithmetic import SUB

ADD_NUMBER = Op(
    "AddBackward1",
    lambda self, other: self + other,
    name="add",
    symbol="self + other",
    self=Grad("∂L/∂out", lambda grad: grad),
)
SUB_NUMBER = Op(
    "SubBackward1",
    lambda self, other: self - other,
    name="sub",
    symbol="self - other",
    self=Grad("∂L/∂out", lambda grad: grad),
)
MUL_NUMBER = Op(
    "MulBackward1",
    lambda self, other: self * other,
    name="mul",
    symbol="self · other",
    self=Grad("∂L/∂out · other", lambda grad, other: grad * other),
)
DIV_NUMBER = Op(
    "DivBackward1",
    lambda self, other: self / other,
    name="div",
    symbol="self / other",
    self=Grad("∂L/∂out / other", lambda grad, other: grad / other),
)


def plus(tensor: Tensor, number: float) -> Tensor:
    """tensor + number."""
    return unary(ADD_NUMBER, tensor, number)


def minus(tensor: Tensor, number: float) -> Tensor:
    """tensor - number."""
    return unary(SUB_NUMBER, tensor, number)


def times(tensor: Tensor, number: float) -> Tensor:
    """tensor · number."""
    return unary(MUL_NUMBER, tensor, number)


def over(tensor: Tensor, number: float) -> Tensor:
    """tensor / number."""
    return unary(DIV_NUMBER, tensor, number)


def from_number(number: float, tensor: Tensor) -> Tensor:
    """number - tensor, which inside of torch is a SubBackward0 and not, as in a program, a RsubBackward1."""
    return binary(SUB, number, tensor, 1)
