"""Texts that may come from a stranger's program, made safe to print: `clean(text)`."""


def clean(text: str) -> str:
    """The text without characters that could steer a terminal: each is written as its code, such as `\\x1b`."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)
