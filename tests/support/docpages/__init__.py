"""The parts of `docs/` that are made from the code: `refresh(text)` gives a page with these parts as they are now.

A page holds `<!-- generated: NAME -->` and `<!-- end -->`; what stands between them is `PARTS[NAME]()`. `make docs`
writes the pages, and a test compares them.
"""

import re
from collections.abc import Callable
from pathlib import Path

from docpages import course, exports, keys, program, scenario

DOCS = Path(__file__).parents[3] / "docs"
PARTS: dict[str, Callable[[], str]] = {**scenario.PARTS, **program.PARTS, **keys.PARTS, **course.PARTS, **exports.PARTS}

_PART = re.compile(r"<!-- generated: ([\w-]+) -->\n.*?<!-- end -->", re.DOTALL)


def refresh(text: str) -> str:
    """The text of a page with its generated parts made anew."""
    return _PART.sub(lambda found: f"<!-- generated: {found[1]} -->\n\n{PARTS[found[1]]()}\n\n<!-- end -->", text)


def pages() -> list[Path]:
    """The pages that have generated parts."""
    return [page for page in sorted(DOCS.glob("*.md")) if _PART.search(page.read_text("utf-8"))]
