"""PyTorch's words on gradb's engine (`import gradb as torch`), and what records and runs programs.

`with gradb.record() as trace:` records a block, `gradb.run("leaf")` runs a scenario and returns its Trace.
The engine is loaded when the first of its names is used, so that `import gradb` by itself costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

_FILES = ("load", "save")  # torch's names that a scenario's program must not have

if TYPE_CHECKING:
    from gradb.dialect import *  # noqa: F403 (the dialect's `__all__` is the list)
    from gradb.recording import record as record
    from gradb.scenario.runner import run as run
    from gradb.serialization import load as load
    from gradb.serialization import save as save


def __getattr__(name: str) -> Any:
    if name == "record":
        from gradb.recording import record

        return record
    if name == "run":
        from gradb.scenario.runner import run

        return run
    if name == "__version__":
        from gradb.recording import gradb_version

        return gradb_version()
    if not name.startswith("_"):
        dialect = import_module("gradb.dialect")
        if name in dialect.__all__ or name in _FILES:
            return getattr(dialect, name)
    raise AttributeError(f"module 'gradb' has no attribute {name!r}; its names are PyTorch's, record and run")


def __dir__() -> list[str]:
    dialect = import_module("gradb.dialect")

    return sorted({*dialect.__all__, *_FILES, "record", "run", "__version__"})
