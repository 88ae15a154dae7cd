"""Texts of a stranger's program, made safe to print: `clean(text)`, `clean_json(line)`, `harmless(text)`."""

import re

# As UTF-8: DEL, the control characters from 0x80 on, and the signs that turn the direction of a text or cannot be seen.
_STEERING = re.compile(rb"\x7f|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf")

_COMMAND = re.compile(r"(?m)^(\s*):(?=:)|##(?=\[)")


def clean(text: str) -> str:
    """The text without characters that could steer a terminal: each is written as its code, such as `\\x1b`."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def clean_json(line: bytes) -> bytes:
    """JSON that means the same and has no character in it that could steer a terminal, in any text and any name."""
    return line if line.isascii() and b"\x7f" not in line else _STEERING.sub(_escaped, line)


def _escaped(found: re.Match[bytes]) -> bytes:
    return b"\\u%04x" % ord(found[0].decode())


def harmless(text: str) -> str:
    """The text with a backslash in what GitHub's runner would take for a command: `::` where a line begins, `##[`."""
    return _COMMAND.sub(lambda found: "#\\#" if found[0] == "##" else f"{found[1]}\\:", text)
