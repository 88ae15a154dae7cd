"""Captured graphs: later calls run the nodes that were captured, whatever the Python code would do."""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import gradb
import gradb.dialect as torch
import pytest
from gradb.autograd.mode import mode
from gradb.debug.why import why
from gradb.export.writing import pieces
from gradb.recording import recording
from gradb.scenario.program import Budget, Program
from gradb.trace.events import Forward, Printed, TensorCreated, Visit
from gradb.trace.formulas import explain
from gradb.trace.recorder import Recorder
from gradb.trace.trace import Header, Trace

trace_of: Callable[..., Any] = torch.jit.trace


@pytest.fixture
def silence() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", torch.jit.TracerWarning)
        yield


def module_of(kind: Any, *sizes: int) -> Any:
    return kind(*sizes)


def leaf(*values: float) -> Any:
    return torch.tensor(list(values), requires_grad=True)


def forwards(trace: Trace) -> list[Forward]:
    return [event for event in trace.events if isinstance(event, Forward)]


def ids_by_call(trace: Trace) -> list[list[tuple[str, int]]]:
    """Names and numbers of the captured graph's nodes, a list for each call."""
    calls: dict[int, list[tuple[str, int]]] = {}
    for event in forwards(trace):
        if event.node is not None and event.node.call:
            calls.setdefault(event.node.call, []).append((event.node.name, event.node.id))
    return list(calls.values())


def branching(x: Any) -> Any:
    return x * 2 if x.sum() > 0 else x * x


# --- what it computes


def test_later_calls_compute_with_the_new_inputs() -> None:
    traced = trace_of(lambda x, y: x * y + x, (torch.ones(2), torch.ones(2)))
    assert traced(torch.tensor([2.0, 3.0]), torch.tensor([4.0, 5.0])).tolist() == [10.0, 18.0]


def test_the_captured_branch_is_repeated_where_python_takes_the_other(silence: None) -> None:
    traced = trace_of(branching, torch.tensor([1.0]))
    below = torch.tensor([-3.0])
    assert (traced(below).item(), branching(below).item()) == (-6.0, 9.0)


def test_the_python_code_runs_no_more() -> None:
    ran: list[int] = []

    def function(x: Any) -> Any:
        ran.append(1)
        return x * 2

    traced = trace_of(function, torch.ones(1), check_trace=False)
    traced(torch.ones(1))
    traced(torch.ones(1))
    assert len(ran) == 1


def test_the_check_runs_the_function_two_times_more_as_torch_does() -> None:
    ran: list[int] = []

    def function(x: Any) -> Any:
        ran.append(1)
        return x * 2

    trace_of(function, torch.ones(1))
    assert len(ran) == 3


def test_gradients_flow_through_the_captured_graph() -> None:
    traced = trace_of(lambda x: (x * x * x).sum(), torch.ones(2))
    w = leaf(2.0, 3.0)
    traced(w).backward()
    assert w.grad.tolist() == [12.0, 27.0]


def test_gradients_of_gradients_flow_through_the_captured_graph() -> None:
    traced = trace_of(lambda x: (x * x * x).sum(), torch.ones(1))
    w = leaf(2.0)
    traced(w).backward(create_graph=True)
    slope = w.grad
    slope.backward()  # adds 6w = 12 to the slope 3w² = 12 that is there
    assert w.grad.item() == 24.0


def test_an_input_that_needs_no_gradient_makes_no_nodes() -> None:
    traced = trace_of(lambda x: x * x, leaf(1.0))
    assert not traced(torch.ones(1)).requires_grad
    assert traced(leaf(1.0)).requires_grad


def test_no_grad_around_a_call_counts_and_no_grad_inside_is_not_captured() -> None:
    def inside(x: Any) -> Any:
        with torch.no_grad():
            y = x * 2
        return y * x

    traced = trace_of(inside, torch.ones(1))
    w = leaf(3.0)
    traced(w).backward()
    assert w.grad.tolist() == [12.0]  # as in torch: 4w, where Python's code gives 2w
    with torch.no_grad():
        assert not traced(w).requires_grad


