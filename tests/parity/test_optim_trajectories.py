"""Optimizers and schedulers beside torch's: every set of options, 20 steps, values, state, layout and text."""

from collections.abc import Callable
from typing import Any

import gradb.dialect
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tolerance import assert_close  # noqa: E402

STEPS = 20

OPTIONS: dict[str, list[dict[str, Any]]] = {
    "SGD": [
        {},
        {"lr": 0.1, "momentum": 0.9},
        {"lr": 0.1, "momentum": 0.9, "dampening": 0.3},
        {"lr": 0.1, "momentum": 0.9, "nesterov": True},
        {"lr": 0.1, "momentum": 0.5, "weight_decay": 0.1},
        {"lr": 0.1, "weight_decay": 0.1, "maximize": True},
        {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1, "maximize": True},
    ],
    "Adam": [
        {},
        {"lr": 0.1, "betas": (0.8, 0.9), "eps": 1e-6, "weight_decay": 0.1},
        {"lr": 0.1, "amsgrad": True},
        {"lr": 0.1, "maximize": True},
        {"lr": 0.1, "betas": (0.3, 0.999)},
        {"lr": 0.1, "weight_decay": 0.1, "decoupled_weight_decay": True},
    ],
    "AdamW": [{}, {"lr": 0.1, "amsgrad": True, "weight_decay": 0.1, "maximize": True}],
    "RMSprop": [
        {},
        {"lr": 0.1, "alpha": 0.9, "eps": 1e-4},
        {"lr": 0.1, "centered": True},
        {"lr": 0.1, "momentum": 0.9},
        {"lr": 0.1, "momentum": 0.9, "centered": True, "weight_decay": 0.1, "maximize": True},
    ],
    "Adagrad": [
        {},
        {"lr": 0.1, "lr_decay": 0.1},
        {"lr": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-3},
        {"lr": 0.1, "maximize": True},
    ],
}
CASES = [(name, options) for name, sets in OPTIONS.items() for options in sets]
SHAPES: tuple[tuple[int, ...], ...] = ((), (3,), (5, 7))


def label(value: Any) -> str:
    return value if isinstance(value, str) else ",".join(f"{k}={v}" for k, v in value.items()) or "default"


def numbers(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    return np.asarray(np.random.default_rng(seed).normal(size=shape), dtype)


def made(engine: Any, array: Any) -> Any:
    return engine.from_numpy(array.copy())


def stepped(engine: Any, name: str, options: dict[str, Any], dtype: str) -> tuple[list[Any], Any]:
    """Parameters after 20 steps with the same given gradients, and the optimizer."""
    parameters = [made(engine, numbers(shape, dtype, i)).requires_grad_() for i, shape in enumerate(SHAPES)]
    optimizer = getattr(engine.optim, name)(parameters, **options)
    for step in range(STEPS):
        for i, parameter in enumerate(parameters):
            parameter.grad = None
            if (step + i) % 7:  # now and then one has no gradient and is left alone
                parameter.grad = made(engine, numbers(SHAPES[i], dtype, 1000 + 10 * step + i))
        optimizer.step()
    return parameters, optimizer


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "options"), CASES, ids=label)
def test_twenty_steps_give_torchs_parameters_and_state(name: str, options: dict[str, Any], dtype: str) -> None:
    theirs, their_optimizer = stepped(torch, name, options, dtype)
    ours, our_optimizer = stepped(gradb.dialect, name, options, dtype)
    for found, expected in zip(ours, theirs, strict=True):
        assert_close(found.detach().numpy(), expected.detach().numpy(), STEPS, name)
        assert found._version == expected._version
    assert repr(our_optimizer) == repr(their_optimizer)
    found, expected = our_optimizer.state_dict(), their_optimizer.state_dict()
    assert found["param_groups"] == expected["param_groups"]
    assert [list(group) for group in found["param_groups"]] == [list(group) for group in expected["param_groups"]]
    assert list(found["state"]) == list(expected["state"])
    for number, state in expected["state"].items():
        assert list(found["state"][number]) == list(state)
        for key, value in state.items():
            assert_close(found["state"][number][key].numpy(), value.numpy(), STEPS, key)


@pytest.mark.parametrize("name", OPTIONS)
def test_a_state_that_is_saved_and_loaded_goes_on_as_torchs(name: str) -> None:
    results: list[Any] = []
    for engine in (torch, gradb.dialect):
        parameters, optimizer = stepped(engine, name, OPTIONS[name][-1], "float32")
        other = getattr(engine.optim, name)(parameters, lr=5.0)
        other.load_state_dict(optimizer.state_dict())
        for i, parameter in enumerate(parameters):
            parameter.grad = made(engine, numbers(SHAPES[i], "float32", i))
        other.step()
        results.append(([p.detach().numpy() for p in parameters], repr(other)))
    (expected, their_text), (found, our_text) = results
    assert our_text == their_text
    for one, two in zip(found, expected, strict=True):
        assert_close(one, two, STEPS, name)


