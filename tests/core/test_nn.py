"""Modules: what belongs to one, how it is walked through, and how it is switched."""

from typing import Any

import gradb.dialect as torch
import pytest
from gradb.dialect import nn


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(2, 3)
        self.layers = nn.ModuleList([nn.Linear(3, 3), nn.ReLU()])
        self.scale = nn.Parameter(torch.ones(1))
        self.register_buffer("seen", torch.zeros(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.first(x)
        for layer in self.layers:
            x = layer(x)
        return x * self.scale


def test_parameters_are_named_by_their_paths() -> None:
    names = [name for name, _ in Net().named_parameters()]
    assert names == ["scale", "first.weight", "first.bias", "layers.0.weight", "layers.0.bias"]
    assert list(Net().state_dict()) == ["scale", "seen", *names[1:]]


def test_a_shared_parameter_is_listed_once() -> None:
    net = Net()
    net.again = net.first
    assert len(list(net.parameters())) == 5


def test_train_and_eval_reach_every_module() -> None:
    net = Net()
    assert all(not module.training for module in net.eval().modules())
    assert all(module.training for module in net.train().modules())


def test_zero_grad_clears_to_none_or_to_zeros() -> None:
    net = Net()
    net(torch.ones(1, 2)).sum().backward()
    grad: Any = net.scale.grad
    net.zero_grad(set_to_none=False)
    assert net.scale.grad is grad
    assert grad.tolist() == [0.0]
    net.zero_grad()
    assert net.scale.grad is None


def test_a_module_in_eval_does_not_drop() -> None:
    x = torch.ones(100)
    drop = nn.Dropout(0.5)
    assert (drop(x) == 0).any()
    assert drop.eval()(x) is x


def test_a_parameter_before_init_is_refused() -> None:
    class Wrong(nn.Module):
        def __init__(self) -> None:
            self.weight = nn.Parameter(torch.ones(1))

    with pytest.raises(AttributeError, match="call super"):
        Wrong()


def test_a_frozen_module_has_no_gradients() -> None:
    net = Net().requires_grad_(False)
    assert not net(torch.ones(1, 2)).requires_grad


def test_double_converts_parameters_in_place() -> None:
    net = Net()
    weight = net.first.weight
    net.double()
    assert net.first.weight is weight
    assert weight.dtype is torch.float64
    assert weight.is_leaf


def test_a_modules_hook_is_called_until_its_handle_removes_it() -> None:
    module = torch.nn.Linear(2, 1)
    seen: list[str] = []
    before = module.register_forward_pre_hook(lambda module, args: seen.append("before"))
    after = module.register_forward_hook(lambda module, args, output: seen.append("after"))
    module(torch.ones(1, 2))
    before.remove()
    module(torch.ones(1, 2))
    after.remove()
    module(torch.ones(1, 2))
    assert seen == ["before", "after", "after"]
