"""Captured graphs and hooks in a stranger's program: a later call, or an answer of the wrong kind, breaks no bound."""

import sys
import warnings

import pytest
from gradb.recording import recording
from gradb.scenario.program import Budget, BudgetExceeded, Program, Refused
from gradb.trace.events import Printed, Raised
from gradb.trace.recorder import Recorder
from gradb.trace.trace import Header, Trace


def told(source: str, seconds: float = 20.0, bytes: int = 256 << 20) -> list[str]:
    """What a program prints, and the error that it ends with."""
    source = f"import torch\n{source}"
    trace = Trace(Header(source=source, instrumented=True))
    recorder = Recorder(trace)
    with recording(recorder), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Program(source, "made.yaml").run(recorder, Budget(seconds=seconds, bytes=bytes))
    events = [event for event in trace.events if isinstance(event, Printed | Raised)]
    return [event.text if isinstance(event, Printed) else f"{event.error}: {event.message}" for event in events]


TWO = "(torch.ones(2), torch.ones(1))"
LATER = {
    "expand": f"f = torch.jit.trace(lambda x, y: y.expand(x.shape[0], x.shape[0], x.shape[0]).sum(), {TWO})",
    "broadcast_to": f"f = torch.jit.trace(lambda x, y: torch.broadcast_to(y, (x.shape[0],) * 3).sum(), {TWO})",
    "unfold": "f = torch.jit.trace(lambda x, y: x.unfold(0, x.shape[0] // 2, 1).sum(), (torch.ones(4), torch.ones(1)))",
    "a module": "class M(torch.nn.Module):\n    def forward(self, x, y):\n"
    f"        return y.expand(x.shape[0], x.shape[0], x.shape[0]).sum()\nf = torch.jit.trace(M(), {TWO})",
    "the graph given to trace again": f"f = torch.jit.trace(lambda x, y: y.expand((x.shape[0],) * 3).sum(), {TWO})\n"
    f"f = torch.jit.trace(f, {TWO})",
}  # fmt: skip


@pytest.mark.parametrize("captured", LATER.values(), ids=LATER)
def test_a_view_that_a_later_call_makes_too_large_is_refused(captured: str) -> None:
    assert told(f"{captured}\nprint(f(torch.ones(4), torch.ones(1)).ndim)") == ["0"]
    with pytest.raises(Refused, match="elements would come to be"):
        told(f"{captured}\nf(torch.ones(200_000), torch.ones(1))")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process")
@pytest.mark.parametrize(
    "body",
    [
        "torch.zeros(x.shape[0], x.shape[0])",
        "torch.arange(x.shape[0] * x.shape[0] * x.shape[0])",
        "x[:, None] * x",
        "x.repeat(x.shape[0], x.shape[0])",
        "torch.eye(x.shape[0])",
    ],
)
def test_what_a_later_call_makes_is_within_the_budget_of_bytes(body: str) -> None:
    with pytest.raises(BudgetExceeded) as stopped:
        told(f"f = torch.jit.trace(lambda x: {body}, torch.ones(2))\nf(torch.ones(200_000))")
    assert stopped.value.limit == "bytes"


@pytest.mark.parametrize(
    "number",
    [
        "((n ** 1000) ** 1000) ** 100000",
        "(n + 1) ** (2 ** 62)",
        "n * 2 ** 40 * n * 2 ** 40",
        "2 ** (n * 100)",
        "-(n ** 99)",
    ],
)
def test_a_number_of_sizes_stays_a_number_that_a_size_can_be(number: str) -> None:
    source = f"def g(x):\n    n = x.shape[0]\n    return x * ({number})\nf = torch.jit.trace(g, torch.ones(0))\n"
    last = told(f"{source}f(torch.ones(3))")[-1]
    assert last.startswith("RuntimeError: a number that is computed from sizes of tensors needs more than 64 bits")


def test_a_captured_function_still_calls_itself_a_function_of_torch() -> None:
    assert told(
        "f = torch.jit.trace(lambda x: x * 2, torch.ones(2))\nprint(f(torch.ones(3)).sum().item(), f.name)"
    ) == ["6.0 <lambda>"]


# --- hooks

SETUP = """
m = torch.nn.Linear(2, 1)
x = torch.ones(1, 2, requires_grad=True)
class Hook:
    def __call__(self, *given):
        print([type(one).__name__ for one in given])
        return ANSWER
"""
HOOKS = {
    "m.register_full_backward_hook(Hook())": ["Linear", "tuple", "tuple"],
    "m.register_full_backward_pre_hook(Hook())": ["Linear", "tuple"],
    "m.register_forward_hook(Hook())": ["Linear", "tuple", "Tensor"],
    "m.register_forward_pre_hook(Hook())": ["Linear", "tuple"],
    "x.register_hook(Hook())": ["Tensor"],
    "m.weight.register_post_accumulate_grad_hook(Hook())": ["Parameter"],
}
ANSWERS = (
    "'abc'", "7", "[1]", "(1, 'a')", "((torch.ones(1),),)", "Hook()", "torch.ones(5, 5)", "torch.dtype", "m", "{}",
    "(torch.ones(1).expand(1 << 27),)", "tuple([torch.ones(1)] * 1000)", "print", "torch", "x.grad_fn",
)  # fmt: skip


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_gets_modules_and_tensors_and_nothing_of_the_engine(hook: str) -> None:
    source = SETUP.replace("ANSWER", "None")
    assert told(f"{source}{hook}\nm(x).sum().backward()") == [str(HOOKS[hook])]


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_that_answers_with_something_else_is_an_error_of_the_program_at_most(hook: str) -> None:
    for answer in ANSWERS:
        lines = told(f"{SETUP.replace('ANSWER', answer)}{hook}\nm(x).sum().backward()")
        assert all(line.startswith(("[", "TypeError", "AttributeError", "RuntimeError")) for line in lines), answer


@pytest.mark.parametrize("name", ["_backward_hooks", "_forward_hooks", "_parameters", "__dict__"])
def test_where_hooks_are_kept_is_not_for_programs(name: str) -> None:
    with pytest.raises(Refused):
        told(f"m = torch.nn.Linear(2, 1)\nh = m.register_full_backward_hook(print)\ngetattr(m, {name!r})")


def test_the_size_of_an_input_in_a_function_of_torch_is_no_python_value(recwarn: pytest.WarningsRecorder) -> None:
    source = "import torch\nf = torch.jit.trace(lambda x: torch.zeros(x.shape[0], 2) + x, torch.ones(3, 2))"
    recorder = Recorder(Trace(Header(source=source, instrumented=True)))
    with recording(recorder):
        Program(source, "made.yaml").run(recorder, Budget())
    assert [str(one.message) for one in recwarn] == []
