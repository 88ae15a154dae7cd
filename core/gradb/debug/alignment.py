"""Which event of one run goes with which of another: `Alignment(left, right).pairs()`.

Steps go together by number, and in a step the phases by their order; from the last step that both runs have on, all
that is left. In a phase events go together that are of one kind, node or op, tensor and line, with as few left over as
possible; then, between those, events of one kind and op. So an event that only one run has shifts nothing. Lines are
compared after the programs' texts: an inserted line shifts no event either.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from gradb.debug.edits import common
from gradb.trace.events import (
    Accumulate,
    Clipped,
    FanIn,
    Forward,
    Plotted,
    RequiresGrad,
    Scheduled,
    TensorCreated,
    Update,
    Visit,
    ZeroGrad,
)
from gradb.trace.formulas import node_label
from gradb.trace.trace import Trace

Keep = Callable[[int], bool]

UNNAMED = "(no name)"

_NUMBER = re.compile(r"#\d+")
_NUMBERED = re.compile(r"\w+#\d+")


class Pair(NamedTuple):
    """Two events that go together, by number; 0 where there is none on that side."""

    left: int
    right: int


class Alignment:
    """Two runs. `keep_left` and `keep_right` say which events are looked at; by default all are."""

    def __init__(
        self, left: Trace, right: Trace, keep_left: Keep | None = None, keep_right: Keep | None = None
    ) -> None:
        self.left = left
        self.right = right
        self.same_program = left.source == right.source
        self.same_engine = engine(left) == engine(right)
        self._keep = keep_left, keep_right
        self._lines = {} if self.same_program else _lines(left.source_lines, right.source_lines)

    def pairs(self) -> Iterator[Pair]:
        """The events of both runs in order, each once: paired, or alone."""
        steps, other_steps = self.left.steps, self.right.steps
        one_by_one = steps if steps == other_steps else min(steps, other_steps) - 1
        for step in range(1, one_by_one + 1):
            yield from self._step(self.left.phase_spans(step), self.right.phase_spans(step))
        if steps != other_steps:  # what comes after the loop belongs to the last step of each run
            yield from self._phase(self._rest(self.left, one_by_one, 0), self._rest(self.right, one_by_one, 1))

    def line(self, line: int) -> int:
        """The line of the left program that a line of the right one stands for; minus itself where there is none."""
        return line if self.same_program else self._lines.get(line, -line)

    def name(self, trace: Trace, tensor: int) -> str:
        """A tensor's name as `plain` has it."""
        return self.plain(trace.name(tensor))

    def plain(self, name: str) -> str:
        """A name without the number of an event: `mul#12.grad` is `mul.grad`.

        Engines call ops differently, so for two engines only a variable is a name.
        """
        if "#" not in name:
            return name
        return _NUMBER.sub("", name) if self.same_engine else _NUMBERED.sub(UNNAMED, name)

    # --- the parts of a run

    def _step(self, left: list[tuple[str, int, int]], right: list[tuple[str, int, int]]) -> Iterator[Pair]:
        """The phases one by one; where one of the runs has more of them, the events of the whole step."""
        if [phase for phase, _, _ in left] != [phase for phase, _, _ in right]:
            left, right = [("", left[0][1], left[-1][2])], [("", right[0][1], right[-1][2])]
        for (_, first, last), (_, other_first, other_last) in zip(left, right, strict=True):
            yield from self._phase(self._numbers(first, last, 0), self._numbers(other_first, other_last, 1))

    def _phase(self, left: Sequence[int], right: Sequence[int]) -> Iterator[Pair]:
        """As far as the events go together one by one nothing is kept; the rest is compared as sequences.

        One by one, an op of one line need not be told from another by what it made: looking for names takes time.
        """
        same = 0
        for number, other in zip(left, right, strict=False):
            if self._key(self.left, number, outputs=False) != self._key(self.right, other, outputs=False):
                break
            yield Pair(number, other)
            same += 1
        left, right = left[same:], right[same:]
        if left and right:
            keys = [self._key(self.left, number) for number in left]
            yield from self._between(left, right, common(keys, [self._key(self.right, number) for number in right]))
        else:
            yield from self._each_alone(left, right)

    def _between(self, left: Sequence[int], right: Sequence[int], together: list[tuple[int, int]]) -> Iterator[Pair]:
        done, other_done = 0, 0
        for i, j in [*together, (len(left), len(right))]:
            rest, other_rest = left[done:i], right[other_done:j]
            if rest and other_rest:
                yield from self._roughly(rest, other_rest)
            else:
                yield from self._each_alone(rest, other_rest)
            if i < len(left):
                yield Pair(left[i], right[j])
            done, other_done = i + 1, j + 1

    def _roughly(self, left: Sequence[int], right: Sequence[int]) -> Iterator[Pair]:
        """What is left over in one place on both sides, by kind and op alone."""
        keys = [self._key(self.left, number)[:2] for number in left]
        done, other_done = 0, 0
        for i, j in [*common(keys, [self._key(self.right, number)[:2] for number in right]), (len(left), len(right))]:
            yield from self._each_alone(left[done:i], right[other_done:j])
            if i < len(left):
                yield Pair(left[i], right[j])
            done, other_done = i + 1, j + 1

    def _rest(self, trace: Trace, after: int, side: int) -> Sequence[int]:
        """The events after a step."""
        return self._numbers(trace.step_span(max(after, 0) + 1)[0], len(trace), side) if trace.steps else ()

    @staticmethod
    def _each_alone(left: Sequence[int], right: Sequence[int]) -> Iterator[Pair]:
        for number in left:
            yield Pair(number, 0)
        for number in right:
            yield Pair(0, number)

    def _numbers(self, first: int, last: int, side: int) -> Sequence[int]:
        keep = self._keep[side]
        numbers = range(first, last + 1)
        return numbers if keep is None else [number for number in numbers if keep(number)]

    def _key(self, trace: Trace, number: int, *, outputs: bool = True) -> tuple[Any, ...]:
        """Kind, op or node, tensor and line: what makes two events the same but for their values."""
        event = trace.events[number - 1]
        line = event.line if trace is self.left else self.line(event.line)
        match event:
            case Forward():
                op = event.op.name if self.same_engine else event.node and event.node.name
                return event.kind, op, self.name(trace, event.outputs[0].id) if outputs else "", line
            case Visit() | FanIn():
                return event.kind, node_label(trace, event.node), "", line
            case TensorCreated() | RequiresGrad() | Accumulate() | ZeroGrad() | Update():
                return event.kind, "", self.name(trace, event.tensor.id), line
            case Clipped():
                return event.kind, event.by, "", line
            case Scheduled():
                return event.kind, event.by, event.option, line
            case Plotted():
                return event.kind, event.call, "", line
            case _:
                return event.kind, "", "", line


def engine(trace: Trace) -> str:
    """The name of the engine that a run ran on, without its version."""
    return trace.header.engine.partition(" ")[0]


def _lines(left: list[str], right: list[str]) -> dict[int, int]:
    """By line of the right text the line of the left one that it stands for, both from 1.

    Where a number of lines is replaced by as many, these stand for each other.
    """
    found: dict[int, int] = {}
    done, other_done = 0, 0
    texts = [line.strip() for line in left], [line.strip() for line in right]
    for i, j in [*common(*texts), (len(left), len(right))]:
        if i - done == j - other_done:
            found.update({other_done + n + 1: done + n + 1 for n in range(i - done)})
        found[j + 1] = i + 1
        done, other_done = i + 1, j + 1
    return found
