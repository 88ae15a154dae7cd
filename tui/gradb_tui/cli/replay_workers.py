"""Replaying several sources at once: `replay_in_workers(sources, options, jobs)` gives the results in their order."""

import signal
import sys
import tempfile
import threading
import traceback
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from gradb.errors import UserError
from gradb.scenario import language

from gradb_tui.cli.output import clean, say
from gradb_tui.cli.progress import progress
from gradb_tui.cli.replay_one import Options, replay_one
from gradb_tui.cli.replay_output import Piece, kept, play
from gradb_tui.cli.replay_result import Result, not_run

_Answer = tuple[Result, list[Piece]]


def replay_in_workers(sources: Sequence[str], options: Options, jobs: int) -> Iterator[Result]:
    """Replays the sources in `jobs` processes and prints what each printed, one source after the other.

    A process that dies costs its source alone. However this ends, no process is left.
    """
    with tempfile.TemporaryDirectory(prefix="gradb-") as folder, _Workers(sources, options, Path(folder), jobs) as work:
        for number, source in enumerate(sources):
            with progress("replaying", lambda: len(work.answers), len(sources), "scenarios"):
                result, pieces = work.answer(number)
            if pieces:
                path = _kept_in(Path(folder), number)
                play(path, pieces)
                path.unlink()
            elif result.problem is not None:
                say(clean(f"{source}: {result.problem.what}\n  to do: {result.problem.fix}"))
            yield result


class _Workers:
    """Processes that replay, and what they have answered so far."""

    def __init__(self, sources: Sequence[str], options: Options, folder: Path, jobs: int) -> None:
        self.sources = sources
        self.answers: dict[int, _Answer] = {}
        self._waiting = deque(range(len(sources)))
        self._busy: dict[Connection, tuple[Any, int]] = {}  # by connection: the process and its source
        self._jobs = jobs
        encodings = (sys.stdout.encoding, sys.stderr.encoding)
        self._given = (options, folder, encodings, language.current())

    def __enter__(self) -> "_Workers":
        for _ in range(self._jobs):
            self._start()
        return self

    def __exit__(self, *_: object) -> None:
        for connection, (process, _number) in self._busy.items():
            process.terminate()
            process.join()
            connection.close()

    def answer(self, number: int) -> _Answer:
        """Waits until a source was replayed."""
        while number not in self.answers:
            for connection in wait(list(self._busy)):
                assert isinstance(connection, Connection)
                self._take(connection)
        return self.answers[number]

    def _start(self) -> None:
        """One more process, if there is a source for it."""
        if not self._waiting:
            return
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, *self._given), daemon=True)
        with _interrupts_left_to_us():
            process.start()
        theirs.close()
        self._busy[ours] = process, self._waiting.popleft()
        self._ask(ours)

    def _ask(self, connection: Connection) -> None:
        number = self._busy[connection][1]
        with suppress(OSError):  # a process that has died is noticed when it is waited for
            connection.send((number, self.sources[number]))

    def _take(self, connection: Connection) -> None:
        """An answer came, or the process died."""
        process, number = self._busy[connection]
        try:
            self.answers[number] = connection.recv()
        except (EOFError, OSError):
            process.join()
            self.answers[number] = not_run(self.sources[number], _died(process.exitcode)), []
            self._finish(connection)
            self._start()
            return
        if self._waiting:
            self._busy[connection] = process, self._waiting.popleft()
            self._ask(connection)
        else:
            self._finish(connection)

    def _finish(self, connection: Connection) -> None:
        process, _ = self._busy.pop(connection)
        connection.close()
        process.join()


def _work(connection: Connection, options: Options, folder: Path, encodings: tuple[str, str], spoken: str) -> None:
    """What a worker does: replays the sources that it is sent until nobody sends one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    language.use(spoken)
    with suppress(EOFError):
        while True:
            number, source = connection.recv()
            with kept(_kept_in(folder, number), encodings) as pieces:
                try:
                    result = replay_one(source, options)
                except Exception as error:
                    sys.stdout.flush()
                    traceback.print_exc()
                    result = not_run(source, UserError(f"gradb itself failed: {type(error).__name__}: {error}"))
            connection.send((result, pieces))


@contextmanager
def _interrupts_left_to_us() -> Generator[None]:
    """Inside, a process is started that ignores Ctrl-C: this one is interrupted, and ends the others."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _died(code: int | None) -> UserError:
    """What to say of a process that did not answer."""
    name = str(code)
    if code is not None and code < 0:
        with suppress(ValueError):
            name = signal.Signals(-code).name
    return UserError(
        f"the process that replayed it died ({name})",
        fix="it may have needed more memory than there is: run fewer at once with -j, or replay it alone",
    )


def _kept_in(folder: Path, number: int) -> Path:
    return folder / str(number)
