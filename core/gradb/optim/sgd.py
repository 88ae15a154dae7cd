"""SGD: stochastic gradient descent with momentum, Nesterov's momentum and weight decay."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from gradb.autograd.tensor import Tensor
from gradb.optim.optimizer import Optimizer, Used, held
from gradb.trace.events import Array


class SGD(Optimizer):
    """w = w - lr · grad, or with momentum w = w - lr · buf, where buf = momentum · buf + (1 - dampening) · grad."""

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        **ignored: Any,
    ) -> None:
        for name, value in (("learning rate", lr), ("momentum value", momentum), ("weight_decay value", weight_decay)):
            if value < 0:
                raise ValueError(f"invalid {name}: {value}; it cannot be negative")
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        defaults = {
            "lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay, "nesterov": nesterov,
            "maximize": maximize, "foreach": None, "differentiable": False, "fused": None,
        }  # fmt: skip
        super().__init__(params, defaults)

    def update(
        self, parameter: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]
    ) -> tuple[Array, str, Used]:
        lr, momentum, decay = group["lr"], group["momentum"], group["weight_decay"]
        value = parameter._array
        used: list[tuple[str, Any]] = [("lr", float(lr)), ("grad", parameter._grad)]
        term = "grad"
        if group["maximize"]:
            grad, term = -grad, "(-grad)"
        if decay:
            grad = grad + value * decay
            term = f"({term} + weight_decay · self)"
            used.append(("weight_decay", decay))
        if momentum:
            before = state.get("momentum_buffer")
            if before is None:
                buffer = np.array(grad)
            else:
                buffer = before._array * momentum + grad * (1 - group["dampening"])
                used.extend([("momentum", momentum), ("previous_buf", before._array)])
            state["momentum_buffer"] = held(buffer)
            used.append(("buf", buffer))
            if group["nesterov"]:
                grad = grad + buffer * momentum
                term = f"({term} + momentum · buf)"
                if before is None:
                    used.append(("momentum", momentum))
            else:
                grad, term = buffer, "buf"
        return np.asarray(value - grad * lr, value.dtype), f"self = self - lr · {term}", tuple(used)
