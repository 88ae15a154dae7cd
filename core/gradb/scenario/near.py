"""Which known word was probably meant by a wrong one: `near_miss(word, known)`, and the question about it."""

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 100


def near_miss(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant, or an empty text."""
    by_lower = {name.lower(): name for name in known}
    close = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6) if len(word) <= _LONGEST else []
    return by_lower[close[0]] if close else ""


def did_you_mean(near: str) -> str:
    """What a message asks about a near miss; empty where there is none."""
    return f"did you mean {near!r}?" if near else ""
