"""Mistaken programs raise torch's class of exception, in words of their own; what torch warns of is warned of too."""

import warnings
from typing import Any

import gradb.dialect
import pytest

torch = pytest.importorskip("torch")

from error_programs import ERRORS, WARNINGS  # noqa: E402


def raised(engine: Any, source: str) -> type[BaseException] | None:
    """The class of what a program raised."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(source, {"T": engine, "nn": engine.nn, "F": engine.nn.functional, "optim": engine.optim})
        except Exception as error:
            return type(error)
    return None


def warned(engine: Any, source: str) -> list[str]:
    """The classes of a program's warnings."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        exec(source, {"T": engine, "nn": engine.nn, "F": engine.nn.functional, "optim": engine.optim})
    return sorted({warning.category.__name__ for warning in seen})


DIFFERENT: dict[str, tuple[type[BaseException] | None, type[BaseException] | None]] = {
    # gradb raises, torch raises: the table in README.md
    "T.ones(0, 2).max(0)": (ValueError, IndexError),
    "float(x)": (RuntimeError, ValueError),
    "int(x)": (RuntimeError, ValueError),
    "T.tensor([None])": (TypeError, RuntimeError),
    "T.full((2,), 'a')": (None, TypeError),
    "T.eye(-1)": (ValueError, RuntimeError),
    "x.type('a')": (TypeError, ValueError),
    "T.equal(x, 3)": (AttributeError, TypeError),
    "x.sum(keepdim=True)": (None, TypeError),
    "T.cross(T.ones(2), T.ones(2))": (AttributeError, RuntimeError),
    "T.cdist(x, m)": (AttributeError, RuntimeError),
}


@pytest.mark.parametrize("line", ERRORS)
def test_a_mistake_raises_torchs_class(line: str) -> None:
    ours, theirs = raised(gradb.dialect, ERRORS[line]), raised(torch, ERRORS[line])
    if line in DIFFERENT:
        assert (ours, theirs) == DIFFERENT[line]
        return
    if ours is None or theirs is None:
        assert ours is theirs, f"{ours}, torch {theirs}"
        return
    assert issubclass(ours, theirs) or ours.__name__ == theirs.__name__, f"{ours}, torch {theirs}"


@pytest.mark.parametrize("line", WARNINGS)
def test_what_torch_warns_of_is_warned_of(line: str) -> None:
    assert warned(gradb.dialect, WARNINGS[line]) == warned(torch, WARNINGS[line])
