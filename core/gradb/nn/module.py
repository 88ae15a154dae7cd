"""Module: a function with parameters. Subclass it, make parameters and modules in `__init__`, compute in `forward`."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

from gradb.autograd.hooks import RemovableHandle
from gradb.autograd.mode import no_grad
from gradb.autograd.tensor import Parameter, Tensor


class Module:
    """Collects the parameters, buffers and modules that are assigned to it, as PyTorch's does."""

    training: bool
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, "Module | None"]

    def __init__(self) -> None:
        for name, value in (
            ("training", True),
            ("_parameters", {}),
            ("_buffers", {}),
            ("_modules", {}),
            ("_forward_hooks", []),
            ("_forward_pre_hooks", []),
        ):
            object.__setattr__(self, name, value)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes; a subclass defines it."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        for hook in list(self._forward_pre_hooks):
            changed = hook(self, args)
            if changed is not None:
                args = changed if isinstance(changed, tuple) else (changed,)
        result = self.forward(*args, **kwargs)
        for hook in list(self._forward_hooks):
            changed = hook(self, args, result)
            if changed is not None:
                result = changed
        return result

    # --- what belongs to it

    def __setattr__(self, name: str, value: Any) -> None:
        own = self.__dict__
        if isinstance(value, Parameter):
            if "_parameters" not in own:
                raise AttributeError(
                    "cannot assign parameters before Module.__init__() call; call super().__init__() first"
                )
            self._forget(name)
            self._parameters[name] = value
        elif isinstance(value, Module):
            if "_modules" not in own:
                raise AttributeError(
                    "cannot assign module before Module.__init__() call; call super().__init__() first"
                )
            self._forget(name)
            self._modules[name] = value
        elif "_parameters" in own and name in self._parameters:
            if value is not None:
                raise TypeError(
                    f"{name!r} is a parameter: assign a torch.nn.Parameter or None, found {type(value).__name__}"
                )
            self._parameters[name] = None
        elif "_modules" in own and name in self._modules:
            if value is not None:
                raise TypeError(f"{name!r} is a module: assign a module or None, found {type(value).__name__}")
            self._modules[name] = None
        elif "_buffers" in own and name in self._buffers:
            if value is not None and not isinstance(value, Tensor):
                raise TypeError(f"{name!r} is a buffer: assign a tensor or None, found {type(value).__name__}")
            self._buffers[name] = value
        else:
            object.__setattr__(self, name, value)

    def _forget(self, name: str) -> None:
        for where in (self.__dict__, self._parameters, self._buffers, self._modules):
            where.pop(name, None)

    def __getattr__(self, name: str) -> Any:
        for kind in ("_parameters", "_buffers", "_modules"):
            found = self.__dict__.get(kind)
            if found is not None and name in found:
                return found[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __delattr__(self, name: str) -> None:
        for where in (self._parameters, self._buffers, self._modules):
            if name in where:
                del where[name]
                return
        object.__delattr__(self, name)

    def register_parameter(self, name: str, param: Any) -> None:
        """Adds a parameter under a name; None keeps the place."""
        self._check_name("parameter", name, self._parameters)
        if param is not None and not isinstance(param, Parameter):
            found = type(param).__name__
            raise TypeError(
                f"cannot assign '{found}' object to parameter '{name}' (torch.nn.Parameter or None required)"
            )
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
        """Adds a tensor that is part of the state but not trained."""
        self._check_name("buffer", name, self._buffers)
        if tensor is not None and not isinstance(tensor, Tensor):
            found = type(tensor).__name__
            raise TypeError(f"cannot assign '{found}' object to buffer '{name}' (torch Tensor or None required)")
        self._buffers[name] = tensor

    def register_module(self, name: str, module: "Module | None") -> None:
        """Adds a module under a name."""
        self.add_module(name, module)

    def add_module(self, name: str, module: Any) -> None:
        """Adds a module under a name."""
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{type(module).__name__} is not a Module subclass")
        self._check_name("module", name, self._modules)
        self._modules[name] = module

    def _check_name(self, kind: str, name: Any, own: dict[str, Any]) -> None:
        """Raises TypeError or KeyError for a name that would hide something of the module, as torch does."""
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {type(name).__name__}")
        if "." in name:
            raise KeyError(f'{kind} name can\'t contain "."' + (f", got: {name}" if kind == "module" else ""))
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')
        if name not in own and hasattr(self, name):
            raise KeyError(f"attribute '{name}' already exists")

    # --- walking through it

    def named_modules(self, memo: set[int] | None = None, prefix: str = "") -> Iterator[tuple[str, "Module"]]:
        """This module and all below it with their paths, each once."""
        seen: set[int] = set() if memo is None else memo
        if id(self) in seen:
            return
        seen.add(id(self))
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(seen, f"{prefix}.{name}" if prefix else name)

    def modules(self) -> Iterator["Module"]:
        """This module and all below it, each once."""
        for _, module in self.named_modules():
            yield module

    def named_children(self) -> Iterator[tuple[str, "Module"]]:
        """The modules directly below with their names, each once."""
        seen: set[int] = set()
        for name, module in self._modules.items():
            if module is not None and id(module) not in seen:
                seen.add(id(module))
                yield name, module

    def children(self) -> Iterator["Module"]:
        """The modules directly below, each once."""
        for _, module in self.named_children():
            yield module

    def _named(self, kind: str, prefix: str, recurse: bool) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        for path, module in self.named_modules(prefix=prefix) if recurse else [(prefix, self)]:
            for name, value in module.__dict__[kind].items():
                if value is not None and id(value) not in seen:
                    seen.add(id(value))
                    yield f"{path}.{name}" if path else name, value

    def named_parameters(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Parameter]]:
        """The parameters with their paths, such as `0.weight`, each once."""
        return self._named("_parameters", prefix, recurse)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters, each once."""
        for _, parameter in self.named_parameters(recurse=recurse):
            yield parameter

    def named_buffers(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Tensor]]:
        """The buffers with their paths, each once."""
        return self._named("_buffers", prefix, recurse)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """The buffers, each once."""
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    def apply(self, fn: Callable[["Module"], Any]) -> "Module":
        """Calls `fn` with every module below and then this one."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    # --- switching and state

    def train(self, mode: bool = True) -> "Module":
        """Switches to training (or evaluation) throughout."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> "Module":
        """Switches to evaluation throughout."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> "Module":
        """Switches requires_grad of every parameter."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clears the gradients of every parameter: to None, or to zeros."""
        for parameter in self.parameters():
            clear_grad(parameter, set_to_none)

    def state_dict(self) -> "OrderedDict[str, Tensor]":
        """Parameters and buffers by their paths; they share memory with the module."""
        state: OrderedDict[str, Tensor] = OrderedDict()
        for path, module in self.named_modules():
            for kind in (module._parameters, module._buffers):
                for name, value in kind.items():
                    if value is not None:
                        state[f"{path}.{name}" if path else name] = value.detach()
        return state

    def load_state_dict(self, state_dict: "dict[str, Tensor]", strict: bool = True) -> Any:
        """Copies a state into the parameters and buffers. Raises RuntimeError where names or shapes do not match."""
        own = {**dict(self.named_parameters()), **dict(self.named_buffers())}
        missing = [name for name in own if name not in state_dict]
        unexpected = [name for name in state_dict if name not in own]
        wrong = [
            f"{name} has shape {tuple(own[name]._array.shape)}, the state {tuple(value._array.shape)}"
            for name, value in state_dict.items()
            if name in own and own[name]._array.shape != value._array.shape
        ]
        problems = wrong + (
            [f"missing: {missing}", f"unexpected: {unexpected}"] if strict and (missing or unexpected) else []
        )
        if problems:
            raise RuntimeError(f"the state does not fit {type(self).__name__}: {'; '.join(problems)}")
        with no_grad():
            for name, value in state_dict.items():
                if name in own:
                    own[name].copy_(value)
        return "<All keys matched successfully>" if not missing and not unexpected else (missing, unexpected)

    def to(self, *args: Any, **kwargs: Any) -> "Module":
        """Converts parameters and buffers in place; see `Tensor.to`."""
        return self._convert(lambda tensor: tensor.to(*args, **kwargs))

    def double(self) -> "Module":
        """Parameters and buffers in float64."""
        return self._convert(lambda tensor: tensor.double())

    def float(self) -> "Module":
        """Parameters and buffers in float32."""
        return self._convert(lambda tensor: tensor.float())

    def cpu(self) -> "Module":
        """The module itself: everything is on the CPU."""
        return self

    def _convert(self, convert: Callable[[Tensor], Tensor]) -> "Module":
        with no_grad():
            for module in self.modules():
                for tensor in (*module._parameters.values(), *module._buffers.values()):
                    if tensor is not None and tensor._array.dtype.kind == "f":
                        converted = convert(tensor)
                        if converted is not tensor:
                            tensor.data = converted
        return self

    def register_forward_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Calls `hook(module, args, output)` after forward; what it returns replaces the output."""
        return RemovableHandle(self._forward_hooks, hook)

    def register_forward_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Calls `hook(module, args)` before forward; what it returns replaces the arguments."""
        return RemovableHandle(self._forward_pre_hooks, hook)

    # --- its text

    def extra_repr(self) -> str:
        """What stands between the brackets of the module's text."""
        return ""

    def _get_name(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        extra = self.extra_repr().split("\n") if self.extra_repr() else []
        children = [f"({name}): {_indented(repr(module))}" for name, module in self._modules.items()]
        lines = extra + children
        if not lines:
            return f"{self._get_name()}()"
        if not children and len(extra) == 1:
            return f"{self._get_name()}({extra[0]})"
        return f"{self._get_name()}(\n  " + "\n  ".join(lines) + "\n)"


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")


def clear_grad(parameter: Tensor, set_to_none: bool) -> None:
    """Sets `.grad` to None, or writes zeros into it."""
    grad = parameter._grad
    if grad is None:
        return
    if set_to_none:
        parameter.grad = None
        return
    if grad._grad_fn is not None:
        grad.detach_()
    else:
        grad.requires_grad_(False)
    grad.zero_()
