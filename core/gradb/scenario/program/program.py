"""An untrusted program: `Program(source, filename)` can be checked, and run under a budget."""

import ast
import builtins
import sys
from collections.abc import Callable, Mapping
from typing import Any

from gradb.errors import UserError
from gradb.scenario.program import hidden
from gradb.scenario.program.budget import Budget, BudgetExceeded, Stop
from gradb.scenario.program.builtins import Lazies, allowed
from gradb.scenario.program.compiling import compiled
from gradb.scenario.program.failure import line_of, plain
from gradb.scenario.program.formatting import formatted, joined
from gradb.scenario.program.guarding import Guarding
from gradb.scenario.program.guards import Guards
from gradb.scenario.program.isolation import isolated
from gradb.scenario.program.kinds import Facade
from gradb.scenario.program.listener import Listener, Printer
from gradb.scenario.program.memory import memory_limit
from gradb.scenario.program.modules import importable
from gradb.scenario.program.operators import IN_PLACE, OPERATORS
from gradb.scenario.program.places import Place
from gradb.scenario.program.syntax import check
from gradb.scenario.program.watch import Watch
from gradb.scenario.program.weight import keys_weighed, weighed

_NEEDED_BY_C = ("numpy", "gradb")
_BUILTINS = frozenset(allowed(Guards({}), Lazies(), print))


class Program:
    """A program in the safe subset of Python and PyTorch. Making one runs nothing.

    Line 1 and column 1 of `source` are `first_line` and `first_column` of the file, for the places in messages.
    `given` are the variables that the program begins with. `modules` maps `"torch"` to the module that stands for it:
    one with an `__all__`, or a mapping of its names.
    """

    def __init__(
        self,
        source: str,
        filename: str,
        first_line: int = 1,
        first_column: int = 1,
        given: Mapping[str, Any] | None = None,
    ) -> None:
        self.source = source
        self.given = dict(given or {})
        self.place = Place(filename, first_line, first_column)

    def check(self, modules: Mapping[str, Any] | None = None) -> ast.Module:
        """Raises UserError, with its place in the file, where the program leaves the safe subset."""
        names = _BUILTINS | self.given.keys()
        return check(self.source, self.place, importable(modules, _ignored, Budget().bytes), names)

    def run(
        self,
        recorder: Listener,
        budget: Budget | None = None,
        modules: Mapping[str, Any] | None = None,
        cancelled: Callable[[], bool] | None = None,
        guard: Callable[[Mapping[str, Facade]], Guards] = Guards,
    ) -> Exception | None:
        """Checks the program and runs it in this thread, telling the recorder.

        Returns the error that the program ended with, after `recorder.raised`; None where it ended well. The error has
        the class (or a class of the same name), the text and nothing else of what the program raised: no traceback and
        none of the program's objects. Raises UserError where the check fails or a guard refuses, BudgetExceeded where
        it needs more than `budget`, and Cancelled soon after `cancelled()` has become true. `guard` makes the guards.
        """
        budget = budget or Budget()
        guards = guard(importable(modules, recorder.plotted, budget.bytes))
        tree = check(self.source, self.place, guards.modules, _BUILTINS | self.given.keys())
        code = compiled(Guarding(tree).module(), self.source, self.place)
        lazies = Lazies()
        failure: Exception | None = None
        line = 0
        with isolated(), memory_limit(budget.bytes, budget.seconds):
            watch = Watch(self.place.filename, budget, recorder.trace.events, recorder.turn, cancelled)
            namespace = _namespace(recorder, guards, watch, lazies, Printer(recorder, budget.bytes))
            namespace.update(self.given)
            try:
                with watch:
                    try:
                        exec(code, namespace)
                    except Exception as error:
                        recorder.line = line = line_of(error, self.place.filename) or recorder.line
                        failure = plain(error)
                        if not isinstance(failure, MemoryError):
                            recorder.raised(failure)
            except Stop as stop:
                line = line_of(stop, self.place.filename)
            wrong = watch.broken()
        if wrong is None and isinstance(failure, MemoryError):
            wrong = BudgetExceeded("bytes", budget.bytes)
        if wrong is not None:
            raise self._located(wrong, line or recorder.line)
        return failure

    def _located(self, error: UserError, line: int) -> UserError:
        error.where = self.place.of(line)
        if isinstance(error, BudgetExceeded):
            error.line = line
        return error


def _namespace(recorder: Listener, guards: Guards, watch: Watch, lazies: Lazies, printer: Printer) -> dict[str, Any]:
    """The globals that the program begins with."""
    operators = {hidden.OPERATORS[name]: function for name, function in OPERATORS.items()}
    in_place = {hidden.IN_PLACE[name]: function for name, function in IN_PLACE.items()}
    return {
        "__name__": "__main__",
        "__builtins__": {
            "__build_class__": builtins.__build_class__,
            "__import__": _import,
            **allowed(guards, lazies, printer.printed),
        },
        hidden.RECORDER: recorder,
        hidden.TURN: watch.turn,
        hidden.ENTER: watch.enter,
        hidden.FORMAT: formatted,
        hidden.JOIN: joined,
        hidden.LAZY: lazies.counted,
        hidden.WEIGHED: weighed,
        hidden.KEYS: keys_weighed,
        **guards.namespace(),
        **operators,
        **in_place,
    }


def _ignored(*_: Any) -> None:
    """Stands for the recorder's `plotted` where nothing runs."""


def _import(name: str, *args: Any, **kwargs: Any) -> Any:
    """For numpy's C code, which imports parts of numpy through the builtins of the program that called it."""
    if name.partition(".")[0] not in _NEEDED_BY_C and name not in sys.modules:
        raise ImportError(f"{name!r} cannot be imported here")
    return builtins.__import__(name, *args, **kwargs)
