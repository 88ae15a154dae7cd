"""What the tests of a scenario are called: `item_names(claims)`, short, without blanks, each once in a file."""

import re
from collections import Counter
from collections.abc import Iterable

from gradb.scenario.claims import Claim, OrderClaim, PrintedClaim, RaisesClaim, StateClaim

_LONGEST = 40  # of what a text is shortened to


def item_names(claims: Iterable[Claim]) -> list[str]:
    """A name for each claim, such as `line4:x.is_leaf`, `step1:order`, `printed:done`; a second one gets `#2`."""
    names: list[str] = []
    seen: Counter[str] = Counter()
    for claim in claims:
        name = "".join(character if character.isprintable() else "_" for character in _name(claim))
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return names


def _name(claim: Claim) -> str:
    match claim:
        case StateClaim():
            return f"{''.join(claim.at.split())}:{claim.subject}"
        case OrderClaim():
            return f"step{claim.step}:order"
        case PrintedClaim():
            return f"printed:{_slug(claim.text)}"
        case RaisesClaim():
            return f"raises:{claim.error}"


def _slug(text: str) -> str:
    """The words of a text with underscores between them."""
    return re.sub(r"[^\w.]+", "_", text).strip("_")[:_LONGEST] or "text"
