"""What is said of an event, in words, in symbols and in numbers."""

import re

import gradb as torch
import pytest
from gradb.scenario.runner import run
from gradb.trace.formulas import Explanation, explain
from gradb.trace.numbers import brief, number
from gradb.trace.trace import Trace
from small_runs import scenario


def explanations(trace: Trace) -> list[Explanation]:
    return [explain(trace, n) for n in range(1, len(trace) + 1)]


@pytest.fixture
def line() -> list[Explanation]:
    with torch.record() as trace:
        x = torch.tensor([2.0])
        w = torch.tensor([3.0], requires_grad=True)
        y = w * x - 1
        y.backward()
        y = w * x
        y.backward()
        with torch.no_grad():
            w -= 0.1 * w.grad
        w.grad = None
    return explanations(trace)


def test_an_op_is_told_with_names_and_with_numbers(line: list[Explanation]) -> None:
    assert line[2] == Explanation("mul#3 = mul(w, x) → [6]", ("mul#3 = w · x",), ("3 · 2 = 6",))


def test_a_leaf_says_whether_it_requires_grad(line: list[Explanation]) -> None:
    assert line[0].title == "x = [2] by tensor; it does not require grad"
    assert line[1].title == "w = [3] by tensor; a leaf that requires grad"


def test_a_visit_is_upstream_times_local_for_each_input(line: list[Explanation]) -> None:
    visit = next(e for e in line if e.title.startswith("visit MulBackward0"))
    assert visit.symbols == ("∂L/∂w = ∂L/∂mul#3 · x",)
    assert visit.numbers == ("1 · 2 = 2",)


def test_an_accumulation_says_what_was_there_before(line: list[Explanation]) -> None:
    said = [e for e in line if ".grad was" in e.title]
    assert said[0].title == "w.grad was None and is now [2]"
    assert said[1].title == "w.grad was [2] and is now [4]"
    assert said[1].numbers == ("2 + 2 = 4",)


def test_an_update_puts_the_numbers_into_its_rule(line: list[Explanation]) -> None:
    update = line[-2]
    assert update.title == "w is updated: [3] → [2.6]"
    assert update.numbers == ("3 - 0.4 = 2.6",)
    assert line[-1].title == "w.grad is set to None, it was [4]"


def test_a_broadcast_input_gets_a_sum() -> None:
    with torch.record() as trace:
        w = torch.tensor([3.0], requires_grad=True)
        x = torch.tensor([1.0, 2.0])
        loss = (w * x).sum()
        loss.backward()
    visit = next(e for e in explanations(trace) if e.title.startswith("visit MulBackward0"))
    assert visit.symbols == ("∂L/∂w = Σ (∂L/∂mul#3 · x)",)
    assert visit.numbers == ("[0]: 1 · 1, … summed over 2 elements = 3",)


def test_the_element_for_the_numbers_can_be_chosen() -> None:
    with torch.record() as trace:
        a = torch.tensor([1.0, -2.0])
        a.mul(a)
    assert explain(trace, 2, (1,)).numbers == ("[1]: (-2) · (-2) = 4",)


def test_a_formula_on_whole_arrays_tells_shapes_and_norms() -> None:
    with torch.record() as trace:
        a = torch.ones(2, 3, requires_grad=True)
        b = torch.ones(3, 2)
        (a @ b).sum().backward()
    visit = next(e for e in explanations(trace) if e.title.startswith("visit MmBackward0"))
    assert len(visit.symbols) == 1
    assert visit.numbers == ("[[1, 1], [1, 1]] → 2×3 (norm 4.899)",)


def test_gradients_that_meet_are_told_as_a_sum() -> None:
    with torch.record() as trace:
        w = torch.tensor([3.0], requires_grad=True)
        (w * 2 + w * 5).backward()
    fan_in = next(e for e in explanations(trace) if e.title.startswith("gradients meet"))
    assert fan_in.title == "gradients meet at w: [2] from MulBackward0, the sum is now [7]"
    assert fan_in.numbers == ("5 + 2 = 7",)


