"""Running a scenario's program on torch: `run_on_torch(scenario, budget)` gives its trace."""

import sys
import warnings
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stdout, suppress
from functools import partial
from typing import Any

from gradb.random import DEFAULT_SEED
from gradb.recording import gradb_version
from gradb.scenario.program import numeric
from gradb.scenario.program.budget import Budget, Stop
from gradb.scenario.program.guards import Guards
from gradb.scenario.program.kinds import Facade
from gradb.scenario.program.places import Place
from gradb.scenario.program.program import Program
from gradb.scenario.program.script import Script
from gradb.scenario.program.watch import Watch
from gradb.scenario.scenario import Scenario
from gradb.trace.events import Array
from gradb.trace.trace import Header, Trace
from gradb.verify.pytorch.backward import Backward
from gradb.verify.pytorch.calls import Calls
from gradb.verify.pytorch.checks import leaving_out_checks
from gradb.verify.pytorch.clipping import watching_clips
from gradb.verify.pytorch.functions import watching_functions
from gradb.verify.pytorch.guards import TorchGuards
from gradb.verify.pytorch.loading import load_torch, version_of
from gradb.verify.pytorch.modules import watching_modules
from gradb.verify.pytorch.names import mirror
from gradb.verify.pytorch.ops import Ops
from gradb.verify.pytorch.optimizers import Optimizers
from gradb.verify.pytorch.patching import patched
from gradb.verify.pytorch.recorder import TorchRecorder
from gradb.verify.pytorch.schedules import watching_schedules
from gradb.verify.pytorch.tracing import watching_traces


class TorchRun:
    """A run that has not begun; `trace` is empty until `run` is called, and grows while that works."""

    def __init__(self, scenario: Scenario, budget: Budget) -> None:
        self.scenario = scenario
        self.budget = budget
        self.torch = load_torch()
        self.trace = Trace(
            Header(
                version=gradb_version(),
                engine=f"PyTorch {version_of(self.torch)} (what other threads do is not seen)",
                title=scenario.title,
                source=scenario.program,
                instrumented=True,
            )
        )

    def run(self) -> Trace:
        """Runs the program in this thread; an error of its own becomes the trace's last event.

        Raises UserError where the program is not allowed, or uses more than its budget.
        """
        recorder = TorchRecorder(self.trace, self.torch)
        with isolated(self.torch), recording(recorder), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if self.scenario.trusted:
                self._run_script(recorder)
            else:
                self._run_program(recorder)
            recorder.flush()
        return self.trace

    def _run_program(self, recorder: TorchRecorder) -> None:
        names, twins = mirror(self.torch)
        of = self.scenario
        guard: Callable[[Mapping[str, Facade]], Guards] = partial(TorchGuards, twins=twins, torch=self.torch)
        recorder.line = 1
        given = {name: self._given(name, array, recorder) for name, array in of.data.items()}
        program = Program(of.program, of.filename, of.first_line, of.first_column, given)
        with patched(numeric, NUMBERS=(*numeric.NUMBERS, self.torch.Tensor)):
            program.run(recorder, self.budget, {"torch": names}, guard=guard)

    def _given(self, name: str, array: Array, recorder: TorchRecorder) -> Any:
        """A tensor of the scenario's `data:`."""
        with recorder.silence():
            tensor = self.torch.tensor(array)
        recorder.introduce(tensor, "data")
        recorder.named(name, tensor)
        return tensor

    def _run_script(self, recorder: TorchRecorder) -> None:
        """A script is the user's own: its imports find the real torch, and pyplot draws nothing."""
        script = Script(self.scenario.program, self.scenario.filename)
        watch = Watch(script.filename, self.budget, self.trace.events, recorder.turn)
        with suppress(Stop), watch, redirect_stdout(sys.stderr):
            script.run(recorder, {}, self.scenario.arguments)
        wrong = watch.broken()
        if wrong is not None:
            wrong.where = Place(self.scenario.filename).of(recorder.line)
            raise wrong


@contextmanager
def recording(recorder: TorchRecorder) -> Generator[None]:
    """Inside, what torch does in this thread is told to the recorder."""
    ops = Ops(recorder)
    backward = Backward(recorder, ops)
    calls = Calls(recorder, backward).mode()
    with ExitStack() as stack:
        for watching in (
            backward.watching(calls),
            Optimizers(recorder).watching(),
            watching_schedules(recorder),
            watching_clips(recorder),
            watching_functions(recorder),
            leaving_out_checks(recorder),
            watching_traces(recorder),
            watching_modules(recorder),
            ops.mode(),
            calls,
            recorder.torch.jit.optimized_execution(False),  # else traced graphs run as one large node
        ):
            stack.enter_context(watching)
        yield


@contextmanager
def isolated(torch: Any) -> Generator[None]:
    """Inside, torch is as it is when it has just been loaded. After it all is as before."""
    dtype, enabled = torch.get_default_dtype(), torch.is_grad_enabled()
    shown = dict(vars(torch._tensor_str.PRINT_OPTS))
    with torch.random.fork_rng(devices=[]):
        torch.set_default_dtype(torch.float32)
        torch.set_grad_enabled(True)
        torch.set_printoptions(profile="default")
        torch.manual_seed(DEFAULT_SEED)
        try:
            yield
        finally:
            torch.set_default_dtype(dtype)
            torch.set_grad_enabled(enabled)
            for name, value in shown.items():
                setattr(torch._tensor_str.PRINT_OPTS, name, value)


def run_on_torch(scenario: Scenario, budget: Budget) -> Trace:
    """Runs a scenario's program, or a script, on torch. Raises UserError as `TorchRun.run` does."""
    return TorchRun(scenario, budget).run()
