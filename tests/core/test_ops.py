"""The dialect's functions where no torch stands beside them, and the rules that every op keeps."""

import gradb.dialect as torch
import gradb.ops
import numpy as np
import pytest
from gradb.autograd.op import Op
from gradb.ops import arithmetic, matrix, pointwise, transposing


def ops() -> list[Op]:
    """Every op of every family."""
    families = [value for value in vars(gradb.ops).values() if getattr(value, "__name__", "").startswith("gradb.ops.")]
    return [value for family in families for value in vars(family).values() if isinstance(value, Op)]


def test_every_gradient_carries_a_formula_for_the_reader() -> None:
    for op in ops():
        for gradient in op.gradients:
            assert gradient is None or gradient.formula, op.info.name


def test_every_op_has_a_name_and_its_parameters() -> None:
    for op in ops():
        assert op.info.name
        assert op.info.inputs == op.parameters


def test_formulas_and_symbols_read_as_in_a_textbook() -> None:
    assert arithmetic.MUL.info.gradients == {"self": "∂L/∂out · other", "other": "∂L/∂out · self"}
    assert matrix.MM.info.symbol == "self @ mat2"
    assert pointwise.EXP.info.gradients["self"] == "∂L/∂out · result"
    assert transposing.T.info.symbol == "selfᵀ"


def test_the_dialect_offers_exactly_what_it_lists() -> None:
    missing = [name for name in torch.__all__ if not hasattr(torch, name)]
    assert missing == []
    assert len(set(torch.__all__)) == len(torch.__all__)


def test_the_dialect_offers_nothing_of_the_engine_or_the_machine() -> None:
    forbidden = ("mode", "engine", "registry", "dispatch", "recorder", "os", "sys", "np", "numpy", "load", "save")
    for module in (torch, torch.nn, torch.nn.functional, torch.nn.init, torch.optim, torch.autograd):
        for name in module.__all__:
            assert not name.startswith("_")
            assert name not in forbidden


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (torch.ones(1), torch.tensor(1.0, dtype=torch.float64), torch.float32),
        (torch.ones(1, dtype=torch.int64), 2.5, torch.float32),
        (torch.ones(1, dtype=torch.int64), torch.tensor(1.0), torch.float32),
        (torch.ones(1, dtype=torch.int64), torch.tensor(1.0, dtype=torch.float64), torch.float64),
        (torch.ones(1, dtype=torch.bool), 2, torch.int64),
        (torch.tensor(1.0), torch.tensor(1.0, dtype=torch.float64), torch.float64),
        (torch.ones(1, dtype=torch.uint8), torch.ones(1, dtype=torch.int8), torch.int16),
    ],
)
def test_dtypes_are_promoted_as_in_torch(left: torch.Tensor, right: object, expected: torch.dtype) -> None:
    assert (left * right).dtype is expected


def test_numbers_that_overflow_or_divide_by_zero_pass_in_silence() -> None:
    assert torch.isinf(torch.tensor([1e38]) * 1e10).all()
    assert torch.isnan(torch.tensor([0.0]) / 0).all()
    assert torch.isinf(torch.tensor([0.0]).log()).all()


def test_what_prints_is_what_torch_prints() -> None:
    w = torch.tensor([3.0, 8.0], requires_grad=True)
    assert repr(w) == "tensor([3., 8.], requires_grad=True)"
    assert repr(w * 1) == "tensor([3., 8.], grad_fn=<MulBackward0>)"
    assert repr(torch.nn.Parameter(torch.ones(1))) == "Parameter containing:\ntensor([1.], requires_grad=True)"
    assert str(torch.ones(2, 3).shape) == "torch.Size([2, 3])"
    assert str(torch.float32) == "torch.float32"
    assert repr(torch.device("cpu")) == "device(type='cpu')"
    assert f"{torch.tensor(3.14159):.2f}" == "3.14"


def test_a_wrong_argument_is_refused_with_what_to_do() -> None:
    with pytest.raises(RuntimeError, match=r"\(2, 3\) and \(2, 3\) do not fit"):
        _ = torch.ones(2, 3) @ torch.ones(2, 3)
    with pytest.raises(RuntimeError, match=r"use \.reshape"):
        torch.ones(2, 3).t().view(6)
    with pytest.raises(IndexError, match="dims from -1 to 0"):
        torch.ones(2).sum(3)
    with pytest.raises(RuntimeError, match="there is no device 'cuda'"):
        torch.ones(2, device="cuda")


def test_sums_of_whole_numbers_are_whole() -> None:
    assert torch.tensor([True, True]).sum().dtype is torch.int64
    assert torch.tensor([1, 2], dtype=torch.int32).sum().item() == 3


def test_an_index_that_comes_twice_gets_both_gradients() -> None:
    w = torch.ones(3, requires_grad=True)
    w[[0, 0, 2]].sum().backward()
    assert w.grad.tolist() == [2.0, 0.0, 1.0]


def test_random_tensors_follow_the_seed() -> None:
    torch.manual_seed(100)
    torch.rand(100, 1)
    np.testing.assert_allclose(torch.randn(1, 1).item(), 0.24365249276161194, rtol=1e-7)
