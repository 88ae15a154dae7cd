"""Rewrites a program so that a recorder knows where it is: `Instrumenter(tree).module()` adds lines, names and loops.

Before each statement the line is stored, after each assignment to a plain name the recorder hears of it, and each turn
of a loop is counted. A function puts the line of its caller back when it returns.
"""

import ast
from collections.abc import Sequence
from typing import Any

from gradb.scenario.program import hidden
from gradb.scenario.program.loop_names import name_of_loop

_FUTURE = "__future__"


def load(name: str) -> ast.expr:
    """The expression that reads a name."""
    return ast.Name(name, ast.Load())


def call(function: str, *arguments: ast.expr) -> ast.expr:
    """The expression that calls a function by its name."""
    return ast.Call(load(function), list(arguments), [])


def tell(method: str, *arguments: ast.expr) -> ast.stmt:
    """The statement that calls a method of the recorder."""
    function = ast.Attribute(load(hidden.RECORDER), method, ast.Load())
    return ast.Expr(ast.Call(function, list(arguments), []))


def names_in(target: ast.expr) -> list[str]:
    """The plain names that an assignment to `target` binds."""
    if isinstance(target, ast.Name):
        return [target.id]
    if isinstance(target, ast.Starred):
        return names_in(target.value)
    if isinstance(target, ast.Tuple | ast.List):
        return [name for element in target.elts for name in names_in(element)]
    return []


