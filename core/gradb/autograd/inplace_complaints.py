"""What the engine says of in-place changes that a graph forbids: exceptions of torch's class."""

from typing import TYPE_CHECKING, Any

from gradb.autograd.complaints import called, shape_text

if TYPE_CHECKING:
    from gradb.autograd.tensor import Tensor


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
        f"an in-place op cannot change the shape of {called(tensor)} from {shape_text(tensor._array.shape)} to "
        f"{shape_text(shape)}"
    )


def in_place_dtype(tensor: "Tensor", dtype: Any) -> RuntimeError:
    return RuntimeError(
        f"an in-place op on {called(tensor)} cannot put {dtype.name} into {tensor._array.dtype.name}: "
        "convert the tensor first, for example with .float()"
    )


def in_place_on_inference_tensor(tensor: "Tensor") -> RuntimeError:
    return RuntimeError(
        f"{called(tensor)} was made in inference mode and cannot be changed in place outside it. Change a .clone()"
    )


def in_place_on_view_of_function(tensor: "Tensor") -> RuntimeError:
    return RuntimeError(
        f"{called(tensor)} was returned by a Function as a view of its input and cannot be changed in place: that "
        "would go round the Function's backward. Return a .clone() from forward"
    )


def in_place_on_expanded(tensor: "Tensor") -> RuntimeError:
    return RuntimeError(
        f"several elements of {called(tensor)} lie in one place of memory, as after expand, so it cannot be changed in "
        "place. Change a .clone()"
    )
