"""Every op of the engine, recorded, taken apart and checked against finite differences."""

import warnings
from typing import Any

import gradb as torch
import gradb.nn.functional as F
import pytest
from engine_expressions import TABLE, Leaves
from gradb.debug.why import answer, asked_at
from gradb.scenario.gradcheck import check_leaf, check_node
from gradb.trace.events import Accumulate, Visit
from gradb.trace.trace import Trace


def recorded(name: str) -> Trace:
    """The backward of a weighted sum of what an expression gives, in float64."""
    torch.manual_seed(5)
    with torch.record() as trace, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: Any = TABLE[name](torch, F, Leaves(torch, "float64"))
        outputs = [out for out in (found if isinstance(found, tuple | list) else (found,)) if _takes_gradient(out)]
        if outputs:
            total: Any = sum((out * torch.rand(out.shape, dtype=torch.float64)).sum() for out in outputs)
            total.backward()
    return trace


def _takes_gradient(out: Any) -> bool:
    return isinstance(out, torch.Tensor) and out.requires_grad


@pytest.mark.parametrize("name", TABLE)
def test_no_gradient_differs_from_finite_differences_and_each_is_explained(name: str) -> None:
    trace = recorded(name)
    for number, event in enumerate(trace.events, 1):
        question = asked_at(trace, number) if isinstance(event, Visit | Accumulate) else None
        if question is not None:
            assert "hook" not in [term.role for term in answer(trace, question).terms]
        if isinstance(event, Accumulate):
            assert check_leaf(trace, event.tensor.id, number).verdict != "differs"
        elif isinstance(event, Visit) and not event.node.tensor:
            for check in check_node(trace, number):
                assert check.verdict != "differs", str(check)
