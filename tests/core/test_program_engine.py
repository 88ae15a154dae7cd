"""Programs on the engine itself: what a learner pastes runs, is recorded by line and name, and changes nothing."""

import sys
from typing import Any

import gradb.dialect as torch
import pytest
from gradb.autograd.mode import mode
from gradb.errors import UserError
from gradb.printing import get_printoptions
from gradb.random import default_generator
from gradb.recording import recording
from gradb.scenario.program import Budget, BudgetExceeded, Program
from gradb.trace.events import Forward, Printed, Raised, Update
from gradb.trace.recorder import Recorder
from gradb.trace.trace import Header, Trace


def run(source: str, **limits: Any) -> Trace:
    trace = Trace(Header(source=source, instrumented=True))
    recorder = Recorder(trace)
    with recording(recorder):
        Program(source, "made.yaml").run(recorder, Budget(**limits))
    return trace


def text_of(trace: Trace) -> str:
    """What was printed, and the error."""
    told = [event for event in trace.events if isinstance(event, Printed | Raised)]
    return "\n".join(
        [event.text if isinstance(event, Printed) else f"{event.error}: {event.message}" for event in told]
    )


REGRESSION = """import torch
import matplotlib.pyplot as plt
torch.manual_seed(100)
x = torch.unsqueeze(torch.linspace(-1, 1, 100), dim=1)
y = 3 * x.pow(2) + 2 + 0.2 * torch.rand(x.size())
w = torch.randn(1, 1, requires_grad=True)
b = torch.zeros(1, 1, requires_grad=True)
lr = 0.001
for i in range(5):
    y_pred = x.pow(2).mm(w) + b
    loss = ((y_pred - y) ** 2).sum()
    loss.backward()
    with torch.no_grad():
        w -= lr * w.grad
        b -= lr * b.grad
        w.grad.zero_()
        b.grad.zero_()
plt.scatter(x.numpy(), y.numpy())
plt.plot(x.numpy(), y_pred.detach().numpy(), "r-")
print(w, b)
"""


def test_a_regression_is_recorded_by_line_and_name() -> None:
    trace = run(REGRESSION)
    assert {"x", "y", "w", "b", "y_pred", "loss"} <= set(trace.bindings)
    updates = [(event.line, trace.name(event.tensor.id)) for event in trace.events if isinstance(event, Update)]
    assert updates == [(14, "w"), (15, "b")] * 5
    assert trace.steps == 5


def test_the_same_program_gives_the_same_trace() -> None:
    first, second = run(REGRESSION), run(REGRESSION)
    assert text_of(first) == text_of(second)
    assert [type(event) for event in first.events] == [type(event) for event in second.events]
    assert text_of(run("import torch\nprint(torch.rand(2))")) == text_of(run("import torch\nprint(torch.rand(2))"))


def test_a_model_with_an_optimizer_trains() -> None:
    source = """
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim

class Net(nn.Module):
    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.first = nn.Linear(inputs, 4)
        self._second = nn.Linear(4, 1)
        self.losses = []

    def forward(self, x):
        return self._second(F.relu(self.first(x)))

torch.manual_seed(0)
net = Net(2)
optimizer = optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(8, 2)
y = x.sum(dim=1, keepdim=True)
for epoch in range(20):
    optimizer.zero_grad()
    loss = nn.MSELoss()(net(x), y)
    loss.backward()
    optimizer.step()
    net.losses.append(loss.item())
print(net.losses[-1] < net.losses[0], [name for name, _ in net.named_parameters()])
print(type(loss.grad_fn).__name__, loss.grad_fn.next_functions[0][1], net.first.weight.grad.shape)
net.first.weight.data[0, 0] = 1.0
net.extra = nn.Linear(1, 1)
handle = x.requires_grad_().register_hook(lambda g: print("hook", tuple(g.shape)))
net(x).sum().backward()
handle.remove()
print(x.dtype, isinstance(x.dtype, torch.dtype) if hasattr(torch, "dtype") else True)
"""
    assert text_of(run(source)) == (
        "True ['first.weight', 'first.bias', '_second.weight', '_second.bias']\n"
        "MseLossBackward0 0 torch.Size([4, 2])\nhook (8, 2)\ntorch.float32 True"
    )


