"""Capturing a graph: what the engine tells the `Tracer` that `torch.jit.trace` puts into `mode.tracer`.

Ops tell it through `ran` in `dispatch.py` and `inplace.py`. A function that reads arrays itself, or draws random
numbers, is captured whole: `@one_step` above it lets every later call run it anew.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar

from gradb.autograd.mode import mode

Function = TypeVar("Function", bound=Callable[..., Any])


class Tracer(Protocol):
    """Who follows the ops of a function that is being captured."""

    def ran(self, function: Callable[..., Any], arguments: tuple[Any, ...], result: Any) -> None:
        """`function(*arguments)` was run and gave the result: a tensor, a tuple of them, or None."""
        ...

    def one_step(self, function: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Runs the function; the ops inside of it are not steps of their own."""
        ...

    def made(self, again: Callable[..., Any], arguments: tuple[Any, ...], origin: str, leaf: Any) -> None:
        """A function of torch such as `zeros` made a leaf; `again(*arguments)` makes it another time."""
        ...

    def left_for_python(self, what: str) -> None:
        """A tensor became `what`, such as a Python float, which the captured graph cannot follow."""
        ...


def one_step(function: Function) -> Function:
    """Decorates a function whose result no op explains: a captured graph calls it as a whole."""

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        tracer = mode.tracer
        return function(*args, **kwargs) if tracer is None else tracer.one_step(function, args, kwargs)

    return run  # type: ignore[return-value]  # wraps keeps the signature
