"""The index of a run that is in memory: `MemoryIndex` reads events when somebody asks, and continues where it stopped.

So recording pays nothing for it, and a trace that still grows can be asked at any time, by several threads.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from threading import RLock

from gradb.trace.entries import cells_of, loss_of, nodes_of, owners_of, words_of
from gradb.trace.events import Event
from gradb.trace.history import LineRuns, MemoryBindings, Writes
from gradb.trace.index import Index
from gradb.trace.loops import Turn, add_turns
from gradb.trace.steps import MemorySteps
from gradb.trace.writes import Cell, What

_NONE: tuple[int, ...] = ()


class MemoryIndex(Index):
    """Lists of event numbers, over a list of events that may grow."""

    def __init__(self, instrumented: bool) -> None:
        self._events: list[Event] = []
        self._names: dict[int, str] = {}
        self._bindings: dict[str, MemoryBindings] = {}
        self.events, self.names, self.bindings = self._events, self._names, self._bindings
        self.cuts = []
        self.turns = []
        self._lock = RLock()  # of what is read of the events; what was read before is only added to
        self.steps = MemorySteps(self._events, self.cuts, instrumented, self._lock)
        self._done = 0
        self._cells: defaultdict[Cell, list[int]] = defaultdict(list)
        self._kinds: defaultdict[str, list[int]] = defaultdict(list)
        self._lines: defaultdict[int, list[int]] = defaultdict(list)
        self._nodes: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
        self._owners: dict[int, int] = {}
        self._losses: list[tuple[int, int, float]] = []
        self._line_runs = LineRuns()
        self._histories: dict[tuple[str, What], Writes] = {}
        self._words: defaultdict[str, list[int]] = defaultdict(list)
        self._words_done = 0
        self._loops: dict[str, list[tuple[int, int]]] = {}
        self._turns_done = 0

    def __len__(self) -> int:
        return len(self._events)

    def _catch_up(self) -> None:
        if self._done < len(self._events):
            with self._lock:
                self._read(len(self._events))

    def _read(self, count: int) -> None:
        for number in range(self._done + 1, count + 1):
            event = self._events[number - 1]
            self._kinds[event.kind].append(number)
            self._lines[event.line].append(number)
            self._owners.update(owners_of(event))
            for cell in cells_of(event, self._owners):
                numbers = self._cells[cell]
                if not numbers or numbers[-1] != number:
                    numbers.append(number)
            for node in nodes_of(event):
                self._nodes[node].append(number)
            loss = loss_of(event)
            if loss is not None:
                self._losses.append((number, self.steps.place(number).step, loss))
            self._done = number

    # --- names

    def bind(self, name: str, tensor_id: int) -> None:
        self._names.setdefault(tensor_id, name)
        held = self._bindings.get(name)
        if held is None:
            self._bindings[name] = MemoryBindings(len(self._events), tensor_id)
        elif held.ids[-1] != tensor_id:
            held.add(len(self._events), tensor_id)

    def holds(self, name: str) -> int | None:
        held = self._bindings.get(name)
        return None if held is None else held.ids[-1]

    # --- loops

    def turns_in(self, first: int, last: int) -> tuple[Turn, ...]:
        place = bisect_right(self.turns, last, key=lambda turn: turn[0])
        return self.turns[place - 1][1] if place and self.turns[place - 1][0] >= first else ()

    def loops(self) -> Sequence[str]:
        return list(self._loop_turns())

    def loop_turns(self, loop: str) -> Sequence[tuple[int, int]]:
        return self._loop_turns().get(loop, [])

    def _loop_turns(self) -> dict[str, list[tuple[int, int]]]:
        with self._lock:
            new = self.turns[self._turns_done :]
            for _, turns in new:
                add_turns(self._loops, turns)
            self._turns_done += len(new)
        return self._loops

    # --- questions

    def owner(self, tensor_id: int) -> int:
        self._catch_up()
        return self._owners.get(tensor_id, 0)

    def writes(self, cell: Cell) -> Sequence[int]:
        self._catch_up()
        return self._cells.get(cell, _NONE)

    def of_kind(self, kind: str) -> Sequence[int]:
        self._catch_up()
        return self._kinds.get(kind, _NONE)

    def on_line(self, line: int) -> Sequence[int]:
        self._catch_up()
        return self._lines.get(line, _NONE)

    def line_starts(self) -> Sequence[int]:
        with self._lock:
            return self._line_runs.catch_up(self._events)

    def node_events(self, node_id: int, kind: str) -> Sequence[int]:
        self._catch_up()
        return self._nodes.get((node_id, kind), _NONE)

    def losses(self) -> Sequence[tuple[int, int, float]]:
        self._catch_up()
        return self._losses

    def words(self) -> Mapping[str, Sequence[int]]:
        with self._lock:
            for number in range(self._words_done + 1, len(self._events) + 1):
                event = self._events[number - 1]
                for word in {event.kind, *words_of(event)}:
                    if word:
                        self._words[word.lower()].append(number)
                self._words_done = number
        return self._words

    def history(self, name: str, what: What) -> Sequence[int]:
        with self._lock:
            found = self._histories.get((name, what))
            if found is None:
                found = self._histories[name, what] = Writes(self._bindings[name], self.writes, what, self._lock)
        return found
