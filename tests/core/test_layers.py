"""Layers without torch beside them: numbers worked by hand, and gradients against differences."""

from collections.abc import Callable
from typing import Any

import gradb
import gradb.dialect
import numpy as np
import pytest
from gradb.nn import functional as F
from gradb.trace.events import Forward

torch: Any = gradb.dialect
nn: Any = torch.nn


def leaf(*shape: int, seed: int = 0) -> Any:
    """A float64 leaf of random numbers."""
    return torch.from_numpy(np.random.default_rng(seed).normal(size=shape)).requires_grad_()


def slopes(function: Callable[[], Any], tensor: Any, step: float = 1e-6) -> Any:
    """The gradient of a number by central differences, one element at a time."""
    array = tensor.detach().numpy()
    found = np.zeros_like(array)
    for place in np.ndindex(*array.shape):
        before = array[place]
        values: list[float] = []
        for moved in (before + step, before - step):
            array[place] = moved
            values.append(function().item())
        array[place] = before
        found[place] = (values[0] - values[1]) / (2 * step)
    return found


LAYERS: dict[str, tuple[Callable[..., Any], tuple[tuple[int, ...], ...]]] = {
    "conv2d": (lambda x, w, b: F.conv2d(x, w, b, 2, 1, 1, 2), ((2, 4, 5, 4), (4, 2, 3, 2), (4,))),
    "conv1d": (lambda x, w: F.conv1d(x, w, padding="same", dilation=2), ((2, 3, 7), (2, 3, 3))),
    "max_pool2d": (lambda x: F.max_pool2d(x, 3, 2, 1, ceil_mode=True), ((2, 2, 6, 5),)),
    "avg_pool2d": (lambda x: F.avg_pool2d(x, 3, 2, 1, True, False), ((2, 2, 6, 5),)),
    "adaptive_avg_pool2d": (lambda x: F.adaptive_avg_pool2d(x, (3, 2)), ((2, 2, 5, 5),)),
    "layer_norm": (lambda x, w, b: F.layer_norm(x, (4,), w, b), ((3, 4), (4,), (4,))),
    "batch_norm": (lambda x, w, b: F.batch_norm(x, None, None, w, b, True), ((5, 3, 2), (3,), (3,))),
    "group_norm": (lambda x, w, b: F.group_norm(x, 2, w, b), ((2, 4, 3), (4,), (4,))),
    "rms_norm": (lambda x, w: F.rms_norm(x, (4,), w), ((3, 4), (4,))),
    "embedding": (lambda w: F.embedding(torch.tensor([[0, 2, 2], [1, 0, 2]]), w), ((3, 2),)),
    "cross_entropy": (lambda x: F.cross_entropy(x, torch.tensor([0, 2, 1]), label_smoothing=0.1), ((3, 4),)),
    "mish": (F.mish, ((3, 4),)),
    "gelu": (F.gelu, ((3, 4),)),
    "glu": (F.glu, ((3, 4),)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_of_a_layer_are_its_slopes_and_their_gradients_too(name: str) -> None:
    function, shapes = LAYERS[name]
    leaves = [leaf(*shape, seed=i) for i, shape in enumerate(shapes)]
    weights = leaf(*function(*leaves).shape, seed=9).detach()

    def loss() -> Any:
        return (function(*leaves).sin() * weights).sum()

    grads = torch.autograd.grad(loss(), leaves, create_graph=True)
    for tensor, grad in zip(leaves, grads, strict=True):
        np.testing.assert_allclose(grad.detach().numpy(), slopes(loss, tensor), rtol=1e-5, atol=1e-7)

    def sharpness() -> Any:
        return sum((g * g).sum() for g in torch.autograd.grad(loss(), leaves, create_graph=True))

    second = torch.autograd.grad(sharpness(), leaves)
    for tensor, grad in zip(leaves, second, strict=True):
        np.testing.assert_allclose(grad.numpy(), slopes(sharpness, tensor), rtol=1e-4, atol=1e-5)


def test_a_convolution_sums_its_window_times_the_weight() -> None:
    x = torch.arange(9.0).reshape(1, 1, 3, 3)
    w = torch.tensor([[[[1.0, 0.0], [0.0, -1.0]]]])
    assert F.conv2d(x, w, torch.tensor([0.5])).tolist() == [[[[-3.5, -3.5], [-3.5, -3.5]]]]


def test_the_first_of_equal_elements_is_the_largest_of_its_window() -> None:
    x = torch.zeros(1, 1, 2, 2, requires_grad=True)
    values, indices = F.max_pool2d(x, 2, return_indices=True)
    values.sum().backward()
    assert indices.tolist() == [[[[0]]]]
    assert x.grad.tolist() == [[[[1.0, 0.0], [0.0, 0.0]]]]


def test_batch_norm_moves_its_running_statistics_without_a_new_version() -> None:
    layer = nn.BatchNorm1d(1, momentum=0.5)
    layer(torch.tensor([[0.0], [4.0]]))
    assert layer.running_mean.tolist() == [1.0]
    assert layer.running_var.tolist() == pytest.approx([4.5])
    version = layer.running_mean._version
    layer(torch.tensor([[0.0], [4.0]]))
    assert layer.running_mean._version == version
    assert layer.num_batches_tracked.item() == 2
    layer.eval()
    layer(torch.tensor([[0.0], [4.0]]))
    assert layer.num_batches_tracked.item() == 2


def test_the_history_of_running_statistics_stays_as_it_was() -> None:
    layer = nn.BatchNorm1d(1)
    with gradb.record() as trace:
        for value in (1.0, 3.0):
            layer(torch.tensor([[0.0], [value]]))
    moves = [e for e in trace.events if isinstance(e, Forward) and e.op.name == "running_mean"]
    cells: list[tuple[Any, Any]] = [(e.inputs[0], e.outputs[0]) for e in moves]
    states = [(old.array.tolist(), new.array.tolist()) for old, new in cells]
    assert [before for before, _ in states] == [[0.0], pytest.approx([0.05])]
    assert [after for _, after in states] == [pytest.approx([0.05]), pytest.approx([0.195])]


def test_the_padding_row_of_an_embedding_gets_no_gradient() -> None:
    layer = nn.Embedding(3, 2, padding_idx=1)
    layer(torch.tensor([0, 1, 0])).sum().backward()
    assert layer.weight[1].tolist() == [0.0, 0.0]
    assert layer.weight.grad.tolist() == [[2.0, 2.0], [0.0, 0.0], [0.0, 0.0]]


def test_an_ignored_target_counts_neither_in_the_loss_nor_in_the_mean() -> None:
    scores = torch.tensor([[0.0, 0.0], [5.0, -5.0]], requires_grad=True)
    loss = F.cross_entropy(scores, torch.tensor([1, -100]))
    loss.backward()
    assert loss.item() == pytest.approx(np.log(2))
    assert scores.grad[1].tolist() == [0.0, 0.0]


def test_a_gradient_through_nan_where_relu_is_off_is_zero() -> None:
    x = torch.tensor([-1.0, 2.0], requires_grad=True)
    F.relu(x).backward(torch.tensor([float("nan"), 3.0]))
    assert x.grad.tolist() == [0.0, 3.0]


def test_layers_of_an_empty_batch_have_empty_results_and_zero_gradients() -> None:
    layer = nn.Sequential(nn.Conv2d(1, 2, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(2, 3))
    layer(torch.zeros(0, 1, 4, 4)).sum().backward()
    assert all(not np.any(p.grad.numpy()) for p in layer.parameters())


def test_a_recording_of_gradients_of_gradients_is_the_same_in_every_run() -> None:
    def run() -> list[str]:
        torch.manual_seed(0)
        layer = nn.Sequential(nn.Conv1d(1, 2, 2), nn.MaxPool1d(2))
        with gradb.record() as trace:
            layer(torch.ones(1, 1, 5)).pow(2).sum().backward(create_graph=True)
        return [repr(event) for event in trace.events]

    assert run() == run()
