"""Optimizer: parameters in groups with their options, the state of each, `zero_grad`, and `step` over all of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from gradb.autograd.hooks import RemovableHandle
from gradb.autograd.mode import enable_grad, mode, no_grad
from gradb.autograd.storage import kept, write
from gradb.autograd.tensor import Tensor
from gradb.nn.module_state import clear_grad
from gradb.optim.groups import Group, checked
from gradb.optim.options import check_ways, number
from gradb.optim.state import State, packed, unpacked
from gradb.trace.events import Array

Used = tuple[tuple[str, Any], ...]
Changed = tuple[Array, str, Used]
"""A parameter's new value, the rule that gave it (its lines parted by "; "), and what stands in the rule."""


class Optimizer:
    """What every optimizer does. gradb's own have `_changed`, the rule for one parameter; others may define `step`.

    `params` are tensors, `named_parameters()`, or groups: dicts with "params" and options of their own. Raises
    ValueError for no parameters, TypeError for what is not a tensor.
    """

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        check_ways(defaults.get("foreach"), defaults.get("fused"), defaults.get("differentiable", False))
        self.defaults = defaults
        self.state: defaultdict[Tensor, State] = defaultdict(dict)
        self.param_groups: list[Group] = []
        self._pre_hooks: list[Callable[..., Any]] = []
        self._post_hooks: list[Callable[..., Any]] = []
        self._opt_called: bool | None = None  # whether `step` was called since a scheduler was made; None without one
        cls = type(self)
        if not hasattr(cls.step, "hooked"):
            cls.step = _hooked(cls.step)
        if isinstance(params, Tensor):
            raise TypeError(
                "an optimizer takes an iterable of tensors or of groups, found one tensor; put it in a list"
            )
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: Group) -> None:
        """Adds parameters with options of their own."""
        self.param_groups.append(checked(param_group, self.defaults, self.param_groups))

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clears the gradients of all parameters: to None, or to zeros."""
        for group in self.param_groups:
            for parameter in group["params"]:
                clear_grad(parameter, set_to_none)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Updates every parameter that has a gradient. A closure computes the loss again and is called first."""
        if type(self)._changed is Optimizer._changed:
            raise NotImplementedError(f"{type(self).__name__} does not define step")
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        with no_grad():
            for group in self.param_groups:
                options = {name: number(option) for name, option in group.items() if name != "params"}
                if options.get("capturable"):
                    raise AssertionError("capturable=True is for parameters on a GPU")
                for parameter in group["params"]:
                    grad = parameter._grad
                    if grad is not None:
                        self._update(parameter, grad._array, options)
        return loss

    def _update(self, parameter: Tensor, grad: Array, options: Group) -> None:
        """Writes a parameter's new value and tells the recorder."""
        value, rule, used = self._changed(parameter, grad, options)
        if value.shape != parameter._array.shape:
            raise RuntimeError(
                f"the state of the optimizer does not fit: a parameter of shape {parameter._array.shape} "
                f"would get shape {value.shape}"
            )
        recorder = mode.recorder
        before = parameter._array if recorder is None else kept(parameter)
        aliases = write(parameter, value)
        if recorder is not None:
            recorder.update(parameter, before, rule, used, aliases)

    def _changed(self, parameter: Tensor, grad: Array, options: Group) -> Changed:
        """What a parameter becomes with the options of its group, all numbers. Changes the parameter's state."""
        raise NotImplementedError

    # --- hooks

    def register_step_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Calls `hook(optimizer, args, kwargs)` before each step; it may return other args and kwargs."""
        return RemovableHandle(self._pre_hooks, hook)

    def register_step_post_hook(self, hook: Callable[..., None]) -> RemovableHandle:
        """Calls `hook(optimizer, args, kwargs)` after each step."""
        return RemovableHandle(self._post_hooks, hook)

    # --- saving

    def state_dict(self) -> dict[str, Any]:
        """State and groups, with parameters as their numbers. The tensors are the optimizer's own, not copies."""
        return packed(self.param_groups, self.state)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes over state and options. Raises ValueError where the groups do not match this optimizer's."""
        self.param_groups, self.state = unpacked(state_dict, self.param_groups)

    def __repr__(self) -> str:
        text = f"{type(self).__name__} ("
        for i, group in enumerate(self.param_groups):
            text += f"\nParameter Group {i}\n"
            text += "".join([f"    {key}: {group[key]}\n" for key in sorted(group) if key != "params"])
        return text + ")"


def _itself(args: Any) -> Optimizer:
    """The optimizer, which is the first argument of its step. TypeError where a program put something else there."""
    if not args or not isinstance(args[0], Optimizer):
        raise TypeError("the first argument of an optimizer's step is the optimizer itself")
    return args[0]


def _hooked(step: Callable[..., Any]) -> Any:
    """A class's `step` with the hooks of the object around it."""

    @wraps(step)
    def hooked(*args: Any, **kwargs: Any) -> Any:
        optimizer = _itself(args)
        if optimizer._opt_called is False:
            optimizer._opt_called = True
        for hook in list(optimizer._pre_hooks):
            changed = hook(optimizer, args, kwargs)
            if changed is not None:
                if not isinstance(changed, tuple) or len(changed) != 2:
                    raise RuntimeError(f"a step hook returns None or (args, kwargs), found {type(changed).__name__}")
                args, kwargs = changed
                _itself(args)
        result = step(*args, **kwargs)
        for hook in list(optimizer._post_hooks):
            hook(optimizer, args, kwargs)
        return result

    hooked.hooked = True  # type: ignore[attr-defined]  # functions take attributes
    return hooked