def test_a_loop_over_data_is_unrolled_as_often_as_in_the_example(silence: None) -> None:
    def powers(x: Any) -> Any:
        result = x
        for _ in range(int(x[0])):
            result = result * x
        return result

    traced = trace_of(powers, torch.tensor([2.0]))
    assert traced(torch.tensor([3.0])).item() == 27.0


# --- ops in place, random numbers, constants


def test_a_write_in_place_happens_at_each_call() -> None:
    def function(x: Any) -> Any:
        y: Any = torch.zeros(2)
        y[0] = 5.0
        y.add_(x)
        return y * x

    traced = trace_of(function, torch.ones(2))
    assert [traced(torch.ones(2)).tolist() for _ in range(2)] == [[6.0, 1.0], [6.0, 1.0]]
    w = leaf(1.0, 2.0)
    traced(w).sum().backward()
    assert w.grad.tolist() == [7.0, 4.0]


def test_a_write_into_an_argument_changes_what_the_caller_gave() -> None:
    def function(x: Any) -> Any:
        x.mul_(3)
        return x + 1

    traced = trace_of(function, torch.ones(1))
    given = torch.tensor([2.0])
    assert (traced(given).item(), given.item()) == (7.0, 6.0)


def test_a_write_through_a_view_of_the_result_is_kept_and_one_that_nobody_sees_is_not() -> None:
    def function(x: Any) -> Any:
        torch.zeros(2).add_(x)
        y = x * 1
        y[0].mul_(10)
        return y

    traced = trace_of(function, torch.ones(2))
    with gradb.record() as trace:
        assert traced(torch.tensor([2.0, 3.0])).tolist() == [20.0, 3.0]
    assert [event.op.name for event in forwards(trace)] == ["mul", "select", "mul_"]


def test_a_later_call_leaves_the_result_of_an_earlier_one_alone() -> None:
    traced = trace_of(lambda x: torch.zeros(1).add_(x), torch.ones(1))
    first = traced(torch.tensor([5.0]))
    traced(torch.tensor([7.0]))
    assert first.item() == 5.0


def test_random_numbers_and_dropout_are_drawn_anew_at_each_call(silence: None) -> None:
    noisy = trace_of(lambda x: x + torch.rand(4), torch.zeros(4))
    torch.manual_seed(1)
    drawn = [noisy(torch.zeros(4)).tolist() for _ in range(2)]
    torch.manual_seed(1)
    assert drawn == [torch.rand(4).tolist() for _ in range(2)]
    dropping = trace_of(lambda x: torch.nn.functional.dropout(x, 0.5), torch.ones(30))
    assert dropping(torch.ones(30)).tolist() != dropping(torch.ones(30)).tolist()


def test_the_check_warns_of_results_that_are_not_the_same_twice() -> None:
    with pytest.warns(torch.jit.TracerWarning, match="does not match the corresponding output"):
        trace_of(lambda x: x + torch.rand(2), torch.zeros(2))


def test_a_tensor_from_outside_is_the_tensor_itself() -> None:
    outside = torch.tensor([2.0])
    traced = trace_of(lambda x: x * outside, torch.ones(1))
    outside.mul_(5)
    assert traced(torch.ones(1)).item() == 10.0


def test_a_position_that_is_a_tensor_is_computed_anew() -> None:
    traced = trace_of(lambda x: x[x.argmax()], torch.tensor([1.0, 2.0]))
    assert traced(torch.tensor([8.0, 3.0])).item() == 8.0


