"""Optimizer: parameters in groups with their options, the state of each, `zero_grad`, and `step` over all of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from gradb.autograd.mode import enable_grad, mode, no_grad
from gradb.autograd.storage import kept, write
from gradb.autograd.tensor import Tensor
from gradb.nn.module import clear_grad
from gradb.trace.events import Array

Used = tuple[tuple[str, Any], ...]


class Optimizer:
    """What every optimizer does. A subclass has `update`, the rule for one parameter.

    Raises ValueError for no parameters, TypeError for what is not a tensor.
    """

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        self.state: defaultdict[Tensor, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        if isinstance(params, Tensor):
            raise TypeError(
                "an optimizer takes an iterable of tensors or of groups, found one tensor; put it in a list"
            )
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Adds parameters with options of their own."""
        params = param_group["params"]
        group = {**self.defaults, **param_group, "params": [params] if isinstance(params, Tensor) else list(params)}
        known = {id(p) for g in self.param_groups for p in g["params"]}
        for parameter in group["params"]:
            if not isinstance(parameter, Tensor):
                raise TypeError(f"an optimizer can only optimize tensors, found {type(parameter).__name__}")
            if parameter._grad_fn is not None:
                raise ValueError("can't optimize a non-leaf tensor: optimize the leaf that it is computed from")
            if id(parameter) in known:
                raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append(group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clears the gradients of all parameters: to None, or to zeros."""
        for group in self.param_groups:
            for parameter in group["params"]:
                clear_grad(parameter, set_to_none)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Updates every parameter that has a gradient. A closure computes the loss again and is called first."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        with no_grad():
            for group in self.param_groups:
                for parameter in group["params"]:
                    if parameter._grad is not None:
                        self._update(parameter, group)
        return loss

    def _update(self, parameter: Tensor, group: dict[str, Any]) -> None:
        """Writes a parameter's new value and tells the recorder."""
        value, rule, used = self.update(parameter, parameter._grad._array, self.state[parameter], group)  # type: ignore[union-attr]
        recorder = mode.recorder
        before = parameter._array if recorder is None else kept(parameter)
        write(parameter, value)
        if recorder is not None:
            recorder.update(parameter, before, rule, used)

    def update(
        self, parameter: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]
    ) -> tuple[Array, str, Used]:
        """The parameter's new value, the rule that gave it, and what the rule used. Changes `state`."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """State and groups, with parameters as their numbers."""
        number = {id(p): i for i, p in enumerate(p for g in self.param_groups for p in g["params"])}
        return {
            "state": {number[id(p)]: dict(state) for p, state in self.state.items()},
            "param_groups": [
                {**{k: v for k, v in g.items() if k != "params"}, "params": [number[id(p)] for p in g["params"]]}
                for g in self.param_groups
            ],
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes over state and options of an optimizer of the same parameters."""
        parameters = [p for g in self.param_groups for p in g["params"]]
        self.state.clear()
        for number, state in state_dict["state"].items():
            self.state[parameters[number]] = {k: v.clone() if isinstance(v, Tensor) else v for k, v in state.items()}
        for group, saved in zip(self.param_groups, state_dict["param_groups"], strict=True):
            group.update({k: v for k, v in saved.items() if k != "params"})

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for number, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {number}")
            lines.extend(f"    {key}: {group[key]}" for key in sorted(group) if key != "params")
        return "\n".join([*lines, ")"])


def held(array: Array) -> Tensor:
    """An array of the optimizer's state as the tensor that programs see."""
    tensor = Tensor._wrap(array)
    tensor._storage.lent = True
    return tensor
