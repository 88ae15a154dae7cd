"""Refusing tensors that are too large before they are made: `bounded` wraps the functions that make one of a shape."""

import math
from collections.abc import Callable
from functools import wraps
from typing import Any

from gradb.scenario.program.budget import BudgetExceeded, Stop
from gradb.scenario.program.captured import watched_trace
from gradb.scenario.program.kinds import kind
from gradb.scenario.program.numeric import check_elements
from gradb.scenario.program.weight import weigh
from gradb.scenario.program.words import names_of

_SMALLEST = 4  # bytes of an element; the memory limit of the process holds where elements are larger


def _shape(*size: Any, **kwargs: Any) -> float:
    given = kwargs.get("size", size[0] if len(size) == 1 and not isinstance(size[0], int) else size)
    sizes = given if isinstance(given, list | tuple) else [given]
    return math.prod([n for n in sizes if isinstance(n, int) and n > 0])


def _full(size: Any, *_: Any, **__: Any) -> float:
    return _shape(size)


def _square(n: Any, m: Any = None, **_: Any) -> float:
    return _shape(n, n if m is None else m)


def _range(start: Any, end: Any = None, step: Any = 1, **_: Any) -> float:
    if end is None:
        start, end = 0, start
    return abs(end - start) / abs(step) if step else 0.0


def _steps(_start: Any, _end: Any, steps: Any = 0, *__: Any, **___: Any) -> float:
    return float(steps)


def _integers(*args: Any, **kwargs: Any) -> float:
    sizes = [arg for arg in (*args, kwargs.get("size")) if isinstance(arg, list | tuple)]
    return _shape(sizes[0]) if sizes else 0.0


def _data(*args: Any, **_: Any) -> float:
    for arg in args:
        weigh(arg)
    return _shape(*args) if args and all(isinstance(arg, int) for arg in args) and len(args) > 1 else 0.0


_COUNTS: dict[str, Callable[..., float]] = {
    **dict.fromkeys(("zeros", "ones", "empty", "rand", "randn"), _shape),
    "full": _full,
    "eye": _square,
    "arange": _range,
    "range": _range,
    "linspace": _steps,
    "logspace": _steps,
    "randint": _integers,
    "randperm": _shape,
    "tensor": _data,
    "as_tensor": _data,
}


def number_of_elements(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> float:
    """How many elements the function of that name is asked for, 0 where its arguments do not tell."""
    count = _COUNTS.get(name)
    try:
        return 0.0 if count is None else count(*args, **kwargs)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        return 0.0  # wrong arguments: the function itself says so


VIEWS = names_of("expand expand_as broadcast_to broadcast_tensors as_strided unfold meshgrid")


def check_views(result: Any) -> Any:
    """The tensor or tensors that a function of VIEWS gave: they may stand for far more elements than fit in memory."""
    for view in result if isinstance(result, list | tuple) else (result,):
        check_elements(view.numel())
    return result


def bounded(path: str, name: str, function: Any, limit: int) -> Any:
    """The function, with a check of the size of its result where it is one of torch's that make tensors.

    A type of dtypes can be named but not called: a dtype of objects would follow. Nor can the classes of captured
    graphs: what `torch.jit.trace` did not make has no steps that are watched.
    """
    if path == "torch.jit" and name == "trace":
        return watched_trace(function)
    if isinstance(function, type) and (name == "dtype" or path == "torch.jit") and not issubclass(function, Warning):
        return kind(function)
    if path != "torch" or name not in (*_COUNTS, *VIEWS):
        return function

    @wraps(function)
    def inside(*args: Any, **kwargs: Any) -> Any:
        size = number_of_elements(name, args, kwargs) * _SMALLEST
        if size > limit:
            raise Stop(BudgetExceeded("bytes", limit, f"torch.{name} would make a tensor of {size:,.0f} bytes"))
        result = function(*args, **kwargs)
        return check_views(result) if name in VIEWS else result

    return inside
