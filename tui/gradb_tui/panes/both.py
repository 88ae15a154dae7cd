"""Two runs of one program, as the panes see them: `Both` tells A, as it was, from B, in which something was changed."""

from dataclasses import dataclass

from gradb.debug.lockstep import Divergence
from gradb.debug.pairing import Pairing
from gradb.trace.trace import Trace


@dataclass(frozen=True, slots=True)
class Both:
    """`changes` say what was changed in B, such as `lr: 0.1 → 0.05`; `divergence` is the first event that differs."""

    pairing: Pairing
    changes: tuple[str, ...]
    divergence: Divergence | None = None

    def letter(self, trace: Trace) -> str:
        """What a run is called: A or B."""
        return "A" if trace is self.pairing.left else "B"

    def trace(self, letter: str) -> Trace:
        """The run of that letter."""
        return self.pairing.left if letter == "A" else self.pairing.right

    def other(self, trace: Trace) -> Trace:
        """The run that the given one is not."""
        return self.pairing.right if trace is self.pairing.left else self.pairing.left

    def paired(self, trace: Trace, at: int) -> int:
        """The event of the other run that goes with one of this."""
        if not at:
            return 0
        return self.pairing.right_of(at) if trace is self.pairing.left else self.pairing.left_of(at)

    def moments(self, trace: Trace, at: int) -> tuple[int, int]:
        """The events of A and of B that go together, where one of them is given."""
        other = self.paired(trace, at)
        return (at, other) if trace is self.pairing.left else (other, at)

    def first(self, trace: Trace) -> int | None:
        """The number of the first event that differs, in one of the runs; its last where that has ended by then."""
        if self.divergence is None:
            return None
        at = min(self.divergence.event, len(self.pairing.left))
        return at if trace is self.pairing.left else self.pairing.right_of(at)
