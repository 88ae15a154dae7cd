"""The course: its chapters, and the title of each scenario, in English and in Chinese."""

from collections.abc import Callable
from functools import partial

from gradb.scenario import language
from gradb.scenario.bundled import chapters, heading

from docpages.table import code, table

_HEADS = {"en": ("", "scenario", "title"), "zh": ("", "场景", "标题")}


def listing(code_: str) -> str:
    """Every chapter with its scenarios, in order."""
    before = language.current()
    language.use(code_)
    try:
        rows: list[tuple[str, str, str]] = []
        for number, chapter in enumerate(chapters(), 1):
            rows.append((f"**{number}**", f"**{chapter.title}**", ""))
            rows += [("", code(name), heading(name).title) for name in chapter.scenarios]
        return table(_HEADS[code_], rows)
    finally:
        language.use(before)


PARTS: dict[str, Callable[[], str]] = {"course": partial(listing, "en"), "course-zh": partial(listing, "zh")}
