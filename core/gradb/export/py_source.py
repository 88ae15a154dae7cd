"""A program that says `import gradb as torch`, as PyTorch's own: `plain_source(text)`."""

import ast
import re

from gradb.errors import UserError

_OWN = ("record", "run")  # names of gradb that torch does not have
_IMPORTED = re.compile(r"((?:\bimport|\bfrom|,)\s+)gradb\b")


def plain_source(source: str) -> str:
    """The source with torch imported in gradb's place, and nothing else changed. An import is to stand on one line.

    Raises UserError where it is not Python, or where the program uses gradb as more than a stand-in for torch.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        where = f"line {error.lineno}" if error.lineno else ""  # a text with a NUL is wrong in no line
        raise UserError(f"the program is not Python: {error.msg}", where=where) from None
    lines = source.splitlines(keepends=True)
    stands_in: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom) and (names := _from_gradb(node)):
            if any(alias.name in _OWN or (isinstance(node, ast.Import) and not alias.asname) for alias in names):
                raise _uses_gradb(node.lineno)
            stands_in |= {alias.asname for alias in names if alias.asname}
            lines[node.lineno - 1] = _IMPORTED.sub(r"\1torch", lines[node.lineno - 1])
    for node in ast.walk(tree):
        of = node.value if isinstance(node, ast.Attribute) and node.attr in _OWN else None
        if isinstance(of, ast.Name) and of.id in stands_in:
            raise _uses_gradb(of.lineno)
    return "".join(lines)


def _from_gradb(node: ast.Import | ast.ImportFrom) -> list[ast.alias]:
    """What an import takes from gradb."""
    if isinstance(node, ast.ImportFrom):
        return node.names if (node.module or "").split(".")[0] == "gradb" else []
    return [alias for alias in node.names if alias.name.split(".")[0] == "gradb"]


def _uses_gradb(line: int) -> UserError:
    return UserError(
        "the program uses gradb itself, so it cannot be written as a script of PyTorch alone",
        where=f"line {line}",
        allowed="import gradb as torch",
    )
