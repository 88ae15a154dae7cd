"""Computing without telling the recorder: `with unrecorded():` for what a program's reader does not want to see."""

from types import TracebackType

from gradb.autograd.mode import mode
from gradb.trace.recorder import Recorder


class unrecorded:
    """Inside, no op, no tensor and no variable becomes an event."""

    def __enter__(self) -> None:
        self._recorder: Recorder | None = mode.recorder
        if self._recorder is not None:
            self._recorder.paused = True
            mode.recorder = None
            mode.knows_names = self._recorder

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._recorder is not None:
            self._recorder.paused = False
            mode.recorder = self._recorder
            mode.knows_names = None
