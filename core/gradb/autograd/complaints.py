"""What the engine says when a program asks for what cannot be: the exceptions and warnings, each of torch's class.

Each function returns the exception, so that the place that finds the mistake also raises it. A tensor is named by its
variable where a recording knows it, and else by its shape.
"""

import warnings
from typing import TYPE_CHECKING, Any

from gradb.autograd.mode import mode
from gradb.trace import places

if TYPE_CHECKING:
    from gradb.autograd.node import Node, Saved
    from gradb.autograd.tensor import Tensor


def called(tensor: Any) -> str:
    """How a message speaks of a tensor: `w`, or `a tensor of shape (2, 3)`."""
    name = mode.recorder.name_of(tensor) if mode.recorder is not None else None
    return name if name is not None else f"a tensor of shape {_shape(tensor._array.shape)}"


def _shape(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))})" if shape else "() (one number)"


def _made_by(tensor: "Tensor") -> str:
    return f" (made by {tensor.grad_fn.name()})" if tensor.grad_fn is not None else ""


# --- requires_grad and .grad


def requires_grad_of_non_leaf(tensor: "Tensor") -> RuntimeError:
    return RuntimeError(
        f"requires_grad of {called(tensor)} cannot be switched: it is not a leaf{_made_by(tensor)}. "
        "Take it out of the graph with .detach(), or compute it inside `with torch.no_grad():`"
    )


def requires_grad_of_integers(tensor: "Tensor") -> RuntimeError:
    return RuntimeError(
        f"{called(tensor)} holds {tensor._array.dtype.name} and cannot require grad: only floating point tensors can. "
        "Convert it first, for example with .float()"
    )


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
            f"the .grad of {called(tensor)} has the tensor's shape {_shape(tensor._array.shape)}, "
            f"found {_shape(gradient._array.shape)}"
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


def hook_result(found: Any) -> TypeError:
    return TypeError(f"a hook returns a tensor or None, found {type(found).__name__}")


def numpy_of_grad(tensor: "Tensor") -> RuntimeError:
    return RuntimeError(
        f"{called(tensor)} requires grad: numpy would change it without the graph's knowing. Use .detach().numpy()"
    )


# --- backward


def no_graph(tensor: "Tensor") -> RuntimeError:
    return RuntimeError(
        f"backward cannot start at {called(tensor)}: it does not require grad and has no grad_fn. "
        "Set requires_grad=True on a tensor that it is computed from, and compute it outside no_grad"
    )


def implicit_seed(tensor: "Tensor") -> RuntimeError:
    return RuntimeError(
        f"backward starts from one number, but {called(tensor)} has {tensor._array.size} elements. "
        "Reduce it first (.sum(), .mean()), or pass a gradient of its shape"
    )


def seed_shape(root: "Tensor", seed: "Tensor") -> RuntimeError:
    return RuntimeError(
        f"the gradient passed for {called(root)} must have its shape {_shape(root._array.shape)}, "
        f"found {_shape(seed._array.shape)}"
    )


def seed_kind(seed: Any) -> TypeError:
    return TypeError(f"a gradient to start from is a tensor or None, found {type(seed).__name__}")


def seed_count(roots: int, seeds: int) -> RuntimeError:
    return RuntimeError(f"{roots} tensors to start from, but {seeds} gradients: there must be one for each")


def no_inputs() -> RuntimeError:
    return RuntimeError("inputs= is empty: leave it out to reach every leaf, or name the tensors to reach")


def input_without_requires_grad(tensor: "Tensor") -> RuntimeError:
    return RuntimeError(f"{called(tensor)} does not require grad, so there is no gradient with respect to it")


def unused_input(tensor: "Tensor") -> RuntimeError:
    return RuntimeError(
        f"the outputs do not depend on {called(tensor)}. Pass allow_unused=True to get None for it instead"
    )


def released(node: "Node") -> RuntimeError:
    ref, trace = _recorded(node)
    by = f", at {places.released_at(trace, ref)}" if ref is not None and places.released_at(trace, ref) else ""
    result = places.result_of(trace, ref) if ref is not None else 0
    of = f" of {trace.name(result)}" if result else ""
    return RuntimeError(
        f"{node.name()}{of} no longer has its saved tensors: an earlier backward released them{by}. "
        "Pass retain_graph=True to that backward, or run the forward pass again before this one"
    )


