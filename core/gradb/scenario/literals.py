"""The numbers that stand in a program's text: `literals(source)`, `with_names` to give some of them names."""

import ast
import math
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from gradb.errors import UserError


class Literal(Struct, frozen=True):
    """A number in the text. Line and column count from 1; `name` is the variable it is assigned to, if only to one.

    `keyword` is that of a call which gets it: `lr` in `SGD(parameters, lr=0.1)`. `start` and `end` are its place in
    the bytes of the line.
    """

    line: int
    column: int
    text: str
    value: int | float
    name: str
    start: int
    end: int
    keyword: str = ""


def literals(source: str) -> tuple[Literal, ...]:
    """The numbers in a program, in order; none where it is not Python. A sign belongs to its number."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    lines = source.splitlines()
    found = [_literal(node, name, keyword, lines) for node, name, keyword in _numbers(tree)]
    return tuple(sorted(found, key=lambda one: (one.line, one.start)))


def assigned_names(source: str) -> frozenset[str]:
    """The variables that a program assigns; none where it is not Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()
    return frozenset(n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))


def with_names(source: str, chosen: Sequence[Literal]) -> tuple[str, dict[Literal, str]]:
    """The program with each chosen number read from a variable that begins with that number; and the variables.

    Lines keep their numbers. Raises UserError where no statement stands before the first of the numbers.
    """
    names: dict[Literal, str] = {}
    for count, literal in enumerate(chosen, 1):
        name = f"forked_number_{count}"
        while name in source:
            name += "_"
        names[literal] = name
    lines = _replaced(source, names).splitlines(keepends=True)
    first = _first_statement(ast.parse(source))
    if first is None or (chosen and first.lineno > min(one.line for one in chosen)):
        raise UserError("no plain statement stands before the number, so it cannot be changed while the program runs")
    assignments = "".join(f"{name} = {literal.text}; " for literal, name in names.items())
    lines[first.lineno - 1] = assignments + lines[first.lineno - 1]
    return "".join(lines), names


def with_values(source: str, values: Mapping[Literal, int | float]) -> str:
    """The program with other numbers in the places of some."""
    return _replaced(source, {literal: _written(value) for literal, value in values.items()})


def _written(value: int | float) -> str:
    """A number as a part of an expression."""
    return f"({value!r})" if math.isfinite(value) else f"float('{value}')"


def _replaced(source: str, texts: Mapping[Literal, str]) -> str:
    lines = source.splitlines(keepends=True)
    for literal in sorted(texts, key=lambda one: (one.line, one.start), reverse=True):
        line = lines[literal.line - 1].encode()
        lines[literal.line - 1] = (line[: literal.start] + texts[literal].encode() + line[literal.end :]).decode()
    return "".join(lines)


def _numbers(tree: ast.AST) -> Iterator[tuple[ast.expr, str, str]]:
    """The number nodes, each with the name it is assigned to and the keyword it is given for."""
    waiting: list[tuple[ast.AST, str, str]] = [(tree, "", "")]
    while waiting:
        node, name, keyword = waiting.pop()
        match node:
            case ast.Constant(value=int() | float() as value):
                if not isinstance(value, bool):
                    yield node, name, keyword
                continue
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float())):
                yield node, name, keyword
                continue
            case (
                ast.JoinedStr() | ast.pattern()
            ):  # the places of what is inside are not reliable, or are no expressions
                continue
            case (
                ast.Assign(targets=[ast.Name(id=target)], value=value)
                | ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value)
            ):
                waiting.append((value, target, ""))
                continue
            case ast.keyword(arg=str(argument), value=value):
                waiting.append((value, "", argument))
                continue
            case _:
                waiting += [(child, "", "") for child in ast.iter_child_nodes(node)]


def _literal(node: ast.expr, name: str, keyword: str, lines: Sequence[str]) -> Literal:
    start, end = node.col_offset, node.end_col_offset or node.col_offset
    line = lines[node.lineno - 1].encode()
    text = line[start:end].decode()
    value: int | float = ast.literal_eval(node)
    return Literal(node.lineno, len(line[:start].decode()) + 1, text, value, name, start, end, keyword)


def _first_statement(tree: ast.Module) -> ast.stmt | None:
    """The first statement before which on its line another one may stand."""
    for place, statement in enumerate(tree.body):
        is_text = place == 0 and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        is_future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if is_text or is_future:
            continue
        if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr | ast.Import | ast.ImportFrom):
            return statement
        return None
    return None