@pytest.mark.parametrize(
    ("value", "text"), [(True, "True"), (3, "3"), (0.1 + 0.2, "0.3"), (1e-9, "1e-09"), (-2.5, "-2.5")]
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text


def test_an_array_is_written_out_only_where_it_is_small() -> None:
    assert brief(torch.tensor(2.5).numpy()) == "2.5"
    assert brief(torch.tensor([[1.0, 2.0]]).numpy()) == "[[1, 2]]"
    assert brief(torch.ones(4, 4).numpy()) == "4×4 (norm 4)"
    assert brief(torch.ones(9).numpy()) == "9 elements (norm 3)"
    assert brief(torch.ones(8).bool().numpy()) == "8 elements (8 true)"
    assert brief(None) == "None"


def lines_of(program: str) -> list[str]:
    trace = run(scenario(program))
    explained = [explain(trace, at) for at in range(1, len(trace) + 1)]
    return [line for one in explained for line in (*one.symbols, *one.numbers)]


def test_a_loss_says_how_it_was_reduced_and_how_many_elements_a_mean_counts() -> None:
    lines = lines_of(
        "import torch\nimport torch.nn.functional as F\n"
        "s = torch.tensor([[1.0, 2.0], [3.0, 5.0]], requires_grad=True)\n"
        "a = F.mse_loss(s, torch.zeros(2, 2))\na.backward()\n"
        "b = F.mse_loss(s, torch.zeros(2, 2), reduction='sum')\nb.backward()\n"
    )
    assert "[0, 0]: 1 · 2 · (1 - 0) / 4 = 0.5" in lines
    assert any(line.startswith("b = sum((s - ") for line in lines)
    assert any(line.startswith("∂L/∂s = ∂L/∂b · 2 · (s - ") and "count" not in line for line in lines)


def test_a_weight_that_was_not_given_is_not_in_the_gradient_of_a_class_loss() -> None:
    lines = lines_of(
        "import torch\nimport torch.nn.functional as F\n"
        "s = torch.ones(2, 2, requires_grad=True)\nkinds = torch.tensor([0, 1])\n"
        "a = F.nll_loss(s, kinds)\na.backward()\n"
        "b = F.nll_loss(s, kinds, weight=torch.ones(2))\nb.backward()\n"
    )
    assert "∂L/∂s = -∂L/∂a / total_weight at the class in kinds, else 0" in lines
    assert any(re.match(r"∂L/∂s = -∂L/∂b · \S+\[kinds\] / total_weight at the class in kinds", line) for line in lines)


def test_joined_tensors_are_all_named_and_each_gets_its_part_of_the_gradient() -> None:
    lines = lines_of(
        "import torch\na = torch.ones(2, 2, requires_grad=True)\nb = torch.ones(2, 2, requires_grad=True)\n"
        "joined = torch.cat([a, b])\njoined.sum().backward()\n"
    )
    assert "joined = cat(a, b)" in lines
    assert {"∂L/∂a = its part of ∂L/∂joined", "∂L/∂b = its part of ∂L/∂joined"} <= set(lines)


def test_a_slice_says_which_dimension_it_is_of() -> None:
    lines = lines_of("import torch\nx = torch.ones(3, 3)\na = x[1:]\nb = x[:, 2]\nc = x[0]\n")
    assert lines[-3:] == ["a = x[1::1]", "b = x[2] of dimension 1", "c = x[0]"]


def test_a_negative_term_of_a_sum_is_in_brackets() -> None:
    lines = lines_of(
        "import torch\nw = torch.tensor(1.0, requires_grad=True)\nfor i in range(2):\n    (w * -3).backward()\n"
    )
    assert "-3 + (-3) = -6" in lines


def test_backward_is_told_with_the_numbers_that_it_reads_not_with_those_of_forward() -> None:
    trace = run(
        scenario(
            "import torch\nw = torch.tensor([1.0, 2.0], requires_grad=True)\ny = w * 3\nz = y ** 2\n"
            "y.data += 1\nz.sum().backward()\n"
        )
    )
    at = next(n for n in trace.of_kind("visit") if "PowBackward0" in explain(trace, n).title)
    assert explain(trace, at).numbers == ("[0]: 1 · 2 · 4^(2 - 1) = 8",)
