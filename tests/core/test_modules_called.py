"""Which module an op belongs to: the path of the innermost module that is being called."""

import gradb
import gradb.dialect
import pytest
from gradb.scenario.runner import run
from gradb.scenario.scenario import Scenario
from gradb.trace.events import Forward
from gradb.trace.trace import Trace


def paths(trace: Trace) -> list[tuple[str, str]]:
    return [(event.op.name, event.module) for event in trace.events if isinstance(event, Forward)]


def traced(program: str) -> Trace:
    return run(Scenario(title="a program", program=program.lstrip("\n"), filename="program"))


def test_an_op_belongs_to_the_innermost_module_and_to_none_outside() -> None:
    trace = traced("""
import torch
from torch import nn
model = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.ReLU()))
y = model(torch.ones(1, 2)).sum()
""")
    assert paths(trace)[-3:] == [("addmm", "model.0"), ("relu", "model.1.0"), ("sum", "")]


def test_a_list_that_is_not_called_itself_stands_in_the_path() -> None:
    trace = traced("""
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Tanh(), nn.ReLU()])
    def forward(self, x):
        for layer in self.layers:
            x = layer(x) + 1
        return x
net = Net()
net(torch.ones(2))
""")
    assert [path for _, path in paths(trace)] == ["net.layers.0", "net", "net.layers.1", "net"]


def test_a_module_without_a_variable_is_known_by_its_class() -> None:
    trace = traced("import torch\nx = torch.nn.ReLU()(torch.ones(2))\n")
    assert paths(trace) == [("relu", "ReLU")]


def test_the_first_variable_names_a_module() -> None:
    trace = traced("import torch\na = torch.nn.ReLU()\nb = a\nb(torch.ones(2))\n")
    assert paths(trace) == [("relu", "a")]


def test_after_an_error_in_a_module_ops_belong_to_none() -> None:
    trace = traced("""
import torch
layer = torch.nn.Linear(2, 1)
try:
    layer(torch.ones(3))
except RuntimeError:
    y = torch.ones(1) * 2
""")
    assert paths(trace)[-1] == ("mul", "")


def test_code_that_is_not_instrumented_names_modules_by_the_variables_of_its_frame() -> None:
    model = gradb.dialect.nn.Sequential(gradb.dialect.nn.Tanh())
    with gradb.record() as trace:
        model(gradb.dialect.ones(2))
        gradb.dialect.nn.ReLU()(gradb.dialect.ones(2))
    assert paths(trace) == [("tanh", "model.0"), ("relu", "ReLU")]


@pytest.mark.parametrize("times", [1, 3])
def test_a_call_that_calls_itself_keeps_its_path(times: int) -> None:
    trace = traced(f"""
import torch
class Again(torch.nn.Module):
    def forward(self, x, left):
        return x * 2 if left == 0 else self(x, left - 1)
again = Again()
again(torch.ones(1), {times})
""")
    assert paths(trace) == [("mul", "again")]
