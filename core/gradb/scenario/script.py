"""Runs a script of the user's own as Python, told to a recorder: `run_script(scenario, recorder, budget, cancelled)`.

Nothing is refused: the script may import and do what it likes. But `torch` is gradb's dialect, `matplotlib.pyplot`
tells the recorder what is drawn, and `print` what is printed.
"""

import ast
import builtins
import sys
import types
from collections.abc import Callable, Generator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from gradb.scenario.program import hidden
from gradb.scenario.program.budget import Budget, Stop
from gradb.scenario.program.failure import line_of
from gradb.scenario.program.instrument import Instrumenter
from gradb.scenario.program.isolation import isolated
from gradb.scenario.program.places import Place
from gradb.scenario.program.plotting import pyplot_facade
from gradb.scenario.program.watch import Watch
from gradb.scenario.scenario import Scenario
from gradb.trace.recorder import Recorder


def run_script(scenario: Scenario, recorder: Recorder, budget: Budget, cancelled: Callable[[], bool]) -> None:
    """Runs the script in this thread. An error that it ends with becomes the last event.

    What it writes to standard output by other means than `print` goes to standard error. Raises BudgetExceeded and
    Cancelled.
    """
    code: Any = compile(
        Instrumenter(ast.parse(scenario.program)).module(), scenario.filename, "exec", dont_inherit=True
    )
    namespace: dict[str, Any] = {
        "__name__": "__main__",
        "__file__": scenario.filename,
        "__builtins__": builtins,
        "print": _printing(recorder),
        hidden.RECORDER: recorder,
    }
    with isolated(), _standing_for_torch(scenario.filename, recorder), redirect_stdout(sys.stderr):
        watch = Watch(budget, recorder.trace.events, recorder.turn, cancelled)
        try:
            with watch:
                _execute(code, namespace, recorder, scenario.filename)
        except Stop:
            pass
        wrong = watch.broken()
    if wrong is not None:
        wrong.where = Place(scenario.filename).of(recorder.line)
        raise wrong


def _execute(code: Any, namespace: dict[str, Any], recorder: Recorder, filename: str) -> None:
    try:
        exec(code, namespace)
    except SystemExit as end:
        if end.code not in (None, 0):
            recorder.raised(end)
    except Exception as error:
        recorder.line = line_of(error, filename) or recorder.line
        recorder.raised(error)


def _printing(recorder: Recorder) -> Callable[..., None]:
    def print_(
        *values: Any, sep: str | None = " ", end: str | None = "\n", file: Any = None, flush: bool = False
    ) -> None:
        """Prints as usual; what would go to standard output is told to the recorder."""
        if file is None or file is sys.stdout or file is sys.__stdout__:
            text = (" " if sep is None else sep).join(map(str, values)) + ("\n" if end is None else end)
            recorder.printed(text.removesuffix("\n"))
        else:
            print(*values, sep=sep, end=end, file=file, flush=flush)

    return print_


@contextmanager
def _standing_for_torch(filename: str, recorder: Recorder) -> Generator[None]:
    """Inside, imports find gradb's dialect under torch's names, and the script's folder."""
    import gradb.dialect

    pyplot: Any = pyplot_facade(recorder.plotted)
    matplotlib: Any = types.ModuleType("matplotlib")
    matplotlib.pyplot = pyplot
    standing: dict[str, Any] = {"matplotlib": matplotlib, "matplotlib.pyplot": pyplot}
    _add("torch", gradb.dialect, standing)
    replaced = {name: module for name, module in sys.modules.items() if name.split(".")[0] in ("torch", "matplotlib")}
    path, argv = sys.path.copy(), sys.argv
    for name in replaced:
        del sys.modules[name]
    sys.modules.update(standing)
    sys.path.insert(0, str(Path(filename).resolve().parent))
    sys.argv = [filename]
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] in ("torch", "matplotlib")]:
            del sys.modules[name]
        sys.modules.update(replaced)
        sys.path[:], sys.argv = path, argv


def _add(path: str, module: Any, standing: dict[str, Any]) -> None:
    standing[path] = module
    for name in getattr(module, "__all__", ()):
        inner = getattr(module, name)
        if isinstance(inner, types.ModuleType):
            _add(f"{path}.{name}", inner, standing)
