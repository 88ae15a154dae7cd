"""Running programs written in PyTorch's words: `Program` for an untrusted text, `Script` for the user's own file."""

from gradb.scenario.program.budget import Budget, BudgetExceeded, Cancelled, Refused
from gradb.scenario.program.program import Program
from gradb.scenario.program.script import Script, instrument

__all__ = ["Budget", "BudgetExceeded", "Cancelled", "Program", "Refused", "Script", "instrument"]
