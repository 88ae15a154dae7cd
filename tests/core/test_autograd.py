"""The graph and the backward walk, where no torch stands beside it."""

import warnings
from typing import Any

import gradb.dialect as torch
import numpy as np
import pytest
from gradb.autograd.node import AccumulateGrad


def test_a_leaf_gets_its_gradient_and_a_constant_none() -> None:
    x, w, b = torch.tensor([2.0]), torch.tensor([3.0], requires_grad=True), torch.tensor([1.0], requires_grad=True)
    z = w * x + b
    z.backward()
    assert (w.grad.tolist(), b.grad.tolist(), x.grad) == ([2.0], [1.0], None)
    assert z.grad_fn.name() == "AddBackward0"
    assert [node.name() for node, _ in z.grad_fn.next_functions] == ["MulBackward0", "AccumulateGrad"]


def test_a_broadcast_input_gets_a_gradient_of_its_own_shape_and_dtype() -> None:
    bias = torch.ones(3, requires_grad=True)
    (torch.ones(2, 3, dtype=torch.float64) * bias).sum().backward()
    assert bias.grad.shape == (3,)
    assert bias.grad.dtype is torch.float32
    assert bias.grad.tolist() == [2.0, 2.0, 2.0]


def test_a_second_backward_raises_only_where_tensors_were_saved() -> None:
    w = torch.ones(2, requires_grad=True)
    total = (w + w).sum()
    total.backward()
    total.backward()
    squares = (w * w).sum()
    squares.backward()
    with pytest.raises(RuntimeError, match="retain_graph=True"):
        squares.backward()


def test_a_saved_tensor_that_was_changed_is_named_with_its_versions() -> None:
    w = torch.ones(2, requires_grad=True)
    h = w * 2
    y = (h * h).sum()
    h.add_(1)
    with pytest.raises(RuntimeError, match=r"MulBackward0 needs .* at version 0, .* is at version 1"):
        y.backward()


def test_accumulate_grad_lives_as_long_as_a_graph_that_leads_to_it() -> None:
    w = torch.ones(2, requires_grad=True)
    y = w * 2
    (node, _) = y.grad_fn.next_functions[0]
    assert isinstance(node, AccumulateGrad)
    assert (w * 3).grad_fn.next_functions[0][0] is node
    assert node.variable is w


def test_a_chain_of_100000_ops_runs_backward_and_is_freed_without_recursion() -> None:
    x = torch.ones(1, requires_grad=True)
    y = x
    for _ in range(100_000):
        y = y * 1.0
    y.backward()
    del y
    assert x.grad.tolist() == [1.0]


def test_two_leaves_with_one_gradient_do_not_share_it() -> None:
    a, b = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    (a + b).sum().backward()
    a.grad.zero_()
    assert b.grad.tolist() == [1.0, 1.0]


def test_the_seed_stays_as_it_was() -> None:
    w, seed = torch.ones(2, requires_grad=True), torch.tensor([1.0, 3.0])
    w.backward(seed)
    w.grad.zero_()
    assert seed.tolist() == [1.0, 3.0]


def test_grad_leaves_dot_grad_alone_and_names_what_is_not_used() -> None:
    w, other = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    gradient: Any = torch.autograd.grad((w * w).sum(), w)[0]
    assert gradient.tolist() == [2.0, 2.0]
    assert w.grad is None
    with pytest.raises(RuntimeError, match="allow_unused=True"):
        torch.autograd.grad((w * w).sum(), other)


def test_second_derivatives_come_from_the_same_formulas() -> None:
    x = torch.tensor([0.5, 2.0], dtype=torch.float64, requires_grad=True)
    first: Any = torch.autograd.grad((x**3 + x.exp()).sum(), x, create_graph=True)[0]
    second: Any = torch.autograd.grad(first.sum(), x)[0]
    np.testing.assert_allclose(second.numpy(), 6 * np.array([0.5, 2.0]) + np.exp([0.5, 2.0]), rtol=1e-12)


def test_grad_modes_nest_and_come_back_after_an_error() -> None:
    with torch.no_grad():
        with pytest.raises(RuntimeError), torch.enable_grad():
            (torch.ones(2, requires_grad=True) * 2).backward()
        assert not torch.is_grad_enabled()
    assert torch.is_grad_enabled()


def test_a_function_decorated_with_no_grad_builds_no_graph() -> None:
    @torch.no_grad()
    def double(x: Any) -> Any:
        return x * 2

    assert not double(torch.ones(1, requires_grad=True)).requires_grad


def test_the_grad_of_a_non_leaf_is_none_and_warns() -> None:
    h: Any = torch.ones(1, requires_grad=True) * 2
    with pytest.warns(UserWarning, match="retain_grad"):
        assert h.grad is None
    h.retain_grad()
    h.backward()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gradient: Any = h.grad
    assert gradient.tolist() == [1.0]


def test_hooks_run_in_torchs_order() -> None:
    seen: list[str] = []
    w = torch.ones(1, requires_grad=True)
    h = w * 2
    h.register_hook(lambda _: seen.append("tensor"))
    h.grad_fn.register_prehook(lambda _: seen.append("before"))
    h.grad_fn.register_hook(lambda *_: seen.append("after"))
    w.register_hook(lambda _: seen.append("leaf"))
    w.register_post_accumulate_grad_hook(lambda _: seen.append("accumulated"))
    h.backward()
    assert seen == ["tensor", "before", "after", "leaf", "accumulated"]


def test_a_node_keeps_only_what_a_wanted_gradient_needs() -> None:
    w, x = torch.ones(2, requires_grad=True), torch.ones(2)
    node = (w * x).grad_fn
    assert node._saved_other is x
    assert node._saved_self is None
    assert (w * 2).grad_fn._saved_other.item() == 2
    node.release()
    with pytest.raises(RuntimeError):
        _ = node._saved_other
