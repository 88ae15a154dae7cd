"""`import matplotlib.pyplot as plt` in a program: each call is told to the recorder and draws nothing."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from gradb.autograd.tensor import Tensor
from gradb.scenario.program.kinds import Facade, facade
from gradb.scenario.program.weight import weigh
from gradb.trace.events import Array, Scalar

_CALLS = """
    plot scatter bar barh hist step fill_between errorbar semilogx semilogy loglog imshow contour contourf axhline
    axvline hlines vlines title suptitle legend xlabel ylabel xlim ylim xticks yticks grid axis text annotate figure
    subplot show draw close clf cla tight_layout colorbar pause ion ioff
"""
_ON_AXES = "title xlabel ylabel xlim ylim xticks yticks"
_SCALARS = (bool, int, float, str)

Plotted: TypeAlias = "Callable[[str, tuple[Array, ...], tuple[tuple[str, Scalar], ...]], None]"


def pyplot_facade(plotted: Plotted) -> Facade:
    """The module as a program sees it; `plotted` is the recorder's."""
    calls: dict[str, Any] = {name: _Call(name, plotted) for name in _CALLS.split()}
    on_axes = calls | {f"set_{name}": calls[name] for name in _ON_AXES.split()}
    axes = facade("matplotlib.axes", on_axes)
    figure = facade("matplotlib.figure", {**on_axes, "add_subplot": _Returning(calls["subplot"], axes)})
    calls["figure"] = _Returning(calls["figure"], figure)
    calls["subplot"] = _Returning(calls["subplot"], axes)
    calls["gca"] = _Returning(None, axes)
    calls["gcf"] = _Returning(None, figure)
    calls["subplots"] = _Subplots(calls["figure"], figure, axes)
    calls["style"] = facade("matplotlib.style", {"use": _ignored})
    return facade("matplotlib.pyplot", calls)


def _ignored(*_: Any) -> None:
    """Takes a style, which changes nothing here."""


class _Call:
    """One function of pyplot."""

    def __init__(self, name: str, plotted: Plotted) -> None:
        self.name = name
        self.plotted = plotted

    def __call__(self, *args: Any, **kwargs: Any) -> "list[None]":
        series: list[Array] = []
        options: list[tuple[str, Scalar]] = []
        for arg in args:
            if isinstance(arg, str):
                options.append(("text", arg))
            elif isinstance(arg, list | tuple) and arg and all(isinstance(item, str) for item in arg):
                options.append(("labels", ", ".join(arg)))
            elif (array := _array(arg)) is not None:
                series.append(array)
        for name, value in kwargs.items():
            if value is None or type(value) in _SCALARS:
                options.append((name, value))
        self.plotted(self.name, tuple(series), tuple(options))
        return [None]


class _Returning:
    """A call that gives back a figure or axes."""

    def __init__(self, call: Any, result: Any) -> None:
        self.call = call
        self.result = result

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.call is not None:
            self.call(*args, **kwargs)
        return self.result


class _Subplots:
    """`plt.subplots(rows, columns)`: the figure, and the axes in the form that matplotlib gives them."""

    def __init__(self, call: Any, figure: Any, axes: Any) -> None:
        self.call = call
        self.figure = figure
        self.axes = axes

    def __call__(self, nrows: int = 1, ncols: int = 1, **kwargs: Any) -> Any:
        self.call(**kwargs)
        rows, columns = min(int(nrows), 16), min(int(ncols), 16)
        if rows * columns == 1:
            return self.figure, self.axes
        if min(rows, columns) == 1:
            return self.figure, (self.axes,) * (rows * columns)
        return self.figure, ((self.axes,) * columns,) * rows


def _array(value: Any) -> Array | None:
    """The numbers of an argument as an array of its own, None where it holds none."""
    weigh(value)
    if isinstance(value, list | tuple):
        value = [_array(item) if isinstance(item, Tensor | list | tuple) else item for item in value]
    try:
        array = np.array(value._array if isinstance(value, Tensor) else value)
    except (TypeError, ValueError):
        return None
    return array if array.dtype.kind in "biuf" else None
