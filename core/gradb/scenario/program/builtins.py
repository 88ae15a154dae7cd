"""Python's builtins as a program gets them: `allowed(guards, printed)`. What can be misused comes in a bounded form."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from weakref import WeakSet

from gradb.scenario.program.formatting import formatted, repr_of, text_of
from gradb.scenario.program.guards import Guards
from gradb.scenario.program.kinds import CHAINABLE, function_only, kind, real
from gradb.scenario.program.limits import MAX_LENGTH, check_bits, check_length, refuse, too_large
from gradb.scenario.program.operators import OPERATORS
from gradb.scenario.program.weight import keys_weighed, ordering, weighed
from gradb.scenario.program.words import READABLE_ATTRIBUTES

MAX_GENERATORS = 1000  # alive at once: a chain of more could exhaust the stack of the interpreter
MAX_DIGITS = 1000
MAX_MODULAR_BITS = 4096  # of the numbers of `pow(base, exponent, modulus)`

_EXCEPTIONS = (
    Exception, ArithmeticError, AssertionError, FloatingPointError, IndexError, KeyError, LookupError, MemoryError,
    NotImplementedError, OverflowError, RecursionError, RuntimeError, StopIteration, TypeError, UserWarning, ValueError,
    Warning, ZeroDivisionError,
)  # fmt: skip
_AS_THEY_ARE: tuple[Any, ...] = (
    abs, all, any, bool, callable, chr, float, int, len, list, next, object, ord, reversed, super,
    tuple, *_EXCEPTIONS,
)  # fmt: skip
_MISSING = object()
_ABSENT = object()


class Lazies:
    """Counts the generators that are alive."""

    def __init__(self) -> None:
        self.alive: WeakSet[Iterator[Any]] = WeakSet()

    def counted(self, generator: Iterator[Any]) -> Iterator[Any]:
        """The generator itself. Raises RecursionError where too many are alive."""
        if len(self.alive) >= MAX_GENERATORS:
            raise RecursionError(f"more than {MAX_GENERATORS} generators are alive")
        self.alive.add(generator)
        return generator


def allowed(guards: Guards, lazies: Lazies, printed: Callable[[str], None]) -> dict[str, Any]:
    """The builtins by name. `printed` gets each text that the program prints."""

    def enumerate_(values: Iterable[Any], start: int = 0) -> Iterator[Any]:
        return lazies.counted((start + i, value) for i, value in enumerate(values))

    def zip_(*values: Iterable[Any], strict: bool = False) -> Iterator[Any]:
        return lazies.counted(row for row in zip(*values, strict=strict))

    def map_(function: Callable[..., Any], *values: Iterable[Any]) -> Iterator[Any]:
        return lazies.counted(function(*row) for row in zip(*values, strict=False))

    def filter_(function: Callable[[Any], Any] | None, values: Iterable[Any]) -> Iterator[Any]:
        return lazies.counted(value for value in values if (value if function is None else function(value)))

    def getattr_(value: Any, name: str, default: Any = _MISSING) -> Any:
        try:
            return guards.load(value, _attribute(name))
        except AttributeError:
            if default is _MISSING:
                raise
            return default

    def setattr_(value: Any, name: str, content: Any) -> None:
        setattr(guards.store(value, _attribute(name)), name, content)

    def hasattr_(value: Any, name: str) -> bool:
        return getattr_(value, name, _ABSENT) is not _ABSENT

    def print_(*values: Any, sep: str | None = " ", end: str | None = "\n", flush: bool = False) -> None:
        text = _join(" " if sep is None else sep, [text_of(value) for value in values])
        printed(_join("", [text, "\n" if end is None else end]))

    bounded: dict[str, Any] = {
        "divmod": _divmod, "format": _format, "isinstance": _isinstance, "issubclass": _issubclass, "iter": _iter,
        "max": ordering(max), "min": ordering(min), "pow": _pow, "repr": repr_of, "round": _round, "slice": _slice,
        "sorted": ordering(sorted), "sum": _sum, "range": kind(range, _range), "str": kind(str, _str),
        "dict": kind(dict, _dict), "set": kind(set, _set), "frozenset": kind(frozenset, _frozenset),
        "property": _property, "staticmethod": _method(staticmethod), "classmethod": _method(classmethod),
        "enumerate": enumerate_, "zip": zip_, "map": map_, "filter": filter_, "getattr": getattr_, "setattr": setattr_,
        "hasattr": hasattr_, "print": print_, "type": guards.type, "NotImplemented": NotImplemented,
        "Ellipsis": Ellipsis, **{error.__name__: kind(error, _positional(error)) for error in CHAINABLE},
    }  # fmt: skip
    return {**{thing.__name__: thing for thing in _AS_THEY_ARE}, **bounded}


def _attribute(name: Any) -> str:
    if type(name) is not str:
        raise TypeError("an attribute's name must be a text")
    if name.startswith("__") and name not in READABLE_ATTRIBUTES:
        raise refuse(f"the attribute {name[:60]!r} is not for programs", "attributes that do not begin with '__'")
    return name


def _join(separator: str, parts: list[str]) -> str:
    check_length(sum(map(len, parts)) + len(separator) * len(parts))
    return separator.join(parts)


def _str(value: Any = "") -> str:
    return text_of(value)


def _format(value: Any, spec: str = "") -> str:
    return formatted(value, -1, spec)


def _range(*bounds: int) -> range:
    made = range(*bounds)
    if made and (made[-1] - made[0]) // made.step >= MAX_LENGTH:
        raise refuse(f"{made!r} is too long", f"ranges of up to {MAX_LENGTH:,} numbers")
    return made


def _isinstance(value: Any, info: Any) -> bool:
    return isinstance(value, real(info))


def _issubclass(value: Any, info: Any) -> bool:
    return issubclass(real(value), real(info))


def _iter(values: Iterable[Any]) -> Iterator[Any]:
    return iter(values)


def _slice(*bounds: Any) -> slice:
    if any(isinstance(bound, slice | tuple | list) for bound in bounds):
        raise TypeError("slice indices must be integers or None")
    return slice(*bounds)


def _sum(values: Iterable[Any], start: Any = 0) -> Any:
    add = OPERATORS["Add"]
    for value in values:
        start = add(start, value)
    return start


def _pow(base: Any, exponent: Any, modulus: Any = None) -> Any:
    if modulus is None:
        return OPERATORS["Pow"](base, exponent)
    for number in (base, exponent, modulus):
        if isinstance(number, int) and number.bit_length() > MAX_MODULAR_BITS:
            raise too_large()
    return pow(base, exponent, modulus)


def _divmod(a: Any, b: Any) -> Any:
    check_bits(a)
    return divmod(a, b)


def _round(number: Any, digits: int | None = None) -> Any:
    if isinstance(digits, int) and abs(digits) > MAX_DIGITS:
        raise refuse(f"round to {digits} digits", f"up to {MAX_DIGITS} digits")
    return round(number) if digits is None else round(number, digits)


def _set(values: Iterable[Any] = ()) -> set[Any]:
    return set(keys_weighed(values))


def _frozenset(values: Iterable[Any] = ()) -> frozenset[Any]:
    return frozenset(keys_weighed(values))


def _dict(values: Any = (), **names: Any) -> dict[Any, Any]:
    if isinstance(values, dict):
        return dict(values, **names)
    return dict([(weighed(key), value) for key, value in values], **names)


def _positional(error: type[Exception]) -> Callable[..., Exception]:
    """Makes such an error, without the keywords in which it could hold another one."""
    return lambda *args: error(*args)


def _property(fget: Any = None, fset: Any = None, fdel: Any = None) -> property:
    return property(function_only(fget), function_only(fset), function_only(fdel))


def _method(wrapper: Any) -> Callable[[Any], Any]:
    def method(function: Callable[..., Any]) -> Any:
        return wrapper(function_only(function))

    return method
