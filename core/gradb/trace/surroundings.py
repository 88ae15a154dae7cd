"""What a running program tells of itself: `Surroundings` hears its variables, modules and loops, and what it prints."""

from typing import Any

import numpy as np

from gradb.trace.events import Array, Plotted, Printed, Raised, Scalar
from gradb.trace.identity import SCALARS, Identities
from gradb.trace.loops import Turn
from gradb.trace.scopes import Scopes
from gradb.trace.trace import Trace


class Surroundings(Identities):
    """The part of a recorder that an instrumented program calls."""

    __slots__ = ("_called", "_loops", "paused", "scopes")

    def __init__(self, trace: Trace) -> None:
        super().__init__(trace)
        self.paused = False  # while it is true, variables are not named
        self.scopes = Scopes()
        self._called: dict[int, str] = {}  # by its number: what a loop is called
        self._loops: list[list[int]] = []  # of each running loop: number, first event of its turn, turn

    def named(self, name: str, value: Any) -> None:
        """A variable was assigned. A module's parameters are named by their path in the module."""
        if type(value) in SCALARS or self.paused:
            return
        if hasattr(type(value), "_storage"):
            self._bind(name, self.state(value).id)
            return
        if hasattr(type(value), "named_parameters"):
            self.scopes.name(value, name)
            for path, parameter in parameters_of(value):
                tensor_id = self.state(parameter).id
                if self.trace.holds(path) in (None, tensor_id):
                    self._bind(path, tensor_id)
                self._bind(f"{name}.{path}", tensor_id)

    def call_begins(self, module: Any) -> None:
        """A module is called: ops belong to it until `call_ends`."""
        self.module = self.scopes.begin(module)

    def call_ends(self) -> None:
        """The call of a module ended, also by an error."""
        self.module = self.scopes.end()

    def _bind(self, name: str, tensor_id: int) -> None:
        self.trace.bind(name, tensor_id)

    def loop(self, loop: int, name: str) -> None:
        """A loop is about to run; what it is called."""
        self._called[loop] = name

    def turn(self, loop: int) -> None:
        """A turn of a loop begins."""
        loops = self._loops
        if loops and loops[-1][0] == loop:
            loops[-1][1] = len(self._events) + 1
            loops[-1][2] += 1
        else:
            loops.append([loop, len(self._events) + 1, 1])

    def leave(self, loop: int) -> None:
        """A loop ended."""
        if self._loops and self._loops[-1][0] == loop:
            self._loops.pop()

    def printed(self, text: str) -> None:
        """The program printed `text`."""
        self._add(Printed(self.line, text))

    def plotted(self, call: str, series: tuple[Array, ...], options: tuple[tuple[str, Scalar], ...]) -> None:
        """The program called a plotting function."""
        self._add(Plotted(self.line, call, tuple([np.array(s) for s in series]), options))

    def raised(self, error: BaseException) -> None:
        """The program ended with an error."""
        self._add(Raised(self.line, type(error).__name__, str(error)))

    def _note_turns(self) -> None:
        """The event that comes next is a backward in the loops that run now."""
        loops = self._loops
        if loops:
            number = len(self._events) + 1
            self.trace.cuts.append((number, loops[-1][1]))
            turns = tuple([Turn(self._called.get(loop, "turn"), turn, since) for loop, since, turn in loops])
            self.trace.turns.append((number, turns))


def parameters_of(module: Any) -> list[tuple[str, Any]]:
    """The parameters of a module with their paths. A class of the program may say anything; what is neither is left
    out."""
    named = module.named_parameters()
    return [(path, tensor) for path, tensor in named if type(path) is str and hasattr(type(tensor), "_storage")]
