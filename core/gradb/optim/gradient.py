"""What optimizers do with a gradient before their own rule: `prepared` turns it around and adds the weight decay."""

from typing import Any

import numpy as np

from gradb.autograd.tensor import Tensor
from gradb.optim.arithmetic import add
from gradb.optim.groups import Group
from gradb.trace.events import Array

Prepared = tuple[Array, str, list[str], list[tuple[str, Any]]]


def prepared(parameter: Tensor, grad: Array, options: Group, decay: bool = True) -> Prepared:
    """The gradient to use, its word in formulas, the lines of the rule so far, and what stands in them.

    `maximize` turns it around; then weight_decay · parameter is added, unless `decay` is False.
    """
    used: list[tuple[str, Any]] = [("grad", parameter._grad)]
    term = "grad"
    if options["maximize"]:
        grad, term = np.asarray(-grad), "-grad"
    weight = options["weight_decay"] if decay else 0
    if weight:
        grad = add(grad, parameter._array, weight)
        term += " + weight_decay · self"
        used.append(("weight_decay", weight))
    if term == "grad":
        return grad, term, [], used
    used.append(("g", grad))
    return grad, "g", [f"g = {term}"], used
