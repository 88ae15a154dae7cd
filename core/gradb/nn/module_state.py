"""The state of a module: training or evaluation, gradients, `state_dict`, and the dtype of what is in it."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Self

from gradb.autograd.mode import no_grad
from gradb.autograd.tensor import Tensor
from gradb.nn.module_parts import Parts


class State(Parts):
    """What switches, saves, loads and converts a module with all modules below it."""

    training: bool

    def train(self, mode: bool = True) -> Self:
        """Switches to training (or evaluation) throughout."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Switches to evaluation throughout."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
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

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Converts parameters and buffers in place; see `Tensor.to`."""
        return self._convert(lambda tensor: tensor.to(*args, **kwargs))

    def double(self) -> Self:
        """Parameters and buffers in float64."""
        return self._convert(lambda tensor: tensor.double())

    def float(self) -> Self:
        """Parameters and buffers in float32."""
        return self._convert(lambda tensor: tensor.float())

    def cpu(self) -> Self:
        """The module itself: everything is on the CPU."""
        return self

    def _convert(self, convert: Callable[[Tensor], Tensor]) -> Self:
        with no_grad():
            for module in self.modules():
                for tensor in (*module._parameters.values(), *module._buffers.values()):
                    if tensor is not None and tensor._array.dtype.kind == "f":
                        converted = convert(tensor)
                        if converted is not tensor:
                            tensor.data = converted
        return self


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
