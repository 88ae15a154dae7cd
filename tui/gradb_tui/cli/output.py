"""What goes where: results to standard output, everything else to standard error; and how a command ends."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any

import typer
from gradb.debug.cleaning import clean as clean
from gradb.errors import UserError

INTERRUPTED = 130  # 128 + SIGINT
BROKEN_PIPE = 141  # 128 + SIGPIPE


def say(message: str) -> None:
    """A message to the user, on standard error."""
    print(f"gradb: {message}", file=sys.stderr, flush=True)


def put(data: bytes) -> None:
    """Bytes of a result, on standard output."""
    sys.stdout.buffer.write(data)


@contextmanager
def survive() -> Generator[None]:
    """Turns what ends a command early into a line on standard error and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # a terminal that lacks a character gets its code instead
            reconfigure(errors="backslashreplace")
    try:
        yield
        sys.stdout.flush()
    except UserError as error:
        say(clean(str(error)))
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        say("interrupted")
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        _discard_output()
        raise typer.Exit(BROKEN_PIPE) from None
    except OSError as error:
        _discard_output()
        say(f"the output cannot be written: {error.strerror}")
        raise typer.Exit(2) from None
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:
        files: Any = sys.modules.get("gradb.trace.file.trace")  # not there: no trace was read
        told = None if files is None else files.damage(error)
        if told is None:
            raise
        say(clean(str(told)))
        raise typer.Exit(2) from None


def _discard_output() -> None:
    """Nobody reads standard output any more: what is still to be flushed goes nowhere."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