SCHEDULERS: dict[str, Callable[[Any, Any], Any]] = {
    "StepLR": lambda s, o: s.StepLR(o, 3, gamma=0.5),
    "MultiStepLR": lambda s, o: s.MultiStepLR(o, [2, 5, 5, 9], gamma=0.3),
    "ExponentialLR": lambda s, o: s.ExponentialLR(o, 0.9),
    "PolynomialLR": lambda s, o: s.PolynomialLR(o, 7, power=2.0),
    "ConstantLR": lambda s, o: s.ConstantLR(o, 0.25, total_iters=4),
    "LinearLR": lambda s, o: s.LinearLR(o, 0.25, 0.75, total_iters=6),
    "LambdaLR": lambda s, o: s.LambdaLR(o, lambda epoch: 0.9**epoch),
    "LambdaLR two": lambda s, o: s.LambdaLR(o, [lambda epoch: 1 / (epoch + 1), lambda epoch: 2.0]),
    "MultiplicativeLR": lambda s, o: s.MultiplicativeLR(o, lambda epoch: 0.5 + 0.1 * epoch),
    "CosineAnnealingLR": lambda s, o: s.CosineAnnealingLR(o, 5, eta_min=0.01),
    "CosineAnnealingWarmRestarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 3, 2, eta_min=0.01),
    "OneCycleLR": lambda s, o: s.OneCycleLR(o, 0.5, total_steps=25),
    "OneCycleLR linear": lambda s, o: s.OneCycleLR(
        o, [0.5, 1.0], epochs=5, steps_per_epoch=5, anneal_strategy="linear", three_phase=True
    ),
    "OneCycleLR alone": lambda s, o: s.OneCycleLR(o, 0.5, total_steps=25, cycle_momentum=False),
    "SequentialLR": lambda s, o: s.SequentialLR(
        o, [s.LinearLR(o, 0.1, total_iters=4), s.CosineAnnealingLR(o, 8), s.ExponentialLR(o, 0.5)], [5, 12]
    ),
    "ChainedScheduler": lambda s, o: s.ChainedScheduler([s.ConstantLR(o, 0.5, 3), s.ExponentialLR(o, 0.9)]),
}


def two_groups(engine: Any, name: str = "SGD") -> Any:
    a, b = engine.ones(1, requires_grad=True), engine.ones(2, requires_grad=True)
    more = {"momentum": 0.9} if name == "SGD" else {}
    return getattr(engine.optim, name)([{"params": [a]}, {"params": [b], "lr": 0.3}], lr=1.0, **more)