def test_a_function_with_a_backward_of_its_own_is_run_again() -> None:
    class Doubled(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad * 100

    traced = trace_of(lambda x: Doubled.apply(x) + 1, torch.ones(1))
    w = leaf(3.0)
    y = traced(w)
    y.backward()
    assert (y.item(), w.grad.item()) == (7.0, 100.0)


# --- what is recorded


def recorded() -> tuple[Trace, Any]:
    with gradb.record() as trace:
        w = leaf(3.0)
        traced = trace_of(lambda x: (x * x + 1).sum(), torch.ones(1))
        for _ in range(2):
            loss = traced(w)
            loss.backward()
    return trace, w


def test_a_node_has_the_same_number_at_each_call() -> None:
    trace, _ = recorded()
    first, *others = ids_by_call(trace)
    assert [name for name, _ in first] == ["MulBackward0", "AddBackward0", "SumBackward0"]
    assert others == [first]


def test_the_numbers_are_the_ones_of_the_capture_where_it_made_nodes() -> None:
    with gradb.record() as trace:
        w = leaf(3.0)
        traced = trace_of(lambda x: (x * x).sum(), w)
        traced(w)
    assert [[number for _, number in call] for call in ids_by_call(trace)] == [[1, 2], [1, 2]]


def test_other_nodes_get_numbers_of_their_own() -> None:
    traced = trace_of(lambda x: x * x, torch.ones(1))
    with gradb.record() as trace:
        w = leaf(3.0)
        y = traced(w * 2) + traced(w * 3)
        y.backward()
    plain = [event.node.id for event in forwards(trace) if event.node is not None and not event.node.call]
    captured = {number for call in ids_by_call(trace) for _, number in call}
    assert len(plain) == len(set(plain)) == 3
    assert len(captured) == 1
    assert not captured & set(plain)


def test_ops_of_later_calls_are_marked_and_those_of_python_are_not(silence: None) -> None:
    with gradb.record() as trace:
        traced = trace_of(branching, torch.tensor([1.0]))
        traced(torch.tensor([-1.0]))
        branching(torch.tensor([-1.0]))
    marks = [(event.op.name, event.captured) for event in forwards(trace)]
    assert marks == [
        ("sum", False), ("gt", False), ("mul", False),  # the capture: Python runs
        ("mul", True),  # the graph, without the condition
        ("sum", False), ("gt", False), ("mul", False),
    ]  # fmt: skip


def test_an_explanation_and_an_export_say_captured() -> None:
    trace, _ = recorded()
    number = next(n for n, event in enumerate(trace.events, 1) if isinstance(event, Forward) and event.captured)
    assert explain(trace, number).title.startswith("captured: ")
    lines = "".join(str(part) for part in pieces(trace, "jsonl")).replace(" ", "")
    assert lines.count('"captured":true') == 6


def test_the_check_leaves_no_events() -> None:
    with gradb.record() as trace:
        trace_of(lambda x: x * 2, torch.ones(1))
    assert [event.kind for event in trace.events] == ["tensor_created", "forward"]


def test_what_the_check_writes_into_a_buffer_is_told() -> None:
    module = module_of(torch.nn.BatchNorm1d, 2)
    with gradb.record() as trace:
        x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
        trace_of(module, x)
        state = module.running_mean._state
    value = trace.value(state.id, len(trace))
    assert value is not None
    assert value.tolist() == module.running_mean.tolist()
    assert module.num_batches_tracked.item() == 5


# --- graphs of captured nodes


def test_the_graph_of_each_step_has_the_same_keys() -> None:
    trace, _ = recorded()
    first, second = (trace.graph(at) for at in trace.of_kind("backward_started"))
    assert [node.key for node in first.nodes] == [node.key for node in second.nodes]
    assert [node.label for node in second.nodes] == ["w", "mul", "add", "sum"]


def test_a_node_that_an_earlier_call_released_is_whole_in_the_next() -> None:
    trace, _ = recorded()
    started = trace.of_kind("backward_started")
    graph = trace.graph(started[1])
    assert set(trace.node_states(graph, started[1]).values()) == {"built", "ready"}
    assert trace.node_states(graph, started[1] - 1)[graph.nodes[-1].key] == "built"
    assert "freed" in trace.node_states(graph, len(trace)).values()


def test_two_calls_in_one_graph_are_nodes_of_their_own() -> None:
    traced = trace_of(lambda x: x * x, torch.ones(1))
    with gradb.record() as trace:
        w = leaf(3.0)
        y = traced(traced(w))
        y.backward()
    assert w.grad.item() == 108.0
    graph = trace.graph(len(trace))
    assert [(node.label, [graph.by_key[i].label for i in node.inputs]) for node in graph.nodes] == [
        ("w", []),
        ("mul", ["w", "w"]),
        ("mul", ["mul", "mul"]),
    ]
    visits = [n for n, event in enumerate(trace.events, 1) if isinstance(event, Visit) and not event.node.tensor]
    assert [trace.flow(graph, n).current for n in visits] == [graph.nodes[2].key, graph.nodes[1].key]
    states = trace.node_states(graph, visits[0])
    assert [states[node.key] for node in graph.nodes] == ["built", "ready", "visited"]


def test_why_follows_a_gradient_through_the_right_call() -> None:
    traced = trace_of(lambda x: x * x, torch.ones(1))
    with gradb.record() as trace:
        w = leaf(3.0)
        y = traced(traced(w))
        y.backward()
    answer = why(trace, trace.lookup("w", len(trace)) or 0, len(trace), "grad")
    assert answer.number == 108.0
    assert [term.number for term in answer.terms] == [54.0, 54.0]


def test_a_timeline_finds_the_events_of_a_node_in_its_own_step() -> None:
    trace, _ = recorded()
    timeline = trace.timeline()
    timeline.seek(trace.of_kind("backward_started")[1])
    node = timeline.graph().nodes[-1]
    assert timeline._events_of(node)[0] == node.forward > trace.of_kind("backward_finished")[0]


def test_each_recording_counts_for_itself() -> None:
    traced = trace_of(lambda x: x * x, torch.ones(1))
    numbers: list[Any] = []
    for _ in range(2):
        with gradb.record() as trace:
            traced(leaf(2.0))
        numbers.append(ids_by_call(trace))
    assert numbers == [[[("MulBackward0", 1)]]] * 2


# --- modules


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.hidden = torch.nn.Linear(2, 3)
        self.drop = torch.nn.Dropout(0.5)
        self.out = torch.nn.Linear(3, 1)
        self.width = 3

    def forward(self, x: Any) -> Any:
        return self.out(self.drop(torch.relu(self.hidden(x))))


def test_a_traced_module_has_the_parameters_of_the_module() -> None:
    net = Net().eval()
    traced = trace_of(net, torch.ones(1, 2))
    assert [name for name, _ in traced.named_parameters()] == [name for name, _ in net.named_parameters()]
    assert all(a is b for a, b in zip(traced.parameters(), net.parameters(), strict=True))
    assert list(traced.state_dict()) == list(net.state_dict())


def test_a_traced_module_trains() -> None:
    torch.manual_seed(0)
    traced = trace_of(torch.nn.Linear(1, 1), torch.ones(4, 1))
    x = torch.tensor([[0.0], [1.0], [2.0], [3.0]])
    optimizer = torch.optim.SGD(traced.parameters(), lr=0.1)
    for _ in range(300):
        optimizer.zero_grad()
        loss = ((traced(x) - (2 * x + 1)) ** 2).mean()
        loss.backward()
        optimizer.step()
    assert traced.weight.item() == pytest.approx(2, abs=1e-2)


def test_a_loaded_state_counts_from_the_next_call_on() -> None:
    traced = trace_of(torch.nn.Linear(2, 1), torch.ones(1, 2))
    traced.load_state_dict({"weight": torch.ones(1, 2), "bias": torch.zeros(1)})
    assert traced(torch.tensor([[2.0, 3.0]])).item() == 5.0


def test_train_and_eval_switch_a_flag_and_not_the_graph() -> None:
    net = Net().eval()
    traced = trace_of(net, torch.ones(1, 2))
    traced.train()
    assert (traced.training, traced.drop.training, net.training) == (True, True, False)
    x = torch.ones(1, 2)
    assert traced(x).tolist() == traced(x).tolist() == net(x).tolist()


def test_a_traced_module_prints_and_hides_what_torchs_does() -> None:
    traced = trace_of(Net().eval(), torch.ones(1, 2))
    assert repr(traced) == (
        "Net(\n  original_name=Net\n  (hidden): Linear(original_name=Linear)\n"
        "  (drop): Dropout(original_name=Dropout)\n  (out): Linear(original_name=Linear)\n)"
    )
    assert not hasattr(traced, "width")
    with pytest.raises(RuntimeError, match="submodules cannot be called"):
        traced.hidden(torch.ones(1, 2))


def test_hooks_of_the_module_are_captured() -> None:
    net = torch.nn.Linear(2, 1)
    net.register_forward_hook(lambda module, args, output: output * 0 + 7)
    assert trace_of(net, torch.ones(1, 2))(torch.ones(1, 2)).item() == 7.0


def test_forward_of_a_module_stands_for_the_module_and_what_is_traced_stays() -> None:
    net = torch.nn.Linear(2, 1)
    traced = trace_of(net.forward, torch.ones(1, 2))
    assert isinstance(traced, torch.jit.TopLevelTracedModule)
    assert trace_of(traced, torch.ones(1, 2)) is traced


# --- warnings and errors


@pytest.mark.parametrize(
    ("use", "what"),
    [
        (lambda x: x * bool(x > 0), "a Python boolean"),
        (lambda x: x * float(x), "a Python float"),
        (lambda x: x * int(x), "a Python integer"),
        (lambda x: x * x.item(), "a Python number"),
        (lambda x: x * x.tolist()[0], "a Python list"),
        (lambda x: x + torch.from_numpy(x.detach().numpy() * 2), "a NumPy array"),
    ],
)
def test_a_value_that_leaves_the_graph_is_warned_of_once(use: Callable[[Any], Any], what: str) -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        trace_of(use, torch.ones(1))
    assert [(entry.category, entry.filename) for entry in told] == [(torch.jit.TracerWarning, __file__)]
    assert f"Converting a tensor to {what} might" in str(told[0].message)


def test_numbers_made_into_a_tensor_are_warned_of() -> None:
    with pytest.warns(torch.jit.TracerWarning, match=r"torch\.tensor results are registered as constants"):
        trace_of(lambda x: x * torch.tensor([2.0]), torch.ones(1))


def test_nothing_is_warned_of_outside_a_capture() -> None:
    assert float(torch.ones(1)) == 1.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f, x: f(x), "missing value for argument 'y'"),
        (lambda f, x: f(x, x, x), "expected at most 2 argument"),
        (lambda f, x: f(x, z=x), "missing value for argument 'y'"),
        (lambda f, x: f(x, x, z=x), "no argument 'z'"),
        (lambda f, x: f(x, 2.0), "captured as a tensor, but this is float"),
    ],
)
def test_a_call_unlike_the_example_is_refused(call: Callable[..., Any], message: str) -> None:
    def add(x: Any, y: Any) -> Any:
        return x + y

    x = torch.ones(2)
    with pytest.raises(RuntimeError, match=message):
        call(trace_of(add, (x, x)), x)


