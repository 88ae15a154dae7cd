"""The words of the safe subset: which names with underscores a program may write, and which methods it may define."""

import ast
from collections.abc import Iterable

_MOST_LISTED = 80


def names_of(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


def listed(names: Iterable[str]) -> str:
    """Names for a message, in order, cut where there are too many."""
    ordered = sorted(names)
    more = f", ... ({len(ordered)} in all)" if len(ordered) > _MOST_LISTED else ""
    return ", ".join(ordered[:_MOST_LISTED]) + more if ordered else "nothing"


READABLE_NAMES = frozenset({"__name__"})
READABLE_ATTRIBUTES = frozenset({"__init__", "__name__", "__class__", "_version", "_sequence_nr"})

SAVED = "_saved_"


def is_private(name: str) -> bool:
    """Whether an attribute's name is one that the program's own classes may have, such as `self._hidden`."""
    return name.startswith("_") and not name.startswith(("__", SAVED)) and name not in READABLE_ATTRIBUTES


# Methods that Python calls by itself. Left out are those that change how attributes are found, how objects are made,
# deleted or copied, and those that let an object pass for a number or an array between a check and its use.
DEFINABLE = names_of("""
    __init__ __call__ __len__ __getitem__ __setitem__ __contains__ __iter__ __next__ __repr__ __str__ __enter__
    __exit__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__ __hash__ __bool__ __abs__ __neg__ __pos__ __matmul__
    __rmatmul__ __add__ __radd__ __iadd__ __sub__ __rsub__ __isub__ __mul__ __rmul__ __imul__ __truediv__
    __rtruediv__ __pow__ __rpow__ __floordiv__ __mod__
""")
MADE_BY_PYTHON = names_of(
    """__module__ __qualname__ __doc__ __dict__ __weakref__ __classcell__ __static_attributes__ __firstlineno__
    __annotations__ __abstractmethods__ __parameters__ _abc_impl"""
)  # what a class has without the program's doing
INHERITED = DEFINABLE  # what `super().name` may be, besides public names

_STATEMENTS = (
    ast.Module, ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.For, ast.While, ast.If, ast.With, ast.Try,
    ast.Raise, ast.Assert, ast.FunctionDef, ast.ClassDef, ast.Return, ast.Import, ast.ImportFrom, ast.Pass, ast.Break,
    ast.Continue, ast.Delete, ast.Global, ast.Nonlocal,
)  # fmt: skip
_EXPRESSIONS = (
    ast.BoolOp, ast.NamedExpr, ast.BinOp, ast.UnaryOp, ast.Lambda, ast.IfExp, ast.Dict, ast.Set, ast.ListComp,
    ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Compare, ast.Call, ast.FormattedValue, ast.JoinedStr, ast.Constant,
    ast.Attribute, ast.Subscript, ast.Starred, ast.Name, ast.List, ast.Tuple, ast.Slice,
)  # fmt: skip
_PARTS = (
    ast.boolop, ast.operator, ast.unaryop, ast.cmpop, ast.expr_context, ast.comprehension, ast.ExceptHandler,
    ast.arguments, ast.arg, ast.keyword, ast.alias, ast.withitem,
)  # fmt: skip
SYNTAX = (*_STATEMENTS, *_EXPRESSIONS, *_PARTS)

IN_WORDS = {
    "AsyncFunctionDef": "async def",
    "AsyncFor": "async for",
    "AsyncWith": "async with",
    "Await": "await",
    "Yield": "yield",
    "YieldFrom": "yield from",
    "Match": "match",
    "TryStar": "except*",
    "TypeAlias": "type",
    "TemplateStr": "a t-string",
}