def plain(value: Any) -> Any:
    """A scheduler's state without what belongs to one engine alone."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
@pytest.mark.parametrize("name", SCHEDULERS)
def test_a_schedule_goes_torchs_way_step_by_step(name: str, optimizer: str) -> None:
    walks: list[Any] = []
    for engine in (torch, gradb.dialect):
        optim = two_groups(engine, optimizer)
        scheduler = SCHEDULERS[name](engine.optim.lr_scheduler, optim)
        walk = [(scheduler.get_last_lr(), plain(optim.state_dict()["param_groups"]))]
        for _ in range(STEPS):
            optim.step()
            scheduler.step()
            walk.append((scheduler.get_last_lr(), plain(optim.state_dict()["param_groups"])))
        state = scheduler.state_dict()
        walks.append((walk, list(state), plain(state), repr(optim)))
    assert walks[1] == walks[0]


@pytest.mark.parametrize("options", [{}, {"mode": "max"}, {"threshold_mode": "abs", "threshold": 0.2, "cooldown": 2}])
def test_a_plateau_reduces_as_torchs(options: dict[str, Any]) -> None:
    losses = np.abs(np.random.default_rng(3).normal(size=60))
    walks: list[Any] = []
    for engine in (torch, gradb.dialect):
        optim = two_groups(engine)
        scheduler = engine.optim.lr_scheduler.ReduceLROnPlateau(optim, patience=2, min_lr=[0.05, 0.0], **options)
        walk: list[Any] = []
        for loss in losses:
            optim.step()
            scheduler.step(engine.tensor(float(np.float32(loss))))
            walk.append(scheduler.get_last_lr())
        walks.append((walk, list(scheduler.state_dict()), scheduler.state_dict()))
    assert walks[1] == walks[0]
    assert len({tuple(lrs) for lrs in walks[0][0]}) > 1


@pytest.mark.parametrize("name", ["StepLR", "CosineAnnealingLR", "LinearLR", "SequentialLR", "OneCycleLR", "LambdaLR"])
def test_a_schedule_that_is_saved_and_loaded_goes_on_as_torchs(name: str) -> None:
    ends: list[Any] = []
    for engine in (torch, gradb.dialect):
        schedulers = engine.optim.lr_scheduler
        optim = two_groups(engine)
        scheduler = SCHEDULERS[name](schedulers, optim)
        for _ in range(4):
            optim.step()
            scheduler.step()
        again = two_groups(engine)
        other = SCHEDULERS[name](schedulers, again)
        other.load_state_dict(scheduler.state_dict())
        again.load_state_dict(optim.state_dict())
        for _ in range(4):
            again.step()
            other.step()
        ends.append((other.get_last_lr(), other.last_epoch))
    assert ends[1] == ends[0]


def test_an_epoch_that_is_given_uses_the_closed_form_as_torchs() -> None:
    for name in ("StepLR", "MultiStepLR", "ExponentialLR", "PolynomialLR", "ConstantLR", "LinearLR", "LambdaLR"):
        lrs: list[Any] = []
        for engine in (torch, gradb.dialect):
            optim = two_groups(engine)
            scheduler = SCHEDULERS[name](engine.optim.lr_scheduler, optim)
            optim.step()
            with pytest.warns(UserWarning, match="epoch"):
                scheduler.step(4)
            lrs.append(scheduler.get_last_lr())
        assert lrs[1] == lrs[0], name


def test_a_learning_rate_may_be_a_tensor() -> None:
    walks: list[Any] = []
    for engine in (torch, gradb.dialect):
        w = engine.ones(2, requires_grad=True)
        optim = engine.optim.SGD([w], lr=engine.tensor(0.5))
        scheduler = engine.optim.lr_scheduler.ExponentialLR(optim, 0.5)
        for _ in range(3):
            w.grad = engine.ones(2)
            optim.step()
            scheduler.step()
        walks.append((w.tolist(), [lr.item() for lr in scheduler.get_last_lr()]))
    assert walks[1] == walks[0]


MISTAKES = [
    "optim.RMSprop([w], lr=-1)",
    "optim.RMSprop([w], alpha=-1)",
    "optim.RMSprop([w], momentum=-1)",
    "optim.Adagrad([w], lr_decay=-1)",
    "optim.Adagrad([w], initial_accumulator_value=-1)",
    "optim.Adam([w], eps=-1)",
    "optim.Adam([w], betas=(0, 0.9))",
    "optim.Adam([w], fused=True, foreach=True)",
    "optim.SGD([w], fused=True, differentiable=True)",
    "optim.SGD([w], lr=T.ones(2))",
    "optim.SGD({w})",
    "optim.SGD([{'params': {w}}])",
    "optim.SGD([('w', w), v])",
    "optim.SGD([{'params': [('w', w)]}, {'params': [v]}])",
    "optim.SGD([w]).add_param_group([v])",
    "optim.SGD([w]).add_param_group({'params': [w]})",
    "optim.SGD([w, w])",
    "optim.Optimizer([w], {}).step()",
    "optim.SGD([w]).load_state_dict(optim.SGD([w, v]).state_dict())",
    "optim.SGD([w]).load_state_dict(optim.SGD([{'params': [w]}, {'params': [v]}]).state_dict())",
    "s.StepLR(3, 1)",
    "s.StepLR(o, 3, last_epoch=5)",
    "s.ConstantLR(o, 2.0)",
    "s.LinearLR(o, 0.0)",
    "s.LinearLR(o, 0.5, 2.0)",
    "s.LambdaLR(o, [1, 2, 3])",
    "s.MultiplicativeLR(o, 3)",
    "s.CosineAnnealingWarmRestarts(o, 0)",
    "s.CosineAnnealingWarmRestarts(o, 2, 0)",
    "s.OneCycleLR(o, 1.0)",
    "s.OneCycleLR(o, 1.0, total_steps=0)",
    "s.OneCycleLR(o, 1.0, total_steps=5, pct_start=2.0)",
    "s.OneCycleLR(o, 1.0, total_steps=5, anneal_strategy='up')",
    "s.OneCycleLR(optim.Adagrad([w]), 1.0, total_steps=5)",
    "s.OneCycleLR(o, [1.0, 2.0], total_steps=5)",
    "s.ReduceLROnPlateau(o, factor=1.0)",
    "s.ReduceLROnPlateau(o, 'up')",
    "s.ReduceLROnPlateau(o, threshold_mode='up')",
    "s.ReduceLROnPlateau(o, min_lr=[1, 2])",
    "s.ReduceLROnPlateau(3)",
    "s.SequentialLR(o, [], [])",
    "s.SequentialLR(o, [s.StepLR(o, 1)], [3])",
    "s.SequentialLR(o, [s.ReduceLROnPlateau(o)], [])",
    "s.SequentialLR(o, [s.StepLR(optim.SGD([v]), 1)], [])",
    "s.ChainedScheduler([])",
    "s.StepLR(o, 2).step()",
    "s.StepLR(o, 2).get_lr()",
]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("expression", MISTAKES)
def test_a_mistake_raises_torchs_class(expression: str) -> None:
    raised: list[type[BaseException] | None] = []
    for engine in (torch, gradb.dialect):
        w, v = engine.ones(1, requires_grad=True), engine.ones(2, requires_grad=True)
        optimizer = engine.optim.SGD([w], lr=0.1)
        names = {"T": engine, "optim": engine.optim, "s": engine.optim.lr_scheduler, "o": optimizer, "w": w, "v": v}
        try:
            eval(expression, names)
            raised.append(None)
        except Exception as error:
            raised.append(type(error))
    assert raised[1] is raised[0]
