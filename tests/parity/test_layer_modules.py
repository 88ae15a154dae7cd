"""Modules of layers print, start, compute, keep state and fail as torch's do."""

import warnings
import zlib
from typing import Any

import gradb.dialect
import gradb.nn.functional
import numpy as np
import pytest
from module_rows import MISTAKES, MODULES
from op_parity import Engine, array, close, same_graph, tensors

torch = pytest.importorskip("torch")

MINE = Engine(gradb.dialect, gradb.nn.functional)
JUDGE = Engine(torch, torch.nn.functional)


def made(engine: Engine, source: str) -> Any:
    """A module with its weights drawn from one seed."""
    engine.torch.manual_seed(11)
    return eval(source, {"nn": engine.torch.nn, "torch": engine.torch})


def called(engine: Engine, source: str, inputs: str, dtype: str, evaluating: bool) -> Any:
    """The module, its leaves and its result, in training or in evaluation."""
    module = made(engine, source)
    if dtype == "float64":
        module.double()
    if evaluating:
        module.eval()
    leaves: list[Any] = []
    for word in inputs.split():
        kind, shape = word.split(":") if ":" in word else ("", word)
        sizes = tuple(int(n) for n in shape.split(",") if n)
        random = np.random.default_rng(zlib.crc32(word.encode()))
        if kind.startswith("int"):
            leaves.append(engine.tensor(random.integers(0, int(kind[3:]), sizes)))
        elif kind == "unit":
            leaves.append(engine.tensor(random.uniform(0.1, 0.9, sizes).astype(dtype)))
        elif kind == "sign":
            leaves.append(engine.torch.from_numpy(random.choice([-1.0, 1.0], sizes).astype(dtype)))
        else:
            leaves.append(engine.tensor(random.normal(size=sizes).astype(dtype)))
    engine.torch.manual_seed(5)
    if source.startswith("nn.LSTMCell") and len(leaves) == 3:
        return module, leaves, module(leaves[0], (leaves[1], leaves[2]))
    return module, leaves, module(*leaves)


def backward(engine: Engine, results: list[Any]) -> None:
    """Walks back from the results with random gradients, the same for both engines."""
    random = np.random.default_rng(3)
    seeds = [engine.torch.from_numpy(np.asarray(random.normal(size=tuple(t.shape)), array(t).dtype)) for t in results]
    wanted = [i for i, t in enumerate(results) if t.requires_grad]
    if wanted:
        engine.torch.autograd.backward([results[i] for i in wanted], [seeds[i] for i in wanted])


@pytest.mark.parametrize("source", dict.fromkeys([source for source, _ in MODULES]))
def test_a_module_prints_and_starts_as_torchs(source: str) -> None:
    mine, theirs = made(MINE, source), made(JUDGE, source)
    assert repr(mine) == repr(theirs)
    have, want = mine.state_dict(), theirs.state_dict()
    assert list(have) == list(want)
    for name, value in want.items():
        if "Embedding" in source:  # large normals agree to seven digits
            np.testing.assert_allclose(array(have[name]), array(value), rtol=1e-5, atol=1e-6)
        else:
            assert np.array_equal(array(have[name]), array(value)), name
            assert array(have[name]).dtype == array(value).dtype, name
    assert [name for name, _ in mine.named_parameters()] == [name for name, _ in theirs.named_parameters()]
    assert gradb.dialect.rand(1).item() == torch.rand(1).item(), "the streams stand at different places"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("evaluating", [False, True], ids=["training", "evaluation"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("source", "inputs"), MODULES)
def test_a_module_computes_and_trains_as_torchs(source: str, inputs: str, dtype: str, evaluating: bool) -> None:
    module, leaves, mine = called(MINE, source, inputs, dtype, evaluating)
    judge, others, theirs = called(JUDGE, source, inputs, dtype, evaluating)
    have, want = tensors(mine), tensors(theirs)
    assert len(have) == len(want)
    for i, (result, other) in enumerate(zip(have, want, strict=True)):
        close(f"result[{i}]", array(result), array(other), 8)
        same_graph(f"result[{i}].grad_fn", result.grad_fn, other.grad_fn)
    backward(MINE, have)
    backward(JUDGE, want)
    for name, parameter in judge.named_parameters():
        ours = dict(module.named_parameters())[name]
        assert (ours.grad is None) == (parameter.grad is None), name
        if parameter.grad is not None:
            close(f"{name}.grad", array(ours.grad), array(parameter.grad), 30)
    for i, (leaf, other) in enumerate(zip(leaves, others, strict=True)):
        if other.grad is not None:
            close(f"input[{i}].grad", array(leaf.grad), array(other.grad), 30)
    for name, buffer in judge.named_buffers():
        close(name, array(dict(module.named_buffers())[name]), array(buffer), 4)


@pytest.mark.parametrize(("source", "inputs"), MISTAKES)
def test_a_mistake_raises_torchs_exception(source: str, inputs: str) -> None:
    found: list[Any] = []
    for engine in (MINE, JUDGE):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                called(engine, source, inputs, "float32", False)
            except Exception as error:
                found.append(type(error))
            else:
                found.append(None)
    assert found[1] is not None
    assert found[0] is found[1]
