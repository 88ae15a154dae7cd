"""How tensors print; every expected text was printed by torch 2.13."""

from collections.abc import Iterator
from math import inf, nan
from typing import Any

import numpy as np
import pytest
from gradb.printing import PrintOptions, get_printoptions, set_printoptions, tensor_text
from numpy.typing import DTypeLike, NDArray


@pytest.fixture(autouse=True)
def default_options() -> Iterator[None]:
    yield
    set_printoptions(profile="default")


def array(values: Any, dtype: DTypeLike = np.float32) -> NDArray[Any]:
    return np.array(values, dtype=dtype)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([1, 2, 3], "tensor([1., 2., 3.])"),
        ([[0, 0], [0, 0]], "tensor([[0., 0.],\n        [0., 0.]])"),
        ([-0.0, 0.0], "tensor([-0., 0.])"),
        ([1, 1000], "tensor([   1., 1000.])"),
    ],
)
def test_an_integer_valued_float_prints_with_a_dot(values: Any, text: str) -> None:
    assert tensor_text(array(values)) == text


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([1, 2.5, -3], "tensor([ 1.0000,  2.5000, -3.0000])"),
        ([[1, 2], [3, 4.5]], "tensor([[1.0000, 2.0000],\n        [3.0000, 4.5000]])"),
        (3.14159, "tensor(3.1416)"),
    ],
)
def test_other_floats_print_with_four_decimals(values: Any, text: str) -> None:
    assert tensor_text(array(values)) == text


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([1, 1e9], "tensor([1.0000e+00, 1.0000e+09])"),
        ([1e-5, 0.5], "tensor([1.0000e-05, 5.0000e-01])"),
        ([1, 1500.5], "tensor([1.0000e+00, 1.5005e+03])"),
        ([1, 1001], "tensor([1.0000e+00, 1.0010e+03])"),
    ],
)
def test_very_large_small_or_unequal_floats_print_in_scientific_notation(values: Any, text: str) -> None:
    assert tensor_text(array(values)) == text


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([1, nan, inf, -inf], "tensor([1., nan, inf, -inf])"),
        ([0.5, nan, -inf, 0], "tensor([0.5000,    nan,   -inf, 0.0000])"),
        (nan, "tensor(nan)"),
    ],
)
def test_nan_and_infinity_do_not_widen_the_column(values: Any, text: str) -> None:
    assert tensor_text(array(values)) == text


@pytest.mark.parametrize(
    ("values", "dtype", "text"),
    [
        (7, np.int64, "tensor(7)"),
        ([1, -20, 300], np.int64, "tensor([  1, -20, 300])"),
        ([True, False], np.bool_, "tensor([ True, False])"),
        ([255, 1], np.uint8, "tensor([255,   1], dtype=torch.uint8)"),
        ([[1], [2]], np.int32, "tensor([[1],\n        [2]], dtype=torch.int32)"),
        ([0.5], np.float64, "tensor([0.5000], dtype=torch.float64)"),
        ([0.1, 65504], np.float16, "tensor([9.9976e-02, 6.5504e+04], dtype=torch.float16)"),
    ],
)
def test_a_dtype_is_named_unless_it_goes_without_saying(values: Any, dtype: DTypeLike, text: str) -> None:
    assert tensor_text(array(values, dtype)) == text


def test_the_default_dtype_can_be_another() -> None:
    assert tensor_text(array([0.5], np.float64), default_dtype=np.float64) == "tensor([0.5000])"
    assert tensor_text(array([0.5]), default_dtype=np.float64) == "tensor([0.5000], dtype=torch.float32)"


@pytest.mark.parametrize(
    ("shape", "dtype", "text"),
    [
        ((0,), np.float32, "tensor([])"),
        ((0, 3), np.float32, "tensor([], size=(0, 3))"),
        ((2, 0), np.int64, "tensor([], size=(2, 0), dtype=torch.int64)"),
    ],
)
def test_an_empty_tensor_prints_its_size_and_dtype(shape: tuple[int, ...], dtype: DTypeLike, text: str) -> None:
    assert tensor_text(np.zeros(shape, dtype)) == text


