"""The table of scalars, read by Python's csv: what stands in a row is what the step came to."""

import csv
import math

import numpy as np
import pytest
from exported import exported, not_finite, trace_of, trained
from gradb.trace.trace import Header, Trace
from hypothesis import given, settings
from synthetic import traces


def _rows(trace: Trace, **request: object) -> list[dict[str, str]]:
    return list(csv.DictReader(exported(trace, "csv", **request).decode().splitlines(), strict=True))


def test_a_row_has_the_loss_the_rate_and_the_norms_at_the_end_of_its_step() -> None:
    trace = trained()
    rows = _rows(trace)
    assert list(rows[0]) == ["step", "loss", "lr", "norm(w)", "norm(w.grad)", "b", "b.grad"]
    assert [row["step"] for row in rows] == ["1", "2", "3"]
    for row, (_, step, loss) in zip(rows, trace.losses(), strict=True):
        end = trace.step_span(step)[1]
        assert float(row["loss"]) == loss
        assert float(row["lr"]) == 0.1
        for name in ("w", "w.grad"):
            assert float(row[f"norm({name})"]) == pytest.approx(np.linalg.norm(trace.tensor(name, at=end)))
        for name in ("b", "b.grad"):
            assert float(row[name]) == trace.tensor(name, at=end)[0]


def test_a_range_of_steps_has_their_rows_alone() -> None:
    assert _rows(trained(), steps="2-3") == _rows(trained())[1:]
    assert _rows(trained(), last="step1/forward") == [{"step": "1"}]


def test_tensors_that_are_asked_for_have_columns_and_no_others() -> None:
    rows = _rows(trained(), tensors=("y", "w.grad"))
    assert list(rows[0]) == ["step", "loss", "lr", "norm(w.grad)", "norm(y)"]
    assert float(rows[1]["norm(y)"]) == pytest.approx(np.linalg.norm(trained().tensor("y", at="step2/backward")))


def test_numbers_that_are_not_finite_can_be_read_as_such() -> None:
    (row,) = _rows(not_finite())
    assert all(math.isnan(float(row[name])) for name in ("loss", "norm(w)", "norm(w.grad)"))
    (row,) = _rows(
        trace_of("import torch\nw = torch.ones(2, requires_grad=True)\n(w * float('inf')).sum().backward()\n")
    )
    assert (row["loss"], row["norm(w.grad)"]) == ("inf", "inf")


def test_parameters_with_rates_of_their_own_have_columns_of_their_own() -> None:
    program = (
        "import torch\nw = torch.ones(1, requires_grad=True)\nv = torch.ones(1, requires_grad=True)\n"
        "optimizer = torch.optim.SGD([{'params': [w]}, {'params': [v], 'lr': 0.5}], lr=0.1)\n"
        "for i in range(2):\n    (w * v).backward()\n    optimizer.step()\n"
        "    optimizer.param_groups[0]['lr'] = 0.5\n"
    )
    rows = _rows(trace_of(program))
    assert [(row["lr(w)"], row["lr(v)"]) for row in rows] == [("0.1", "0.5"), ("0.5", "0.5")]


def test_a_step_with_two_backwards_has_two_losses() -> None:
    program = (
        "import torch\nw = torch.ones(1, requires_grad=True)\nfor i in range(2):\n"
        "    (w * 2).backward()\n    (w * 3).backward()\n"
    )
    assert [(row["loss"], row["loss_2"]) for row in _rows(trace_of(program))] == [("2.0", "3.0")] * 2


def test_a_parameter_without_a_variable_is_named_by_what_made_it_and_a_passing_leaf_is_left_out() -> None:
    program = (
        "import torch\nws = [torch.ones(1, requires_grad=True) for i in range(2)]\n"
        "optimizer = torch.optim.SGD(ws, lr=0.1)\nfor i in range(2):\n"
        "    (ws[0] * torch.ones(1, requires_grad=True)).backward()\n    optimizer.step()\n"
    )
    rows = _rows(trace_of(program))
    columns = [name for name in rows[0] if name not in ("step", "loss", "lr")]
    assert len(columns) == 2
    assert columns[1] == f"{columns[0]}.grad"


def test_a_name_with_the_signs_of_csv_is_one_cell() -> None:
    program = (
        "import torch\nclass M(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.register_parameter('a,\"b\"', torch.nn.Parameter(torch.ones(1)))\n"
        "m = M()\nfor name, p in m.named_parameters():\n    (p * 2).backward()\n"
    )
    assert 'a,"b".grad' in _rows(trace_of(program))[0]


def test_a_run_without_events_is_the_head_alone() -> None:
    assert exported(Trace(Header()), "csv") == b"step\n"


@given(traces())
@settings(deadline=None)
def test_every_run_gives_a_row_for_each_step_and_every_cell_a_number(trace: Trace) -> None:
    rows = _rows(trace)
    assert [int(row["step"]) for row in rows] == list(range(1, trace.steps + 1))
    for row in rows:
        assert None not in row
        for cell in row.values():
            assert cell == "" or isinstance(float(cell), float)
