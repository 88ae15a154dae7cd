"""Conditions on a moment of a run: `parse_condition("w.grad.norm() > 10").test(trace, at)`.

An expression is Python's, in a small subset that is read as a tree and never run as Python: names of variables (in
quotes where they are not Python names: `'0.weight'.grad`), a tensor's attributes and methods, the words of the event,
comparisons, arithmetic, `and`, `or`, `not`. A comparison of a whole tensor holds when it holds for any element.
What cannot be known at a moment, because a variable is not there yet or a gradient is None, does not hold.
"""

import ast
import re
from difflib import get_close_matches
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from gradb.debug.builtin_conditions import OTHER_NAMES, RULES, BuiltIn
from gradb.debug.evaluating import BINARY, COMPARISONS, Evaluation
from gradb.debug.outcome import Outcome
from gradb.debug.vocabulary import METHODS, SUBSET, Chain, chain, split
from gradb.errors import UserError
from gradb.trace.trace import Trace
from gradb.trace.writes import What

LONGEST = 500
OF_THE_EVENT = frozenset({"event", "kind", "op"})  # words that say something of one event, not of a stretch

_PATH = re.compile(r"(?<![\w.'\"])(?:[A-Za-z_]\w*\.)*(?:\d+\.(?:[A-Za-z_]\w*\.)*)*\d+\.[A-Za-z_]\w*")
_MARK = "ǀ"  # a letter for Python, that stands for the dots in a name until it is read
_EXPONENT = re.compile(r"\d+\.[eE]\d+")
_BUILT_IN = re.compile(r"(\w+)\s*(?:\(\s*([^()]*)\s*\))?")


class Reading(NamedTuple):
    """A cell that a condition reads: the variable's name, and whether its value or its gradient."""

    name: str
    what: What


class Expression(Struct, frozen=True):
    """A condition in the safe subset. `readings` are the tensors in it, `words` the words of the event."""

    text: str
    tree: ast.expr
    readings: tuple[Reading, ...]
    words: frozenset[str]

    def test(self, trace: Trace, at: int) -> Outcome:
        """Whether it holds just after event `at`, and the values in it. Raises UserError where types do not fit."""
        evaluation = Evaluation(trace, at)
        holds = self._evaluate(evaluation)
        return Outcome(holds, ", ".join(f"{text} = {value}" for text, value in evaluation.seen.items()))

    def holds(self, trace: Trace, at: int) -> bool:
        """Whether it holds, as `test` says."""
        return self._evaluate(Evaluation(trace, at, noting=False))

    def _evaluate(self, evaluation: Evaluation) -> bool:
        try:
            return evaluation.holds(self.tree)
        except UserError as error:
            raise UserError(
                error.what, where=f"condition {self.text!r}, {error.where}", allowed=error.allowed
            ) from None

    def check(self, trace: Trace) -> None:
        """Raises UserError for a variable that never holds a tensor in this run."""
        for name, _ in self.readings:
            if name not in trace.bindings:
                close = get_close_matches(name, trace.bindings, n=1)
                raise UserError(
                    f"no tensor is ever called {name!r}",
                    where=f"condition {self.text!r}",
                    allowed=", ".join(list(trace.bindings)[:12]) or "none: no tensor has a name in this run",
                    fix=f"did you mean {close[0]!r}?" if close else "",
                )


Condition: TypeAlias = Expression | BuiltIn


def parse_condition(text: str) -> Condition:
    """Reads a condition: an expression, or a built-in one such as `nan_or_inf` or `exploding(100)`.

    Raises UserError with the column and what is allowed.
    """
    built_in = _built_in(text.strip())
    if built_in is not None:
        return built_in
    tree = _tree(text)
    readings: dict[Reading, None] = {}
    words: set[str] = set()
    _check(tree, text, readings, words)
    return Expression(text.strip(), tree, tuple(readings), frozenset(words))


def _built_in(text: str) -> BuiltIn | None:
    match = _BUILT_IN.fullmatch(text)
    name = OTHER_NAMES.get(match[1], match[1]) if match else ""
    if match is None or name not in RULES:
        return None
    default = RULES[name].default
    if match[2] is None:
        return BuiltIn(name, default or 0.0)
    try:
        threshold = float(match[2])
    except ValueError:
        threshold = -1.0
    if default is None or not threshold >= 0:
        allowed = name if default is None else f"{name}, or {name}(a number from 0)"
        raise UserError(f"{text!r} is no condition", allowed=allowed)
    return BuiltIn(name, threshold)


