"""What runs the examples in Python of a page notices what is wrong with them."""

from pathlib import Path
from typing import Any

import pytest
from document_blocks import blocks
from documents import run_python

PAGE = """\
# A page

```python
x = 2
```

```pycon
>>> x + 1
3
>>> y = [x] * 2
```

```pycon
>>> y
[2, ...]
```
"""


def _run(folder: Path, text: str) -> dict[str, Any]:
    page = folder / "page.md"
    page.write_text(text)
    names: dict[str, Any] = {}
    for block in blocks(page):
        run_python(block, names, page)
    return names


def test_the_blocks_of_a_page_share_their_names(tmp_path: Path) -> None:
    assert _run(tmp_path, PAGE)["y"] == [2, 2]


def test_another_answer_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"line 8, in page\.md\n.*\n *x \+ 1\nExpected:\n *4\nGot:\n *3"):
        _run(tmp_path, PAGE.replace("\n3\n", "\n4\n"))


def test_an_error_in_a_block_is_that_of_its_line_on_the_page(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        _run(tmp_path, PAGE.replace("x = 2", "x = 2 / 0"))
    assert caught.traceback[-1].lineno + 1 == 4
