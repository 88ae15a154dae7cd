"""Chinese text in the terminal: each character takes two cells, and lines may end between any two of them."""

import re
from collections.abc import Iterator

import pytest
from gradb.scenario import language
from gradb.scenario.bundled import load_bundled, names
from gradb_tui.panes.prose import prose
from gradb_tui.panes.rows import Row
from gradb_tui.panes.wrap import wrap
from gradb_tui.screens.chooser import first_sentence
from rich.cells import cell_len


@pytest.fixture
def chinese() -> Iterator[None]:
    """Inside, texts are in Chinese."""
    language.use("zh")
    yield
    language.use("en")


def _wrapped(text: str, width: int) -> list[str]:
    return [row.text for row in wrap(Row(((text, "plain"),)), width)]


def test_a_line_is_filled_up_to_its_last_whole_character() -> None:
    assert _wrapped("梯度会累加", 5) == ["梯度", "会累", "加"]


def test_a_closing_sign_stays_with_the_character_before_it() -> None:
    assert _wrapped("梯度（和）。", 9) == ["梯度", "（和）。"]
    assert _wrapped("叶子，根", 5) == ["叶", "子，", "根"]


def test_words_of_other_scripts_are_not_broken() -> None:
    assert _wrapped("节点 AddBackward0 属于加法", 14) == ["节点 ", "AddBackward0 ", "属于加法"]


def test_lines_of_a_chinese_paragraph_join_without_a_blank() -> None:
    assert [row.text for row in prose("梯度会\n累加，\nw 也\n- 是", 40)] == ["梯度会累加， w 也", "- 是"]


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("width", [20, 38, 61])
def test_every_chinese_text_of_the_course_fits_into_its_pane(name: str, width: int, chinese: None) -> None:
    scenario = load_bundled(name)
    for text in (scenario.about, *[note.say for note in scenario.notes]):
        rows = prose(text, width)
        assert [row.text for row in rows if cell_len(row.text.rstrip()) > width] == []
        assert _letters("".join(row.text for row in rows)) == _letters(text)


def _letters(text: str) -> str:
    """The text without blanks and the marks of Markdown."""
    return re.sub(r"[\s*`]", "", text)


def test_a_sentence_ends_at_a_chinese_full_stop() -> None:
    assert first_sentence("哪些张量？为什么。") == "哪些张量？"
    assert first_sentence("v2.0 是新的。旧的") == "v2.0 是新的。"
    assert first_sentence("Which ones:\n\n- this") == "Which ones:"
