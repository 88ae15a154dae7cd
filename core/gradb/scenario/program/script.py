"""The user's own `.py` file: `Script(source, filename)` runs as plain Python on gradb's engine, without guards."""

import builtins
import sys
import sysconfig
import types
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gradb.scenario.program import hidden
from gradb.scenario.program.compiling import compiled, parse
from gradb.scenario.program.failure import line_of
from gradb.scenario.program.instrument import Instrumenter
from gradb.scenario.program.isolation import isolated
from gradb.scenario.program.listener import Listener
from gradb.scenario.program.places import Place
from gradb.scenario.program.plotting import pyplot_facade

_INSTALLED = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
_OURS = ("gradb", "gradb_tui")
_PYPLOT = "matplotlib.pyplot"


def instrument(source: str, filename: str) -> types.CodeType:
    """The code of a script with its lines, names and loops told to the global `hidden.RECORDER`. Raises UserError."""
    place = Place(filename)
    return compiled(Instrumenter(parse(source, place)).module(), source, place)


class Script:
    """A script that the user trusts. Making one compiles it; raises UserError where it is not Python."""

    def __init__(self, source: str, filename: str) -> None:
        self.source = source
        self.filename = filename
        self._code = instrument(source, filename)

    def run(
        self, recorder: Listener, modules: Mapping[str, types.ModuleType] | None = None, arguments: Sequence[str] = ()
    ) -> BaseException | None:
        """Runs it as `__main__` in this thread; `import torch` gives gradb's dialect, pyplot draws nothing.

        Returns the exception that it ended with, after `recorder.raised`; None where it ended well. `sys.exit` is an
        error where Python's own exit code would not be 0. What it prints is recorded, not shown.
        """
        main = types.ModuleType("__main__")
        main.__dict__.update({"__file__": self.filename, hidden.RECORDER: recorder, "print": _printing(recorder)})
        with isolated(), _stands_for(_modules(modules, recorder)), _as_program(main, self.filename, arguments):
            try:
                exec(self._code, main.__dict__)
            except (Exception, SystemExit) as error:
                if isinstance(error, SystemExit) and not error.code:
                    return None
                recorder.line = line_of(error, self.filename) or recorder.line
                recorder.raised(error)
                return error
        return None


def _printing(recorder: Listener) -> Any:
    def print(*values: Any, sep: str | None = " ", end: str | None = "\n", file: Any = None, **others: Any) -> None:
        if file is not None and file is not sys.stdout:
            builtins.print(*values, sep=sep, end=end, file=file, **others)
            return
        text = (" " if sep is None else sep).join(map(str, values)) + ("\n" if end is None else end)
        recorder.printed(text.removesuffix("\n"))

    return print


def _modules(modules: Mapping[str, types.ModuleType] | None, recorder: Listener) -> dict[str, types.ModuleType]:
    """What the script's imports give, by dotted path: torch with its modules, and a pyplot that draws nothing."""
    if modules is None:
        import gradb.dialect

        modules = {"torch": gradb.dialect}
    found: dict[str, types.ModuleType] = {}
    for path, module in modules.items():
        _collect(path, module, found)
    pyplot = types.ModuleType(_PYPLOT)
    pyplot.__dict__.update(vars(pyplot_facade(recorder.plotted)))
    matplotlib = types.ModuleType("matplotlib")
    matplotlib.__dict__.update({"pyplot": pyplot, "__path__": []})
    return {**found, "matplotlib": matplotlib, _PYPLOT: pyplot}


def _collect(path: str, module: types.ModuleType, found: dict[str, types.ModuleType]) -> None:
    found.setdefault(path, module)
    for name in getattr(module, "__all__", ()):
        value = getattr(module, name, None)
        if isinstance(value, types.ModuleType) and value not in found.values():
            _collect(f"{path}.{name}", value, found)


@contextmanager
def _stands_for(modules: Mapping[str, types.ModuleType]) -> Generator[None]:
    """Inside, imports of these modules and of what is below them find these and nothing else."""
    roots = {path.partition(".")[0] for path in modules}
    before = {path: module for path, module in sys.modules.items() if path.partition(".")[0] in roots}
    _replace(before, modules)
    try:
        yield
    finally:
        _replace([path for path in sys.modules if path.partition(".")[0] in roots], before)


def _replace(old: Iterable[str], new: Mapping[str, types.ModuleType]) -> None:
    for path in old:
        del sys.modules[path]
    sys.modules.update(new)


@contextmanager
def _as_program(main: types.ModuleType, filename: str, arguments: Sequence[str]) -> Generator[None]:
    """Inside, `sys` looks as it does for `python filename arguments`.

    Modules of the user's own that the script imports are forgotten afterwards: they hold this run's torch.
    """
    before = sys.argv, sys.path[:], sys.modules["__main__"]
    loaded = set(sys.modules)
    sys.argv = [filename, *arguments]
    sys.path.insert(0, str(Path(filename).resolve().parent))
    sys.modules["__main__"] = main
    try:
        yield
    finally:
        sys.argv, sys.path[:], sys.modules["__main__"] = before
        for name in [name for name in sys.modules if name not in loaded and _is_users(name)]:
            del sys.modules[name]


def _is_users(name: str) -> bool:
    """Whether a module is the user's own: neither Python's, nor an installed package's, nor gradb's."""
    module = sys.modules[name]
    places = [getattr(module, "__file__", None), *getattr(module, "__path__", ())]  # a folder may have no file
    path = Path(next(filter(None, places), "."))
    if name.partition(".")[0] in _OURS or path.suffix not in (".py", ""):
        return False
    return path != Path(".") and not any(path.is_relative_to(folder) for folder in _INSTALLED)
