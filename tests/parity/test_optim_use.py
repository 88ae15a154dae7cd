"""How optimizers are used beside torch's: hooks, closures, groups, names, saved states, classes of a program's own."""

from collections.abc import Callable
from typing import Any

import gradb.dialect
import pytest

torch = pytest.importorskip("torch")


def hooks(engine: Any) -> Any:
    w = engine.ones(1, requires_grad=True)
    optimizer = engine.optim.SGD([w], lr=0.5)
    told: list[Any] = []
    w.grad = engine.ones(1)

    def before(owner: Any, args: Any, kwargs: Any) -> Any:
        told.append(("before", owner is optimizer, len(args), sorted(kwargs), w.item()))

    first = optimizer.register_step_pre_hook(before)
    optimizer.register_step_pre_hook(lambda owner, args, kwargs: ((args[0],), {"closure": lambda: told.append("loss")}))
    optimizer.register_step_post_hook(lambda owner, args, kwargs: told.append(("after", sorted(kwargs), w.item())))
    optimizer.step()
    first.remove()
    optimizer.step(closure=None)
    return told


def bad_hook(engine: Any) -> Any:
    optimizer = engine.optim.SGD([engine.ones(1, requires_grad=True)])
    optimizer.register_step_pre_hook(lambda *_: 3)
    return optimizer.step()


def closure(engine: Any) -> Any:
    w = engine.tensor([2.0, -1.0], requires_grad=True)
    optimizer = engine.optim.Adam([w], lr=0.1)

    def loss() -> Any:
        optimizer.zero_grad()
        value = (w * w).sum()
        value.backward()
        return value

    with engine.no_grad():
        return [optimizer.step(loss).item() for _ in range(3)], w.requires_grad


def groups(engine: Any) -> Any:
    a, b, c = (engine.full((1,), float(i), requires_grad=True) for i in range(3))
    more = {"params": b, "lr": 0.2}
    optimizer = engine.optim.SGD([{"params": [a]}, more], lr=0.1, momentum=0.5)
    optimizer.add_param_group({"params": c, "momentum": 0.0, "extra": "kept"})
    (a * a + b * b + c * c).sum().backward()
    optimizer.step()
    for group in optimizer.param_groups:
        group["lr"] *= 0.5
    optimizer.step()
    return repr(optimizer), more["momentum"], a.item(), b.item(), c.item(), len(optimizer.state)


def names(engine: Any) -> Any:
    engine.manual_seed(0)
    net = engine.nn.Sequential(engine.nn.Linear(1, 2), engine.nn.Linear(2, 1))
    optimizer = engine.optim.AdamW(net.named_parameters(), lr=0.1)
    other = engine.optim.AdamW(net.parameters(), lr=0.2)
    other.load_state_dict(optimizer.state_dict())
    return repr(optimizer), optimizer.state_dict()["param_groups"], repr(other)


def zeroed(engine: Any) -> Any:
    w = engine.ones(1, requires_grad=True)
    optimizer = engine.optim.SGD([w], lr=1.0, momentum=0.9)
    (w * 3).sum().backward()
    grad = w.grad
    optimizer.zero_grad(set_to_none=False)
    same = w.grad is grad, grad.tolist()
    optimizer.step()
    optimizer.zero_grad()
    optimizer.step()
    return same, w.grad, w.item(), w._version


def shared(engine: Any) -> Any:
    """A state that is saved is not copied: it goes on changing, until it is taken over."""
    w = engine.ones(1, requires_grad=True)
    one = engine.optim.Adam([w])
    w.grad = engine.ones(1)
    one.step()
    saved = one.state_dict()
    buffer = one.state[w]["exp_avg"]
    one.step()
    changed = saved["state"][0]["exp_avg"].item(), buffer is one.state[w]["exp_avg"], saved["state"][0]["step"].item()
    two = engine.optim.AdamW([w])
    two.load_state_dict(saved)
    two.step()
    return changed, one.state[w]["exp_avg"].item(), one.state[w]["step"].item(), repr(two)