def changed_in_place(node: "Node", field: str, saved: "Saved") -> RuntimeError:
    ref, trace = _recorded(node)
    which = called(saved.tensor) if saved.tensor is not None else f"its result of shape {_shape(saved.array.shape)}"
    saved_there = changed_there = ""
    if ref is not None:
        if saved.tensor is None:
            changed = places.result_of(trace, ref)
            which = f"its result {trace.name(changed)}"
        else:
            changed = saved.tensor._state.id if saved.tensor._run is mode.recorder.token else 0  # type: ignore[union-attr]
        if places.saved_at(trace, ref):
            saved_there = f" at {places.saved_at(trace, ref)}"
        if places.changed_at(trace, changed):
            changed_there = f" at {places.changed_at(trace, changed)}"
    return RuntimeError(
        f"{node.name()} needs {which}, saved as {field!r}{saved_there} at version {saved.version}, but it was changed "
        f"in place{changed_there} and is at version {saved.storage.version}. "
        "Replace the in-place change by one that makes a new tensor, or change a .clone()"
    )


def _recorded(node: "Node") -> Any:
    """The node's name in the running recording and the trace; None and None where the recording does not know it."""
    recorder = mode.recorder
    if recorder is None or node.run is not recorder.token:
        return None, None
    recorder.learn_names()
    return node.ref, recorder.trace


# --- in-place changes


def in_place_on_leaf(tensor: "Tensor") -> RuntimeError:
    return RuntimeError(
        f"{called(tensor)} is a leaf that requires grad and cannot be changed in place while a graph is built. "
        "Update it inside `with torch.no_grad():`"
    )


def in_place_on_view_of_leaf(tensor: "Tensor", base: "Tensor") -> RuntimeError:
    return RuntimeError(
        f"{called(tensor)} is a view of {called(base)}, a leaf that requires grad, and cannot be changed in place "
        "while a graph is built. Do it inside `with torch.no_grad():`"
    )


def in_place_on_one_of_many(tensor: "Tensor") -> RuntimeError:
    return RuntimeError(
        f"{called(tensor)} is one of several views that one op made and cannot be changed in place: "
        "the others could not follow. Change a .clone() instead"
    )


def in_place_on_no_grad_view(tensor: "Tensor") -> RuntimeError:
    return RuntimeError(
        f"{called(tensor)} is a view made inside no_grad and is changed in place outside it. "
        "Make the view and the change both inside or both outside"
    )


def in_place_shape(tensor: "Tensor", shape: tuple[int, ...]) -> RuntimeError:
    return RuntimeError(
        f"an in-place op cannot change the shape of {called(tensor)} from {_shape(tensor._array.shape)} to "
        f"{_shape(shape)}"
    )


def in_place_dtype(tensor: "Tensor", dtype: Any) -> RuntimeError:
    return RuntimeError(
        f"an in-place op on {called(tensor)} cannot put {dtype.name} into {tensor._array.dtype.name}: "
        "convert the tensor first, for example with .float()"
    )


# --- ops


def shapes_differ(op: str, *shapes: tuple[int, ...]) -> RuntimeError:
    """Operands whose shapes cannot be broadcast, or do not fit each other."""
    return RuntimeError(f"{op}: the shapes {' and '.join(map(_shape, shapes))} do not fit together")


def dtypes_differ(op: str, *dtypes: Any) -> RuntimeError:
    return RuntimeError(
        f"{op} wants one dtype, found {' and '.join(d.name for d in dtypes)}. Convert one of them, "
        "for example with .float()"
    )


def not_a_tensor(op: str, found: Any) -> TypeError:
    return TypeError(f"{op} takes a tensor, found {type(found).__name__}; torch.tensor(...) makes one")


def bad_dim(dim: int, dims: int) -> IndexError:
    low, high = (-dims, dims - 1) if dims else (-1, 0)
    return IndexError(f"dim {dim} is out of range: this tensor has dims from {low} to {high}")


def not_one_number(tensor: "Tensor") -> RuntimeError:
    return RuntimeError(
        f"only a tensor of one element is a number, but {called(tensor)} has {tensor._array.size} elements"
    )


def warn(message: str) -> None:
    """A UserWarning that points at the program's line."""
    warnings.warn(message, UserWarning, stacklevel=4)
