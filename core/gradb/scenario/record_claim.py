"""From what is on the screen to a check: `propose(path, state_entry(trace, "w.grad", at))`, then `proposal.write()`.

The entry is put below the last one of `expect:` as a new line; nothing else in the file changes, not even its layout.
"""

import difflib
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import Struct

from gradb.debug.replacing import write_file
from gradb.errors import UserError
from gradb.scenario.claims import ATTRIBUTES
from gradb.scenario.document import Item, read
from gradb.scenario.flow_style import flow_text
from gradb.scenario.loader import parse
from gradb.scenario.states import Unknown, look_up
from gradb.trace.events import Printed, Raised, Visit
from gradb.trace.formulas import node_label
from gradb.trace.numbers import is_short
from gradb.trace.trace import Trace

MOST_NUMBERS = 64  # of a tensor that is written out in a claim
_WIDTH = 110

Entry = dict[str, Any]


class Proposal(Struct, frozen=True):
    """A change of a scenario file that has not been made: the text before and after, and the difference to show.

    `before` is None for a file that is not there yet; `beside` are files that go with it: a name, and the content.
    """

    path: Path
    before: str | None
    after: str
    diff: str
    beside: tuple[tuple[str, bytes], ...] = ()

    def write(self) -> None:
        """Makes the change, whole or not at all. Raises UserError where the file has changed since, or cannot be
        written."""
        if (read_scenario(self.path) if self.path.exists() else None) != self.before:
            raise UserError(
                "the file has changed in the meantime", where=str(self.path), fix="look at the change again"
            )
        for name, content in self.beside:
            write_file(self.path.parent / name, [content])
        write_file(self.path, [self.after.encode()])


def state_entry(trace: Trace, subject: str, at: int) -> Entry:
    """The claim that a tensor (`w`), or an attribute of it (`w.grad`, `w.requires_grad`), is what it is at a moment.

    Raises UserError where there is no such tensor, or where it has too many elements to be written out.
    """
    try:
        found = look_up(subject, trace, at)
    except Unknown as unknown:
        allowed = f"a tensor, or .{', .'.join(ATTRIBUTES)} of it"
        raise UserError(str(unknown), where=trace.address(at), allowed=allowed) from None
    if isinstance(found, np.ndarray):
        found = _numbers(found, subject, trace.address(at))
    return {"at": trace.address(at), subject: found}


def order_entry(trace: Trace, step: int) -> Entry:
    """The claim that the backward of a step visits what it visited. Raises UserError where it visited no node."""
    first, last = trace.step_span(step) if 1 <= step <= trace.steps else (1, 0)
    events = [trace.events[n - 1] for n in range(first, last + 1)]
    order = [node_label(trace, event.node) for event in events if isinstance(event, Visit)]
    if not order:
        raise UserError(f"no node is visited in step {step}", allowed=f"a step from 1 to {trace.steps} with a backward")
    return {"order": order} if step == 1 else {"order": order, "step": step}


def printed_entry(trace: Trace, at: int) -> Entry:
    """The claim that the program prints what it printed at an event. Raises UserError where it printed nothing."""
    event = trace.event(at)
    if not isinstance(event, Printed):
        raise UserError("nothing is printed at this event", where=trace.address(at), allowed="an event that prints")
    return {"printed": event.text}


def raises_entry(trace: Trace) -> Entry:
    """The claim that the program ends with the error it ended with. Raises UserError where it ended well."""
    numbers = trace.of_kind("raised")
    event = trace.event(numbers[-1]) if numbers else None
    if not isinstance(event, Raised):
        raise UserError("the program ends without an error", allowed="a run that ends with one")
    return {"raises": event.error, "message": event.message}


def propose(path: Path, entry: Entry) -> Proposal:
    """How the file would look with the entry. Raises UserError where the file is no scenario, or where its `expect:`
    is written in a way that leaves no place for a line; the message then holds the line to put in by hand."""
    before = read_scenario(path)
    after = with_entry(before, entry, str(path))
    return Proposal(path, before, after, difference(before, after, str(path)))


