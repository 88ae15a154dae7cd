"""What is kept of an error that a program raised: its line (`line_of`), and its class and text (`plain`)."""

import builtins
from typing import Any

from gradb.scenario.program.budget import Stop

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
    builtin = next(base for base in kind.__mro__ if getattr(builtins, base.__name__, None) is base)
    if kind is builtin and all(type(arg) in _PLAIN for arg in error.args) and kind is not MemoryError:
        try:
            return kind(*error.args)
        except TypeError:
            pass
    text = _text(error)
    return _shaped(kind.__name__, builtin, text)


def _text(error: Exception) -> str:
    from gradb.scenario.program.limits import weigh

    try:
        weigh(error.args)
        return str(error)[:_MAX_TEXT]
    except Stop:
        raise
    except Exception:
        return ""


def _shaped(name: str, builtin: Any, text: str) -> Exception:
    made: Any = type(name, (builtin,), {"__str__": lambda self: text, "__init__": lambda self, *args: None})
    return made(text)
