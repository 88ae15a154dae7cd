"""Functions and modules to trace, written against `torch` as a parameter so that both engines run them.

A row takes torch and gives what to trace, the example, and the inputs of later calls.
"""

from collections.abc import Callable
from typing import Any

Row = Callable[[Any], tuple[Any, tuple[Any, ...], list[tuple[Any, ...]]]]

ROWS: dict[str, Row] = {}


def row(make: Row) -> Row:
    ROWS[make.__name__] = make
    return make


def _calls(torch: Any) -> list[tuple[Any, ...]]:
    return [(torch.tensor(values),) for values in ([1.0, 2.0, 3.0], [-1.0, -2.0, 0.5], [0.0, 4.0, -8.0])]


def _unary(name: str, function: Callable[[Any, Any], Any]) -> None:
    def make(torch: Any) -> Any:
        return (lambda x: function(torch, x)), (torch.tensor([0.5, 1.5, 2.5]),), _calls(torch)

    ROWS[name] = make


_unary("a formula", lambda torch, x: (x * 2 + 1) ** 2 / (1 + x * x))
_unary("a branch on data", lambda torch, x: x * 2 if x.sum() > 0 else x * 3)
_unary("a loop over data", lambda torch, x: sum((x * i for i in range(int(x.sum()))), x))
_unary("a float of data", lambda torch, x: x * float(x[0]))
_unary("an item of data", lambda torch, x: x + x.max().item())
_unary("a list of data", lambda torch, x: x * x.tolist()[1])
_unary("an index from data", lambda torch, x: x[x.argmax()] * x)
_unary("a slice", lambda torch, x: x[1:] * x[:-1])
_unary("a mask from data", lambda torch, x: x[x > 0].sum() * x)
_unary("where", lambda torch, x: torch.where(x > 0, x, 0.1 * x))
_unary("a reduction", lambda torch, x: x.mean() + x.std() + x.max())
_unary("a view", lambda torch, x: x.view(3, 1) * x.unsqueeze(0))
_unary("a joining", lambda torch, x: torch.cat([x, x * 2, torch.stack([x, x]).sum(0)]))
_unary("a split", lambda torch, x: x.unbind()[0] * x.unbind()[2] * x)
_unary("a sort", lambda torch, x: torch.sort(x)[0] * torch.arange(3))
_unary("a constant", lambda torch, x: x * torch.tensor([1.0, 2.0, 3.0]))
_unary("new zeros, written into", lambda torch, x: torch.zeros(3).add_(x) * x)
_unary("a write into a copy", lambda torch, x: x.clone().mul_(3).add_(x))
_unary("a write into a view", lambda torch, x: _written(x))
_unary("a write by index", lambda torch, x: _set(x))
_unary("detach", lambda torch, x: x.detach() * x)
_unary("no_grad is not captured", lambda torch, x: _without_grad(torch, x))
_unary("an unused write", lambda torch, x: _unused(torch, x))
_unary("softmax", lambda torch, x: torch.softmax(x, 0) * torch.nn.functional.log_softmax(x, 0))
_unary("one_hot", lambda torch, x: torch.nn.functional.one_hot((x > 0).long(), 3) * x.sum())
_unary("several results", lambda torch, x: (x + 1, (x * 2, x.sum())))
_unary("the input itself", lambda torch, x: x)
_unary("another dtype", lambda torch, x: x.double().exp().float() * x)
_unary("float of a bool", lambda torch, x: (x > 0).float() * x)


def _written(x: Any) -> Any:
    copy = x * 1
    copy[1:].mul_(5)
    return copy * x


def _set(x: Any) -> Any:
    copy = x * 1
    copy[0] = x[2] * 2
    copy[1] = 7.0
    return copy * x


def _without_grad(torch: Any, x: Any) -> Any:
    with torch.no_grad():
        y = x * 2
    return y * x


def _unused(torch: Any, x: Any) -> Any:
    torch.zeros(3).add_(x)
    return x * 2


@row
def two_inputs(torch: Any) -> Any:
    a, b = torch.ones(2, 3), torch.ones(3)
    return (lambda x, y: x @ y + y.sum()), (a, b), [(a * 2, b), (-a, b * 3)]


@row
def nested_inputs(torch: Any) -> Any:
    one = torch.ones(3)
    return (lambda pair, more: pair[0] * pair[1] + more), ((one, one), one), [((one * 2, one * 3), one * 4)]


@row
def an_outside_tensor_that_changes(torch: Any) -> Any:
    outside = torch.tensor([1.0, 2.0, 3.0])

    def function(x: Any) -> Any:
        return x * outside

    return function, (torch.ones(3),), [(torch.ones(3),)]


@row
def a_function_of_a_traced_function(torch: Any) -> Any:
    inner = torch.jit.trace(lambda x: x * x + 1, torch.ones(3))
    return (lambda x: inner(inner(x)) * x), (torch.ones(3),), _calls(torch)


def _module(name: str, make_module: Callable[[Any], Any], sizes: tuple[int, ...]) -> None:
    def make(torch: Any) -> Any:
        torch.manual_seed(5)
        module = make_module(torch)
        return module, (torch.randn(*sizes),), [(torch.randn(*sizes),) for _ in range(3)]

    ROWS[name] = make


_module("Linear", lambda torch: torch.nn.Linear(3, 2), (4, 3))
_module(
    "Sequential",
    lambda torch: torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2), torch.nn.Tanh()),
    (4, 3),
)
_module("Dropout", lambda torch: torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.Dropout(0.5)), (4, 3))
_module("BatchNorm", lambda torch: torch.nn.BatchNorm1d(3), (4, 3))
_module("LayerNorm", lambda torch: torch.nn.LayerNorm(3), (4, 3))
_module("Conv", lambda torch: torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.MaxPool2d(2)), (2, 1, 6, 6))
_module("GRUCell", lambda torch: torch.nn.GRUCell(3, 4), (2, 3))
_module("LSTMCell", lambda torch: torch.nn.LSTMCell(3, 4), (2, 3))
_module("RNN", lambda torch: torch.nn.RNN(3, 4), (5, 2, 3))