class Instrumenter(ast.NodeTransformer):
    """Rewrites a whole module. A subclass may rewrite expressions too, through the `visit_` methods."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.loops = 0
        self._headers: list[int] = []  # the lines of the loops around, within the function
        self._in_class = False

    def module(self) -> ast.Module:
        """The rewritten module."""
        body = self.tree.body
        start = 0
        while start < len(body) and _stays_first(body[start]):
            start += 1
        rewritten = ast.Module([*body[:start], *self.block(body[start:])], [])
        return ast.fix_missing_locations(rewritten)

    # --- statements

    def block(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        """The statements, each after one that stores its line."""
        result: list[ast.stmt] = []
        for statement in statements:
            if _is_text(statement):
                result.append(statement)
            else:
                result.append(self._at(statement.lineno, statement))
                result.extend(self.rewritten(statement))
        return result

    def rewritten(self, statement: ast.stmt) -> list[ast.stmt]:
        """What stands in the place of a statement."""
        method = getattr(self, f"on_{type(statement).__name__}", None)
        if method is not None:
            result: list[ast.stmt] = method(statement)
        else:
            result = [self.visit(statement)]
        for new in result:
            ast.copy_location(new, statement)
        return result

    def on_Assign(self, statement: ast.Assign) -> list[ast.stmt]:
        names = [name for target in statement.targets for name in names_in(target)]
        return [self.visit(statement), *self._named(names)]

    def on_AnnAssign(self, statement: ast.AnnAssign) -> list[ast.stmt]:
        names = names_in(statement.target) if statement.value is not None else []
        return [self.visit(statement), *self._named(names)]

    def on_AugAssign(self, statement: ast.AugAssign) -> list[ast.stmt]:
        return [self.visit(statement), *self._named(names_in(statement.target))]

    def on_For(self, statement: Any) -> list[ast.stmt]:
        self.loops += 1
        loop, name = self.loops, name_of_loop(statement)
        statement.iter = self.visit(statement.iter)
        names = names_in(statement.target)
        statement.target = self.visit(statement.target)
        statement.body = [*self.turn(loop), *self._named(names), *self._loop_body(statement)]
        statement.orelse = self.block(statement.orelse) if statement.orelse else []
        return [tell("loop", ast.Constant(loop), ast.Constant(name)), self._left(loop, statement)]

    on_AsyncFor = on_For

    def on_While(self, statement: ast.While) -> list[ast.stmt]:
        self.loops += 1
        loop = self.loops
        statement.test = self.visit(statement.test)
        statement.body = [*self.turn(loop), *self._loop_body(statement)]
        statement.orelse = self.block(statement.orelse) if statement.orelse else []
        return [self._left(loop, statement)]

    def on_Continue(self, statement: ast.Continue) -> list[ast.stmt]:
        return [self._at(self._headers[-1], statement), statement]

    def on_If(self, statement: ast.If) -> list[ast.stmt]:
        statement.test = self.visit(statement.test)
        statement.body = self.block(statement.body)
        statement.orelse = self.block(statement.orelse) if statement.orelse else []
        return [statement]

    def on_With(self, statement: Any) -> list[ast.stmt]:
        names = [name for item in statement.items if item.optional_vars for name in names_in(item.optional_vars)]
        statement.items = [self.visit(item) for item in statement.items]
        statement.body = [*self._named(names), *self.block(statement.body)]
        return [statement]

    on_AsyncWith = on_With

    def on_Try(self, statement: Any) -> list[ast.stmt]:
        statement.body = self.block(statement.body)
        for handler in statement.handlers:
            handler.type = self.visit(handler.type) if handler.type is not None else None
            handler.body = self.block(handler.body)
        statement.orelse = self.block(statement.orelse) if statement.orelse else []
        statement.finalbody = self.block(statement.finalbody) if statement.finalbody else []
        return [statement]

    on_TryStar = on_Try

    def on_Match(self, statement: ast.Match) -> list[ast.stmt]:
        statement.subject = self.visit(statement.subject)
        for case in statement.cases:
            case.guard = self.visit(case.guard) if case.guard is not None else None
            case.body = self.block(case.body)
        return [statement]

    def on_FunctionDef(self, statement: Any) -> list[ast.stmt]:
        statement.decorator_list = [self.visit(decorator) for decorator in statement.decorator_list]
        statement.args = self.visit(statement.args)
        body = self.function_body(statement.body)
        if _yields(statement):
            statement.body = body  # a generator returns and goes on many times: its caller's line is not one line
        else:
            recorder = load(hidden.RECORDER)
            before = ast.Assign(
                [ast.Name(hidden.CALLER_LINE, ast.Store())], ast.Attribute(recorder, "line", ast.Load())
            )
            target = ast.Attribute(load(hidden.RECORDER), "line", ast.Store())
            after = ast.Assign([target], load(hidden.CALLER_LINE))
            doc = body[:1] if _is_text(body[0]) else []
            statement.body = [*doc, *self.entry(), before, ast.Try(body, [], [], [after])]
        return [statement]

    on_AsyncFunctionDef = on_FunctionDef

    def on_ClassDef(self, statement: ast.ClassDef) -> list[ast.stmt]:
        statement.bases = [self.visit(base) for base in statement.bases]
        statement.keywords = [self.visit(keyword) for keyword in statement.keywords]
        statement.decorator_list = [self.visit(decorator) for decorator in statement.decorator_list]
        headers, self._headers = self._headers, []
        in_class, self._in_class = self._in_class, True
        statement.body = self.block(statement.body)
        self._headers, self._in_class = headers, in_class
        return [statement]

    def function_body(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """The statements of a function."""
        headers, self._headers = self._headers, []
        in_class, self._in_class = self._in_class, False
        rewritten = self.block(body)
        self._headers, self._in_class = headers, in_class
        return rewritten

    # --- what is added

    def turn(self, loop: int) -> list[ast.stmt]:
        """What stands at the start of every turn of a loop."""
        return [tell("turn", ast.Constant(loop))]

    def entry(self) -> list[ast.stmt]:
        """What stands at the start of every function."""
        return []

    def _at(self, line: int, near: ast.stmt) -> ast.stmt:
        target = ast.Attribute(load(hidden.RECORDER), "line", ast.Store())
        return ast.copy_location(ast.Assign([target], ast.Constant(line)), near)

    def _named(self, names: list[str]) -> list[ast.stmt]:
        if self._in_class:
            return []
        return [tell("named", ast.Constant(name), load(name)) for name in names]

    def _loop_body(self, statement: Any) -> list[ast.stmt]:
        """The body; at its end the line is that of the loop again, because what comes next runs there."""
        self._headers.append(statement.lineno)
        body = [*self.block(statement.body), self._at(statement.lineno, statement)]
        self._headers.pop()
        return body

    def _left(self, loop: int, statement: ast.stmt) -> ast.stmt:
        return ast.Try([statement], [], [], [tell("leave", ast.Constant(loop))])


def _is_text(statement: ast.stmt) -> bool:
    """A docstring, or another text that stands alone."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _stays_first(statement: ast.stmt) -> bool:
    return _is_text(statement) or (isinstance(statement, ast.ImportFrom) and statement.module == _FUTURE)


def _yields(function: ast.AST) -> bool:
    """Whether the function itself, not one inside it, is a generator or a coroutine."""
    if isinstance(function, ast.AsyncFunctionDef):
        return True
    waiting: list[ast.AST] = list(getattr(function, "body", []))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(node))
    return False
