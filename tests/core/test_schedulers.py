"""Schedulers: each change of an option is one event with its formula; warnings and states without torch beside them."""

from typing import Any

import gradb
import gradb.dialect as torch
import pytest
from gradb.trace.events import Scheduled
from gradb.trace.formulas import explain
from gradb.trace.trace import Trace

S = torch.optim.lr_scheduler


def optimizer(**options: Any) -> Any:
    return torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=options.pop("lr", 1.0), **options)


def walked(make: Any, steps: int = 4, **options: Any) -> Trace:
    """The trace of making a scheduler and a few steps."""
    with gradb.record() as trace:
        optim = optimizer(**options)
        scheduler = make(optim)
        for _ in range(steps):
            optim.step()
            scheduler.step()
    return trace


def scheduled(trace: Trace) -> list[Scheduled]:
    return [event for event in trace.events if isinstance(event, Scheduled)]


def test_a_change_is_an_event_and_a_step_without_change_is_none() -> None:
    events = scheduled(walked(lambda o: S.StepLR(o, 2, gamma=0.1)))
    assert [(e.by, e.group, e.option, e.before) for e in events] == [
        ("StepLR", 0, "lr", 1.0),
        ("StepLR", 0, "lr", 0.1),
    ]
    assert events[1].after == pytest.approx(0.01)


def test_a_change_is_explained_by_formula_and_numbers() -> None:
    trace = walked(lambda o: S.StepLR(o, 2, gamma=0.1))
    explanation = explain(trace, trace.of_kind("scheduled")[0])
    assert explanation.title == "StepLR sets lr of parameter group 0 to 0.1, it was 1"
    assert (explanation.symbols, explanation.numbers) == (("lr ← lr · gamma",), ("1 · 0.1 = 0.1",))


MAKERS = {
    "StepLR": lambda o: S.StepLR(o, 1),
    "MultiStepLR": lambda o: S.MultiStepLR(o, [1, 2, 2]),
    "ExponentialLR": lambda o: S.ExponentialLR(o, 0.9),
    "PolynomialLR": lambda o: S.PolynomialLR(o, 3),
    "ConstantLR": lambda o: S.ConstantLR(o, 0.5, 2),
    "LinearLR": lambda o: S.LinearLR(o, 0.5, total_iters=3),
    "LambdaLR": lambda o: S.LambdaLR(o, lambda epoch: 1 / (epoch + 1)),
    "MultiplicativeLR": lambda o: S.MultiplicativeLR(o, lambda epoch: 0.9),
    "CosineAnnealingLR": lambda o: S.CosineAnnealingLR(o, 3),
    "CosineAnnealingWarmRestarts": lambda o: S.CosineAnnealingWarmRestarts(o, 3),
    "OneCycleLR": lambda o: S.OneCycleLR(o, 2.0, total_steps=6),
    "OneCycleLR linear": lambda o: S.OneCycleLR(o, 2.0, total_steps=6, anneal_strategy="linear"),
}


@pytest.mark.parametrize("name", MAKERS)
def test_every_schedule_has_a_formula_whose_numbers_come_to_the_new_value(name: str) -> None:
    trace = walked(MAKERS[name], momentum=0.5)
    events = scheduled(trace)
    assert events
    for number, event in zip(trace.of_kind("scheduled"), events, strict=True):
        explanation = explain(trace, number)
        assert event.rule
        assert len(explanation.numbers) == 1
        if "lr_lambda" in event.rule:
            continue  # the function is the program's own
        right = explanation.numbers[0].rpartition(" = ")[0] or explanation.numbers[0]
        words = {**dict(event.used), event.option: event.before, "π": 3.141592653589793, "cos": __import__("math").cos}
        computed = eval(event.rule.replace("·", "*").replace("^", "**"), words)
        assert computed == pytest.approx(event.after, abs=1e-12), (event.rule, right)


def test_a_scheduler_of_its_own_class_is_named_and_has_no_formula() -> None:
    class Halving(S.LRScheduler):
        def get_lr(self) -> list[Any]:
            return [base * 0.5**self.last_epoch for base in self.base_lrs]

    trace = walked(Halving, steps=1)
    explanation = explain(trace, trace.of_kind("scheduled")[0])
    assert explanation.title == "Halving sets lr of parameter group 0 to 0.5, it was 1"
    assert explanation.symbols == ("lr ← 0.5",)


def test_the_learning_rate_that_was_set_is_the_one_that_the_next_update_uses() -> None:
    with gradb.record() as trace:
        w = torch.ones(1, requires_grad=True)
        optim = torch.optim.SGD([w], lr=1.0)
        scheduler = S.ExponentialLR(optim, 0.5)
        for _ in range(2):
            (w * 2).sum().backward()
            optim.step()
            scheduler.step()
            optim.zero_grad()
    updates: Any = [trace.event(n) for n in trace.of_kind("update")]
    assert [dict(update.used)["lr"] for update in updates] == [1.0, 0.5]
    assert trace.phase_of(trace.of_kind("scheduled")[0]) == "update"


def test_a_step_before_the_optimizers_first_warns() -> None:
    scheduler = S.StepLR(optimizer(), 1)
    with pytest.warns(UserWarning, match=r"before optimizer\.step"):
        scheduler.step()


def test_the_last_learning_rate_is_asked_for_by_its_own_name() -> None:
    scheduler = S.StepLR(optimizer(), 1)
    with pytest.warns(UserWarning, match="get_last_lr"):
        scheduler.get_lr()


def test_a_loaded_state_sets_nothing_but_what_the_scheduler_has() -> None:
    optim = optimizer()
    scheduler = S.StepLR(optim, 1)
    scheduler.load_state_dict({"gamma": 0.5, "optimizer": None, "get_lr": None, "unknown": 1})
    assert scheduler.gamma == 0.5
    assert scheduler.optimizer is optim
    assert not {"unknown", "get_lr"} & set(vars(scheduler))
