"""Small programs on both engines: the same results, or the same class of exception."""

from typing import Any

import gradb.dialect
import pytest

torch = pytest.importorskip("torch")

from engine_programs import PROGRAMS, outcome  # noqa: E402
from tolerance import assert_close  # noqa: E402


def assert_same(found: list[Any], expected: list[Any]) -> None:
    assert found[-1] is expected[-1], f"raised {found[-1]}, torch raises {expected[-1]}"
    assert len(found) == len(expected)
    for position, (ours, theirs) in enumerate(zip(found, expected, strict=True)):
        if isinstance(theirs, tuple) and theirs[:1] == ("tensor",):
            assert ours[2:] == theirs[2:], f"value {position}: {ours}, torch has {theirs}"
            assert_close(ours[1], theirs[1], 10, f"value {position}")
        else:
            assert ours == theirs, f"value {position}"


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_ends_as_on_torch(name: str) -> None:
    expected = outcome(torch, PROGRAMS[name])
    found = outcome(gradb.dialect, PROGRAMS[name])
    assert_same(found, expected)
