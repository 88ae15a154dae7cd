"""Modules, losses, initialisation and optimizers: whole training runs give what torch gives."""

import copy
from collections.abc import Callable
from typing import Any

import gradb.dialect
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tolerance import assert_close  # noqa: E402

STEPS = 8

OPTIMIZERS: dict[str, Callable[[Any, Any], Any]] = {
    "SGD": lambda T, p: T.optim.SGD(p, lr=0.05),
    "SGD default": lambda T, p: T.optim.SGD(p),
    "SGD momentum": lambda T, p: T.optim.SGD(p, lr=0.05, momentum=0.9),
    "SGD dampening": lambda T, p: T.optim.SGD(p, lr=0.05, momentum=0.9, dampening=0.3),
    "SGD nesterov": lambda T, p: T.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "SGD decay": lambda T, p: T.optim.SGD(p, lr=0.05, momentum=0.5, weight_decay=0.1),
    "SGD maximize": lambda T, p: T.optim.SGD(p, lr=0.001, maximize=True, weight_decay=0.1),
    "Adam": lambda T, p: T.optim.Adam(p, lr=0.01),
    "Adam decay": lambda T, p: T.optim.Adam(p, lr=0.01, betas=(0.8, 0.9), eps=1e-6, weight_decay=0.1),
    "Adam amsgrad": lambda T, p: T.optim.Adam(p, lr=0.01, amsgrad=True),
    "AdamW": lambda T, p: T.optim.AdamW(p, lr=0.01),
}

MODULES: dict[str, Callable[[Any], Any]] = {
    "linear": lambda nn: nn.Linear(3, 4),
    "linear without bias": lambda nn: nn.Linear(3, 4, bias=False),
    "mlp": lambda nn: nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 4), nn.Tanh()),
    "nested": lambda nn: nn.Sequential(nn.Sequential(nn.Linear(3, 3), nn.Sigmoid()), nn.Identity(), nn.LeakyReLU(0.2)),
    "softmax": lambda nn: nn.Sequential(nn.Linear(3, 4), nn.Softmax(dim=1)),
    "log softmax": lambda nn: nn.Sequential(nn.Linear(3, 4), nn.LogSoftmax(dim=-1)),
    "in place": lambda nn: nn.Sequential(nn.Linear(3, 4), nn.ReLU(inplace=True)),
    "gelu": lambda nn: nn.Sequential(nn.Linear(3, 4), nn.GELU(), nn.SiLU(), nn.ELU(), nn.Softplus(), nn.ReLU6()),
    "dropout": lambda nn: nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.4)),
    "flatten": lambda nn: nn.Sequential(nn.Flatten(), nn.Unflatten(1, (3, 1)), nn.Flatten(0), nn.Softplus()),
    "list": lambda nn: nn.ModuleList([nn.Linear(1, 2), nn.ReLU()]),
    "dict": lambda nn: nn.ModuleDict({"a": nn.Linear(1, 2), "b": nn.MSELoss()}),
    "losses": lambda nn: nn.ModuleList(
        [nn.MSELoss(), nn.L1Loss(), nn.CrossEntropyLoss(), nn.NLLLoss(), nn.BCELoss(), nn.BCEWithLogitsLoss()]
    ),
}


