"""The error function, which numpy does not have: Cody's rational approximations, and the op with its gradient.

W. J. Cody, Rational Chebyshev approximations for the error function, Math. Comp. 23 (1969).
"""

import math
from typing import Any

import numpy as np

from gradb.autograd.op import Grad, Op
from gradb.ops import lib
from gradb.ops.dtypes import floats
from gradb.ops.pointwise import offer

_P1 = (3.16112374387056560e00, 1.13864154151050156e02, 3.77485237685302021e02, 3.20937758913846947e03)
_LEAD1 = 1.85777706184603153e-1
_Q1 = (2.36012909523441209e01, 2.44024637934444173e02, 1.28261652607737228e03, 2.84423683343917062e03)
_P2 = (
    5.64188496988670089e-1, 8.88314979438837594e00, 6.61191906371416295e01, 2.98635138197400131e02,
    8.81952221241769090e02, 1.71204761263407058e03, 2.05107837782607147e03, 1.23033935479799725e03,
)  # fmt: skip
_LEAD2 = 2.15311535474403846e-8
_Q2 = (
    1.57449261107098347e01, 1.17693950891312499e02, 5.37181101862009858e02, 1.62138957456669019e03,
    3.29079923573345963e03, 4.36261909014324716e03, 3.43936767414372164e03, 1.23033935480374942e03,
)  # fmt: skip
_P3 = (
    3.05326634961232344e-1,
    3.60344899949804439e-1,
    1.25781726111229246e-1,
    1.60837851487422766e-2,
    6.58749161529837803e-4,
)
_LEAD3 = 1.63153871373020978e-2
_Q3 = (
    2.56852019228982242e00,
    1.87295284992346725e00,
    5.27905102951428412e-1,
    6.05183413124413191e-2,
    2.33520497626869185e-3,
)


def _ratio(lead: float, p: tuple[float, ...], q: tuple[float, ...], x: Any) -> Any:
    top = lead * x + p[0]
    bottom = x + q[0]
    for a, b in zip(p[1:], q[1:], strict=True):
        top = top * x + a
        bottom = bottom * x + b
    return top / bottom


def erf_array(x: Any) -> Any:
    """erf of each element, computed in float64."""
    y = np.abs(x.astype(np.float64))
    square = y * y
    small = y * _ratio(_LEAD1, _P1, _Q1, square)
    near = 1 - np.exp(-square) * _ratio(_LEAD2, _P2, _Q2, y)
    inverse = 1 / np.maximum(square, 1e-300)
    tail = (1 / math.sqrt(math.pi) - inverse * _ratio(_LEAD3, _P3, _Q3, inverse)) / np.maximum(y, 1e-300)
    far = 1 - np.exp(-square) * tail
    result = np.where(y <= 0.46875, small, np.where(y <= 4, near, np.where(y < 6, far, 1.0)))
    return np.where(np.isnan(x), x, np.copysign(result, x)).astype(x.dtype)


ERF = Op(
    "ErfBackward0",
    lambda self: erf_array(floats(self)),
    name="erf",
    symbol="erf(self)",
    self=Grad(
        "∂L/∂out · 2/√π · e^(-self²)", lambda grad, self: grad * (2 / math.sqrt(math.pi) * lib.exp(-(self * self)))
    ),
)

erf = offer("erf", ERF)
