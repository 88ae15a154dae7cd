"""What the tables get for each event: `Rows(...).add(event)`, then `take()` for a batch of rows by table."""

from collections.abc import Collection, Iterable
from typing import Any

import numpy as np
from msgspec.structs import astuple

from gradb.trace.cutting import Cutter, Segment
from gradb.trace.entries import cells_of, loss_of, nodes_of, owners_of, words_of
from gradb.trace.events import (
    EVENT_KINDS,
    Accumulate,
    Array,
    BackwardStarted,
    Clipped,
    Event,
    OpInfo,
    TensorCreated,
    Update,
)
from gradb.trace.file.arrays import ArrayStore
from gradb.trace.file.keep import ALL, Keep
from gradb.trace.file.packing import Packer, op_bytes
from gradb.trace.file.thinning import Thinning
from gradb.trace.health import health
from gradb.trace.loops import Turn
from gradb.trace.writes import Cell

KINDS = {kind.kind: code for code, kind in enumerate(EVENT_KINDS)}  # type: ignore[attr-defined]  # each class of events has a kind
TABLES = (
    "events", "arrays", "contents", "ops", "names", "variables", "bindings", "turns", "writes", "owners", "nodes",
    "losses", "health", "rewritten", "words", "blocks",
)  # fmt: skip
_KEPT = 1 << 16  # gradients, and cells that were written again, that are remembered

Binding = tuple[int, str, int]  # since, variable, tensor
Turns = tuple[int, tuple[Turn, ...]]  # of the loops around the backward at an event


def text(value: str) -> str:
    """A text as SQLite can hold it."""
    return value.encode("utf-8", "replace").decode()


