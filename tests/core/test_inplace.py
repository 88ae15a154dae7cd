"""Memory: in-place writes, views, versions, and arrays that others hold and no write may change."""

import gradb.dialect as torch
import pytest


def test_a_leaf_that_requires_grad_is_not_changed_in_place() -> None:
    w = torch.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"with torch.no_grad\(\):"):
        w += 1
    with torch.no_grad():
        w += 1
    assert w.tolist() == [2.0, 2.0]
    assert w.is_leaf


def test_a_view_of_such_a_leaf_is_not_either() -> None:
    w = torch.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="is a view of"):
        w[0] = 3


def test_an_in_place_op_puts_its_node_behind_the_tensor() -> None:
    w = torch.ones(2, requires_grad=True)
    h = w * 2
    before = h.grad_fn
    h.mul_(3)
    assert h.grad_fn.next_functions[0][0] is before
    h.sum().backward()
    assert w.grad.tolist() == [6.0, 6.0]


def test_views_and_detached_tensors_share_memory_and_version() -> None:
    x = torch.zeros(2, 2)
    row, same = x[0], x.detach()
    row.add_(1)
    same[1, 1] = 5
    assert x.tolist() == [[1.0, 1.0], [0.0, 5.0]]
    assert x._version == row._version == same._version == 2


def test_data_shares_memory_but_not_the_version() -> None:
    x = torch.zeros(2)
    x.data.add_(1)
    assert x.tolist() == [1.0, 1.0]
    assert x._version == 0


def test_writing_a_row_gives_the_base_copy_slices() -> None:
    w = torch.ones(2, 2, requires_grad=True)
    h = w * 1
    h[0] = 5.0
    assert h.grad_fn.name() == "CopySlices"
    h.sum().backward()
    assert w.grad.tolist() == [[0.0, 0.0], [1.0, 1.0]]


def test_another_view_of_a_changed_base_is_read_anew() -> None:
    w = torch.ones(3, requires_grad=True)
    h = w * 2
    left, right = h[:2], h[1:]
    left.mul_(3)
    assert right.tolist() == [6.0, 2.0]
    assert right.grad_fn.name() == "AsStridedBackward0"
    right.sum().backward()
    assert w.grad.tolist() == [0.0, 6.0, 2.0]


def test_an_array_that_is_lent_keeps_its_content_when_the_tensor_is_written() -> None:
    x = torch.ones(2, 2)
    row = x[0]
    held, held_row = x._array, row._array
    x._storage.lent = True
    row.zero_()
    assert held.tolist() == [[1.0, 1.0], [1.0, 1.0]]
    assert held_row.tolist() == [1.0, 1.0]
    assert x.tolist() == [[0.0, 0.0], [1.0, 1.0]]
    assert row.tolist() == [0.0, 0.0]


def test_memory_that_nobody_else_holds_is_not_copied_by_a_write_to_a_view() -> None:
    x = torch.zeros(4)
    middle, memory = x[1:3], x._array
    middle.fill_(7)
    assert x._array is memory
    assert x.tolist() == [0.0, 7.0, 7.0, 0.0]


def test_numpy_and_the_tensor_stay_on_one_memory() -> None:
    x = torch.zeros(2)
    array = x.numpy()
    x.add_(1)
    array[0] = 5
    assert x.tolist() == [5.0, 1.0]
    assert array.tolist() == [5.0, 1.0]


def test_an_in_place_op_keeps_shape_and_dtype() -> None:
    with pytest.raises(RuntimeError, match="cannot change the shape"):
        torch.ones(2).add_(torch.ones(3, 2))
    with pytest.raises(RuntimeError, match="cannot put float32 into int64"):
        torch.ones(2, dtype=torch.int64).add_(0.5)


def test_an_error_in_an_in_place_op_leaves_the_tensor_as_it_was() -> None:
    x = torch.ones(2)
    with pytest.raises(RuntimeError):
        x.add_(torch.ones(3))
    assert x._version == 0
    assert x.tolist() == [1.0, 1.0]
