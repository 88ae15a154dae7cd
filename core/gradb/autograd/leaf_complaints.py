"""What the engine says of `requires_grad`, `.grad`, `.data` and hooks that cannot be: exceptions of torch's class."""

import warnings
from typing import TYPE_CHECKING, Any

from gradb.autograd.complaints import called, shape_text

if TYPE_CHECKING:
    from gradb.autograd.tensor import Tensor


def _made_by(tensor: "Tensor") -> str:
    return f" (made by {tensor.grad_fn.name()})" if tensor.grad_fn is not None else ""


def requires_grad_of_non_leaf(tensor: "Tensor") -> RuntimeError:
    return RuntimeError(
        f"requires_grad of {called(tensor)} cannot be switched: it is not a leaf{_made_by(tensor)}. "
        "Take it out of the graph with .detach(), or compute it inside `with torch.no_grad():`"
    )


def requires_grad_kind(found: Any) -> RuntimeError:
    return RuntimeError(f"requires_grad is True or False, found {type(found).__name__}")


def requires_grad_of_integers(tensor: "Tensor") -> RuntimeError:
    return RuntimeError(
        f"{called(tensor)} holds {tensor._array.dtype.name} and cannot require grad: only floating point tensors can. "
        "Convert it first, for example with .float()"
    )


def requires_grad_of_inference_tensor(tensor: "Tensor") -> RuntimeError:
    return RuntimeError(
        f"{called(tensor)} was made in inference mode and cannot require grad outside it. Use a .clone() of it"
    )


def version_of_inference_tensor(tensor: "Tensor") -> RuntimeError:
    return RuntimeError(f"{called(tensor)} was made in inference mode, where versions are not counted")


def warn_grad_of_non_leaf(tensor: "Tensor") -> None:
    warnings.warn(
        f"{called(tensor)} is not a leaf{_made_by(tensor)}: backward does not fill its .grad, which is None. "
        "Call .retain_grad() on it before backward to keep its gradient, or look at the leaf that was meant",
        UserWarning,
        stacklevel=3,
    )


def check_assigned_grad(tensor: "Tensor", gradient: Any) -> None:
    """Raises unless `gradient` may become the tensor's `.grad`."""
    from gradb.autograd.tensor import Tensor

    if not isinstance(gradient, Tensor):
        raise TypeError(f".grad takes a tensor or None, found {type(gradient).__name__}")
    if gradient is tensor:
        raise RuntimeError("a tensor cannot be its own .grad")
    if gradient._array.shape != tensor._array.shape:
        raise RuntimeError(
            f"the .grad of {called(tensor)} has the tensor's shape {shape_text(tensor._array.shape)}, "
            f"found {shape_text(gradient._array.shape)}"
        )
    if gradient._array.dtype != tensor._array.dtype:
        raise RuntimeError(
            f"the .grad of {called(tensor)} has the tensor's dtype {tensor._array.dtype.name}, "
            f"found {gradient._array.dtype.name}"
        )


def check_assigned_data(tensor: "Tensor", content: Any) -> None:
    """Raises unless `content` may be assigned to `.data`."""
    from gradb.autograd.tensor import Tensor

    if not isinstance(content, Tensor):
        raise TypeError(f".data takes a tensor, found {type(content).__name__}")


def retain_grad_without_requires_grad(tensor: "Tensor") -> RuntimeError:
    return RuntimeError(
        f"{called(tensor)} does not require grad, so there is no gradient to retain. "
        "Is it computed from a tensor with requires_grad=True, outside no_grad?"
    )


def hook_without_requires_grad(tensor: "Tensor") -> RuntimeError:
    return RuntimeError(f"{called(tensor)} does not require grad, so a hook on it would never be called")


def accumulate_hook_of_non_leaf(tensor: "Tensor") -> RuntimeError:
    return RuntimeError(
        f"{called(tensor)} is not a leaf{_made_by(tensor)}: nothing accumulates into it. Use register_hook"
    )


def hook_result(hook: Any, found: Any) -> TypeError:
    return TypeError(f"{_hook(hook)} must return a tensor or None, found {type(found).__name__}")


def hook_result_count(hook: Any, found: int, wanted: int) -> RuntimeError:
    return RuntimeError(f"{_hook(hook)} must return None or {wanted} gradients, found {found}")


def hook_result_kind(hook: Any, found: "Tensor") -> RuntimeError:
    return RuntimeError(
        f"{_hook(hook)} must return a gradient of the shape and dtype that it got, found "
        f"{shape_text(found._array.shape)} and {found._array.dtype.name}"
    )


def _hook(hook: Any) -> str:
    return f"the hook {getattr(hook, '__name__', type(hook).__name__)!r}"


def numpy_of_grad(tensor: "Tensor") -> RuntimeError:
    return RuntimeError(
        f"{called(tensor)} requires grad: numpy would change it without the graph's knowing. Use .detach().numpy()"
    )
