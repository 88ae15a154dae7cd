"""The report, read by markdown-it as GitHub's Markdown: every text comes out as it went in."""

import re
from itertools import pairwise

from exported import exported, not_finite, trained
from gradb.debug.cleaning import clean
from gradb.export.markdown import escape
from gradb.trace.events import Printed
from gradb.trace.formulas import explain
from gradb.trace.trace import Header, Trace
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from synthetic import traces

READER = MarkdownIt("gfm-like")
SIGNS = st.text(st.sampled_from("ab1 \\`*_[](){}<>|&~$#!:=-+.^@\"'²∂\n") | st.characters(codec="utf-8"), max_size=30)


def _text(token: Token) -> str:
    """What a reader sees of a line, breaks as line breaks; nothing may be anything but text."""
    parts: list[str] = []
    for child in token.children or []:
        assert child.type in ("text", "html_inline", "text_special"), child
        parts.append("\n" if child.type == "html_inline" else child.content)
        assert child.type != "html_inline" or child.content == "<br>"
    return "".join(parts)


def _tables(markdown: bytes) -> list[list[list[str]]]:
    """The cells of the body of each table."""
    found: list[list[list[str]]] = []
    body = False
    for token in READER.parse(markdown.decode()):
        match token.type:
            case "tbody_open":
                body = True
                found.append([])
            case "tbody_close":
                body = False
            case "tr_open" if body:
                found[-1].append([])
            case "inline" if body:
                found[-1][-1].append(_text(token))
            case _:
                pass
    return found


def _headings(markdown: bytes) -> list[str]:
    tokens = READER.parse(markdown.decode())
    return [_text(after) for token, after in pairwise(tokens) if token.type == "heading_open"]


@given(traces())
@settings(deadline=None, max_examples=30)
def test_there_is_a_table_for_each_step_with_a_row_for_each_event(trace: Trace) -> None:
    tables = _tables(exported(trace, "markdown"))
    assert [len(table) for table in tables] == [b - a + 1 for a, b in map(trace.step_span, range(1, trace.steps + 1))]
    rows = [row for table in tables for row in table]
    for number, (address, line, what, formula) in enumerate(rows, 1):
        explanation = explain(trace, number)
        assert (address, line) == (trace.address(number), str(trace.event(number).line))
        assert what.strip() == explanation.title.strip()
        assert formula.split("\n") == list(explanation.symbols or ("",))


@given(SIGNS)
@settings(deadline=None)
def test_a_text_of_the_programs_is_shown_as_it_is(text: str) -> None:
    markdown = f"| a |\n|---|\n| x{escape(text)}x |\n"
    tables = _tables(markdown.encode(errors="replace"))
    shown = tables[0][0][0]
    lines = re.split(r"\r\n|[\n\r\v\f\x85\u2028\u2029]", f"x{text}x")
    wanted = "\n".join("\t".join(map(clean, line.split("\t"))) for line in lines)
    assert re.sub(r"[ \t]*\n[ \t]*", "\n", shown) == re.sub(r"[ \t]*\n[ \t]*", "\n", wanted)


def test_the_report_begins_with_title_sizes_and_program() -> None:
    text = exported(trained(), "markdown").decode()
    first, last = trained().losses()[0][2], trained().losses()[-1][2]
    assert text.startswith(
        f"# T\n\n{len(trained())} events in 3 steps; the loss goes from {first:.5g} to {last:.5g}.\n"
    )
    fence = next(token for token in READER.parse(text) if token.type == "fence")
    assert (fence.info, fence.content) == ("python", trained().source.rstrip() + "\n")
    assert _headings(text.encode()) == ["T", "Step 1", "Step 2", "Step 3"]


def test_a_program_and_a_title_cannot_leave_their_places() -> None:
    trace = Trace(Header(title="# a\n| b | <script> ##", source="x = '''\n```\n````html\n'''\n"))
    trace.events.append(Printed(2, "```\n| a | b |\n# no heading"))
    markdown = exported(trace, "markdown")
    assert _headings(markdown) == ["# a\n| b | <script> ##", "Step 1"]
    fences = [token.content for token in READER.parse(markdown.decode()) if token.type == "fence"]
    assert fences == [trace.source]
    assert _tables(markdown) == [[["step1/forward/1", "2", "print: ```\n| a | b |\n# no heading", ""]]]


def test_a_part_of_a_run_says_which_it_is() -> None:
    text = exported(trained(), "markdown", steps="2", tensors=("w",))
    assert b"Shown: step2/forward/1 to step2/update/2." in text
    assert _headings(text) == ["T", "Step 2"]
    assert [row[0] for row in _tables(text)[0]][-1] == "step2/update/1"


def test_numbers_that_are_not_finite_are_told() -> None:
    whats = [row[2] for row in _tables(exported(not_finite(), "markdown"))[0]]
    assert any("nan" in what for what in whats)
    assert any("inf" in what for what in whats)


def test_a_run_without_events_has_no_table() -> None:
    assert exported(Trace(Header()), "markdown") == b"# A run\n\n0 events in 0 steps.\n"
