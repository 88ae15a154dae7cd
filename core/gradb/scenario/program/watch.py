"""Holds a running program to its budget: `with Watch(...) as watch:`, and `watch.turn`, `watch.enter` in its code.

Every turn of a loop and every call of a function looks at the limits. For what does neither, a thread looks 20 times a
second and raises Stop in the program's thread. It does so only while code of the program runs there, so that a Stop
arrives in that code or in what it calls, and nowhere else.
"""

import ctypes
import sys
import threading
import time
from collections.abc import Callable, Sized
from typing import Any

from gradb.errors import UserError
from gradb.scenario.program.budget import Budget, BudgetExceeded, Cancelled, Stop, raised
from gradb.scenario.program.memory import memory_in_use

_INTERVAL = 0.05
_set_async_exception = ctypes.pythonapi.PyThreadState_SetAsyncExc


class Watch:
    """Watches the program that the thread runs which made this object.

    `events` grows as the program runs. `turned` is told of each turn of a loop, as the recorder's `turn`. The program's
    code has the name `filename`.
    """

    def __init__(
        self,
        filename: str,
        budget: Budget,
        events: Sized,
        turned: Callable[[int], None],
        cancelled: Callable[[], bool] | None = None,
    ) -> None:
        self.filename = filename
        self.budget = budget
        self.events = events
        self.cancelled = cancelled
        self.deadline = time.perf_counter() + budget.seconds
        self.memory = memory_in_use()
        self.error: UserError | None = None
        self.turn, self.enter = _checks(self, turned)
        self._program = threading.get_ident()
        self._wake = threading.Lock()
        self._wake.acquire()
        self._thread = threading.Thread(target=self._run, name="gradb watch", daemon=True)

    def __enter__(self) -> "Watch":
        raised.clear()
        self._unraisable = sys.unraisablehook
        sys.unraisablehook = self._ignoring
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._wake.release()
        self._thread.join()
        sys.unraisablehook = self._unraisable

    def _ignoring(self, lost: "sys.UnraisableHookArgs") -> None:
        """Says nothing of a Stop that came while Python freed an object; the next one comes soon."""
        if not isinstance(lost.exc_value, Stop):
            self._unraisable(lost)

    def broken(self) -> UserError | None:
        """The error that the program is to end with, None while it keeps to its budget."""
        if self.error is None:
            self.error = raised[0] if raised else self._measured()
        return self.error

    def _measured(self) -> UserError | None:
        budget = self.budget
        if len(self.events) > budget.events:
            return BudgetExceeded("events", budget.events)
        if time.perf_counter() > self.deadline:
            return BudgetExceeded("seconds", budget.seconds)
        if memory_in_use() - self.memory > budget.bytes:
            return BudgetExceeded("bytes", budget.bytes)
        if self.cancelled is not None and self.cancelled():
            return Cancelled("the program was cancelled")
        return None

    def _run(self) -> None:
        while not self._wake.acquire(timeout=_INTERVAL):
            if self.broken() is not None and self._is_running():
                _set_async_exception(ctypes.c_ulong(self._program), ctypes.py_object(Stop))

    def _is_running(self) -> bool:
        """Whether code of the program is on its thread's stack. Until this thread waits, that cannot change."""
        frame = sys._current_frames().get(self._program)
        while frame is not None and frame.f_code.co_filename != self.filename:
            frame = frame.f_back
        return frame is not None


def _checks(watch: Watch, turned: Callable[[int], None]) -> tuple[Callable[[int], None], Callable[[], None]]:
    """What runs at every turn of a loop and at every entry of a function."""
    events, most, deadline, now = watch.events, watch.budget.events, watch.deadline, time.perf_counter

    def enter() -> None:
        if raised or len(events) > most or now() > deadline:
            error = watch.broken()
            if error is not None:
                raise Stop(error)

    def turn(loop: int) -> None:
        enter()
        turned(loop)

    return turn, enter
