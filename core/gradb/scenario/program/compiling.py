"""Between a program's text, its syntax tree and its code: `parse(source, place)` and `compiled(tree, place)`."""

import ast
import types
import warnings

from gradb.errors import UserError
from gradb.scenario.program.places import Place

MAX_SOURCE = 200_000


def parse(source: str, place: Place) -> ast.Module:
    """The syntax tree of a text that compiles. Raises UserError where the text is not Python."""
    if len(source) > MAX_SOURCE:
        raise UserError("the program is too long", where=place.of(1), allowed=f"{MAX_SOURCE:,} characters")
    _compile(source, source, place)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def compiled(tree: ast.Module, source: str, place: Place) -> types.CodeType:
    """The code object of a rewritten program. Raises UserError where it cannot be made."""
    return _compile(tree, source, place)


def _compile(program: str | ast.Module, source: str, place: Place) -> types.CodeType:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compile(program, place.filename, "exec", dont_inherit=True)
    except SyntaxError as error:
        line = source.splitlines()[(error.lineno or 1) - 1 :][:1]
        shown = f": {line[0].strip()[:80]!r}" if line else ""
        where = place.of(error.lineno or 1, max((error.offset or 1) - 1, 0))
        raise UserError(f"this is not Python: {error.msg}{shown}", where=where) from None
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        reason = str(error) or "it is nested too deeply"
        raise UserError(f"this cannot be read as Python: {reason}", where=place.of(1)) from None