def test_each_further_dimension_adds_an_empty_line_between_its_entries() -> None:
    assert tensor_text(np.arange(8, dtype=np.float32).reshape(2, 2, 2)) == (
        "tensor([[[0., 1.],\n         [2., 3.]],\n\n        [[4., 5.],\n         [6., 7.]]])"
    )
    assert tensor_text(np.arange(4).reshape(2, 1, 2, 1)) == (
        "tensor([[[[0],\n          [1]]],\n\n\n        [[[2],\n          [3]]]])"
    )


def test_a_long_row_breaks_before_column_80() -> None:
    assert tensor_text(np.arange(30)) == (
        "tensor([ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17,\n"
        "        18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29])"
    )


def test_more_than_1000_elements_are_summarised() -> None:
    assert tensor_text(np.arange(1001)) == "tensor([   0,    1,    2,  ...,  998,  999, 1000])"
    row = "[1., 1., 1.,  ..., 1., 1., 1.]"
    assert tensor_text(np.ones((40, 50), np.float32)) == (
        f"tensor([{row},\n        {row},\n        {row},\n        ...,\n        {row},\n        {row},\n        {row}])"
    )


def test_a_short_dimension_of_a_summarised_tensor_is_whole() -> None:
    row = "[1., 1., 1.,  ..., 1., 1., 1.]"
    rows = f"[{row},\n         {row},\n         {row}]"
    assert tensor_text(np.ones((2, 3, 400), np.float32)) == f"tensor([{rows},\n\n        {rows}])"


@pytest.mark.parametrize(
    ("requires_grad", "grad_fn", "suffix"),
    [
        (False, None, ""),
        (True, None, ", requires_grad=True"),
        (True, "MulBackward0", ", grad_fn=<MulBackward0>"),
    ],
)
def test_the_node_that_made_a_tensor_goes_before_requires_grad(
    requires_grad: bool, grad_fn: str | None, suffix: str
) -> None:
    text = tensor_text(array([3, 4]), requires_grad=requires_grad, grad_fn=grad_fn)
    assert text == f"tensor([3., 4.]{suffix})"


def test_a_suffix_without_room_goes_to_a_line_of_its_own() -> None:
    assert tensor_text(array(np.arange(15) * 1.5), grad_fn="MulBackward0") == (
        "tensor([ 0.0000,  1.5000,  3.0000,  4.5000,  6.0000,  7.5000,  9.0000, 10.5000,\n"
        "        12.0000, 13.5000, 15.0000, 16.5000, 18.0000, 19.5000, 21.0000],\n"
        "       grad_fn=<MulBackward0>)"
    )


def test_a_longer_prefix_indents_further() -> None:
    assert tensor_text(array([[1], [2]]), prefix="Parameter(") == "Parameter([[1.],\n           [2.]])"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"precision": 2}, "tensor([3.14e+00, 2.00e+04])"),
        ({"sci_mode": False}, "tensor([    3.1416, 20000.1230])"),
        ({"profile": "short"}, "tensor([3.14e+00, 2.00e+04])"),
        ({"profile": "short", "precision": 1}, "tensor([3.1e+00, 2.0e+04])"),
        ({"profile": "no such profile"}, "tensor([3.1416e+00, 2.0000e+04])"),
    ],
)
def test_options_choose_digits_and_notation(options: dict[str, Any], text: str) -> None:
    set_printoptions(**options)
    assert tensor_text(array([3.14159, 20000.123])) == text


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"threshold": 5}, "tensor([0, 1, 2,  ..., 7, 8, 9])"),
        ({"threshold": 5, "edgeitems": 1}, "tensor([0,  ..., 9])"),
        ({"threshold": 5, "edgeitems": 0}, "tensor([...], size=(10,))"),
        ({"linewidth": 20}, "tensor([0, 1, 2, 3,\n        4, 5, 6, 7,\n        8, 9])"),
    ],
)
def test_options_choose_what_is_left_out_and_where_lines_end(options: dict[str, Any], text: str) -> None:
    set_printoptions(**options)
    assert tensor_text(np.arange(10)) == text


def test_setting_one_option_keeps_the_others_but_sci_mode() -> None:
    set_printoptions(precision=2, sci_mode=True)
    set_printoptions(edgeitems=1)
    assert get_printoptions() == PrintOptions(precision=2, edgeitems=1, sci_mode=None)


def test_complex_values_are_refused_by_dtype() -> None:
    with pytest.raises(TypeError, match="complex64"):
        tensor_text(array([1j], np.complex64))
