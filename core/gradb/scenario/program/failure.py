"""What is kept of an error that a program raised: its line (`line_of`), and its class and text (`plain`)."""

import builtins
from typing import Any

from gradb.scenario.program.weight import weigh

_PLAIN = (str, int, float, bool, type(None))
_MAX_TEXT = 100_000


def line_of(error: BaseException, filename: str) -> int:
    """The innermost line of the program that the error came through, 0 where there is none."""
    line = 0
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == filename:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def plain(error: Exception) -> Exception:
    """An error of the same class and text that holds nothing of the program: printing it runs none of its code."""
    kind = type(error)
    builtin: Any = next(base for base in kind.__mro__ if getattr(builtins, base.__name__, None) is base)
    args = error.args
    if kind is builtin and all(type(arg) in _PLAIN for arg in args):
        try:
            return builtin(*args)
        except TypeError:
            pass
    text = _text(error)
    made: Any = type(kind.__name__, (builtin,), {"__str__": lambda self: text, "__init__": lambda self, *args: None})
    return made(text)


def _text(error: Exception) -> str:
    weigh(error.args)
    try:
        return str(error)[:_MAX_TEXT]
    except Exception:
        return ""
