"""Runs the examples in Python of a page: `run_python(block, names, page)`; the blocks of a page share their names.

A block of the language `python` runs and must not raise. One of the language `pycon` holds what a person types after
`>>>` and what Python answers, as doctest reads it; `...` in an answer stands for anything.
"""

import doctest
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from document_blocks import Block


def run_python(block: Block, names: dict[str, Any], page: Path) -> None:
    """Runs a block. AssertionError with what Python says instead, where its answers are not those of the page."""
    if block.language == "python":
        source = "\n" * (block.line - 1) + block.text  # so that a traceback has the lines of the page
        with redirect_stdout(StringIO()):
            exec(compile(source, str(page), "exec"), names)
        return
    test = doctest.DocTestParser().get_doctest(block.text, names, page.name, str(page), block.line - 1)
    said: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append, clear_globs=False)
    names.update(test.globs)
    assert not said, "".join(said)