def test_an_error_of_the_engine_can_be_caught_or_ends_the_program() -> None:
    source = """
import torch
x = torch.ones(2, requires_grad=True)
try:
    x.backward()
except RuntimeError as error:
    print("caught")
x.backward()
"""
    assert text_of(run(source)).startswith("caught\nRuntimeError: ")


def test_settings_of_a_program_end_with_it() -> None:
    state, options = default_generator.get_state(), get_printoptions()
    source = """
import torch
torch.manual_seed(3)
torch.set_grad_enabled(False)
torch.set_default_dtype(torch.float64)
torch.set_printoptions(precision=2)
torch.autograd.set_detect_anomaly(True)
print(torch.ones(1) / 3, torch.is_grad_enabled())
"""
    assert text_of(run(source)) == "tensor([0.33]) False"
    assert default_generator.get_state() == state
    assert get_printoptions() == options
    assert torch.get_default_dtype() is torch.float32
    assert torch.is_grad_enabled()
    assert not mode.detects_nan


@pytest.mark.parametrize(
    "source",
    [
        "torch.Tensor.relu = 1",
        "torch.nn.Linear.forward = lambda self, x: x",
        "torch.nn.functional.relu = 1",
        "torch.optim.SGD.step = 1",
        "torch.float32.itemsize = 1",
        "torch.no_grad.enabled = True",
        "torch.ones(1, requires_grad=True).sum().grad_fn.op",
        "torch.ones(1, requires_grad=True).sum().grad_fn.saved",
        "torch.ones(1)._array",
        "torch.ones(1).numpy().tofile('f')",
        "torch.nn.Linear(1, 1)._parameters",
        "torch.nn.Linear(1, 1).forward.__func__",
        "torch.Generator().set_state(1)",
        "torch.optim.SGD([torch.ones(1)], lr=1).lr = 2",
        "torch.zeros(1).to = 1",
        "torch.tensor.x = 1",
        "torch.ops",
        "torch.save",
        "torch.nn.module",
        "class A(torch.Tensor): pass",
        "class A(torch.nn.Parameter): pass",
        "class A(torch.Size): pass",
        "class A(torch.device): pass",
        "class A(torch.no_grad): enabled = A",
        "class A(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x): ctx.keep\n"
        "A.apply(torch.ones(1))",
        "class A(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x): ctx._node = 1\n"
        "A.apply(torch.ones(1))",
        "class A(torch.Generator): pass",
        "torch.device.__init__(torch.zeros(1).device, 'cpu:7')",
        "torch.Generator.__init__(torch.manual_seed(1))",
        "torch.nn.Module.mro()",
        "torch.zeros(1).expand(10 ** 12)",
        "torch.broadcast_to(torch.zeros(1), (10 ** 6, 10 ** 6))",
    ],
)
def test_the_engine_itself_is_out_of_reach(source: str) -> None:
    with pytest.raises(UserError):
        run(f"import torch\n{source}")


def test_a_function_of_the_program_keeps_what_it_likes_in_its_context() -> None:
    source = """import torch
class Scale(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor):
        ctx.factor = factor
        ctx.save_for_backward(x)
        return x * factor
    @staticmethod
    def backward(ctx, grad):
        x, = ctx.saved_tensors
        return grad * ctx.factor * x, None
x = torch.ones(2, requires_grad=True)
Scale.apply(x, 3).sum().backward()
print(x.grad)
"""
    assert text_of(run(source)) == "tensor([3., 3.])"


def test_a_module_can_give_only_tensors_and_only_texts_as_names() -> None:
    source = """import torch
class M(torch.nn.Module):
    def named_parameters(self):
        p = torch.nn.Parameter(torch.ones(1))
        return [(5, p), (None, p), ("a", self), ("b", torch.nn.Module), ("c", p)]
m = M()
"""
    assert set(run(source).bindings) == {"p", "c", "m.c"}


@pytest.mark.parametrize(
    "source",
    [
        "m.register_parameter('__class__', A)",
        "m.register_buffer('_modules', torch.ones(1))",
        "m.add_module('forward', m)",
        "torch.nn.Module.named_parameters(A())",
        "torch.optim.Optimizer.__init__(m, m.parameters(), {})",
    ],
)
def test_a_module_takes_no_name_that_it_uses_itself(source: str) -> None:
    trace = run(f"import torch\nclass A: pass\nm = torch.nn.Module()\n{source}")
    assert text_of(trace).startswith(("KeyError", "TypeError", "AttributeError"))


