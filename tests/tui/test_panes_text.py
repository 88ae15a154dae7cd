"""Text in rows: nothing a program says is markup or reaches the terminal raw, and long lines are broken well."""

from gradb_tui.panes.prose import prose
from gradb_tui.panes.python import python_rows
from gradb_tui.panes.rows import row, visible
from gradb_tui.panes.wrap import shorten, wrap
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len


def texts(rows: object) -> list[str]:
    return [r.text for r in rows]  # type: ignore[attr-defined]


def test_control_characters_become_visible_signs() -> None:
    assert visible("a\x1b[31mb\x07\x7f\u202e") == "a␛[31mb␇␡\N{REPLACEMENT CHARACTER}"


def test_a_lone_surrogate_cannot_reach_the_terminal() -> None:
    visible("\ud800").encode()


@given(st.text())
def test_visible_text_is_printable_whatever_it_was(text: str) -> None:
    assert visible(text).isprintable()


def test_a_line_breaks_at_blanks_and_hangs_by_its_indent() -> None:
    assert texts(wrap(row("one two three four"), 9, 2)) == ["one two ", "  three ", "  four"]


def test_a_word_longer_than_the_line_is_cut() -> None:
    assert texts(wrap(row("abcdefgh"), 3)) == ["abc", "def", "gh"]


def test_a_word_that_goes_over_several_spans_stays_together() -> None:
    broken = wrap(row("call(1, ", ("grad", "keyword"), "=", ("True", "number"), ")"), 12)
    assert texts(broken) == ["call(1, ", "grad=True)"]


def test_a_no_break_space_keeps_its_sides_together() -> None:
    assert texts(wrap(row("min\xa01 max\xa02"), 8)) == ["min 1 ", "max 2"]


@given(st.text(max_size=60), st.integers(1, 20), st.integers(0, 30))
def test_wrapped_rows_fit_and_lose_nothing_but_blanks(text: str, width: int, indent: int) -> None:
    rows = wrap(row(text), width, indent)
    if width >= 4:  # a wide character beside an indent
        assert all(cell_len(visible(r.text).rstrip(" ")) <= width for r in rows)
    assert visible("".join(r.text for r in rows)).replace(" ", "") == visible(text).replace(" ", "")


def test_what_is_too_long_ends_with_an_ellipsis() -> None:
    assert [shorten("gradient", width) for width in (0, 1, 5, 8)] == ["", "…", "grad…", "gradient"]


def test_paragraphs_flow_and_items_hang() -> None:
    text = "Which tensors\nget a gradient?\n\n- A **leaf** is made\n  by you.\n- `y` is not."
    assert texts(prose(text, 16)) == [
        "Which tensors ",
        "get a gradient?",
        "",
        "- A leaf is made ",
        "  by you.",
        "- y is not.",
    ]


def test_strong_words_and_code_keep_a_role_of_their_own() -> None:
    (shown,) = prose("a **leaf** is `w`", 80)
    assert shown.spans == (("a ", "plain"), ("leaf", "strong"), (" is ", "plain"), ("w", "value"))


def test_python_is_coloured_by_its_tokens_and_keeps_its_text() -> None:
    source = 'for i in range(3):  # turns\n    s = "a\x1b" + f"{i}"'
    rows = python_rows(source)
    assert texts(rows) == source.splitlines()
    assert ("for", "keyword") in rows[0].spans
    assert ("# turns", "comment") in rows[0].spans


def test_source_that_python_cannot_read_is_shown_all_the_same() -> None:
    source = "x = (\n'''open"
    assert texts(python_rows(source)) == source.splitlines()
