"""RMSprop: steps divided by the root of a running mean of the squared gradient."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from gradb.autograd.tensor import Tensor
from gradb.optim.arithmetic import add, add_product, add_quotient, lerp
from gradb.optim.gradient import prepared
from gradb.optim.groups import Group
from gradb.optim.optimizer import Changed, Optimizer
from gradb.optim.options import not_negative
from gradb.optim.state import array_of, count, put, start_counting
from gradb.trace.events import Array


class RMSprop(Optimizer):
    """w = w - lr · grad / (√v + eps), with v = alpha · v + (1 - alpha) · grad² (Tieleman and Hinton 2012).

    `centered` divides by the root of the variance, v - average², instead; `momentum` gathers what is subtracted.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        not_negative(lr=lr, eps=eps, momentum=momentum, weight_decay=weight_decay, alpha=alpha)
        defaults = {
            "lr": lr, "momentum": momentum, "alpha": alpha, "eps": eps, "centered": centered,
            "weight_decay": weight_decay, "capturable": capturable, "foreach": foreach, "maximize": maximize,
            "differentiable": differentiable,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _changed(self, parameter: Tensor, grad: Array, options: Group) -> Changed:
        lr, alpha, eps, momentum = float(options["lr"]), options["alpha"], options["eps"], options["momentum"]
        grad, term, lines, used = prepared(parameter, grad, options)
        state = self.state[parameter]
        if not state:
            start_counting(state)
            put(state, "square_avg", np.zeros_like(parameter._array))
            if momentum > 0:
                put(state, "momentum_buffer", np.zeros_like(parameter._array))
            if options["centered"]:
                put(state, "grad_avg", np.zeros_like(parameter._array))
        count(state)
        before = array_of(state, "square_avg")
        v = put(state, "square_avg", add_product(before * alpha, grad, grad, 1 - alpha))
        lines.append(f"v = alpha · previous_v + (1 - alpha) · {term} · {term}")
        used.extend([("alpha", alpha), ("previous_v", before), ("v", v), ("eps", eps)])
        variance, under = v, "√v"
        if options["centered"]:
            before = array_of(state, "grad_avg")
            average = put(state, "grad_avg", lerp(before, grad, 1 - alpha))
            variance, under = add_product(v, average, average, -1), "√(v - average · average)"
            lines.append(f"average = alpha · previous_average + (1 - alpha) · {term}")
            used.extend([("previous_average", before), ("average", average)])
        divisor = np.sqrt(variance) + eps
        if momentum > 0:
            before = array_of(state, "momentum_buffer")
            buffer = put(state, "momentum_buffer", add_quotient(before * momentum, grad, divisor, 1))
            lines.append(f"buf = momentum · previous_buf + {term} / ({under} + eps)")
            used.extend([("momentum", momentum), ("previous_buf", before), ("buf", buffer)])
            lines.append("self = self - lr · buf")
            new = add(parameter._array, buffer, -lr)
        else:
            lines.append(f"self = self - lr · {term} / ({under} + eps)")
            new = add_quotient(parameter._array, grad, divisor, -lr)
        return new, "; ".join(lines), (("lr", lr), *used)
