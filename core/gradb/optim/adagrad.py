"""Adagrad: steps divided by the root of the sum of all squared gradients so far."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from gradb.autograd.tensor import Tensor
from gradb.optim.arithmetic import add_product, add_quotient
from gradb.optim.gradient import prepared
from gradb.optim.groups import Group
from gradb.optim.optimizer import Changed, Optimizer
from gradb.optim.options import not_negative
from gradb.optim.state import State, array_of, count, put, start_counting
from gradb.trace.events import Array


class Adagrad(Optimizer):
    """w = w - lr / (1 + (t - 1) · lr_decay) · grad / (√s + eps), with s = s + grad² (Duchi, Hazan and Singer 2011)."""

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        not_negative(lr=lr, lr_decay=lr_decay, weight_decay=weight_decay, eps=eps)
        not_negative(initial_accumulator_value=initial_accumulator_value)
        defaults = {
            "lr": lr, "lr_decay": lr_decay, "eps": eps, "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value, "foreach": foreach, "maximize": maximize,
            "differentiable": differentiable, "fused": fused,
        }  # fmt: skip
        super().__init__(params, defaults)
        for group in self.param_groups:
            for parameter in group["params"]:
                self._begin(self.state[parameter], parameter, group["initial_accumulator_value"])

    @staticmethod
    def _begin(state: State, parameter: Tensor, first: float) -> None:
        start_counting(state)
        put(state, "sum", np.full_like(parameter._array, first))

    def _changed(self, parameter: Tensor, grad: Array, options: Group) -> Changed:
        lr, lr_decay, eps = float(options["lr"]), options["lr_decay"], options["eps"]
        grad, term, lines, used = prepared(parameter, grad, options)
        state = self.state[parameter]
        if not state:
            self._begin(state, parameter, self.defaults["initial_accumulator_value"])
        t = count(state)
        before = array_of(state, "sum")
        total = put(state, "sum", add_product(before, grad, grad, 1))
        lines.append(f"s = previous_s + {term} · {term}")
        used.extend([("previous_s", before), ("s", total), ("eps", eps)])
        rate = "lr"
        if lr_decay:
            rate = "lr / (1 + (t - 1) · lr_decay)"
            used.extend([("lr_decay", lr_decay), ("t", t)])
        lines.append(f"self = self - {rate} · {term} / (√s + eps)")
        new = add_quotient(parameter._array, grad, np.sqrt(total) + eps, -(lr / (1 + (t - 1) * lr_decay)))
        return new, "; ".join(lines), (("lr", lr), *used)
