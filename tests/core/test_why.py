"""Why a gradient or a value is what it is."""

import random
from contextlib import suppress
from typing import Any

import gradb as torch
import numpy as np
import pytest
from gradb.debug.answers import Term, Why
from gradb.debug.why import answer, asked_at, why
from gradb.errors import UserError
from gradb.scenario.runner import run
from gradb.scenario.sources import open_source
from gradb.trace.events import Accumulate, Visit
from gradb.trace.formulas import explain
from gradb.trace.trace import Trace

MAKE = (
    "{a} * {b}", "{a} + {b}", "{a}.sin()", "{a}.exp()", "{a} * 2", "{a} - {b}", "{a}.sigmoid()", "{a}.relu()",
    "{a} / 3",
    "{a} @ m", "{a} * row", "row + {a} * column", "{a}.sum(0) * {b}", "{a}.mean(1, keepdim=True) - {b}", "{a}.tanh()",
    "T.cat([{a}, {b}])[:2]", "{a}.t().t()", "{a} ** 2",
)  # fmt: skip
VIEW = ("{a}[0:2]", "{a}.view(2, 3)", "{a}.reshape(3, 2).reshape(2, 3)", "{a}.detach()")
CHANGE = ("{a}.add_(1)", "{a}.mul_({b})", "{a}[0] = 2.", "{a} *= 0.5")


def program(seed: int) -> str:
    """Some lines over leaves of the shapes (2, 3), (3,), (2, 1) and (3, 3)."""
    choose = random.Random(seed)
    lines = [
        "w = T.tensor([[.1, .2, .3], [.4, .5, .6]], requires_grad=True)",
        "x = T.full((2, 3), .5)",
        "row = T.tensor([.3, -.7, 1.1], requires_grad=True)",
        "column = T.tensor([[.9], [-.4]], requires_grad=True)",
        "m = T.tensor([[.1, .5, -.2], [.3, .2, .9], [-.6, .4, .1]], requires_grad=True)",
    ]
    names = ["w", "x", "w"]
    for number in range(choose.randint(2, 9)):
        a, b = choose.choice(names), choose.choice(names)
        kind = choose.random()
        if kind < 0.8:
            lines.append(f"t{number} = " + choose.choice(MAKE if kind < 0.6 else VIEW).format(a=a, b=b))
            names.append(f"t{number}")
        elif a not in ("w", "x"):
            lines.append(choose.choice(CHANGE).format(a=a, b=b))
        if choose.random() < 0.2:
            lines.append(f"({choose.choice(names)} + w).sum().backward(retain_graph=True)")
    lines.append(f"({' + '.join(f'{name}.sum()' for name in names)}).backward()")
    return "\n".join(lines)


def recorded(source: str) -> Trace:
    """The trace of a program, as far as it comes."""
    with torch.record() as trace, suppress(RuntimeError):
        exec(source, {"T": torch})
    return trace


def total(told: Why) -> Any:
    """The sum of an answer's terms."""
    return sum((term.value.astype(np.float64) for term in told.terms if term.value is not None), np.zeros(()))


@pytest.fixture
def fan() -> Trace:
    with torch.record() as trace:
        x = torch.tensor([2.0, 3.0])
        w = torch.tensor([3.0, -1.0], requires_grad=True)
        y = w * x
        z = (y * y + w).sum()
        z.backward()
    assert w.grad is not None
    return trace


def ask(trace: Trace, name: str, at: int | None = None, **options: Any) -> Why:
    moment = len(trace) if at is None else at
    tensor = trace.lookup(name, len(trace))
    assert tensor is not None
    return why(trace, tensor, moment, **options)


@pytest.mark.parametrize("start", range(0, 150, 25))
def test_the_terms_of_every_gradient_add_up_to_it_and_none_is_unexplained(start: int) -> None:
    for seed in range(start, start + 25):
        source = program(seed)
        trace = recorded(source)
        for number, event in enumerate(trace.events, 1):
            if not isinstance(event, Visit | Accumulate):
                continue
            question = asked_at(trace, number)
            assert question is not None
            told = answer(trace, question)
            expected = event.grad.array if isinstance(event, Accumulate) else event.incoming[0]
            assert expected is not None
            assert told.value is expected
            assert np.allclose(total(told), expected, rtol=1e-5, atol=1e-6), f"#{number} of program {seed}:\n{source}"
            assert "hook" not in [term.role for term in told.terms], f"#{number} of program {seed}:\n{source}"


