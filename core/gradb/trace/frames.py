"""Recording code whose source was not instrumented: lines and variables come from the interpreter's frames."""

import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from gradb.trace.recorder import Recorder

_GRADB = str(Path(__file__).parent.parent)
_inside: set[str] = set()  # files of gradb's code that were met: asked for each event, so remembered


class FrameRecorder(Recorder):
    """For programs that are not instrumented: the line is that of the innermost frame outside gradb."""

    __slots__ = ()

    @property
    def line(self) -> int:  # type: ignore[override]  # an attribute in Recorder, found out when asked for here
        frame = outside_frame()
        return frame.f_lineno if frame is not None else 0

    @line.setter
    def line(self, number: int) -> None:
        pass

    def learn_names(self) -> None:
        """Looks at the variables of the running frame, so that a message can use their names."""
        frame = outside_frame()
        if frame is not None:
            self.name_variables(frame.f_locals)

    def call_begins(self, module: Any) -> None:
        """As for every recorder; a module is named by the variable of the running frame that holds it."""
        if not self.scopes.knows(module):
            frame = outside_frame()
            variables = {} if frame is None else {**frame.f_globals, **frame.f_locals}
            found = (name for name, value in variables.items() if value is module)
            self.scopes.name(module, next(found, type(module).__name__))
        super().call_begins(module)

    def name_variables(self, variables: Mapping[str, Any]) -> None:
        """Names the tensors that were recorded by the variables that hold them now; no event is added."""
        for name, value in variables.items():
            if getattr(value, "_run", None) is self.token:
                self.trace.bind(name, value._state.id)
            elif hasattr(type(value), "named_parameters"):
                self.named(name, value)


def outside_frame() -> FrameType | None:
    """The innermost frame whose code is not gradb's own."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if file not in _inside:
            if not file.startswith(_GRADB):
                return frame
            _inside.add(file)
        frame = frame.f_back
    return None
