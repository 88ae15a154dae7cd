"""What a recording holds: every kind of event, names, and values that no later write changes."""

from collections.abc import Callable
from typing import Any

import gradb as torch
import numpy as np
import pytest
from gradb.export.writing import pieces
from gradb.trace.events import (
    Accumulate,
    BackwardFinished,
    BackwardStarted,
    FanIn,
    Forward,
    RequiresGrad,
    TensorCreated,
    Update,
    Visit,
    ZeroGrad,
)
from gradb.trace.trace import Trace
from gradb.trace.writes import Cell


def kinds(trace: Trace) -> list[str]:
    return [event.kind for event in trace.events]


def only(trace: Trace, kind: type[Any]) -> Any:
    found = [event for event in trace.events if isinstance(event, kind)]
    assert len(found) == 1, kinds(trace)
    return found[0]


def test_a_step_of_training_gives_each_kind_of_event_once_and_in_order() -> None:
    with torch.record() as trace:
        w = torch.tensor([3.0], requires_grad=True)
        loss = w * 2.0
        loss.backward()
        with torch.no_grad():
            w -= 0.5
        w.grad.zero_()
    assert kinds(trace) == [
        "tensor_created",
        "forward",
        "backward_started",
        "visit",
        "visit",
        "accumulate",
        "backward_finished",
        "update",
        "zero_grad",
    ]
    assert only(trace, Update).before.tolist() == [3.0]
    assert only(trace, Update).tensor.array.tolist() == [2.5]
    assert only(trace, ZeroGrad).before.tolist() == [2.0]
    assert only(trace, ZeroGrad).grad.array.tolist() == [0.0]
    assert only(trace, Accumulate).before is None
    assert only(trace, Accumulate).grad.array.tolist() == [2.0]


def test_each_event_knows_the_line_that_it_came_from() -> None:
    with torch.record() as trace:
        a = torch.tensor(1.0, requires_grad=True)
        b = a * 2
        (b).backward()
    first = trace.events[0].line
    assert [event.line - first for event in trace.events] == [0, 1, 2, 2, 2, 2, 2]


def test_tensors_are_named_by_the_variables_that_hold_them() -> None:
    with torch.record() as trace:
        w = torch.tensor([3.0], requires_grad=True)
        y = w * 2
        y.sum().backward()
    assert {trace.name(trace.lookup(name, len(trace)) or 0) for name in ("w", "y")} == {"w", "y"}
    assert trace.name(only(trace, Accumulate).grad.id) == "w.grad"
    summed = trace.events[2]
    assert isinstance(summed, Forward)
    assert trace.name(summed.outputs[0].id) == "sum#3"


def test_two_uses_of_a_leaf_meet_in_a_fan_in_in_the_order_of_arrival() -> None:
    with torch.record() as trace:
        w = torch.tensor([3.0], requires_grad=True)
        y = w * 2 + w * 5
        y.backward()
    fan_in = only(trace, FanIn)
    assert fan_in.node.name == "AccumulateGrad"
    assert fan_in.source.name == "MulBackward0"
    assert (fan_in.contribution.tolist(), fan_in.total.tolist()) == ([2.0], [7.0])


def test_backward_says_which_nodes_let_their_saved_tensors_go() -> None:
    with torch.record() as trace:
        w = torch.tensor([3.0], requires_grad=True)
        y = w * w + 1
        y.backward()
    assert [node.name for node in only(trace, BackwardFinished).freed] == ["MulBackward0"]
    assert not only(trace, BackwardStarted).retain_graph


def test_a_backward_that_fails_is_finished_all_the_same() -> None:
    with torch.record() as trace:
        w = torch.tensor([3.0], requires_grad=True)
        y = w * w
        y.backward()
        with pytest.raises(RuntimeError, match="w"):
            y.backward()
    assert kinds(trace)[-2:] == ["backward_started", "backward_finished"]


def test_switching_requires_grad_is_an_event_only_where_it_switches() -> None:
    with torch.record() as trace:
        w = torch.tensor([3.0])
        w.requires_grad_()
        w.requires_grad_()
    assert only(trace, RequiresGrad).tensor.requires_grad
    assert not only(trace, TensorCreated).tensor.requires_grad
    assert trace.state(1, 1).requires_grad is False  # type: ignore[union-attr]
    assert trace.state(1, 2).requires_grad is True  # type: ignore[union-attr]


def _scale_in_place(w: Any) -> None:
    with torch.no_grad():
        w *= 10


def _write_through_a_view(w: Any) -> None:
    with torch.no_grad():
        w[0:1] += 10


def _write_through_data(w: Any) -> None:
    w.data.mul_(10)


def _write_through_detach(w: Any) -> None:
    w.detach().fill_(10.0)


@pytest.mark.parametrize("write", [_scale_in_place, _write_through_a_view, _write_through_data, _write_through_detach])
def test_no_way_of_writing_changes_what_was_recorded(write: Callable[[Any], None]) -> None:
    with torch.record() as trace:
        w = torch.tensor([1.0, 2.0], requires_grad=True)
        y = (w * 3).sum()
        y.backward()
        before = len(trace)
        write(w)
    assert trace.value(1, before).tolist() == [1.0, 2.0]  # type: ignore[union-attr]
    after = trace.value(1, len(trace))
    assert after is not None
    assert after.tolist() == w.tolist()
    update = trace.last_write(Cell(1), len(trace))
    assert update is not None
    assert update > before
    assert isinstance(trace.event(update), Update)