@pytest.mark.parametrize("start", range(0, 60, 20))
def test_the_products_of_a_term_never_say_more_than_its_number(start: int) -> None:
    explained = 0
    for seed in range(start, start + 20):
        trace = recorded(program(seed))
        for number, event in enumerate(trace.events, 1):
            question = asked_at(trace, number) if isinstance(event, Accumulate) else None
            for term in answer(trace, question).terms if question is not None else ():
                if term.count and term.count <= len(term.products):
                    explained += 1
                    assert term.number == pytest.approx(sum(p.value for p in term.products), rel=1e-3, abs=1e-6)
    assert explained > 20


def test_every_term_can_be_followed_to_a_seed(fan: Trace) -> None:
    seen: list[str] = []
    waiting = [ask(fan, "w")]
    while waiting:
        told = waiting.pop()
        for term in told.terms:
            seen.append(term.role)
            if term.next is not None:
                waiting.append(answer(fan, term.next))
    assert seen.count("seed") == 3  # w goes to the root by y twice and by itself once
    assert set(seen) == {"seed", "consumer"}


def test_a_fan_in_has_one_term_for_each_consumer_in_symbols_and_in_numbers(fan: Trace) -> None:
    told = ask(fan, "w", element=(0,))
    assert told.symbols == ("w.grad = ∂L/∂add#5 + ∂L/∂y · x",)
    assert told.numbers == ("1 + 24 = 25",)
    assert [term.numbers for term in told.terms] == ["1 · 1 = 1", "12 · 2 = 24"]


def test_a_square_has_two_terms_from_one_consumer(fan: Trace) -> None:
    told = ask(fan, "y", element=(1,))
    assert [term.symbols for term in told.terms] == ["∂L/∂mul#4 · y", "∂L/∂mul#4 · y"]
    assert told.number == -6.0


def test_a_second_backward_adds_to_what_was_there() -> None:
    with torch.record() as trace:
        w = torch.tensor([3.0], requires_grad=True)
        (w * 2).backward()
        (w * 5).backward()
    told = ask(trace, "w")
    assert [(term.role, term.number) for term in told.terms] == [("before", 2.0), ("consumer", 5.0)]
    before = told.terms[0].next
    assert before is not None
    assert answer(trace, before).numbers == ("2",)


def test_a_gradient_is_partial_while_its_backward_runs(fan: Trace) -> None:
    y = fan.lookup("y", len(fan))
    assert y is not None
    first = next(n for n, e in enumerate(fan.events, 1) if isinstance(e, Visit) and e.node.name == "AddBackward0")
    assert ask(fan, "y", first - 2).value is None
    told = ask(fan, "y", first + 1)
    assert "arrives" in told.title or "so far" in told.title


def test_a_broadcast_input_shows_the_largest_products_and_their_count() -> None:
    with torch.record() as trace:
        x = torch.arange(100.0).reshape(100, 1)
        w = torch.ones(1, 1, requires_grad=True)
        (w * x).sum().backward()
    term = ask(trace, "w").terms[0]
    assert (term.count, len(term.products)) == (100, 4)
    assert term.products[0].element == (99, 0)
    assert term.numbers == "1 · 99 + 1 · 98 + 1 · 97 + 1 · 96 + … = 4950 (100 products)"


def test_an_element_of_a_matrix_product_is_a_row_times_a_column() -> None:
    with torch.record() as trace:
        x = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
        w = torch.ones(2, 2, requires_grad=True)
        b = torch.zeros(2, requires_grad=True)
        (torch.addmm(b, x, w) ** 2).sum().backward()
    term = ask(trace, "w", element=(1, 0)).terms[0]
    assert term.count == 3
    assert term.number == pytest.approx(sum(p.upstream * p.local for p in term.products))
    assert [p.local for p in term.products] == [6.0, 4.0, 2.0]


def test_the_next_question_is_about_the_element_that_counts_most() -> None:
    with torch.record() as trace:
        x = torch.tensor([[1.0], [5.0], [2.0]])
        w = torch.ones(1, 1, requires_grad=True)
        y = w * x
        y.sum().backward()
    upward = ask(trace, "w").terms[0].next
    assert upward is not None
    assert answer(trace, upward).element == (1, 0)


def test_a_hook_is_a_term_of_its_own() -> None:
    with torch.record() as trace:
        w = torch.tensor([3.0], requires_grad=True)
        w.register_hook(lambda grad: grad * 10)
        (w * 2).backward()
    told = ask(trace, "w")
    assert [(term.role, term.number) for term in told.terms] == [("consumer", 2.0), ("hook", 18.0)]


def test_a_kept_gradient_of_a_non_leaf_is_taken_apart_too() -> None:
    with torch.record() as trace:
        w = torch.tensor([3.0], requires_grad=True)
        y = w * 2
        y.retain_grad()
        (y * y).backward()
    told = ask(trace, "y")
    assert told.name == "y.grad"
    assert [term.number for term in told.terms] == [6.0, 6.0]


