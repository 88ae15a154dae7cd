"""Rewrites a checked program so that it can reach nothing by itself: `Guarding(tree).module()`.

On top of lines, names and loops: every attribute, import, base class, text format and operator that can grow without
bound becomes a call of a guard (`guards.py`). An attribute is stored as `guard(object, "name").name = value`, so
that Python's order of evaluation stays as it is.
"""

import ast
from typing import Any

from gradb.scenario.program import hidden
from gradb.scenario.program.instrument import Instrumenter, call, load, names_in

_CONTAINERS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn)


class Guarding(Instrumenter):
    """Rewrites statements as `Instrumenter` does, and expressions as well."""

    # --- expressions

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        value, name = self.visit(node.value), node.attr
        if isinstance(node.ctx, ast.Load):
            return call(hidden.LOAD, value, ast.Constant(name))
        return ast.Attribute(call(hidden.STORE, value, ast.Constant(name)), name, node.ctx)

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        left, right = self.visit(node.left), self.visit(node.right)
        name = hidden.OPERATORS.get(type(node.op).__name__)
        if name is None or _is_float(node.left) or _is_float(node.right):
            return ast.BinOp(left, node.op, right)
        return call(name, left, right)

    def visit_Compare(self, node: ast.Compare) -> Any:
        operands = [self.visit(operand) for operand in (node.left, *node.comparators)]
        guarded = [any(isinstance(op, _CONTAINERS) for op in pair) for pair in _around(node.ops)]
        operands = [_weighed(operand) if guard else operand for operand, guard in zip(operands, guarded, strict=True)]
        return ast.Compare(operands[0], node.ops, operands[1:])

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        return ast.Subscript(self.visit(node.value), _weighed(self.visit(node.slice)), node.ctx)

    def visit_Dict(self, node: ast.Dict) -> Any:
        keys = [None if key is None else _weighed(self.visit(key)) for key in node.keys]
        return ast.Dict(keys, [self.visit(value) for value in node.values])

    def visit_Set(self, node: ast.Set) -> Any:
        return ast.Set([_weighed(self.visit(element)) for element in node.elts])

    def visit_SetComp(self, node: ast.SetComp) -> Any:
        self.generic_visit(node)
        node.elt = _weighed(node.elt)
        return node

    def visit_DictComp(self, node: ast.DictComp) -> Any:
        self.generic_visit(node)
        node.key = _weighed(node.key)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> Any:
        parts = [part if isinstance(part, ast.Constant) else self.visit(part) for part in node.values]
        return call(hidden.JOIN, *parts)

    def visit_FormattedValue(self, node: ast.FormattedValue) -> Any:
        spec: ast.expr = ast.Constant("") if node.format_spec is None else self.visit(node.format_spec)
        return call(hidden.FORMAT, self.visit(node.value), ast.Constant(node.conversion), spec)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> Any:
        return call(hidden.LAZY, self.generic_visit(node))  # type: ignore[arg-type]  # generic_visit returns the node it got

    # --- statements

    def on_AugAssign(self, statement: ast.AugAssign) -> list[ast.stmt]:
        function = hidden.IN_PLACE.get(type(statement.op).__name__)
        if function is None:
            return super().on_AugAssign(statement)
        names = self._named(names_in(statement.target))
        value = self.visit(statement.value)
        target = statement.target
        before: list[ast.stmt] = []
        if isinstance(target, ast.Name):
            current: ast.expr = load(target.id)
        elif isinstance(target, ast.Attribute):
            before.append(_keep(hidden.OBJECT, self.visit(target.value)))
            name = target.attr
            current = call(hidden.LOAD, load(hidden.OBJECT), ast.Constant(name))
            guarded = call(hidden.STORE, load(hidden.OBJECT), ast.Constant(name))
            target = ast.Attribute(guarded, name, ast.Store())
        else:
            before.append(_keep(hidden.OBJECT, self.visit(target.value)))
            before.append(_keep(hidden.INDEX, _weighed(self.visit(target.slice))))
            current = ast.Subscript(load(hidden.OBJECT), load(hidden.INDEX), ast.Load())
            target = ast.Subscript(load(hidden.OBJECT), load(hidden.INDEX), ast.Store())
        return [*before, ast.Assign([target], call(function, current, value)), *names]

    def on_AnnAssign(self, statement: ast.AnnAssign) -> list[ast.stmt]:
        if statement.value is None:
            return [ast.Pass()]
        return self.on_Assign(ast.copy_location(ast.Assign([statement.target], statement.value), statement))

    def on_ClassDef(self, statement: ast.ClassDef) -> list[ast.stmt]:
        super().on_ClassDef(statement)
        statement.bases = [call(hidden.BASE, base) for base in statement.bases]
        statement.decorator_list.append(load(hidden.CLASS))
        return [statement]

    def on_Try(self, statement: ast.Try) -> list[ast.stmt]:
        super().on_Try(statement)
        for handler in statement.handlers:
            handler.type = call(hidden.ERROR, handler.type)  # type: ignore[arg-type]  # the check refuses a bare except
        return [statement]

    def on_Raise(self, statement: ast.Raise) -> list[ast.stmt]:
        """Leaves out what an error is raised from: a chain of them could exhaust the stack when it is freed."""
        if statement.exc is not None:
            statement.exc = call(hidden.ERROR, self.visit(statement.exc))
            statement.cause = None
        return [statement]

    def on_Import(self, statement: ast.Import) -> list[ast.stmt]:
        result: list[ast.stmt] = []
        for alias in statement.names:
            path = alias.name if alias.asname else alias.name.split(".")[0]
            result.append(_keep(alias.asname or path, call(hidden.IMPORT, ast.Constant(path))))
        return result

    def on_ImportFrom(self, statement: ast.ImportFrom) -> list[ast.stmt]:
        result: list[ast.stmt] = []
        for alias in statement.names:
            module = call(hidden.IMPORT, ast.Constant(statement.module))
            value = call(hidden.LOAD, module, ast.Constant(alias.name))
            result.append(_keep(alias.asname or alias.name, value))
        return result

    def on_FunctionDef(self, statement: ast.FunctionDef) -> list[ast.stmt]:
        statement.returns = None
        return super().on_FunctionDef(statement)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    # --- budgets

    def turn(self, loop: int) -> list[ast.stmt]:
        return [ast.Expr(call(hidden.TURN, ast.Constant(loop)))]

    def entry(self) -> list[ast.stmt]:
        return [ast.Expr(call(hidden.ENTER))]


def _weighed(value: ast.expr) -> ast.expr:
    """A value that is going to be compared or hashed; one that the program's text shows to be small needs no guard."""
    if isinstance(value, ast.Starred):
        return ast.Starred(call(hidden.KEYS, value.value), value.ctx)
    return value if _is_small(value) else call(hidden.WEIGHED, value)


def _is_small(value: ast.expr) -> bool:
    if isinstance(value, ast.Tuple):
        return all(_is_small(element) for element in value.elts)
    if isinstance(value, ast.Slice):
        return all(part is None or _is_small(part) for part in (value.lower, value.upper, value.step))
    return isinstance(value, ast.Constant | ast.UnaryOp)


def _keep(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _is_float(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is float


def _around(operators: list[ast.cmpop]) -> list[tuple[ast.cmpop, ...]]:
    """The operators to the left and to the right of each operand."""
    return [tuple(operators[max(0, i - 1) : i + 1]) for i in range(len(operators) + 1)]
