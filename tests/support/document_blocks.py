"""The examples of a page: `blocks(page)` finds them, `write_file(block, folder)` and `compare(block, run)` try them.

A block of code whose first line names a file after its language is that file. In a block of the language `console`, a
line that begins with `$ ` is a command, and the lines below are what it says; a line `...` stands for any lines.
"""

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```([\w-]+)(?: +(\S.*?))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)

Run = Callable[[list[str]], str]


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code; `line` is where its text begins on the page."""

    language: str
    name: str
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    """The blocks of a page, in order."""
    text = page.read_text("utf-8")
    return [
        Block(found[1], found[2] or "", found[3], text.count("\n", 0, found.start(3)) + 1)
        for found in _BLOCK.finditer(text)
    ]


def write_file(block: Block, folder: Path) -> Path:
    """Puts a block that has a name into a file of that name."""
    file = folder / block.name
    file.write_text(block.text, "utf-8")
    return file


def compare(block: Block, run: Run) -> None:
    """Runs the commands of a console block; AssertionError where one says something else than the page."""
    for command, expected in commands(block):
        said = [line.rstrip() for line in run(shlex.split(command)).splitlines()]
        assert fits(expected, said), f"$ {command} (line {block.line}) says:\n" + "\n".join(said)


def commands(block: Block) -> list[tuple[str, list[str]]]:
    """The commands of a console block, each with the lines that are to follow."""
    found: list[tuple[str, list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            assert found, f"line {block.line}: a console block begins with a command"
            found[-1][1].append(line.rstrip())
    return found


def fits(expected: list[str], said: list[str]) -> bool:
    """Whether the lines are those expected, where `...` stands for any number of lines."""
    if not expected:
        return not said
    if expected[0].strip() == "...":
        return any(fits(expected[1:], said[skipped:]) for skipped in range(len(said) + 1))
    return bool(said) and said[0] == expected[0] and fits(expected[1:], said[1:])
