"""A run and its fork side by side: `Pairing(left, right, changed_at, inserted)` tells which event goes with which."""

from msgspec import Struct

from gradb.debug.lockstep import Divergence, difference, first_divergence
from gradb.debug.stopping import Cancelled
from gradb.trace.address import AddressError
from gradb.trace.trace import Trace

Place = tuple[int, str, int]


class Pairing(Struct, frozen=True):
    """The right run is the left one up to the moment `changed_at`; then come `inserted` events, which are its changes.

    Events of the same address go together. In the phase of the changes, positions are counted as if these were not
    there.
    """

    left: Trace
    right: Trace
    changed_at: int
    inserted: int = 0

    def right_of(self, number: int) -> int:
        """The event of the right run that goes with one of the left; where there is none, the last of its phase."""
        if number <= self.changed_at:
            return min(number, len(self.right))
        return _at(self.right, self._moved(_place(self.left, number), self.inserted))

    def left_of(self, number: int) -> int:
        """The event of the left run that goes with one of the right; for a change the event before it."""
        if number <= self.changed_at + self.inserted:
            return min(number, self.changed_at)
        return _at(self.left, self._moved(_place(self.right, number), -self.inserted))

    def _moved(self, place: Place, by: int) -> Place:
        """The place in the other run of one behind the changes."""
        if not self.inserted or self.changed_at >= len(self.right):
            return place
        step, phase, position = place
        changed = _place(self.right, self.changed_at + 1)
        return (step, phase, position + by) if (step, phase) == changed[:2] else place

    def first_divergence(self, cancelled: Cancelled | None = None) -> Divergence | None:
        """The first event of the left run that differs from the one that goes with it, by the rules of `lockstep`.

        The changes themselves are passed over. One before them tells that the program does not do the same each time.
        None where the runs are the same. Raises Interrupted soon after `cancelled()` is true.
        """
        same = min(self.changed_at, len(self.left), len(self.right))
        before = first_divergence(self.left, self.right, cancelled=cancelled, last=same)
        if before is not None:
            return before
        return first_divergence(self.left, self.right, same + 1, cancelled=cancelled, shift=self.inserted)

    def difference(self, number: int) -> Divergence | None:
        """How an event of the left run differs from the one that goes with it; None where it does not."""
        return difference(self.left, self.right, number, other_number=self.right_of(number))


def _place(trace: Trace, number: int) -> Place:
    """Step, phase and position: the parts of an address."""
    return trace.step_of(number), trace.phase_of(number), int(trace.address(number).rpartition("/")[2])


def _at(trace: Trace, place: Place) -> int:
    """The event at a place; the last of its phase or step where there is none, and of the run where that ended."""
    step, phase, position = place
    if step > trace.steps:
        return len(trace)
    try:
        return trace.locate(f"step{step}/{phase}/{position}")
    except AddressError:
        ends = [last for name, _, last in trace.phase_spans(step) if name == phase]
        return ends[-1] if ends else trace.step_span(step)[1]