def other_dtype(engine: Any) -> Any:
    w, v = engine.ones(1, requires_grad=True), engine.ones(1, dtype=engine.float64, requires_grad=True)
    one, two = engine.optim.Adam([w]), engine.optim.Adam([v])
    w.grad = engine.ones(1)
    one.step()
    two.load_state_dict(one.state_dict())
    state = two.state[v]
    return {name: str(value.dtype) for name, value in state.items()}


def own_optimizer(engine: Any) -> Any:
    class Sign(engine.optim.Optimizer):
        def __init__(self, params: Any, lr: float) -> None:
            super().__init__(params, {"lr": lr})

        def step(self, closure: Any = None) -> Any:
            with engine.no_grad():
                for group in self.param_groups:
                    for p in group["params"]:
                        if p.grad is not None:
                            p.add_(engine.sign(p.grad), alpha=-group["lr"])
                            self.state[p]["count"] = self.state[p].get("count", 0) + 1

    w = engine.ones(2, requires_grad=True)
    optimizer = Sign([w], 0.25)
    scheduler = engine.optim.lr_scheduler.StepLR(optimizer, 1)
    told: list[int] = []
    optimizer.register_step_post_hook(lambda *_: told.append(1))
    for _ in range(2):
        optimizer.zero_grad()
        (w * w).sum().backward()
        optimizer.step()
        scheduler.step()
    return w.tolist(), told, optimizer.state_dict(), repr(optimizer)


def own_scheduler(engine: Any) -> Any:
    class Warm(engine.optim.lr_scheduler.LRScheduler):
        def get_lr(self) -> Any:
            return [base * min(1.0, (self.last_epoch + 1) / 3) for base in self.base_lrs]

    optimizer = engine.optim.SGD([engine.ones(1, requires_grad=True)], lr=0.3)
    scheduler = Warm(optimizer)
    lrs = [scheduler.get_last_lr()]
    for _ in range(3):
        optimizer.step()
        scheduler.step()
        lrs.append(scheduler.get_last_lr())
    return lrs, list(scheduler.state_dict())


def new_group_later(engine: Any) -> Any:
    a, b = engine.ones(1, requires_grad=True), engine.ones(1, requires_grad=True)
    optimizer = engine.optim.SGD([a], lr=0.4)
    scheduler = engine.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    optimizer.add_param_group({"params": [b]})
    optimizer.step()
    scheduler.step()
    return scheduler.get_last_lr()


def adagrad_group_later(engine: Any) -> Any:
    a, b = engine.ones(1, requires_grad=True), engine.ones(2, requires_grad=True)
    optimizer = engine.optim.Adagrad([a], initial_accumulator_value=0.5)
    optimizer.add_param_group({"params": [b]})
    b.grad = engine.ones(2)
    optimizer.step()
    return b.tolist(), [sorted(state) for state in optimizer.state.values()], a.tolist()


def capturable(engine: Any) -> Any:
    w = engine.ones(1, requires_grad=True)
    w.grad = engine.ones(1)
    return engine.optim.Adam([w], capturable=True).step()


def a_retained_gradient(engine: Any) -> Any:
    w = engine.ones(1, requires_grad=True)
    middle = w * 2
    middle.retain_grad()
    (middle * 3).sum().backward()
    with engine.no_grad():
        engine.optim.SGD([middle], lr=1.0).step()
    return middle.tolist()


USES = [
    hooks, bad_hook, closure, groups, names, zeroed, shared, other_dtype, own_optimizer, own_scheduler,
    new_group_later, adagrad_group_later, capturable, a_retained_gradient,
]  # fmt: skip


@pytest.mark.parametrize("use", USES)
def test_a_use_gives_what_torch_gives(use: Callable[[Any], Any]) -> None:
    found: list[Any] = []
    for engine in (torch, gradb.dialect):
        try:
            found.append(use(engine))
        except Exception as error:
            found.append(type(error))
    assert found[1] == found[0]