def test_a_gradient_that_is_not_there_says_why() -> None:
    with torch.record() as trace:
        x = torch.tensor([2.0])
        w = torch.tensor([3.0], requires_grad=True)
        y = w * x
    assert not y.is_leaf
    assert ask(trace, "w").title == "w.grad is None: no backward has reached it yet"
    assert ask(trace, "x").title == "x.grad is None: x does not require grad"
    assert ask(trace, "y").value is None


def test_a_zeroed_and_a_clipped_gradient_say_so() -> None:
    with torch.record() as trace:
        w = torch.tensor([3.0, 4.0], requires_grad=True)
        (w * w).sum().backward()
        torch.nn.utils.clip_grad_norm_([w], 1.0)
    clipped = ask(trace, "w").terms[0]
    assert clipped.role == "clipped"
    assert clipped.next is not None
    assert answer(trace, clipped.next).number == 6.0


def test_a_value_goes_back_through_its_inputs_to_the_leaves() -> None:
    with torch.record() as trace:
        x = torch.tensor([2.0])
        w = torch.tensor([3.0], requires_grad=True)
        y = w * x
        z = y + 1
        with torch.no_grad():
            w -= 0.5
    assert z is not None
    told = ask(trace, "z", what="value")
    assert told.symbols == ("z = y + 1",)
    below: Term = told.terms[0]
    assert below.next is not None
    inner = answer(trace, below.next)
    assert [term.symbols for term in inner.terms] == ["w", "x"]
    assert inner.terms[0].next is not None
    leaf = answer(trace, inner.terms[0].next)
    assert (leaf.number, leaf.terms) == (3.0, ())
    updated = ask(trace, "w", what="value")
    assert updated.number == 2.5
    assert updated.terms[0].number == 3.0


def test_an_optimizers_update_leads_to_the_gradient_that_it_used() -> None:
    with torch.record() as trace:
        w = torch.tensor([3.0], requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=0.1)
        (w * w).backward()
        optimizer.step()
    told = ask(trace, "w", what="value")
    grad = next(term for term in told.terms if term.role == "grad")
    assert grad.next is not None
    assert answer(trace, grad.next).number == 6.0


def test_an_element_that_does_not_exist_is_a_mistake_of_the_user(fan: Trace) -> None:
    with pytest.raises(UserError, match=r"no element \[2\]") as error:
        ask(fan, "w", element=(2,))
    assert error.value.allowed == "[0 to 1]"


def test_gradients_of_autograd_grad_are_told_by_what_was_sent() -> None:
    with torch.record() as trace:
        w = torch.tensor([3.0], requires_grad=True)
        y = w * 2
        z = y * y
        torch.autograd.grad(z, y)
    told = ask(trace, "y")
    assert told.number == 12.0
    assert len(told.terms) == 2


def test_where_no_element_is_chosen_the_answer_leads_from_the_first_nan_to_the_zero_times_infinity() -> None:
    with torch.record() as trace:
        w = torch.tensor([1.0, 0.0, 2.0], requires_grad=True)
        (w.log() * torch.tensor([1.0, 0.0, 1.0])).sum().backward()
    told = ask(trace, "w")
    assert (told.element, str(told.number)) == ((1,), "nan")
    assert told.terms[0].numbers == "0 · inf = nan"
    assert [str(product.value) for product in told.terms[0].products] == ["nan"]
    made = trace.of_kind("forward")[0]
    assert explain(trace, made).numbers == ("[1]: ln(0) = -inf",)
    assert explain(trace, made, (2,)).numbers == ("[2]: ln(2) = 0.69315",)


def test_the_nan_among_the_products_of_a_sum_is_told_first() -> None:
    with torch.record() as trace:
        x = torch.tensor([[1.0, 2.0], [torch.inf, 3.0]])
        w = torch.ones(2, 1, requires_grad=True)
        (x @ w * torch.tensor([[5.0], [0.0]])).sum().backward()
    told = ask(trace, "w", element=(0, 0))
    assert [str(p.value) for p in told.terms[0].products] == ["nan", "5.0"]


def test_where_a_node_sends_on_a_nan_the_question_is_about_that() -> None:
    trace = run(open_source("nan_from_where"))
    at = next(n for n in trace.of_kind("visit") if trace.event(n).node.name == "SqrtBackward0")  # pyright: ignore
    question = asked_at(trace, at)
    assert question is not None
    told = answer(trace, question)
    assert told.title == "∂L/∂x = [nan, 0.25] so far: 1 contribution"
    assert told.element == (0,)
    assert told.terms[0].numbers == "0 · inf = nan"
    assert told.terms[0].next is not None
    assert answer(trace, told.terms[0].next).name == "∂L/∂root"
