"""What capturing a graph complains of: TracerWarning for what it cannot follow, and exceptions of torch's classes."""

import sys
import warnings
from typing import Any

from gradb.autograd.complaints import called
from gradb.trace.frames import outside_frame

LENGTH = "its length"  # what `len` makes of a tensor


class TracerWarning(Warning):
    """The captured graph may not do what the Python code does with other inputs."""


def warn(message: str) -> None:
    """A TracerWarning that points at the line of the program that runs now."""
    outside, frame, depth = outside_frame(), sys._getframe(), 1
    while frame is not None and frame is not outside:
        frame, depth = frame.f_back, depth + 1
    warnings.warn(message, TracerWarning, stacklevel=depth)


def converted(what: str) -> str:
    """A tensor's content left the graph."""
    if what == LENGTH:
        return length_taken()
    return (
        f"Converting a tensor to {what} might cause the trace to be incorrect. The graph does not follow Python "
        "values: this one stays in it as a constant, also for other inputs"
    )


def constant(origin: str) -> str:
    """A tensor was made from Python values."""
    return (
        f"torch.{origin} results are registered as constants in the trace: later calls use the same numbers, also "
        "where they were computed from an input"
    )


def list_returned() -> str:
    return (
        "a list at the output of the tracer might cause the trace to be incorrect: its length is captured. Use a tuple"
    )


def differs(number: int) -> str:
    """The check after a capture found another result."""
    return (
        f"Output nr {number}. of the traced function does not match the corresponding output of the Python function: "
        "it draws random numbers (is a dropout in training mode?), or changes what it is computed from"
    )


def closed_over(tensor: Any) -> RuntimeError:
    """A tensor that requires grad is neither an input nor a parameter."""
    return RuntimeError(
        f"Cannot insert a Tensor that requires grad as a constant: {called(tensor)}. Make it an input of the function, "
        "make it a parameter of a module and trace the module, or detach it"
    )


def not_traceable(found: Any) -> RuntimeError:
    return RuntimeError(
        f"inputs of a traced function are tensors, and tuples, lists and dicts of tensors; found {type(found).__name__}"
    )


def not_returnable(found: Any) -> RuntimeError:
    return RuntimeError(
        "Only tensors, lists, tuples of tensors, or dictionary of tensors can be output from traced functions; "
        f"found {type(found).__name__}"
    )


def nothing_returned() -> RuntimeError:
    return RuntimeError("The traced function didn't return any values! What it does beside is not captured")


def dict_returned() -> RuntimeError:
    return RuntimeError("a traced function returns a dict only with strict=False: its keys are captured")


def missing_input(name: str, declared: str) -> RuntimeError:
    return RuntimeError(f"{declared} is missing value for argument '{name}'")


def too_many_inputs(declared: str, wanted: int, found: int) -> RuntimeError:
    return RuntimeError(f"{declared} expected at most {wanted} argument(s) but received {found} argument(s)")


def unknown_input(name: str, declared: str) -> RuntimeError:
    return RuntimeError(f"{declared} has no argument '{name}'")


def other_structure(name: str, wanted: str, found: Any) -> RuntimeError:
    return RuntimeError(f"argument '{name}' was captured as {wanted}, but this is {type(found).__name__}")


def does_not_fit(what: str) -> RuntimeError:
    """A step of the graph cannot run with the sizes of these inputs."""
    return RuntimeError(
        f"the captured graph cannot run with inputs of these sizes: {what}. What the example's sizes were turned into "
        "outside of tensors is a constant in it"
    )


def length_taken() -> str:
    return (
        "Using len to get tensor shape might cause the trace to be incorrect: it stays as it was. Recommended usage "
        "would be tensor.shape[0]"
    )


def submodule_called() -> RuntimeError:
    return RuntimeError("Trace submodules cannot be called. Call the module that was traced")
