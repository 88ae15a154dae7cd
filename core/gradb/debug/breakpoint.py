"""A place or a condition at which to stop: `parse_breakpoint("w.grad if step > 3")`."""

import re
from difflib import get_close_matches
from typing import Literal

from msgspec import Struct

from gradb.debug.builtin_conditions import OTHER_NAMES, RULES
from gradb.debug.conditions import parse_condition
from gradb.errors import UserError
from gradb.trace.events import EVENT_KINDS

Kind = Literal["line", "node", "op", "value", "grad", "name", "kind", "condition"]
KINDS: tuple[str, ...] = tuple([kind.kind for kind in EVENT_KINDS])
FORMS = (
    "line 12, a node (MulBackward0, AccumulateGrad(w)), an op (op mul), a tensor that is written (w, w.grad), "
    f"kind accumulate, a condition (w.grad.norm() > 10), {', '.join(RULES)}; each place also with `if CONDITION`"
)

_NAME = r"[\w]+(?:\.\w+)*"
_LINE = re.compile(r"(?:line\s+)?([0-9]{1,18})")
_WORD = re.compile(r"(kind|node|op|value|grad|write|watch)\s+(\w[\w.]*(?:\([^()]*\))?)")
_NODE = re.compile(r"[A-Za-z]\w*Backward\d+|CopySlices|AccumulateGrad(?:\([^()]*\))?")
_DOTTED = re.compile(_NAME)
_IF = re.compile(r"(.*?)\s+if\s+(.+)")


class Breakpoint(Struct, frozen=True):
    """Where to stop. `target` is the line, the node's, op's or tensor's name, the event's kind, or the condition.

    `kind` `value` and `grad` stop where the tensor of that name, or its gradient, is written; `name` is `value` where
    the run has such a variable, and `op` where it has not. `condition` must hold there too. `ignore` is how many hits
    are still passed over, `hits` how often it was reached, `temporary` that the first stop removes it.
    """

    kind: Kind
    target: str
    condition: str = ""
    number: int = 0
    enabled: bool = True
    temporary: bool = False
    ignore: int = 0
    hits: int = 0

    @property
    def text(self) -> str:
        """As it can be written again."""
        match self.kind:
            case "line" | "kind" | "op" | "value":
                place = f"{self.kind} {self.target}"
            case "grad":
                place = f"{self.target}.grad"
            case "node" if not _NODE.fullmatch(self.target):
                place = f"node {self.target}"
            case _:
                place = self.target
        return f"{place} if {self.condition}" if self.condition else place


def parse_breakpoint(text: str) -> Breakpoint:
    """Reads what follows `break` on the command line. Raises UserError, which says what is allowed."""
    given = text.strip()
    if not given:
        raise UserError("there is nothing to stop at", allowed=FORMS)
    match = _IF.fullmatch(given)
    place, condition = (match[1], match[2]) if match else (given, "")
    found = _place(place)
    if found is None and match is None:
        parse_condition(given)
        return Breakpoint("condition", given)
    if found is None:
        raise UserError(f"{place!r} is no place to stop at", where=f"breakpoint {given!r}", allowed=FORMS)
    if condition:
        parse_condition(condition)
    return Breakpoint(found[0], found[1], condition)


def _place(text: str) -> tuple[Kind, str] | None:
    """Kind and target; None for a text that can only be an expression."""
    if match := _LINE.fullmatch(text):
        return "line", str(int(match[1]))
    if match := _WORD.fullmatch(text):
        return _worded(match[1], match[2])
    name = text.partition("(")[0].strip()
    if name in RULES or name in OTHER_NAMES:
        parse_condition(text)
        return "condition", text
    if text in KINDS:
        return "kind", text
    if _NODE.fullmatch(text):
        return "node", text
    if _DOTTED.fullmatch(text):
        return ("grad", text.removesuffix(".grad")) if text.endswith(".grad") else ("name", text)
    return None


def _worded(word: str, rest: str) -> tuple[Kind, str] | None:
    match word:
        case "kind":
            if rest not in KINDS:
                close = get_close_matches(rest, KINDS, n=1)
                fix = f"did you mean {close[0]!r}?" if close else ""
                raise UserError(f"there is no kind of event called {rest!r}", allowed=", ".join(KINDS), fix=fix)
            return "kind", rest
        case "node" | "op":
            return ("node", rest) if word == "node" or _NODE.fullmatch(rest) else ("op", rest)
        case _:
            if not _DOTTED.fullmatch(rest):
                return None
            is_grad = word == "grad" or rest.endswith(".grad")
            return ("grad" if is_grad else "value", rest.removesuffix(".grad"))
