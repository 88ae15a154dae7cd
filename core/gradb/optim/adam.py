"""Adam and AdamW: steps scaled by running means of the gradient and of its square."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from gradb.autograd.tensor import Tensor
from gradb.optim.arithmetic import add_product, add_quotient, lerp
from gradb.optim.gradient import prepared
from gradb.optim.groups import Group
from gradb.optim.optimizer import Changed, Optimizer
from gradb.optim.options import not_negative, number
from gradb.optim.state import array_of, count, put, start_counting
from gradb.trace.events import Array


class Adam(Optimizer):
    """w = w - lr · m̂ / (√v̂ + eps), with m and v the running means of grad and grad² (Kingma and Ba 2015)."""

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        not_negative(lr=lr, eps=eps, weight_decay=weight_decay)
        for i, beta in enumerate(betas):
            if not 0 <= number(beta) < 1:
                raise ValueError(f"invalid beta parameter at index {i}: {beta}; it is at least 0 and below 1")
            if not isinstance(beta, type(betas[0])) or not isinstance(beta, float | Tensor):
                raise ValueError(f"both betas must be floats, found {betas}")
        defaults = {
            "lr": lr, "betas": tuple(number(beta) for beta in betas), "eps": eps, "weight_decay": weight_decay,
            "amsgrad": amsgrad, "maximize": maximize, "foreach": foreach, "capturable": capturable,
            "differentiable": differentiable, "fused": fused, "decoupled_weight_decay": decoupled_weight_decay,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _changed(self, parameter: Tensor, grad: Array, options: Group) -> Changed:
        lr, (beta1, beta2), eps = float(options["lr"]), options["betas"], options["eps"]
        decoupled = options["decoupled_weight_decay"]
        grad, term, lines, used = prepared(parameter, grad, options, not decoupled)
        value, weight = parameter._array, "self"
        if options["weight_decay"] and decoupled:
            value = np.asarray(value * (1 - lr * options["weight_decay"]), value.dtype)
            weight = "self · (1 - lr · weight_decay)"
            used.append(("weight_decay", options["weight_decay"]))
            parameter._storage.version += 1  # torch shrinks the weights by a write of its own
        state = self.state[parameter]
        if not state:
            start_counting(state)
            for name in ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")[: 3 if options["amsgrad"] else 2]:
                put(state, name, np.zeros_like(value))
        t = count(state)
        m, v = array_of(state, "exp_avg"), array_of(state, "exp_avg_sq")
        used.extend([("beta1", beta1), ("beta2", beta2), ("previous_m", m), ("previous_v", v)])
        m = put(state, "exp_avg", lerp(m, grad, 1 - beta1))
        v = put(state, "exp_avg_sq", add_product(v * beta2, grad, grad, 1 - beta2))
        lines.append(f"m = beta1 · previous_m + (1 - beta1) · {term}")
        lines.append(f"v = beta2 · previous_v + (1 - beta2) · {term} · {term}")
        used.extend([("m", m), ("v", v)])
        square = "v"
        if options["amsgrad"]:
            before = array_of(state, "max_exp_avg_sq")
            v, square = put(state, "max_exp_avg_sq", np.maximum(before, v)), "largest_v"
            lines.append("largest_v = max(previous_largest_v, v)")
            used.extend([("previous_largest_v", before), ("largest_v", v)])
        rest1, rest2 = 1 - beta1**t, 1 - beta2**t
        new = add_quotient(value, m, np.sqrt(v) / math.sqrt(rest2) + eps, -(lr / rest1))
        lines.append(f"self = {weight} - lr / (1 - beta1^t) · m / (√{square} / √(1 - beta2^t) + eps)")
        return new, "; ".join(lines), (("lr", lr), *used, ("eps", eps), ("t", t))


class AdamW(Adam):
    """Adam whose weight decay shrinks the weights themselves instead of adding to the gradient."""

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, decoupled_weight_decay=True, **options)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes over state and options, also Adam's; the weight decay stays decoupled."""
        super().load_state_dict(state_dict)
        for group in self.param_groups:
            group["decoupled_weight_decay"] = True
