"""What an optimizer remembers of each parameter: `put` writes it, `packed` and `unpacked` save and restore it."""

from collections import defaultdict
from typing import Any

import numpy as np

from gradb.autograd.storage import write
from gradb.autograd.tensor import Tensor
from gradb.ops.dtypes import get_default_dtype
from gradb.optim.groups import Group
from gradb.trace.events import Array

State = dict[str, Any]


def put(state: State, name: str, array: Array) -> Array:
    """Writes a fresh array into the tensor of that name, or makes the tensor; returns the array.

    The tensor stays the same object, as torch's does. Its array is lent, because events hold it.
    """
    array = np.asarray(array)  # numpy makes numbers of arrays without dims
    tensor = state.get(name)
    if tensor is None:
        tensor = state[name] = Tensor._wrap(array)
    elif tensor._array.shape != array.shape:
        raise RuntimeError(
            f"the optimizer's {name!r} has shape {tensor._array.shape}, its parameter needs {array.shape}"
        )
    else:
        write(tensor, array)
    tensor._storage.lent = True
    return array


def array_of(state: State, name: str) -> Array:
    """The array under a name. TypeError where something else than a tensor was loaded."""
    tensor = state[name]
    if not isinstance(tensor, Tensor):
        raise TypeError(f"the optimizer's {name!r} must be a tensor, found {type(tensor).__name__}")
    return tensor._array


def start_counting(state: State) -> None:
    """Puts the number of updates, which is 0 and a float as in torch."""
    put(state, "step", np.zeros((), _step_dtype()))


def count(state: State) -> int:
    """One update more; returns which one it is, from 1."""
    step = array_of(state, "step")
    put(state, "step", np.asarray(step + 1, step.dtype))
    return int(step) + 1


def _step_dtype() -> Any:
    return np.float64 if get_default_dtype().name == "float64" else np.float32


def packed(groups: list[Group], state: dict[Tensor, State]) -> dict[str, Any]:
    """The groups and the state with parameters as numbers, in torch's layout. The state's tensors are not copied."""
    numbers: dict[int, int] = {}
    for group in groups:
        for parameter in group["params"]:
            numbers.setdefault(id(parameter), len(numbers))
    return {
        "state": {numbers[id(parameter)]: own for parameter, own in state.items() if id(parameter) in numbers},
        "param_groups": [
            {
                **{name: option for name, option in group.items() if name != "params"},
                "params": [numbers[id(parameter)] for parameter in group["params"]],
            }
            for group in groups
        ],
    }


def unpacked(saved: dict[str, Any], groups: list[Group]) -> tuple[list[Group], defaultdict[Tensor, State]]:
    """The groups and the state of an optimizer that has these groups. ValueError where the numbers do not match."""
    loaded: list[Group] = [dict(group) for group in saved["param_groups"]]
    if len(loaded) != len(groups):
        raise ValueError(f"the loaded state has {len(loaded)} parameter groups, this optimizer {len(groups)}")
    parameters: dict[Any, Tensor] = {}
    for number, (group, own) in enumerate(zip(loaded, groups, strict=True)):
        if len(group["params"]) != len(own["params"]):
            raise ValueError(
                f"group {number} of the loaded state has {len(group['params'])} parameters, "
                f"that of this optimizer {len(own['params'])}"
            )
        parameters.update(zip(group["params"], own["params"], strict=True))
        group.update({name: _copied(option) for name, option in group.items()}, params=own["params"])
        if "param_names" in own:
            group.setdefault("param_names", own["param_names"])
    state: defaultdict[Tensor, State] = defaultdict(dict)
    for number, content in saved["state"].items():
        if number in parameters:
            parameter = parameters[number]
            state[parameter] = {name: _fitted(name, value, parameter) for name, value in content.items()}
    return loaded, state


def _copied(option: Any) -> Any:
    if isinstance(option, Tensor):
        return Tensor._wrap(option._array.copy())
    return list(option) if isinstance(option, list) else option


def _fitted(name: str, value: Any, parameter: Tensor) -> Any:
    """A saved value in the parameter's dtype; the count of updates keeps its own."""
    if name == "step":
        return value if isinstance(value, Tensor) else Tensor._wrap(np.asarray(float(value), _step_dtype()))
    if not isinstance(value, Tensor) or value._array.dtype == parameter._array.dtype:
        return value
    return Tensor._wrap(value._array.astype(parameter._array.dtype))
