"""Products of matrices that are computed a few rows at a time are those that numpy computes at once."""

import numpy as np
import pytest
from gradb.ops import matrix_arrays
from gradb.ops.matrix_arrays import product

SHAPES = [((7, 5), (5, 3)), ((7, 5), (5,)), ((2, 7, 5), (2, 5, 3)), ((3, 1, 40), (3, 40, 9)), ((1, 64), (64, 64))]


@pytest.mark.parametrize(("left", "right"), SHAPES)
@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.float16, np.float32])
def test_parts_make_the_whole(
    left: tuple[int, ...], right: tuple[int, ...], dtype: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matrix_arrays, "_AT_ONCE", 32)
    generator = np.random.default_rng(0)
    a, b = generator.integers(0, 5, left).astype(dtype), generator.integers(0, 5, right).astype(dtype)
    found = product(a, b)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, np.matmul(a, b))