def test_writing_into_numpy_memory_does_not_change_history() -> None:
    with torch.record() as trace:
        x = torch.tensor([1.0, 2.0])
        y = x * 2
        x.numpy()[0] = 100.0
        z = x * 2
    assert trace.value(1, 1).tolist() == [1.0, 2.0]  # type: ignore[union-attr]
    assert y.tolist() == [2.0, 4.0]
    assert z.tolist() == [200.0, 4.0]


def test_a_gradient_that_was_accumulated_stays_as_it_was_when_more_is_added() -> None:
    with torch.record() as trace:
        w = torch.tensor([1.0], requires_grad=True)
        for _ in range(3):
            (w * 2).backward()
    grads = [event.grad.array.tolist() for event in trace.events if isinstance(event, Accumulate)]
    assert grads == [[2.0], [4.0], [6.0]]
    assert [trace.grad(1, n).tolist() for n in trace.writes(Cell(1, "grad"))] == grads  # type: ignore[union-attr]


def test_a_clipped_gradient_is_a_write_of_the_gradient() -> None:
    with torch.record() as trace:
        w = torch.tensor([1.0], requires_grad=True)
        (w * 8).backward()
        w.grad.mul_(0.5)
    assert trace.grad(1, len(trace)).tolist() == [4.0]  # type: ignore[union-attr]
    assert trace.last_write(Cell(1, "grad"), len(trace)) == len(trace)


def test_a_tensor_from_before_the_recording_is_announced() -> None:
    w = torch.tensor([1.0], requires_grad=True)
    with torch.record() as trace:
        y = w * 2
    assert y.tolist() == [2.0]
    created = only(trace, TensorCreated)
    assert created.origin == "outside"
    assert trace.name(created.tensor.id) == "w"


def test_recordings_do_not_nest_and_end_with_their_block() -> None:
    with torch.record() as trace:
        with pytest.raises(RuntimeError, match="already running"), torch.record():
            pass
        torch.zeros(1)
    torch.zeros(1)
    assert kinds(trace) == ["tensor_created"]


def test_the_same_program_recorded_twice_exports_the_same_bytes() -> None:
    def run() -> list[bytes]:
        torch.manual_seed(0)
        with torch.record() as trace:
            model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1))
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
            for _ in range(3):
                optimizer.zero_grad()
                loss = torch.nn.functional.mse_loss(model(torch.randn(4, 2)), torch.zeros(4, 1))
                loss.backward()
                optimizer.step()
        return list(pieces(trace, "jsonl"))

    assert run() == run()


def test_a_modules_parameters_are_named_by_their_path() -> None:
    with torch.record() as trace:
        model = torch.nn.Sequential(torch.nn.Linear(2, 1))
        model(torch.ones(1, 2)).sum().backward()
    names = {trace.name(event.tensor.id) for event in trace.events if isinstance(event, Accumulate)}
    assert names == {"0.weight", "0.bias"}
    assert trace.lookup("model.0.weight", len(trace)) == trace.lookup("0.weight", len(trace))


def test_an_optimizer_step_is_one_update_per_parameter_with_the_numbers_it_used() -> None:
    with torch.record() as trace:
        w = torch.tensor([1.0], requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=0.5)
        (w * 2).backward()
        optimizer.step()
    update = only(trace, Update)
    used = dict(update.used)
    assert used["lr"] == 0.5
    assert update.before.tolist() == [1.0]
    assert update.tensor.array.tolist() == [0.0]
    assert np.array_equal(trace.value(1, len(trace)), [0.0])  # type: ignore[arg-type]


def test_gradients_of_create_graph_are_recorded_as_arrays() -> None:
    with torch.record() as trace:
        x = torch.tensor([3.0], requires_grad=True)
        slope = torch.autograd.grad(x**3, [x], create_graph=True)[0]
        assert slope is not None
        slope.backward()
    assert x.grad.tolist() == [18.0]
    for event in trace.events:
        if isinstance(event, Visit):
            assert all(g is None or isinstance(g, np.ndarray) for g in (*event.incoming, *event.outgoing))


def test_a_released_node_says_where_it_was_released() -> None:
    with torch.record():
        w = torch.tensor([2.0], requires_grad=True)
        y = w * w
        y.backward()
        with pytest.raises(
            RuntimeError, match=r"MulBackward0 of y .* at line \d+, step1/backward/6\. Pass retain_graph"
        ):
            y.backward()


def test_a_tensor_changed_in_place_is_named_with_where_it_was_saved_and_where_it_was_changed() -> None:
    with torch.record():
        w = torch.tensor([2.0], requires_grad=True)
        h = w * 3
        k = h * h
        h.add_(1)
        with pytest.raises(
            RuntimeError,
            match=r"needs h, saved as 'self' at line \d+, step1/forward/3 .* in place at line \d+, step1/forward/4 and",
        ):
            k.backward()


def test_writing_an_element_of_a_leaf_is_an_update_of_the_leaf() -> None:
    with torch.record() as trace:
        w = torch.tensor([1.0, 2.0], requires_grad=True)
        with torch.no_grad():
            w[0] = 5.0
    update = only(trace, Update)
    assert trace.name(update.tensor.id) == "w"
    assert update.before.tolist() == [1.0, 2.0]
    assert update.tensor.array.tolist() == [5.0, 2.0]
