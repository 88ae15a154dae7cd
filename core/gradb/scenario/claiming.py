"""What can be claimed of a moment, and into which file: `offers(trace, at, "w")`, `propose_for(scenario, entry)`."""

from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from gradb.errors import UserError
from gradb.scenario.bundled import bundled_file
from gradb.scenario.claims import ATTRIBUTES
from gradb.scenario.document import read
from gradb.scenario.flow_style import flow_text
from gradb.scenario.loader import parse
from gradb.scenario.record_claim import (
    Entry,
    Proposal,
    difference,
    order_entry,
    printed_entry,
    propose,
    raises_entry,
    read_scenario,
    state_entry,
    with_entry,
)
from gradb.scenario.scenario import Scenario
from gradb.scenario.tables import find
from gradb.trace.events import Accumulate, BackwardStarted, Printed, Raised, Visit, ZeroGrad
from gradb.trace.trace import Trace

_COPIES = 100  # names that are tried for a copy


class Offer(Struct, frozen=True):
    """A claim that holds: what it says in a few words, and its entry of `expect:`."""

    about: str
    entry: Entry

    @property
    def text(self) -> str:
        """The entry as it will stand in the file, in one line."""
        return flow_text(self.entry)


def offers(trace: Trace, at: int, name: str = "", *, grad: bool = False) -> list[Offer]:
    """The claims that can be made of a moment and the tensor `name`, the likeliest first.

    With `grad`, or where the event is about a gradient, that one is the first; at a visit it is the order of visits.
    """
    event = trace.event(at)
    found = list(_of_tensor(trace, name, at)) if name else []
    if grad or isinstance(event, Accumulate | ZeroGrad):
        found.sort(key=lambda one: f"{name}.grad" not in one.entry)
    found += _of_loss(trace, at, name)
    found += _offer(f"the order of all visits in step {trace.step_of(at)}", order_entry, trace, trace.step_of(at))
    found += _offer("what is printed here", printed_entry, trace, at)
    found += _offer("the error that the program ends with", raises_entry, trace)
    if isinstance(event, Visit | Printed | Raised):
        first = {"visit": "order", "printed": "printed", "raised": "raises"}[event.kind]
        found.sort(key=lambda one: first not in one.entry)
    return found


def _of_tensor(trace: Trace, name: str, at: int) -> Iterator[Offer]:
    yield from _offer(f"the value of {name}", state_entry, trace, name, at)
    if not name.endswith(".grad"):
        for attribute in ATTRIBUTES:
            yield from _offer(f"{name}.{attribute}", state_entry, trace, f"{name}.{attribute}", at)


def _of_loss(trace: Trace, at: int, name: str) -> list[Offer]:
    """The root of the last backward up to a moment."""
    numbers = trace.of_kind("backward_started")
    place = bisect_right(numbers, at)
    started = trace.event(numbers[place - 1]) if place else None
    root = trace.name(started.roots[0].id) if isinstance(started, BackwardStarted) else ""
    return list(_offer(f"the root of backward, {root}", state_entry, trace, root, at)) if root not in ("", name) else []


def _offer(about: str, make: Any, *arguments: Any) -> Iterator[Offer]:
    """The offer, or none where there is nothing to claim: no such tensor, one too large, a step without a visit."""
    try:
        yield Offer(about, make(*arguments))
    except UserError:
        return


def propose_for(scenario: Scenario, entry: Entry, folder: Path) -> Proposal:
    """How the scenario's file would look with the entry. One that came with gradb is copied into `folder`.

    Raises UserError where there is no file for it, or where its program is no longer the one that ran.
    """
    if scenario.trusted:
        raise UserError(
            "a script has no `expect:`",
            where=scenario.filename,
            fix="put its text under `program: |` of a scenario, NAME.yaml, and open that",
        )
    if scenario.bundled:
        return _propose_copy(scenario, entry, folder)
    path = Path(scenario.filename)
    if not _is_of(path, scenario):
        raise UserError(
            "the program in the file is another than the one that ran", where=str(path), fix="open the file again"
        )
    return propose(path, entry)


def _is_of(path: Path, scenario: Scenario) -> bool:
    return parse(read_scenario(path), str(path), path.parent).program == scenario.program


def _propose_copy(scenario: Scenario, entry: Entry, folder: Path) -> Proposal:
    """The entry in a copy that was made before, or else in a new one."""
    original = bundled_file(scenario.bundled)
    for count in range(1, _COPIES):
        path = folder / f"{scenario.bundled}{f'-{count}' if count > 1 else ''}.yaml"
        if not path.exists():
            break
        if _is_copy(path, scenario):
            return propose(path, entry)
    else:
        raise UserError(f"there are {_COPIES} files called {scenario.bundled}-N.yaml", where=str(folder))
    before = read_scenario(original)
    after = with_entry(before, entry, str(path), original.parent)
    return Proposal(path, None, after, difference(before, after, str(path)), tuple(_data(before, original, folder)))


def _is_copy(path: Path, scenario: Scenario) -> bool:
    try:
        return _is_of(path, scenario)
    except UserError:
        return False


def _data(text: str, original: Path, folder: Path) -> Iterator[tuple[str, bytes]]:
    """The files of `data:` that are not beside the copy yet. Raises UserError where another file has that name."""
    data = read(text, str(original)).children.get("data")
    items = [] if data is None else [item.children["file"] for item in data.children.values() if "file" in item.keys]
    for name in dict.fromkeys(str(item.value) for item in items):
        content = find(original.parent, name).read_bytes()
        there = folder / name
        if not there.exists():
            yield name, content
        elif there.read_bytes() != content:
            raise UserError("another file of this name is there already", where=str(there), fix="rename or move it")
