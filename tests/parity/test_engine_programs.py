"""Small programs on both engines: the same results, or the same class of exception."""

from typing import Any

import gradb.dialect
import pytest

torch = pytest.importorskip("torch")

from engine_programs import PROGRAMS, outcome  # noqa: E402
from function_programs import FUNCTION_PROGRAMS  # noqa: E402
from hook_programs import HOOK_PROGRAMS  # noqa: E402
from mode_programs import MODE_PROGRAMS  # noqa: E402
from module_hook_programs import MODULE_HOOK_PROGRAMS  # noqa: E402
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


TABLES = {
    "": PROGRAMS,
    "hooks: ": HOOK_PROGRAMS,
    "Function: ": FUNCTION_PROGRAMS,
    "modes: ": MODE_PROGRAMS,
    "hooks of modules: ": MODULE_HOOK_PROGRAMS,
}
SOURCES = {f"{kind}{name}": source for kind, table in TABLES.items() for name, source in table.items()}


@pytest.mark.parametrize("name", SOURCES)
def test_a_program_ends_as_on_torch(name: str) -> None:
    assert_same(outcome(gradb.dialect, SOURCES[name]), outcome(torch, SOURCES[name]))
