"""Recording a run: `with record() as trace:` for any Python code, `recording(recorder)` for an instrumented program."""

from collections.abc import Generator
from contextlib import contextmanager
from types import TracebackType

from gradb.autograd.mode import mode
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

    `source` is the program's text, for panes. Tensors get the names of the caller's variables when the block ends.
    Raises RuntimeError where a recording runs already.
    """

    def __init__(self, title: str = "", source: str = "") -> None:
        self._recorder = FrameRecorder(Trace(Header(version=gradb_version(), title=title, source=source)))

    def __enter__(self) -> Trace:
        self._block = recording(self._recorder)
        self._block.__enter__()
        return self._recorder.trace

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._block.__exit__(kind, error, trace)
        frame = outside_frame()
        if frame is not None:
            self._recorder.name_variables(frame.f_locals)
