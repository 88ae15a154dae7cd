"""Parameter groups: `checked(group, defaults, others)` completes a group and refuses what cannot be optimized."""

import warnings
from typing import Any

from gradb.autograd.tensor import Tensor

Group = dict[str, Any]


def checked(group: Any, defaults: dict[str, Any], others: list[Group]) -> Group:
    """The group itself, with its parameters as a list and every option that it lacked from `defaults`.

    Raises TypeError for what is not a group of tensors; ValueError for a non-leaf, for a parameter that another group
    has, and where some parameters have names and some have not.
    """
    if not isinstance(group, dict):
        raise TypeError(f"a parameter group is a dict, found {type(group).__name__}")
    params = group["params"]
    if isinstance(params, set):
        raise TypeError("parameters in a set come in another order in every run; put them in a list")
    _separate_names(group, [params] if isinstance(params, Tensor) else list(params))
    for parameter in group["params"]:
        if not isinstance(parameter, Tensor):
            raise TypeError(f"an optimizer can only optimize tensors, found {type(parameter).__name__}")
        if not (parameter.is_leaf or parameter.retains_grad):
            raise ValueError("can't optimize a non-leaf tensor: optimize the leaf that it is computed from")
    for name, default in defaults.items():
        group.setdefault(name, default)
    own = {id(parameter) for parameter in group["params"]}
    if len(own) < len(group["params"]):
        warnings.warn("a parameter group has the same parameter twice", UserWarning, stacklevel=4)
    for other in others:
        if ("param_names" in other) != ("param_names" in group):
            raise ValueError("either all parameter groups have named parameters or none has")
    if any(id(parameter) in own for other in others for parameter in other["params"]):
        raise ValueError("some parameters appear in more than one parameter group")
    return group


def _separate_names(group: Group, params: list[Any]) -> None:
    """Parameters may come as `named_parameters()` gives them: as pairs of a name and a tensor."""
    names = [param[0] for param in params if isinstance(param, tuple)]
    if names and len(names) < len(params):
        raise ValueError("either all parameters have names or none has; some names are missing")
    group["params"] = [param[1] if isinstance(param, tuple) else param for param in params]
    if names:
        group["param_names"] = names
