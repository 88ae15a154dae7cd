"""Parameters as one long vector, and back: `parameters_to_vector(model.parameters())`, `vector_to_parameters(...)`."""

from collections.abc import Iterable
from typing import Any

from gradb.autograd.tensor import Tensor
from gradb.ops.joining import cat


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """All elements of the parameters, one parameter after the other, in one dim."""
    return cat([parameter.view(-1) for parameter in parameters])


def vector_to_parameters(vec: Any, parameters: Iterable[Tensor]) -> None:
    """Lets the parameters look at the parts of a vector, in their order. Raises TypeError for what is no tensor."""
    if not isinstance(vec, Tensor):
        raise TypeError(f"the vector must be a tensor, found {type(vec).__name__}")
    start = 0
    for parameter in parameters:
        end = start + parameter._array.size
        parameter.data = vec[start:end].view_as(parameter).data
        start = end
