"""Changes to a running program: what they are, and `ChangingRecorder`, which makes them when a run reaches an event."""

import sys
import weakref
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from msgspec import Struct

from gradb.autograd.storage import kept, write
from gradb.errors import UserError
from gradb.trace.events import Array
from gradb.trace.numbers import Element
from gradb.trace.recorder import Recorder
from gradb.trace.surroundings import parameters_of
from gradb.trace.trace import Trace

_SHOWN = 60  # characters of a value in a message


class ValueChange(Struct, frozen=True):
    """The tensor that a variable or a module holds gets another value: a number for all elements, a nested list or an
    array of its shape; with `element`, a number for that one element."""

    name: str
    value: Any
    element: Element | None = None


class NumberChange(Struct, frozen=True):
    """A number of the program: that of the variable `name`, or the literal on `line`, which `old` tells from others.

    The literal is read anew at each turn of a loop; what was made from it before keeps the old number.
    """

    value: int | float
    name: str = ""
    line: int = 0
    old: int | float | None = None


class OptionChange(Struct, frozen=True):
    """An option of optimizers, such as `lr`: of the one in the variable `optimizer`, or of all; of one group or all."""

    option: str
    value: Any
    optimizer: str = ""
    group: int | None = None


Change: TypeAlias = ValueChange | NumberChange | OptionChange


class ChangingRecorder(Recorder):
    """Records a run, and makes changes before the first statement that begins after event `at`.

    The change of a value is an Update event. `numbers` are variables that stand for literals. `changed_at` is the
    moment of the changes, None before; `inserted` counts the events that they are, and `problems` says of each that
    could not be made why.
    """

    def __init__(self, trace: Trace, at: int, changes: Sequence[Change], numbers: dict[str, int | float]) -> None:
        self.at = at
        self.changes = changes
        self.numbers = numbers
        self.changed_at: int | None = None
        self.inserted = 0
        self.problems: list[str] = []
        self._tensors: dict[int, weakref.ref[Any]] = {}
        self._optimizers: dict[str, weakref.ref[Any]] = {}
        self._line = 0
        super().__init__(trace)

    @property
    def line(self) -> int:  # type: ignore[override]  # an attribute in Recorder, watched here
        """The source line that runs now."""
        return self._line

    @line.setter
    def line(self, line: int) -> None:
        if self.changed_at is None and hasattr(self, "_events") and len(self._events) >= self.at:
            self.changed_at = len(self._events)
            self._make(sys._getframe(1).f_globals)
            self.inserted = len(self._events) - self.changed_at
        self._line = line

    def named(self, name: str, value: Any) -> None:
        """A variable was assigned; which tensors and optimizers there are is kept for the changes."""
        super().named(name, value)
        if hasattr(type(value), "_storage"):
            self._tensors[value._state.id] = weakref.ref(value)
        elif hasattr(type(value), "named_parameters"):
            for _, parameter in parameters_of(value):
                self._tensors[parameter._state.id] = weakref.ref(parameter)
        elif hasattr(value, "param_groups"):
            self._optimizers[name] = weakref.ref(value)

    def _make(self, variables: dict[str, Any]) -> None:
        variables.update(self.numbers)
        makers: dict[type, Callable[..., None]] = {
            ValueChange: self._set_value,
            NumberChange: self._set_number,
            OptionChange: self._set_option,
        }
        for change in self.changes:
            try:
                makers[type(change)](change, variables)
            except UserError as error:
                self.problems.append(str(error))

    def _set_value(self, change: ValueChange, _: dict[str, Any]) -> None:
        tensor_id = self.trace.lookup(change.name, len(self._events))
        tensor = self._tensors[tensor_id]() if tensor_id in self._tensors else None
        if tensor is None:
            raise UserError(f"no variable {change.name} holds a tensor here")
        if tensor.grad_fn is not None:
            raise UserError(f"{change.name} was computed by {type(tensor.grad_fn).__name__}", allowed="a leaf")
        before = kept(tensor)
        version = tensor._storage.version
        aliases = write(tensor, new_value(change, before))
        tensor._storage.version = version  # as a write through .data, this is no in-place change that backward refuses
        others = tuple([alias for alias in aliases if alias is not tensor])
        self.update(tensor, before, "value", (("value", tensor._array),), others)

    def _set_number(self, change: NumberChange, variables: dict[str, Any]) -> None:
        if not change.name:
            return  # a literal alone, which is among `numbers`
        old = variables.get(change.name)
        if isinstance(old, int | float) and not isinstance(old, bool):
            variables[change.name] = change.value
        elif not self.numbers:
            raise UserError(f"no variable {change.name} of the program holds a number here")

    def _set_option(self, change: OptionChange, _: dict[str, Any]) -> None:
        chosen = [ref() for name, ref in self._optimizers.items() if change.optimizer in ("", name)]
        groups = [group for optimizer in chosen if optimizer is not None for group in _groups(optimizer, change.group)]
        there = [group for group in groups if change.option in group]
        if not there and not self.numbers:  # a number of the text will be the option of an optimizer to come
            raise UserError(
                f"no optimizer {change.optimizer} with the option {change.option} is there".replace("  ", " ")
            )
        for group in there:
            group[change.option] = change.value


def _groups(optimizer: Any, number: int | None) -> list[Any]:
    groups = list(optimizer.param_groups)
    return groups if number is None else groups[number : number + 1]


def new_value(change: ValueChange, before: Array) -> Array:
    """The new content of a tensor, of its shape and dtype. Raises UserError where the value does not fit."""
    try:
        with np.errstate(all="ignore"):  # too large a number becomes infinite
            given = np.asarray(change.value, dtype=before.dtype)
        content = np.array(before)
        if change.element is not None:
            content[tuple(change.element)] = given
        elif given.ndim and given.shape != before.shape:
            raise ValueError
        else:
            content[...] = given
    except (ValueError, TypeError, IndexError, OverflowError):
        shown = repr(change.value)
        raise UserError(
            f"{shown if len(shown) <= _SHOWN else f'{shown[:_SHOWN]} ...'} does not fit {change.name}",
            allowed=f"a number, or numbers of the shape {list(before.shape)}",
        ) from None
    return content
