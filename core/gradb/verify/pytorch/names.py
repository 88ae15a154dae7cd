"""What of torch a program may reach on torch: the names that gradb has too, and no others (`mirror`).

A scenario may come from a stranger, and real torch reads and writes files. So a program gets of each module the
functions that gradb's dialect has, and of each object the attributes that gradb's own object has.
"""

import types
from collections.abc import Mapping
from typing import Any

import gradb.dialect
from gradb.scenario.program.facades import members_of


def mirror(torch: Any) -> tuple[dict[str, Any], dict[type, type]]:
    """Torch's members by gradb's names, modules as mappings; and by each class of torch gradb's class."""
    twins: dict[type, type] = {}
    return _mirrored(gradb.dialect, torch, twins), twins


def _mirrored(ours: Any, theirs: Any, twins: dict[type, type]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, member in members_of(ours).items():
        other = theirs.get(name) if isinstance(theirs, Mapping) else getattr(theirs, name, None)
        if other is None:
            continue
        if isinstance(member, types.ModuleType | types.SimpleNamespace | Mapping):
            found[name] = _mirrored(member, other, twins)
        else:
            found[name] = other
            if isinstance(member, type) and isinstance(other, type):
                twins[other] = member
    return found
