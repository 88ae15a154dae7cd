"""What ops on indices, orders and shapes give, without torch: values worked out by hand, gradients, messages."""

from typing import Any

import gradb.dialect as torch
import numpy as np
import pytest


def leaf(*values: Any) -> Any:
    return torch.tensor(list(values), requires_grad=True)


def gradient(result: Any, of: Any) -> list[Any]:
    return first_gradient(result.sum(), of).tolist()


def first_gradient(root: Any, of: Any, **options: Any) -> Any:
    return torch.autograd.grad(root, of, **options)[0]


def test_an_element_that_is_gathered_twice_gets_both_gradients() -> None:
    x = leaf(1.0, 2.0, 3.0)
    assert gradient(x.gather(0, torch.tensor([2, 2, 0])), x) == [1.0, 0.0, 2.0]
    assert gradient(x[torch.tensor([2, 2, 0])], x) == [1.0, 0.0, 2.0]
    assert gradient(x.index_select(0, torch.tensor([1, 1])), x) == [0.0, 2.0, 0.0]


def test_scatter_add_sums_what_goes_to_one_place() -> None:
    y = leaf(1.0, 2.0, 4.0)
    summed = torch.zeros(2).scatter_add(0, torch.tensor([0, 1, 0]), y)
    assert summed.tolist() == [5.0, 2.0]
    assert gradient(summed * torch.tensor([10.0, 1.0]), y) == [10.0, 1.0, 10.0]


def test_a_mask_reads_and_writes_where_it_is_true() -> None:
    x = leaf(1.0, -2.0, 3.0)
    assert x[x > 0].tolist() == [1.0, 3.0]
    y = x * 2
    y[y < 0] = 0.0
    assert y.tolist() == [2.0, 0.0, 6.0]
    assert gradient(y, x) == [2.0, 0.0, 2.0]


def test_the_median_of_an_even_number_of_elements_is_the_lower_one_and_gets_the_gradient() -> None:
    x = leaf(4.0, 1.0, 3.0, 2.0)
    assert x.median().item() == 2.0
    assert gradient(x.median(), x) == [0.0, 0.0, 0.0, 1.0]


def test_sorting_sends_each_gradient_back_to_where_its_element_was() -> None:
    x = leaf(3.0, 1.0, 2.0)
    result = x.sort(descending=True)
    assert result.values.tolist() == [3.0, 2.0, 1.0]
    assert result.indices.tolist() == [0, 2, 1]
    assert gradient(result.values * torch.tensor([1.0, 10.0, 100.0]), x) == [1.0, 100.0, 10.0]


def test_the_gradient_of_cumprod_is_right_where_an_element_is_zero() -> None:
    x = leaf(2.0, 0.0, 3.0)
    assert gradient(x.cumprod(0), x) == [1.0, 2.0 + 6.0, 0.0]


def test_the_second_gradient_of_a_product_is_right_where_an_element_is_zero() -> None:
    x = leaf(2.0, 0.0, 3.0)
    first = first_gradient(x.prod(), x, create_graph=True)
    assert first.tolist() == [0.0, 6.0, 0.0]
    assert gradient(first, x) == [3.0, 5.0, 2.0]


def test_windows_overlap_and_share_their_elements() -> None:
    x = leaf(1.0, 2.0, 3.0, 4.0)
    windows = x.unfold(0, 3, 1)
    assert windows.tolist() == [[1.0, 2.0, 3.0], [2.0, 3.0, 4.0]]
    assert gradient(windows, x) == [1.0, 2.0, 2.0, 1.0]


def test_a_negative_dim_is_kept_in_the_node_as_torch_shows_it() -> None:
    node: Any = torch.zeros(2, 3, requires_grad=True).cumsum(-1).grad_fn
    assert node._saved_dim == 2**64 - 1


def test_einsum_is_a_matrix_product_of_simple_ops() -> None:
    a, b = torch.ones(2, 3, requires_grad=True), torch.ones(3, 4)
    result = torch.einsum("ij,jk->ik", a, b)
    assert result.tolist() == [[3.0] * 4] * 2
    assert type(result.grad_fn).__name__ == "ViewBackward0"
    assert gradient(result, a) == [[4.0] * 3] * 2


@pytest.mark.parametrize("name", ["gather", "scatter_add", "index_add"])
def test_an_index_out_of_range_is_refused_with_its_value_and_the_size(name: str) -> None:
    x, index = torch.zeros(3), torch.tensor([7])
    given = (0, index) if name == "gather" else (0, index, torch.ones(1))
    with pytest.raises(RuntimeError, match=r"7 is out of range for a dim of size 3"):
        getattr(x, name)(*given)


def test_einsum_says_which_label_does_not_fit() -> None:
    with pytest.raises(RuntimeError, match="different sizes"):
        torch.einsum("ij,jk->ik", torch.zeros(2, 3), torch.zeros(4, 5))


def test_index_gradients_agree_with_adding_one_by_one() -> None:
    random = np.random.default_rng(0)
    index = random.integers(0, 50, 2000)
    weights = random.normal(size=(2000, 3)).astype(np.float32)
    table = torch.zeros(50, 3, requires_grad=True)
    grad = first_gradient(table[torch.from_numpy(index)], table, grad_outputs=torch.from_numpy(weights))
    wanted = np.zeros((50, 3), np.float32)
    np.add.at(wanted, index, weights)
    assert np.allclose(grad.numpy(), wanted, atol=1e-4)
