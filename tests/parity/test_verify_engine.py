"""The engine's small programs, compared event by event on real PyTorch: the same events, not only the same results."""

import pytest
from gradb.scenario.scenario import Scenario
from gradb.verify.report import report
from gradb.verify.verification import Verification, verify

pytest.importorskip("torch")

from engine_programs import PROGRAMS

BEFORE = """import torch as T
from torch import nn, optim
import torch.nn.functional as F
out = []
"""
# Which nodes have something to release, and where a walk that cannot begin is refused, is not torch's in these.
APART = ("sum of a view made under no_grad", "backward from a view made under no_grad")


def found_of(name: str) -> Verification:
    program = f"{BEFORE}{PROGRAMS[name]}\nprint(len(out), out)\n"
    return verify(Scenario(title=name, program=program, filename=f"{name}.py", trusted=True))


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name not in APART])
def test_a_program_gives_torchs_events(name: str) -> None:
    found = found_of(name)
    assert found.comparison.divergence is None, "\n".join(report(name, found))


@pytest.mark.parametrize("name", APART)
def test_a_known_difference_is_found(name: str) -> None:
    assert found_of(name).comparison.divergence is not None
