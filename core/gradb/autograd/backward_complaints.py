"""What the engine says when a backward cannot start or go on: exceptions of torch's class, with places."""

from typing import TYPE_CHECKING, Any

from gradb.autograd.complaints import called, shape_text
from gradb.autograd.mode import mode
from gradb.trace import places

if TYPE_CHECKING:
    from gradb.autograd.node import Node, Saved
    from gradb.autograd.tensor import Tensor


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
        f"the gradient passed for {called(root)} must have its shape {shape_text(root._array.shape)}, "
        f"found {shape_text(seed._array.shape)}"
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


def saving_inference_tensor(tensor: "Tensor", op: str) -> RuntimeError:
    return RuntimeError(
        f"{op} would save {called(tensor)} for backward, but it was made in inference mode, where its changes are not "
        "counted. Use a .clone() of it, or make it under no_grad"
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
    which = called(saved.tensor) if saved.tensor is not None else f"its result of shape {shape_text(saved.array.shape)}"
    saved_there = changed_there = ""
    if ref is not None:
        if saved.tensor is None:
            changed = places.result_of(trace, ref)
            which = f"its result {trace.name(changed)}"
        else:
            changed = saved.tensor._state.id if saved.tensor._run is node.run else 0
        if places.saved_at(trace, ref):
            saved_there = f" at {places.saved_at(trace, ref)}"
        if places.changed_at(trace, changed):
            changed_there = f" at {places.changed_at(trace, changed)}"
    return RuntimeError(
        f"{node.name()} needs {which}, saved as {field!r}{saved_there} at version {saved.version}, but it was changed "
        f"in place{changed_there} and is at version {saved.storage.version}. "
        "Replace the in-place change by one that makes a new tensor, or change a .clone()"
    )


def nan_from(node: "Node", position: int) -> RuntimeError:
    ref, trace = _recorded(node)
    of = there = ""
    if ref is not None and ref.forward:
        of = f", the backward of the op that made {trace.name(places.result_of(trace, ref))},"
        there = f" Its forward ran at {places.saved_at(trace, ref)}."
    return RuntimeError(
        f"{node.name()}{of} sends NaN on in gradient {position}.{there} "
        "Look at the values that went into it: 0/0, log or sqrt of something negative, infinity times 0"
    )


def _recorded(node: "Node") -> Any:
    """The node's name in the running recording and the trace; None and None where the recording does not know it."""
    recorder = mode.recorder or mode.knows_names
    if recorder is None or node.run is not recorder.token:
        return None, None
    recorder.learn_names()
    return node.ref, recorder.trace
