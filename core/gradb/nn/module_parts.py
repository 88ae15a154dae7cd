"""What belongs to a module: `Parts` collects the parameters, buffers and modules assigned to it, and walks them."""

from collections.abc import Callable, Iterator
from typing import Any, Self

from gradb.autograd.tensor import Parameter, Tensor


class Parts:
    """The base of every Module: assigning a parameter, a buffer's tensor or a module to an attribute registers it."""

    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Any]

    def __setattr__(self, name: str, value: Any) -> None:
        own = self.__dict__
        if isinstance(value, Parameter):
            if "_parameters" not in own:
                raise AttributeError(
                    "cannot assign parameters before Module.__init__() call; call super().__init__() first"
                )
            self._forget(name)
            self._parameters[name] = value
        elif isinstance(value, Parts):
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

    def register_module(self, name: str, module: "Parts | None") -> None:
        """Adds a module under a name."""
        self.add_module(name, module)

    def add_module(self, name: str, module: Any) -> None:
        """Adds a module under a name."""
        if module is not None and not isinstance(module, Parts):
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

    def named_modules(self, memo: set[int] | None = None, prefix: str = "") -> Iterator[tuple[str, Self]]:
        """This module and all below it with their paths, each once."""
        seen: set[int] = set() if memo is None else memo
        if id(self) in seen:
            return
        seen.add(id(self))
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(seen, f"{prefix}.{name}" if prefix else name)

    def modules(self) -> Iterator[Self]:
        """This module and all below it, each once."""
        for _, module in self.named_modules():
            yield module

    def named_children(self) -> Iterator[tuple[str, Self]]:
        """The modules directly below with their names, each once."""
        seen: set[int] = set()
        for name, module in self._modules.items():
            if module is not None and id(module) not in seen:
                seen.add(id(module))
                yield name, module

    def children(self) -> Iterator[Self]:
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

    def apply(self, fn: Callable[[Any], Any]) -> Self:
        """Calls `fn` with every module below and then this one."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self
