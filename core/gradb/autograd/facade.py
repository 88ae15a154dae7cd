"""What `torch.autograd` means to a program."""

from collections.abc import Sequence
from typing import Any

from gradb.autograd import function as function
from gradb.autograd import functional as functional
from gradb.autograd.anomaly import detect_anomaly as detect_anomaly
from gradb.autograd.anomaly import set_detect_anomaly as set_detect_anomaly
from gradb.autograd.differences import gradcheck as gradcheck
from gradb.autograd.differences import gradgradcheck as gradgradcheck
from gradb.autograd.engine import backward as _backward
from gradb.autograd.engine import grad as grad
from gradb.autograd.function import Function as Function
from gradb.autograd.mode import enable_grad as enable_grad
from gradb.autograd.mode import inference_mode as inference_mode
from gradb.autograd.mode import no_grad as no_grad
from gradb.autograd.mode import set_grad_enabled as set_grad_enabled
from gradb.autograd.tensor import Tensor

__all__ = [
    "Function",
    "Variable",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "function",
    "functional",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "inference_mode",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
]


def backward(
    tensors: Tensor | Sequence[Tensor],
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Sums the gradients of tensors into the `.grad` of the leaves; see `Tensor.backward`."""
    roots = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    given = [grad_tensors] if isinstance(grad_tensors, Tensor) else grad_tensors
    _backward(roots, given, retain_graph, create_graph, inputs)


def Variable(data: Tensor, requires_grad: bool = False) -> Tensor:
    """The tensor itself, as before tensors and variables became one."""
    return data.detach().requires_grad_(requires_grad)