def trained(engine: Any, make: Callable[[Any, Any], Any], dtype: str) -> Any:
    """A small network after a few steps with an optimizer, and the losses on the way."""
    engine.manual_seed(1)
    nn = engine.nn
    network = nn.Sequential(nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 2))
    if dtype == "float64":
        network.double()
    x = engine.randn(10, 3, dtype=getattr(engine, dtype))
    y = engine.randint(0, 2, (10,))
    optimizer = make(engine, network.parameters())
    losses: list[float] = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = nn.CrossEntropyLoss()(network(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return network, optimizer, losses


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_goes_torchs_way(name: str, dtype: str) -> None:
    theirs, their_optimizer, their_losses = trained(torch, OPTIMIZERS[name], dtype)
    ours, our_optimizer, our_losses = trained(gradb.dialect, OPTIMIZERS[name], dtype)
    terms = 100 if "Adam" not in name else 100_000  # Adam divides by the root of a tiny sum in its first steps
    assert_close(np.array(our_losses, dtype), np.array(their_losses, dtype), terms)
    for (key, found), (other, expected) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        assert key == other
        assert_close(found.detach().numpy(), expected.detach().numpy(), terms, key)
        assert found._version == expected._version
        state, expected_state = our_optimizer.state[found], their_optimizer.state[expected]
        assert {k for k, v in state.items() if v is not None} == {k for k, v in expected_state.items() if v is not None}
    assert repr(our_optimizer) == repr(their_optimizer)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_prints_and_computes_as_torchs(name: str) -> None:
    made: list[tuple[Any, Any]] = []
    for engine in (torch, gradb.dialect):
        engine.manual_seed(5)
        module = MODULES[name](engine.nn)
        x = engine.randn(2, 3, requires_grad=True)
        if name in ("list", "dict", "losses"):
            made.append((module, None))
            continue
        result = module(x)
        result.sum().backward()
        made.append((module, (result.detach().numpy(), x.grad.numpy())))
    (theirs, expected), (ours, found) = made
    assert repr(ours) == repr(theirs)
    assert [name for name, _ in ours.named_parameters()] == [name for name, _ in theirs.named_parameters()]
    assert [name for name, _ in ours.named_modules()] == [name for name, _ in theirs.named_modules()]
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for one, other in zip(found or (), expected or (), strict=True):
        assert_close(one, other, 10, name)


INITS: dict[str, Callable[[Any, Any], Any]] = {
    "uniform_": lambda init, w: init.uniform_(w, -1, 2),
    "normal_": lambda init, w: init.normal_(w, 1.0, 0.5),
    "constant_": lambda init, w: init.constant_(w, 0.3),
    "zeros_": lambda init, w: init.zeros_(w),
    "ones_": lambda init, w: init.ones_(w),
    "eye_": lambda init, w: init.eye_(w),
    "xavier_uniform_": lambda init, w: init.xavier_uniform_(w, gain=init.calculate_gain("relu")),
    "xavier_normal_": lambda init, w: init.xavier_normal_(w),
    "kaiming_uniform_": lambda init, w: init.kaiming_uniform_(w, nonlinearity="relu"),
    "kaiming_normal_": lambda init, w: init.kaiming_normal_(w, mode="fan_out"),
}


@pytest.mark.parametrize("name", INITS)
def test_an_initialisation_draws_torchs_numbers(name: str) -> None:
    drawn: list[Any] = []
    for engine in (torch, gradb.dialect):
        engine.manual_seed(9)
        weight = engine.nn.Parameter(engine.empty(3, 4))
        assert INITS[name](engine.nn.init, weight) is weight
        drawn.append(weight.detach().numpy())
    assert_close(drawn[1], drawn[0], 1, name)


def test_a_state_moves_from_one_module_to_another() -> None:
    nn = gradb.dialect.nn
    one, other = nn.Linear(2, 3), nn.Linear(2, 3)
    assert str(other.load_state_dict(one.state_dict())) == "<All keys matched successfully>"
    assert other.weight.equal(one.weight)
    twin = copy.deepcopy(one)
    assert twin.weight is not one.weight
    assert twin.weight.equal(one.weight)
    for engine in (torch, gradb.dialect):
        with pytest.raises(RuntimeError):
            engine.nn.Linear(2, 3).load_state_dict(engine.nn.Linear(3, 3).state_dict())


@pytest.mark.parametrize(
    "source",
    [
        "optim.SGD([], lr=0.1)",
        "optim.SGD(nn.Linear(1, 1).weight, lr=0.1)",
        "optim.SGD([T.ones(1, requires_grad=True) * 2], lr=0.1)",
        "optim.SGD([3], lr=0.1)",
        "optim.SGD([T.ones(1)], lr=-1)",
        "optim.SGD([T.ones(1)], nesterov=True)",
        "optim.Adam([T.ones(1)], betas=(1.0, 0.9))",
        "w = T.ones(1, requires_grad=True)\noptim.SGD([{'params': [w]}, {'params': [w]}])",
        "nn.Module()(1)",
        "class M(nn.Module):\n    def __init__(self):\n        self.a = nn.Linear(1, 1)\nM()",
        "nn.Linear(1, 1).weight = 3",
        "m = nn.Linear(1, 1); m.weight = T.ones(1, 1)",
        "nn.Linear(1, 1).other",
        "nn.Sequential(nn.ReLU())[3]",
        "nn.Dropout(2.0)",
        "nn.Linear(2, 1)(T.ones(1, 3))",
    ],
)
def test_a_mistake_with_modules_raises_torchs_exception(source: str) -> None:
    from engine_programs import outcome

    assert outcome(gradb.dialect, source)[-1] is outcome(torch, source)[-1] is not None
