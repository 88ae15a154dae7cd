"""SGD: stochastic gradient descent with momentum, Nesterov's momentum and weight decay."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from gradb.autograd.tensor import Tensor
from gradb.optim.arithmetic import add
from gradb.optim.gradient import prepared
from gradb.optim.groups import Group
from gradb.optim.optimizer import Changed, Optimizer
from gradb.optim.options import not_negative
from gradb.optim.state import array_of, put
from gradb.trace.events import Array


class SGD(Optimizer):
    """w = w - lr · grad, or with momentum w = w - lr · buf, where buf = momentum · buf + (1 - dampening) · grad."""

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        not_negative(lr=lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        defaults = {
            "lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay, "nesterov": nesterov,
            "maximize": maximize, "foreach": foreach, "differentiable": differentiable, "fused": fused,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _changed(self, parameter: Tensor, grad: Array, options: Group) -> Changed:
        lr, momentum, dampening = float(options["lr"]), options["momentum"], options["dampening"]
        grad, term, lines, used = prepared(parameter, grad, options)
        if momentum:
            state = self.state[parameter]
            used.append(("momentum", momentum))
            if state.get("momentum_buffer") is None:
                state.pop("momentum_buffer", None)
                buffer = put(state, "momentum_buffer", np.array(grad))
                lines.append(f"buf = {term}")
            else:
                before = array_of(state, "momentum_buffer")
                buffer = put(state, "momentum_buffer", add(before * momentum, grad, 1 - dampening))
                lines.append(f"buf = momentum · previous_buf + {'(1 - dampening) · ' if dampening else ''}{term}")
                used.extend([("dampening", dampening)] if dampening else [])
                used.append(("previous_buf", before))
            used.append(("buf", buffer))
            if options["nesterov"]:
                grad, term = add(grad, buffer, momentum), f"({term} + momentum · buf)"
            else:
                grad, term = buffer, "buf"
        lines.append(f"self = self - lr · {term}")
        return add(parameter._array, grad, -lr), "; ".join(lines), (("lr", lr), *used)