def test_what_looks_like_a_tensor_is_not_taken_for_one() -> None:
    source = """import torch
kind = torch.Tensor
m = torch.nn.Module()
fake = torch.nn.ModuleDict({"_storage": m, "_run": m, "_state": m, "_array": m})
print("well")
"""
    assert text_of(run(source)) == "well"


OBJECT_OF_THE_PROGRAM = """import torch
import torch.nn.functional as F
class A:
    def __mul__(self, other): return self
    __rmul__ = __neg__ = __abs__ = __add__ = __radd__ = __sub__ = __rsub__ = __pow__ = __rpow__ = __mul__
a = A()
t = torch.ones(2)
"""


@pytest.mark.parametrize(
    "source",
    [
        "t * a",
        "torch.mul(t, a)",
        "torch.tensor([a])",
        "t + [a, a]",
        "F.leaky_relu(t, [a, a])",
        "F.elu(t, [a, a])",
        "F.pairwise_distance(t, t, eps=[a, a])",
        "torch.optim.SGD([t], lr=a)",
        "t[0] = a",
        "t[[a, a]]",
        "torch.full((2,), a)",
        "t.clamp(min=a)",
    ],
)
def test_no_object_of_the_program_gets_into_a_tensor(source: str) -> None:
    trace = run(OBJECT_OF_THE_PROGRAM + source)
    arrays = [state.array for event in trace.events if isinstance(event, Forward) for state in event.outputs]
    assert all(array.dtype.kind in "biuf" for array in arrays)


@pytest.mark.parametrize(
    "source", ["torch.dtype('x', 'O')", "torch.tensor([print])", "torch.zeros(2, dtype=object)", "torch.tensor(['a'])"]
)
def test_tensors_hold_numbers(source: str) -> None:
    assert text_of(run(f"import torch\n{source}")).startswith(
        ("TypeError", "AttributeError", "RuntimeError", "ValueError")
    )


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process")
@pytest.mark.parametrize(
    "source",
    [
        "x = torch.ones(100_000)\ny = x.unsqueeze(0) * x.unsqueeze(1)",
        "x = torch.ones(1).expand(10 ** 8) + 1",
        "x = torch.ones(10)\nwhile True: x = torch.cat([x, x])",
        "x = torch.nn.Linear(10 ** 6, 10 ** 6)",
        "x = torch.eye(10 ** 6)",
        "x = torch.nn.functional.conv1d(torch.ones(1, 1, 10 ** 6), torch.ones(1, 1, 5 * 10 ** 5))",
    ],
)
def test_tensors_that_are_too_large_are_stopped_by_the_budget_of_bytes(source: str) -> None:
    with pytest.raises(BudgetExceeded) as stopped:
        run(f"import torch\n{source}", bytes=256 << 20, seconds=60.0)
    assert stopped.value.limit == "bytes"


def test_a_long_product_of_whole_numbers_is_stopped_by_the_clock() -> None:
    with pytest.raises(BudgetExceeded) as stopped:
        run("import torch\nx = torch.ones(8000, 8000, dtype=torch.int64)\nx @ x", seconds=1.0)
    assert stopped.value.limit == "seconds"


@pytest.mark.parametrize(
    "made",
    ["torch.jit.ScriptFunction(1, 2)", "torch.jit.TopLevelTracedModule(torch.nn.Linear(1, 1), 1, 2)"],
)
def test_only_a_trace_makes_a_captured_graph(made: str) -> None:
    told = text_of(run(f"import torch\n{made}"))
    assert told.startswith("TypeError: a program cannot create")


def test_a_captured_function_is_known_by_its_class() -> None:
    source = """import torch
f = torch.jit.trace(lambda x: x * 2, torch.ones(2))
m = torch.jit.trace(torch.nn.Linear(2, 1), torch.ones(1, 2))
print(isinstance(f, torch.jit.ScriptFunction), isinstance(m, torch.jit.ScriptModule), m.original_name)
"""
    assert text_of(run(source)) == "True True Linear"


def test_captured_functions_that_call_each_other_many_times_over_are_stopped_by_the_clock() -> None:
    source = """import torch
f = torch.jit.trace(lambda x: x + 1, torch.ones(1), check_trace=False)
for i in range(60):
    f = torch.jit.trace(lambda x, g=f: g(g(x)), torch.ones(1), check_trace=False)
"""
    with pytest.raises(BudgetExceeded):
        run(source, seconds=1.0, events=1 << 40)
