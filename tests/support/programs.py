"""Running programs in tests: `run(source)` with a recorder that keeps what it is told, and a few names for torch."""

from collections.abc import Callable
from typing import Any

import numpy as np
from gradb.dialect import Tensor, no_grad, set_grad_enabled
from gradb.scenario.program import Budget, Program

FIRST_LINE = 11  # of the programs in their file
FILE = "made.yaml"


class Trace:
    def __init__(self) -> None:
        self.events: list[tuple[Any, ...]] = []


class Heard:
    """A recorder that keeps each call as a tuple: line, method, arguments."""

    def __init__(self) -> None:
        self.trace = Trace()
        self.line = 0

    def _hear(self, method: str, *args: Any) -> None:
        self.trace.events.append((self.line, method, *args))

    def named(self, name: str, value: Any) -> None:
        self._hear("named", name, value)

    def loop(self, loop: int, name: str) -> None:
        self._hear("loop", loop, name)

    def turn(self, loop: int) -> None:
        self._hear("turn", loop)

    def leave(self, loop: int) -> None:
        self._hear("leave", loop)

    def printed(self, text: str) -> None:
        self._hear("printed", text)

    def plotted(self, call: str, series: Any, options: Any) -> None:
        self._hear("plotted", call, series, options)

    def raised(self, error: BaseException) -> None:
        self._hear("raised", error)

    def of(self, method: str) -> list[tuple[Any, ...]]:
        """What one method was told: the line and the arguments of each call."""
        return [(line, *args) for line, name, *args in self.trace.events if name == method]

    @property
    def text(self) -> str:
        """All that was printed."""
        return "\n".join([text for _, text in self.of("printed")])


class Layer:
    """Stands for nn.Module."""

    def __init__(self) -> None:
        self.training = True
        self._modules: dict[str, Any] = {}

    def forward(self, x: Any) -> Any:
        return x

    def named_parameters(self) -> list[Any]:
        return []

    def __call__(self, x: Any) -> Any:
        return self.forward(x)


def _zeros(*size: int) -> Tensor:
    return Tensor._wrap(np.zeros(size, np.float32))


def torch_stub() -> dict[str, Any]:
    """What the tests need of torch, by name."""
    functional = {"relu": abs}
    return {
        "Tensor": Tensor,
        "zeros": _zeros,
        "no_grad": no_grad,
        "set_grad_enabled": set_grad_enabled,
        "nn": {"Module": Layer, "functional": functional},
    }


def run(source: str, cancelled: Callable[[], bool] | None = None, **limits: Any) -> tuple[Heard, Exception | None]:
    """Runs a program on the stub; gives what was recorded and the error it ended with."""
    heard = Heard()
    limits.setdefault("seconds", 20.0)
    budget = Budget(**limits)
    error = Program(source, FILE, FIRST_LINE).run(heard, budget, {"torch": torch_stub()}, cancelled)
    return heard, error


def printed(source: str, **limits: Any) -> str:
    """What a program prints that ends well."""
    heard, error = run(source, **limits)
    assert error is None, error
    return heard.text
