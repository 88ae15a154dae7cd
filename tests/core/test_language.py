"""Texts in several languages: which is chosen, and what a file may hold."""

from collections.abc import Iterator

import pytest
from gradb.errors import UserError
from gradb.scenario import language
from gradb.scenario.loader import parse
from gradb.scenario.runner import run

TEXTS = {"en": "graph", "zh": "图", "zh-TW": "圖"}

SCENARIO = """\
title: {en: One leaf, zh: 一个叶子}
about: {zh: 关于, en: About}
program: x = 1
notes:
  - {at: line 1, say: {en: one, zh: 一}}
  - {at: end, say: always}
"""


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    language.use("en")


@pytest.mark.parametrize(
    ("wanted", "said"),
    [("en", "graph"), ("zh", "图"), ("zh-CN", "图"), ("zh_tw", "圖"), ("ZH", "图"), ("de", "graph"), ("zho", "graph")],
)
def test_the_nearest_language_is_taken_else_english(wanted: str, said: str) -> None:
    assert language.pick(TEXTS, wanted) == said


def test_one_text_serves_every_language() -> None:
    assert language.pick("graph", "zh") == "graph"


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh-cn"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE", "LC_MESSAGES": "zh_TW@radical"}, "zh-tw"),
        ({"LANG": "zh_CN", "LC_ALL": ""}, "zh-cn"),
        ({"LANG": "POSIX"}, "en"),
        ({"LANG": "../etc"}, "en"),
    ],
)
def test_the_locale_says_which_language(environment: dict[str, str], code: str) -> None:
    assert language.from_environment(environment) == code


def test_what_is_no_language_is_refused() -> None:
    with pytest.raises(UserError, match="'中文' is not a language"):
        language.use("中文")


def test_the_texts_of_a_scenario_are_in_the_language_in_use() -> None:
    scenario = parse(SCENARIO, "s.yaml")
    assert (scenario.title, scenario.about, [note.say for note in scenario.notes]) == (
        "One leaf",
        "About",
        ["one", "always"],
    )
    language.use("zh_CN")
    scenario = parse(SCENARIO, "s.yaml")
    assert (scenario.title, scenario.about, [note.say for note in scenario.notes]) == (
        "一个叶子",
        "关于",
        ["一", "always"],
    )


def test_a_trace_has_the_english_title_whatever_the_language() -> None:
    language.use("zh")
    scenario = parse(SCENARIO, "s.yaml")
    assert scenario.title == "一个叶子"
    assert run(scenario).header.title == "One leaf"


@pytest.mark.parametrize(
    ("title", "message"),
    [
        (
            "{zh: 图}",
            "s.yaml:1:8: title: the text in English is missing: the key 'en'\n"
            "  allowed: one text, or one for each language, English among them",
        ),
        (
            "{en: x, chinese: y}",
            "s.yaml:1:16: title.chinese: this is not a language\n  allowed: a code such as en, zh or pt-BR",
        ),
        ("{en: x, zh: 3}", "s.yaml:1:20: title.zh: found the number 3\n  allowed: text that is not empty"),
        (
            "''",
            "s.yaml:1:8: title: found the text ''\n"
            "  allowed: text that is not empty, or one for each language: {en: ..., zh: ...}",
        ),
        ("{en: x, zh: ''}", "s.yaml:1:20: title.zh: found the text ''\n  allowed: text that is not empty"),
        (
            "[x]",
            "s.yaml:1:8: title: found a list\n"
            "  allowed: text that is not empty, or one for each language: {en: ..., zh: ...}",
        ),
    ],
)
def test_a_mistake_in_a_text_is_told_with_its_place(title: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        parse(f"title: {title}\nprogram: x = 1\n", "s.yaml")
    assert str(caught.value) == message
