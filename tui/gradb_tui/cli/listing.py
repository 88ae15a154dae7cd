"""`gradb list`: the lines of the course, a chapter's title and below it a line for each of its scenarios."""

from collections.abc import Iterator

from gradb.scenario.bundled import chapters, heading, names


def listing() -> Iterator[str]:
    """The lines. Names are ASCII, so the titles begin in one column whatever the language."""
    width = max(map(len, names()))
    for number, chapter in enumerate(chapters(), 1):
        if number > 1:
            yield ""
        yield f"{number}. {chapter.title}"
        for name in chapter.scenarios:
            yield f"   {name:<{width}}  {heading(name).title}"
