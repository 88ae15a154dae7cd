"""`import numpy as np` in a program: what tutorials use on results. Numbers only: no objects, text, files or memory."""

from collections.abc import Callable
from typing import Any

import numpy as np

from gradb.scenario.program.budget import BudgetExceeded, Stop
from gradb.scenario.program.kinds import Facade, facade, kind
from gradb.scenario.program.limits import refuse
from gradb.scenario.program.numeric import argument, check_numeric, check_product
from gradb.scenario.program.sizes import number_of_elements
from gradb.scenario.program.words import listed, names_of

_FUNCTIONS = """
    abs absolute all allclose amax amin any arange arccos arcsin arctan arctan2 argmax argmin argsort array array_equal
    asarray ceil clip concatenate cos cosh cumprod cumsum diag diff divide dot exp expand_dims expm1 eye flip floor full
    full_like hstack isclose isfinite isinf isnan linspace log log10 log1p log2 logspace matmul max maximum mean median
    meshgrid min minimum multiply ones ones_like outer power prod ravel reshape round sign sin sinh sort split sqrt
    square squeeze stack std subtract sum tan tanh tile trace transpose unique var vstack where zeros zeros_like add
"""
_RANDOM = "seed rand randn randint random uniform normal permutation shuffle choice"
_TYPES = "float16 float32 float64 int8 int16 int32 int64 uint8"
_CONSTANTS = "e inf nan newaxis pi"
_KEYWORDS = names_of("""
    axis dtype keepdims ddof decimals num endpoint base size low high loc scale replace p fill_value shape a_min
    a_max min max rtol atol equal_nan return_counts indexing copy ndmin N M k n start stop step initial
""")


def numpy_facade(limit: int) -> Facade:
    """The module as a program sees it, with a random stream of its own. `limit`: the bytes that an array may have."""
    source = np.random.RandomState(0)
    random = {name: _numeric(getattr(source, name), name, limit) for name in _RANDOM.split()}
    members: dict[str, Any] = {
        **{name: _numeric(getattr(np, name), name, limit) for name in _FUNCTIONS.split()},
        **{name: kind(getattr(np, name), getattr(np, name)) for name in _TYPES.split()},
        **{name: getattr(np, name) for name in _CONSTANTS.split()},
        "bool_": kind(np.bool_, np.bool_),
        "ndarray": kind(np.ndarray),
        "random": facade("numpy.random", random),
    }
    return facade("numpy", members)


def _numeric(function: Callable[..., Any], name: str, limit: int) -> Callable[..., Any]:
    """The function, with plain keywords and numbers as its arguments, and with numbers as its result."""

    def call(*args: Any, **kwargs: Any) -> Any:
        for keyword in kwargs:
            if keyword not in _KEYWORDS:
                raise refuse(f"np.{name} with {keyword!r} is not for programs", listed(_KEYWORDS))
        args = tuple([argument(arg) for arg in args])
        if name in ("dot", "matmul") and len(args) > 1:
            check_product(args[0], args[1])
        kwargs = {key: argument(value) for key, value in kwargs.items()}
        size = number_of_elements(name, args, kwargs) * 8
        if size > limit:
            raise Stop(BudgetExceeded("bytes", limit, f"np.{name} would make an array of {size:,.0f} bytes"))
        return check_numeric(function(*args, **kwargs))

    return call