def difference(before: str, after: str, name: str) -> str:
    """The lines that differ, with two lines around them, as `diff -u` shows them."""
    lines = [text.splitlines(keepends=True) for text in (before, after)]
    return "".join(difflib.unified_diff(lines[0], lines[1], name, name, n=2))


def with_entry(text: str, entry: Entry, filename: str, folder: Path | None = None) -> str:
    """The text of a scenario with one more entry. `folder` is where its data are, its own where it is None.

    Raises UserError as `propose` does.
    """
    folder = folder or Path(filename).parent
    claims = parse(text, filename, folder).claims
    end = "\r\n" if "\r\n" in text else "\n"
    after = _inserted(text.removeprefix("\ufeff"), entry, end)
    if text.startswith("\ufeff"):
        after = f"\ufeff{after}"
    by_hand = f"put this line into the file: - {flow_text(entry)}"
    try:
        new = parse(after, filename, folder).claims
    except UserError as error:
        raise UserError(
            "`expect:` leaves no place for a new line", where=error.where or filename, fix=by_hand
        ) from None
    if len(new) != len(claims) + (len(entry) - 1 if "at" in entry else 1):
        raise UserError("`expect:` leaves no place for a new line", where=filename, fix=by_hand)
    return after


def _inserted(text: str, entry: Entry, end: str) -> str:
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += end
    expect = read(text, "").children.get("expect")
    if expect is None:
        return "".join([*lines, f"expect:{end}", *_lines(entry, "  ", end)])
    if not expect.children:
        line = lines[expect.line - 1]
        if line.rstrip().endswith("[]"):
            lines[expect.line - 1] = line.replace("[]", "", 1).rstrip() + end
            return "".join([*lines[: expect.line], *_lines(entry, "  ", end), *lines[expect.line :]])
        return text
    last = list(expect.children.values())[-1]
    indent, after = _end_of(last, lines)
    return "".join([*lines[:after], *_lines(entry, indent, end), *lines[after:]])


def _end_of(last: Item, lines: list[str]) -> tuple[str, int]:
    """The indent of the list's dashes, and how many lines there are up to the end of its last entry."""
    line = lines[last.line - 1]
    indent = line[: len(line) - len(line.lstrip(" "))]
    after = last.line
    for place in range(last.line, len(lines)):
        text = lines[place]
        if not text.strip():
            continue
        if len(text) - len(text.lstrip(" ")) <= len(indent):
            break
        after = place + 1
    return indent, after


def _lines(entry: Entry, indent: str, end: str) -> list[str]:
    """The entry as lines: one, or for a long order one for each node."""
    line = f"{indent}- {flow_text(entry)}{end}"
    if len(line) <= _WIDTH or "order" not in entry:
        return [line]
    nodes = [f"{indent}    - {flow_text(node)}{end}" for node in entry["order"]]
    step = [f"{indent}  step: {entry['step']}{end}"] if "step" in entry else []
    return [f"{indent}- order:{end}", *nodes, *step]


def _numbers(array: Any, subject: str, where: str) -> Any:
    """An array as nested lists, each number with the digits that its dtype holds."""
    if not is_short(array, MOST_NUMBERS):
        size = f"{array.size} elements" if array.size else f"the shape {array.shape}"
        raise UserError(
            f"{subject} has {size}", where=where, allowed=f"up to {MOST_NUMBERS}",
            fix=f"claim {subject.removesuffix('.grad')}.shape, or what is computed from it",
        )  # fmt: skip
    if array.dtype.kind == "f" and array.ndim == 0:
        return float(str(array[()]))
    return [_numbers(part, subject, where) for part in array] if array.ndim else array[()].item()


def read_scenario(path: Path) -> str:
    """The text of a scenario file, with its line breaks as they are. Raises UserError."""
    try:
        return path.read_bytes().decode()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UserError(f"the file cannot be read: {reason}", where=str(path)) from None
