"""How close values must be to torch's: stated here once, for every parity test."""

from typing import Any

import numpy as np

ELEMENTWISE = {"float16": 1e-3, "float32": 1e-6, "float64": 1e-12}
"""Relative, per dtype; scaled by the square root of how many terms were summed."""


def assert_close(found: Any, expected: Any, terms: int = 1, what: str = "") -> None:
    """Fails unless two arrays have one shape, dtype and, within the tolerance, the same values."""
    assert found.dtype == expected.dtype, f"{what}: dtype {found.dtype}, torch has {expected.dtype}"
    assert found.shape == expected.shape, f"{what}: shape {found.shape}, torch has {expected.shape}"
    if found.dtype.kind != "f":
        assert np.array_equal(found, expected), f"{what}: {found}, torch has {expected}"
        return
    relative = ELEMENTWISE[found.dtype.name] * max(terms, 1) ** 0.5
    finite = expected[np.isfinite(expected)]
    scale = float(np.abs(finite).max()) if finite.size else 1.0
    np.testing.assert_allclose(
        found, expected, rtol=relative, atol=relative * max(scale, 1e-30), equal_nan=True, err_msg=what
    )
