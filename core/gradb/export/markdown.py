"""A report in Markdown: the program, and for each step a table of what happened, with addresses and formulas."""

import re
from collections.abc import Iterator

from gradb.debug.cleaning import clean
from gradb.export.selection import Selection
from gradb.export.selection_events import chosen
from gradb.trace.formulas import explain
from gradb.trace.trace import Trace

_SPECIAL = re.compile(r"[\\`*<>|&~$]|(?<![^\W_])_|_(?![^\W_])|\](?=[(\[:])")  # what means something within a line
_HEAD = "| event | line | what happened | formula |\n|---|---:|---|---|\n"


def chunks(trace: Trace, selection: Selection) -> Iterator[bytes]:
    """The report piece by piece: its beginning, then a row for each selected event."""
    for text in _texts(trace, selection):
        yield text.encode(errors="replace")


def _texts(trace: Trace, selection: Selection) -> Iterator[str]:
    yield f"# {escape(trace.header.title or 'A run').replace('#', chr(92) + '#')}\n\n{_summary(trace, selection)}\n"
    if trace.source:
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", trace.source)), default=0))
        yield f"\n{fence}python\n{_shown(trace.source.rstrip())}\n{fence}\n"
    step = 0
    for number, event in chosen(trace, selection):
        if trace.step_of(number) != step:
            step = trace.step_of(number)
            yield f"\n## Step {step}\n\n{_HEAD}"
        explanation = explain(trace, number)
        cells = (
            trace.address(number),
            str(event.line or ""),
            escape(explanation.title),
            "<br>".join(map(escape, explanation.symbols)),
        )
        yield f"| {' | '.join(cells)} |\n"


def _summary(trace: Trace, selection: Selection) -> str:
    """How much there is, and how much of it is shown."""
    count = len(trace)
    all_ = f"{count:,} event{'' if count == 1 else 's'} in {trace.steps} step{'' if trace.steps == 1 else 's'}"
    losses = trace.losses()
    if len(losses) > 1:
        all_ += f"; the loss goes from {losses[0][2]:.5g} to {losses[-1][2]:.5g}"
    if len(selection.numbers) == count or not selection.numbers:
        return f"{all_}."
    first, last = trace.address(selection.numbers[0]), trace.address(selection.numbers[-1])
    return f"{all_}. Shown: {first} to {last}."


def escape(text: str) -> str:
    """A text as Markdown that shows it as it is, in one line; its line breaks stay visible as such."""
    lines = re.split(r"\r\n|[\n\r\v\f\x85\u2028\u2029]", text)
    return "<br>".join(_SPECIAL.sub(r"\\\g<0>", _shown(line)) for line in lines)


def _shown(text: str) -> str:
    """The text without what could steer a terminal or turn its direction; tabs stay."""
    return "\t".join(map(clean, text.split("\t")))
