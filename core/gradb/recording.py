"""Recording a run: `with record() as trace:` for any Python code, `recording(recorder)` for an instrumented program."""

import json
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from os import PathLike, fspath
from pathlib import Path
from types import TracebackType

from gradb import random
from gradb.autograd.mode import mode
from gradb.errors import UserError
from gradb.trace.file.keep import parse_keep
from gradb.trace.file.saving import Saving
from gradb.trace.file.tables import SUFFIX
from gradb.trace.frames import FrameRecorder, outside_frame
from gradb.trace.recorder import Recorder
from gradb.trace.trace import Header, Trace


def gradb_version() -> str:
    """The version of the installed package."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("gradb")
    except PackageNotFoundError:
        return "0"


@contextmanager
def recording(recorder: Recorder) -> Generator[None]:
    """Inside, the engine tells the recorder. Raises RuntimeError where a recording runs already."""
    if mode.recorder is not None:
        raise RuntimeError("a recording is already running; recordings do not nest")
    mode.recorder = recorder
    try:
        yield
    finally:
        mode.recorder = None


class record:
    """Records what runs inside the `with` block into the Trace that `as` gives.

    `record("run.gradb")` writes the run into a trace file as it goes; any other first text is the title. `source` is
    the program's text, for panes. `keep` and `budget` say which values the file keeps, as `gradb record --keep` and
    `--budget`. Tensors get the names of the caller's variables when the block ends.
    Raises RuntimeError where a recording runs already, and UserError where the file cannot be written.
    """

    def __init__(
        self, to: str | PathLike[str] = "", source: str = "", *, title: str = "", keep: str = "all", budget: str = ""
    ) -> None:
        text = fspath(to)
        self._path = Path(text) if text.endswith(SUFFIX) else None
        self._keep = parse_keep(keep, budget)
        self._header = Header(version=gradb_version(), title=title or ("" if self._path else text), source=source)

    def __enter__(self) -> Trace:
        self._saving = None if self._path is None else Saving(self._path, self._header, keep=self._keep)
        self._recorder = FrameRecorder(Trace(self._header) if self._saving is None else self._saving.trace)
        self._block = recording(self._recorder)
        try:
            self._block.__enter__()
        except RuntimeError:
            if self._saving is not None:
                self._saving.discard()
            raise
        if self._saving is not None:
            self._saving.begin()
        return self._recorder.trace

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._block.__exit__(kind, error, trace)
        frame = outside_frame()
        if frame is not None:
            self._recorder.name_variables(frame.f_locals)
        if self._saving is not None:
            with suppress(*([] if error is None else [UserError])):  # the block's own error is the one to tell
                end_saving(self._saving)


def end_saving(saving: Saving, warnings: Iterable[tuple[int, str]] = (), stopped: str = "") -> None:
    """Closes a trace file. `warnings` are what the program was warned of, with the line of each; `stopped` is why the
    run did not come to its end. Raises UserError as `Saving.close`."""
    saving.close({"seed": str(random.chosen_seed), "warnings": json.dumps([*warnings]), "stopped": stopped})
