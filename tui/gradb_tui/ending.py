"""Ends that no key brings: `end_when_told(app)` follows signals and a closed terminal, `crashed` tells of a failure."""

import asyncio
import contextlib
import select
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial

from gradb.debug.state import state_folder
from gradb.errors import UserError
from textual.app import App

from gradb_tui.panes.rows import visible

CRASH_FILE = "crash.txt"
HANGUP = 129  # the exit code of a program that SIGHUP has ended


def end_when_told(app: App[int]) -> None:
    """On SIGTERM and SIGHUP, and when its terminal is closed, the app ends and gives the terminal back first."""
    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGHUP"):
        with contextlib.suppress(AttributeError, NotImplementedError, ValueError):
            number: int = getattr(signal, name)
            loop.add_signal_handler(number, app.exit, 128 + number)
    if hasattr(select, "poll") and sys.__stdin__ is not None:
        closed = partial(loop.call_soon_threadsafe, app.exit, HANGUP)
        terminal = sys.__stdin__.fileno()
        threading.Thread(target=_wait, args=(terminal, closed), name="gradb terminal", daemon=True).start()


def _wait(terminal: int, closed: Callable[[], object]) -> None:
    """Waits until the terminal is closed: not everybody gets a signal, and Textual would read its end for ever."""
    waiting = select.poll()
    waiting.register(terminal, 0)
    if any(what & select.POLLHUP for _, what in waiting.poll()):
        with contextlib.suppress(RuntimeError):  # the app has ended meanwhile
            closed()


def crashed(error: BaseException, source: str) -> UserError:
    """What to tell a user after a failure of gradb's own; the traceback goes to a file in the state folder."""
    import platform  # only now: the debugger opens sooner without them
    import traceback
    from importlib.metadata import version

    file = state_folder() / CRASH_FILE
    text = "".join(traceback.format_exception(error))
    system = f"gradb {version('gradb')}, textual {version('textual')}, Python {sys.version}, {platform.platform()}"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{system}\n\n{text}", encoding="utf-8", errors="replace")
        report = f"report it, with the file {file}"
    except OSError:
        report = f"report it, with this:\n{text}"
    again = f"; `gradb run {source}` opens the run again" if source else ""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "gradb" in frame.filename]
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    what = f"gradb itself has failed: {type(error).__name__}: {visible(str(error))}"
    return UserError(what, where=where, fix=f"{report}{again}")
