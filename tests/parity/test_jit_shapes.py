"""A captured graph takes inputs of other shapes than the example's, and keeps as constants what torch's keeps."""

import warnings
from typing import Any

import gradb.dialect
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from jit_shape_rows import FUNCTIONS, SHAPES  # noqa: E402


def seen(engine: Any, name: str) -> tuple[list[Any], list[str]]:
    """What each call gives, its gradients, and what the capture warns of."""
    function = FUNCTIONS[name]
    draw = np.random.default_rng(5)
    inputs = [draw.normal(size=shape).astype(np.float32) for shape in SHAPES]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        traced = engine.jit.trace(lambda x: function(engine, x), engine.tensor(inputs[0]), check_trace=False)
    told = [str(w.message).split(" might")[0] for w in caught if w.category.__name__ == "TracerWarning"]
    found: list[Any] = []
    for array in inputs:
        x = engine.tensor(array, requires_grad=True)
        try:
            y = traced(x)
            (y * y).sum().backward()
            found += [y.detach().numpy(), x.grad.numpy()]
        except RuntimeError:
            found.append("RuntimeError")
    return found, told


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_captured_graph_runs_with_other_shapes_as_torchs_does(name: str) -> None:
    (ours, warned), (theirs, warned_by_torch) = (seen(engine, name) for engine in (gradb.dialect, torch))
    assert len(ours) == len(theirs)
    for mine, other in zip(ours, theirs, strict=True):
        if isinstance(other, str) or isinstance(mine, str):
            assert mine is other
        else:
            assert mine.shape == other.shape
            np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-5)
    # torch's own checks of the shapes of losses warn too
    assert set(warned) == set(warned_by_torch) if name.endswith("stays") else set(warned) <= set(warned_by_torch)