def test_arguments_may_be_given_by_name() -> None:
    def less(x: Any, y: Any) -> Any:
        return x - y

    one, two = torch.ones(1), torch.ones(1) * 2
    assert trace_of(less, (one, two))(y=one, x=two).item() == 1.0
    assert trace_of(less, example_kwarg_inputs={"x": one, "y": two})(x=two, y=one).item() == 1.0


def test_inputs_in_tuples_lists_and_dicts_must_look_like_the_example() -> None:
    one = torch.ones(1)
    traced = trace_of(lambda pair, named: pair[0] + named["a"], ((one, one * 2), {"a": one * 3}))
    assert traced((one, one), {"a": one}).item() == 2.0
    with pytest.raises(RuntimeError, match="captured as a tuple of 2"):
        traced((one, one, one), {"a": one})
    with pytest.raises(RuntimeError, match="dict with the keys"):
        traced((one, one), {"b": one})


@pytest.mark.parametrize(
    ("function", "example", "message"),
    [
        (lambda x, y: x, (torch.ones(1), 2), "inputs of a traced function are tensors"),
        (lambda x: 3, torch.ones(1), "Only tensors, lists, tuples"),
        (lambda x: None, torch.ones(1), "didn't return any values"),
        (lambda x: {"a": x}, torch.ones(1), "strict=False"),
        (lambda x: x, None, "example_inputs"),
    ],
)
def test_what_is_no_tensor_cannot_go_in_or_out(function: Any, example: Any, message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        trace_of(function, example)
    assert mode.tracer is None


def test_results_may_be_tuples_and_without_strict_also_lists_and_dicts() -> None:
    one = torch.ones(1)
    a, (b, c) = trace_of(lambda x: (x, (x * 2, x * 3)), one)(one)
    assert (a.item(), b.item(), c.item()) == (1.0, 2.0, 3.0)
    assert trace_of(lambda x: {"a": [x * 2]}, one, strict=False)(one)["a"][0].item() == 2.0
    with pytest.warns(torch.jit.TracerWarning, match="a list at the output"):
        assert trace_of(lambda x: [x], one)(one)[0].item() == 1.0


def test_a_leaf_that_is_neither_input_nor_parameter_is_refused_as_in_torch() -> None:
    w = leaf(2.0)
    with pytest.raises(RuntimeError, match="Cannot insert a Tensor that requires grad as a constant"):
        trace_of(lambda x: x * w, torch.ones(1))
    assert mode.tracer is None


# --- in a program


PROGRAM = """import torch

def choose(x):
    if x.sum() > 0:
        return x * 2
    return x * x

static = torch.jit.trace(choose, torch.tensor([1.0]))
w = torch.tensor([-3.0], requires_grad=True)
print(static(w), choose(w))
static(w).backward()
"""


def test_a_scenario_may_trace_and_its_captured_ops_stand_on_the_line_of_the_call(silence: None) -> None:
    trace = Trace(Header(source=PROGRAM, instrumented=True))
    recorder = Recorder(trace)
    with recording(recorder):
        Program(PROGRAM, "made.yaml").run(recorder, Budget())
    captured = [event for event in forwards(trace) if event.captured]
    assert [(event.op.name, event.line) for event in captured] == [("mul", 10), ("mul", 11)]
    (printed,) = [event.text for event in trace.events if isinstance(event, Printed)]
    assert printed == "tensor([-6.], grad_fn=<MulBackward0>) tensor([9.], grad_fn=<MulBackward0>)"
    assert sum(isinstance(event, TensorCreated) for event in trace.events) == 2


def test_other_shapes_run_through_sizes_that_the_graph_asks_for() -> None:
    traced = torch.jit.trace(lambda x: x.view(x.shape[0] * 2, -1).sum(1) / x.numel(), torch.ones(2, 4))
    assert traced(torch.ones(3, 4)).tolist() == pytest.approx([2 / 12] * 6)
    assert traced(torch.ones(1, 2).double()).tolist() == [0.5, 0.5]


def test_what_python_made_of_a_size_stays_as_it_was_and_is_warned_of() -> None:
    with pytest.warns(torch.jit.TracerWarning, match="Python boolean"):
        traced = torch.jit.trace(lambda x: x * 2 if x.shape[0] > 1 else x * 3, torch.ones(2))
    assert traced(torch.ones(1)).tolist() == [2.0]
    with pytest.warns(torch.jit.TracerWarning, match="len to get tensor shape"):
        traced = torch.jit.trace(lambda x: x * len(x), torch.ones(2))
    assert traced(torch.ones(3)).tolist() == [2.0, 2.0, 2.0]


def test_a_size_that_was_captured_as_a_constant_may_not_fit() -> None:
    with pytest.warns(torch.jit.TracerWarning, match="Python integer"):
        traced = torch.jit.trace(lambda x: x.view(int(x.shape[0]), 2), torch.ones(2, 2))
    with pytest.raises(RuntimeError, match="elements"):
        traced(torch.ones(3, 2))


def test_events_of_a_captured_graph_have_plain_sizes() -> None:
    traced = torch.jit.trace(lambda x: (x + 1).reshape(x.shape[0], 1) * x.shape[0], torch.ones(2))
    with gradb.record() as trace:
        traced(torch.ones(3))
    numbers = [value for event in trace.events if isinstance(event, Forward) for value in event.inputs]
    assert (3, 1) in numbers
    assert 3 in [value for value in numbers if type(value) is int]
