"""The check before a program runs: `check(source, place, modules)` gives its syntax tree, or raises UserError.

It refuses syntax, names, attributes and imports that are not in the safe subset, and says where they stand. It is not
what keeps a program in: that are the guards, which see the objects themselves.
"""

import ast
import builtins as python
from collections.abc import Iterator, Mapping
from typing import Any

from gradb.errors import UserError
from gradb.scenario.near import did_you_mean, near_miss
from gradb.scenario.program import words
from gradb.scenario.program.compiling import parse
from gradb.scenario.program.kinds import Facade
from gradb.scenario.program.places import Place

MAX_NUMBER_BITS = 4096


def check(source: str, place: Place, modules: Mapping[str, Facade], names: frozenset[str]) -> ast.Module:
    """The tree of a program in the safe subset. `names` are the builtins that it may use."""
    tree = parse(source, place)
    try:
        _Check(source, place, modules, names).run(tree)
    except RecursionError:
        raise UserError("the program is nested too deeply", where=place.of(1)) from None
    return tree


class _Check(ast.NodeVisitor):
    def __init__(self, source: str, place: Place, modules: Mapping[str, Facade], names: frozenset[str]) -> None:
        self.lines = source.splitlines()
        self.place = place
        self.modules = modules
        self.names = names
        self.bound: set[str] = set()
        self.imported: dict[str, Any] = {}  # names that stand for a module, or something of one, and for nothing else

    def run(self, tree: ast.Module) -> None:
        bindings = list(_bindings(tree))
        self.bound = {name for name, _ in bindings}
        for name, node in bindings:
            self._name(node, name, binds=True)
        self._imports(tree, [name for name, _ in bindings])
        self.visit(tree)

    def mistake(self, node: Any, what: str, allowed: str = "", fix: str = "") -> UserError:
        line = getattr(node, "lineno", 1)
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        column = len(text.encode()[: getattr(node, "col_offset", 0)].decode(errors="ignore"))
        return UserError(what, where=self.place.of(line, column), allowed=allowed, fix=fix)

    def text(self, node: ast.AST) -> str:
        """The program's text for a node, cut to a line."""
        try:
            text = ast.unparse(node).splitlines()[0]
        except (RecursionError, ValueError, IndexError):
            text = type(node).__name__
        return text if len(text) <= 60 else f"{text[:57]}..."

    # --- syntax

    def visit(self, node: ast.AST) -> Any:
        if not isinstance(node, words.SYNTAX):
            name = words.IN_WORDS.get(type(node).__name__, type(node).__name__)
            raise self.mistake(
                node, f"{name!r} is not for programs: {self.text(node)}", "plain statements, functions, classes, loops"
            )
        return super().visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bytes | complex):
            raise self.mistake(node, f"{self.text(node)} is not for programs", "numbers, text, True, False, None")
        if isinstance(node.value, int) and node.value.bit_length() > MAX_NUMBER_BITS:
            raise self.mistake(node, "a number is too large", f"whole numbers of up to {MAX_NUMBER_BITS} bits")

    def visit_Try(self, node: ast.Try) -> None:
        for statement in node.finalbody:
            for inside in ast.walk(statement):
                if isinstance(inside, ast.Return | ast.Break | ast.Continue):
                    word = type(inside).__name__.lower()
                    raise self.mistake(inside, f"{word!r} in a 'finally' would hide errors", "it after the 'finally'")
        self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        for kind in kinds:
            if not isinstance(kind, ast.Name):
                what = "'except' without an error's name" if kind is None else f"'except {self.text(kind)}'"
                raise self.mistake(node, f"{what} is not for programs", "except RuntimeError, except (A, B) as error")
        self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        if node.keywords:
            raise self.mistake(node, f"'class {node.name}' takes no keywords such as {node.keywords[0].arg!r} here")
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        node.returns = None  # annotations are dropped: they are not checked because they do not run
        self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> None:
        """Nothing: its annotation is dropped."""

    def visit_comprehension(self, node: ast.comprehension) -> None:
        if node.is_async:
            raise self.mistake(node.target, "'async for' is not for programs", "for")
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.visit(node.target)
        if node.value is not None:
            self.visit(node.value)

    # --- names and attributes

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._name(node, node.id, binds=False)

    def _name(self, node: Any, name: str, *, binds: bool) -> None:
        if name in words.DEFINABLE and name in self.bound and isinstance(node, ast.FunctionDef | ast.Name):
            return  # `__radd__ = __add__` in a class
        if name.startswith("__") and (binds or name not in words.READABLE_NAMES):
            raise self.mistake(
                node,
                f"the name {name!r} is not for programs",
                f"names that do not begin with '__', and in classes {words.listed(words.DEFINABLE)}",
                did_you_mean(near_miss(name, words.DEFINABLE)),
            )
        if binds or name in self.bound or name in self.names or name in words.READABLE_NAMES:
            return
        what = f"{name!r} is not for programs" if hasattr(python, name) else f"the name {name!r} is not defined"
        allowed = words.listed(self.names) if hasattr(python, name) else "the program's own names and builtins"
        raise self.mistake(node, what, allowed, did_you_mean(near_miss(name, {*self.bound, *self.names})))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        name = node.attr
        if name.startswith("_") and not words.is_private(name):
            readable = name in words.READABLE_ATTRIBUTES or name.startswith(words.SAVED)
            if not (readable and isinstance(node.ctx, ast.Load)):
                raise self.mistake(
                    node,
                    f"the attribute {name!r} is not for programs: {self.text(node)}",
                    "attributes that do not begin with '__'",
                    f"call it {name.strip('_')!r}" if name.strip("_") else "",
                )
        found = self._static(node.value)
        if isinstance(found, Facade) and name not in found.names and isinstance(node.ctx, ast.Load):
            raise self._unknown_member(node, self.text(node.value), found, name)
        self.visit(node.value)

    def _unknown_member(self, node: Any, shown: str, module: Facade, name: str) -> UserError:
        return self.mistake(
            node,
            f"{shown} has no {name!r} for programs",
            words.listed(module.names),
            did_you_mean(near_miss(name, module.names)),
        )

    def _static(self, node: ast.expr) -> Any:
        """The module that an expression such as `torch.nn` stands for, else None."""
        if isinstance(node, ast.Name):
            return self.imported.get(node.id)
        if isinstance(node, ast.Attribute):
            owner = self._static(node.value)
            return vars(owner).get(node.attr) if isinstance(owner, Facade) else None
        return None

    # --- imports

    def _imports(self, tree: ast.Module, bound: list[str]) -> None:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self._module(node, alias.name)
                    path = alias.name if alias.asname else alias.name.split(".")[0]
                    self._stands_for(alias.asname or path, self.modules[path], bound)
            elif isinstance(node, ast.ImportFrom):
                path = "." * node.level + (node.module or "")
                module = self._module(node, path)
                for alias in node.names:
                    if alias.name not in module.names:
                        shown = f"from {path} import {alias.name}"
                        raise self._unknown_member(node, f"{shown!r}: {path}", module, alias.name)
                    self._stands_for(alias.asname or alias.name, vars(module)[alias.name], bound)

    def _stands_for(self, name: str, value: Any, bound: list[str]) -> None:
        if bound.count(name) == 1:
            self.imported[name] = value

    def _module(self, node: Any, path: str) -> Facade:
        found = self.modules.get(path)
        if found is None:
            raise self.mistake(
                node,
                f"{path!r} cannot be imported by programs",
                words.listed(self.modules),
                did_you_mean(near_miss(path, self.modules)),
            )
        return found


def _bindings(tree: ast.AST) -> Iterator[tuple[str, Any]]:
    """Every name that the program binds, in any scope, with the node that binds it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id, node
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.arg):
            yield node.arg, node
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name, node
        elif isinstance(node, ast.Global | ast.Nonlocal):
            for name in node.names:
                yield name, node
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name.split(".")[0], node