class Rows:
    """Rows of one run, batch after batch. What it keeps from batch to batch does not grow with the run."""

    def __init__(self, instrumented: bool, keep: Keep = ALL) -> None:
        self.number = 0  # of the last event
        self.size = 0  # bytes of values that wait to be taken
        self.batch: dict[str, list[tuple[Any, ...]]] = {table: [] for table in TABLES}
        self.cuts: list[tuple[int, int]] = []
        self._cutter = Cutter(self.cuts, instrumented)
        self._arrays = ArrayStore()
        self.thinning = None if keep.everything else Thinning(keep)
        self._packer = Packer(self._store, self._op, None if self.thinning is None else self._use)
        self._ops: dict[bytes, int] = {}
        self._owners: dict[int, int] = {}
        self._last_tensor = 0
        self._rewritten: set[tuple[str, int]] = set()
        self._variables: dict[str, int] = {}
        self._places = 0
        self._words: dict[str, tuple[int, str | None]] = {"": (0, None)}  # the id, and the text in `events`
        self._lower: dict[str, int] = {}
        self._block = _Block(1)

    def add(self, event: Event) -> None:
        """The next event."""
        self.number = number = self.number + 1
        batch = self.batch
        name, node = words_of(event)
        name_id, name_text = self._words.get(name) or self._word(name)
        node_id, node_text = self._words.get(node) or self._word(node)
        batch["events"].append((number, event.kind, event.line, name_text, node_text, self._packer.pack(event)))
        if self.thinning is not None and isinstance(event, TensorCreated | Update):
            stored = self._packer.stored(event.tensor.array)
            if stored:
                self.thinning.parameter(stored, number)
        block = self._block
        block.kinds.append(KINDS[event.kind])
        block.lines.append(event.line)
        block.names.append(name_id)
        block.nodes.append(node_id)
        self._cutter.feed(number, event)
        for grad, tensor in owners_of(event):
            self._own(grad, tensor)
        cells = batch["writes"]
        for tensor, what in {*cells_of(event, self._owners)}:
            cells.append((tensor, what, number))
            if what != "value" or tensor <= self._last_tensor:
                self._rewrite(what, tensor)
            else:
                self._last_tensor = tensor
        for key, how in nodes_of(event):
            batch["nodes"].append((key, how, number))
        loss = loss_of(event) if isinstance(event, BackwardStarted) else None
        if loss is not None:
            batch["losses"].append((number, self._cutter.steps, loss))
        for cell, array in parameters_of(event):
            batch["health"].append((*cell, number, *astuple(health(array))))

    def bind(self, bindings: Iterable[Binding]) -> None:
        """What variables held since when, in order."""
        for since, name, tensor in bindings:
            name = text(name)
            variable = self._variables.get(name)
            if variable is None:
                variable = self._variables[name] = len(self._variables) + 1
                self.batch["variables"].append((variable, name))
            self._places += 1
            self.batch["names"].append((tensor, name))
            self.batch["bindings"].append((variable, since, self._places, tensor))

    def turn(self, turns: Iterable[Turns]) -> None:
        """The turns of the loops around backwards."""
        self.batch["turns"] += [
            (event, depth, text(turn.loop), turn.number, turn.since)
            for event, around in turns
            for depth, turn in enumerate(around)
        ]

    def take(self) -> dict[str, list[tuple[Any, ...]]]:
        """The rows since the last time, for `INSERT`."""
        if self._block.kinds:
            self.batch["blocks"].append(self._block.row())
            self._block = _Block(self.number + 1)
        for stored, dtype, shape, coding, data, event in self._arrays.rows:
            self.batch["arrays"].append((stored, dtype, shape, coding, event))
            self.batch["contents"].append((stored, data))
        self._arrays.rows.clear()
        self.size = 0
        taken, self.batch = self.batch, {table: [] for table in TABLES}
        return taken

    def segments(self) -> list[Segment]:
        """The segments of the step that ran at the last call, and of those since: earlier ones cannot change."""
        found = [*self._cutter.segments]
        self._cutter.forget()
        return found

    def forget(self, ids: Collection[int]) -> None:
        """These arrays are thinned: one of their content that comes again is stored again."""
        self._arrays.forget(ids)
        self._packer.forget(ids)

    def _store(self, array: Array) -> int:
        self.size += array.nbytes
        return self._arrays.store(array, self.number)

    def _use(self, stored: int) -> None:
        assert self.thinning is not None
        self.thinning.use(stored, self.number)

    def _word(self, word: str) -> tuple[int, str]:
        shown = text(word)
        known = self._lower.get(shown.lower())
        if known is None:
            known = self._lower[shown.lower()] = len(self._lower) + 1
            self.batch["words"].append((known, shown.lower()))
        self._words[word] = known, shown
        return known, shown

    def _op(self, info: OpInfo) -> int:
        data = op_bytes(info)
        known = self._ops.get(data)
        if known is None:
            known = self._ops[data] = len(self._ops) + 1
            self.batch["ops"].append((known, text(info.name), data))
        return known

    def _rewrite(self, what: str, tensor: int) -> None:
        if (what, tensor) not in self._rewritten:
            if len(self._rewritten) >= _KEPT:
                self._rewritten.clear()
            self._rewritten.add((what, tensor))
            self.batch["rewritten"].append((what, tensor))

    def _own(self, grad: int, tensor: int) -> None:
        if self._owners.pop(grad, None) != tensor:
            self.batch["owners"].append((grad, tensor))
            if len(self._owners) >= _KEPT:
                del self._owners[next(iter(self._owners))]
        self._owners[grad] = tensor


class _Block:
    """The columns of one batch of events, which a reader searches without decoding the events."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.kinds = bytearray()
        self.lines: list[int] = []
        self.names: list[int] = []
        self.nodes: list[int] = []

    def row(self) -> tuple[Any, ...]:
        lines, names, nodes = (np.array(c, "<i4").tobytes() for c in (self.lines, self.names, self.nodes))
        return self.first, len(self.kinds), bytes(self.kinds), lines, names, nodes


def parameters_of(event: Event) -> Iterable[tuple[Cell, Any]]:
    """The values and gradients of leaves that require grad, where an event writes them."""
    match event:
        case TensorCreated() if event.tensor.requires_grad:
            yield Cell(event.tensor.id, "value"), event.tensor.array
        case Update():
            yield Cell(event.tensor.id, "value"), event.tensor.array
        case Accumulate() if event.tensor.is_leaf:
            yield Cell(event.tensor.id, "grad"), event.grad.array
        case Clipped():
            for tensor, grad in zip(event.tensors, event.grads, strict=True):
                yield Cell(tensor.id, "grad"), grad.array
        case _:
            return
