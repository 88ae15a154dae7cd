"""`import math` in a program: the functions of floats, and the few of whole numbers in a bounded form."""

import math
from typing import Any

from gradb.scenario.program.kinds import Facade, facade
from gradb.scenario.program.limits import refuse

_NAMES = """
    acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh degrees dist e erf erfc exp expm1 fabs floor fmod
    frexp fsum gamma hypot inf isclose isfinite isinf isnan ldexp lgamma log log10 log1p log2 modf nan pi pow radians
    remainder sin sinh sqrt tan tanh tau trunc
"""
_LARGEST = 1000


def _small(function: Any) -> Any:
    def bounded(*numbers: int) -> int:
        if any(abs(n) > _LARGEST for n in numbers):
            raise refuse(f"math.{function.__name__} of a number this large", f"numbers up to {_LARGEST}")
        return function(*numbers)

    return bounded


def math_facade() -> Facade:
    """The module as a program sees it."""
    members = {name: getattr(math, name) for name in _NAMES.split()}
    return facade("math", members | {name: _small(getattr(math, name)) for name in ("factorial", "comb", "perm")})