def _tree(text: str) -> ast.expr:
    if len(text) > LONGEST:
        raise UserError(f"the condition has {len(text)} characters", allowed=f"up to {LONGEST}")
    marked, columns = _with_marks(text)
    try:
        tree = ast.parse(marked, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        offset = getattr(error, "offset", None) or len(columns)  # Python tells no place for what is missing at the end
        column = columns[min(offset, len(columns)) - 1] + 1
        what = getattr(error, "msg", None) or "it cannot be read"
        raise UserError(
            f"this is no condition: {what}", where=f"condition {text!r}, column {column}", allowed=SUBSET
        ) from None
    for node in ast.walk(tree):
        if isinstance(node, ast.expr):
            node.col_offset = columns[min(node.col_offset, len(columns) - 1)]
        if isinstance(node, ast.Name) and node.id.startswith(_MARK):
            node.id = node.id[1:].replace(_MARK, ".")
    return tree


def _with_marks(text: str) -> tuple[str, list[int]]:
    """The text with names such as `net.0.weight` as names of Python's; and of each character its column before."""
    result, columns, end = "", list[int](), 0
    for match in _PATH.finditer(text):
        if _EXPONENT.fullmatch(match[0]):
            continue
        result += f"{text[end : match.start()]}{_MARK}{match[0].replace('.', _MARK)}"
        columns += [*range(end, match.start()), match.start(), *range(*match.span())]
        end = match.end()
    return result + text[end:], [*columns, *range(end, len(text) + 1)]


def _check(tree: ast.expr, text: str, readings: dict[Reading, None], words: set[str]) -> None:
    """Goes through the tree, refuses what is not allowed and notes what is read."""
    waiting: list[ast.expr] = [tree]
    while waiting:
        node = waiting.pop()
        named = chain(node)
        if named is not None:
            _note(named, readings, words)
            continue
        match node:
            case ast.Constant(value=None | bool() | int() | float() | str()):
                pass
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                waiting += elements
            case ast.Call(func=ast.Attribute(value=value, attr=method), args=[], keywords=[]) if method in METHODS:
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    readings[Reading(value.value, "value")] = None
                else:
                    waiting.append(value)
            case ast.Call(func=ast.Attribute(attr=method)):
                raise _refused(text, node, _call_mistake(method), node.func)
            case ast.Subscript(value=value, slice=index):
                waiting += [value, index]
            case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.UAdd(), operand=operand):
                waiting.append(operand)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in BINARY:
                waiting += [left, right]
            case ast.BoolOp(values=values):
                waiting += values
            case ast.Compare(left=left, ops=ops, comparators=others):
                _check_comparison(text, node, ops, others)
                waiting += [left, *others]
            case _:
                raise _refused(text, node, f"{ast.unparse(node)!r} is not allowed here")


def _check_comparison(text: str, node: ast.expr, ops: list[ast.cmpop], others: list[ast.expr]) -> None:
    for op, other in zip(ops, others, strict=True):
        if isinstance(op, ast.Is | ast.IsNot):
            if not (isinstance(other, ast.Constant) and other.value is None):
                raise _refused(text, other, "`is` compares with None only")
        elif type(op) not in COMPARISONS:
            raise _refused(text, node, f"{ast.unparse(node)!r} is not allowed here")


def _note(named: Chain, readings: dict[Reading, None], words: set[str]) -> None:
    if named.is_word:
        words.add(named.parts[0])
        return
    name, attributes = split(named.parts)
    readings[Reading(name, "grad" if "grad" in attributes else "value")] = None


def _call_mistake(method: str) -> str:
    if method in METHODS:
        return f".{method}() takes no arguments here"
    close = get_close_matches(method, METHODS, n=1)
    return f".{method}() is not allowed here{f', did you mean .{close[0]}()?' if close else ''}"


def _refused(text: str, node: ast.expr, what: str, place: ast.expr | None = None) -> UserError:
    column = (place or node).col_offset + 1
    return UserError(what, where=f"condition {text!r}, column {column}", allowed=SUBSET)
