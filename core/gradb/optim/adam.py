"""Adam and AdamW: steps scaled by running means of the gradient and of its square."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from gradb.autograd.tensor import Tensor
from gradb.optim.optimizer import Optimizer, Used, held
from gradb.trace.events import Array


class Adam(Optimizer):
    """w = w - lr · m̂ / (√v̂ + eps), with m and v the running means of grad and grad² (Kingma and Ba 2015)."""

    decoupled = False

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        **ignored: Any,
    ) -> None:
        for name, value in (("learning rate", lr), ("epsilon value", eps), ("weight_decay value", weight_decay)):
            if value < 0:
                raise ValueError(f"invalid {name}: {value}; it cannot be negative")
        for i, beta in enumerate(betas):
            if not 0 <= beta < 1:
                raise ValueError(f"invalid beta parameter at index {i}: {beta}; it is at least 0 and below 1")
        defaults = {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "amsgrad": amsgrad,
            "maximize": maximize, "foreach": None, "capturable": False, "differentiable": False, "fused": None,
            "decoupled_weight_decay": self.decoupled,
        }  # fmt: skip
        super().__init__(params, defaults)

    def update(
        self, parameter: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]
    ) -> tuple[Array, str, Used]:
        lr, (beta1, beta2), eps, decay = group["lr"], group["betas"], group["eps"], group["weight_decay"]
        value = parameter._array
        if not state:
            state.update(step=0, exp_avg=np.zeros_like(value), exp_avg_sq=np.zeros_like(value))
            if group["amsgrad"]:
                state["max_exp_avg_sq"] = np.zeros_like(value)
        if group["maximize"]:
            grad = -grad
        weight = "self"
        if decay and group["decoupled_weight_decay"]:
            value = value * (1 - lr * decay)
            weight = "self · (1 - lr · weight_decay)"
            parameter._storage.version += 1  # torch shrinks the weights by a write of its own
        elif decay:
            grad = grad + value * decay
        t = _number(state["step"]) + 1
        mean, square = _array(state["exp_avg"]), _array(state["exp_avg_sq"])
        mean = mean + (grad - mean) * (1 - beta1)
        square = square * beta2 + grad * grad * (1 - beta2)
        state.update(step=held(np.asarray(t, np.float32)), exp_avg=held(mean), exp_avg_sq=held(square))
        largest = square
        if group["amsgrad"]:
            largest = np.maximum(_array(state["max_exp_avg_sq"]), square)
            state["max_exp_avg_sq"] = held(largest)
        scale1, scale2 = 1 - beta1**t, 1 - beta2**t
        denominator = np.sqrt(largest) / math.sqrt(scale2) + eps
        new = value - (lr / scale1) * (mean / denominator)
        used: list[tuple[str, Any]] = [
            ("lr", float(lr)), ("grad", parameter._grad), ("m", mean), ("v", largest), ("beta1", beta1), ("beta2", beta2),
            ("eps", eps), ("t", int(t)),
        ]  # fmt: skip
        if decay:
            used.append(("weight_decay", decay))
        rule = f"self = {weight} - lr / (1 - beta1^t) · m / (√v / √(1 - beta2^t) + eps)"
        return np.asarray(new, value.dtype), rule, tuple(used)


class AdamW(Adam):
    """Adam whose weight decay shrinks the weights themselves instead of adding to the gradient."""

    decoupled = True

    def __init__(
        self, params: Iterable[Any], lr: float = 1e-3, *args: Any, weight_decay: float = 1e-2, **named: Any
    ) -> None:
        super().__init__(params, lr, *args, weight_decay=weight_decay, **named)


def _array(value: Any) -> Array:
    return value._array if isinstance(value, Tensor) else value


def _number(value: Any) -> float:
    return float(value.item()) if isinstance(value, Tensor) else float(value)
