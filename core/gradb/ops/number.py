"""Arithmetic with a number inside of torch's own functions: its nodes are AddBackward1, MulBackward1 and their like."""

from gradb.autograd.dispatch import binary, unary
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops.arithmetic import DIV_NUMBER, MUL_NUMBER, SUB

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
