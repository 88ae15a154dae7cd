"""The language of the `:` prompt: `read(text, trace)` gives an address or a word of the table, `complete` what fits.

The words are those of gdb and of tfdbg, where these have one for it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from gradb.errors import UserError
from gradb.trace.address import FORMS, is_address
from gradb.trace.trace import Trace

Takes = Literal["", "COUNT", "NAME", "ADDRESS", "NODE", "TOPIC", "TEXT", "WHERE", "NUMBER", "CHANGE"]
TOPICS = ("here", "steps", "breakpoints", "bookmarks", "watch")
SHOWN = 8  # names that are offered or listed in a message


@dataclass(frozen=True, slots=True)
class Word:
    """A command of the prompt: the words for it, the order that the screen carries out, what it takes, its help."""

    words: tuple[str, ...]
    order: str
    takes: Takes
    help: str
    optional: bool = False

    @property
    def usage(self) -> str:
        """How to write it: `s [COUNT]`."""
        takes = f" [{self.takes}]" if self.optional else f" {self.takes}"
        return ", ".join(self.words) + (takes if self.takes else "")


def _moves(word: str, back: str, forwards: str, backwards: str, what: str) -> tuple[Word, Word]:
    return (
        Word((word,), f"move:{forwards}", "COUNT", f"{what} on, COUNT times", optional=True),
        Word((back,), f"move:{backwards}", "COUNT", "the same, backwards", optional=True),
    )


WORDS: tuple[Word, ...] = (
    *_moves("s", "rs", "step", "back", "an event"),
    *_moves("n", "rn", "next_node", "previous_node", "a node of backward"),
    *_moves("l", "rl", "next_line", "previous_line", "a source line"),
    *_moves("f", "rf", "end_of_phase", "start_of_phase", "a phase"),
    Word(("w",), "write:1", "COUNT", "a write of the tensor shown on, COUNT times", optional=True),
    Word(("rw",), "write:-1", "COUNT", "the same, backwards", optional=True),
    Word(("c",), "continue:forward", "", "on to the next breakpoint"),
    Word(("rc",), "continue:backward", "", "back to the breakpoint before"),
    Word(
        ("break", "b"),
        "break",
        "WHERE",
        "stops at line 12, MulBackward0, op mul, w.grad, w.norm() > 10, nan_or_inf",
    ),
    Word(("tbreak", "tb"), "tbreak", "WHERE", "the same, once"),
    Word(("run",), "run", "WHERE", "goes on to where it holds: run -f nan_or_inf"),
    Word(
        ("condition",),
        "condition",
        "NUMBER",
        "NUMBER CONDITION: it must hold too; an empty one is taken away",
    ),
    Word(("ignore",), "ignore", "NUMBER", "NUMBER COUNT: passes over the next COUNT hits"),
    Word(("delete",), "delete", "NUMBER", "removes a breakpoint, or all", optional=True),
    Word(("enable",), "enable", "NUMBER", "switches a breakpoint on"),
    Word(("disable",), "disable", "NUMBER", "switches it off"),
    Word(("why",), "why", "", "why the value or gradient is what it is, as e"),
    Word(("check",), "check", "", "compares with finite differences, as k"),
    Word(("set",), "set", "CHANGE", "runs on from here with it changed: set lr = 0.05, set w[0] = 3"),
    Word(("fork",), "fork", "", "asks what to change, and runs on from here, as i"),
    Word(("other",), "other_run", "", "to the other of two runs, as r"),
    Word(("expect",), "claim", "", "puts what is shown into the scenario's expect:, as x"),
    Word(("g", "goto"), "go", "ADDRESS", "goes to an address; the address alone does as well"),
    Word(("watch", "display"), "watch", "NAME", "on top of the watch pane: w, w.grad, w.grad.norm() > 10"),
    Word(("unwatch", "undisplay"), "unwatch", "NAME", "takes it from there"),
    Word(("pt", "print", "p"), "print", "NAME", "shows a variable in the tensor pane: w, w.grad, x[2, 0]"),
    Word(("ni",), "node", "NODE", "what is known of a node: its op, line, inputs, consumers"),
    Word(("li",), "inputs", "NODE", "the inputs of a node"),
    Word(("lo",), "outputs", "NODE", "the nodes that use its output"),
    Word(("info", "i"), "info", "TOPIC", f"about {', '.join(TOPICS)}", optional=True),
    Word(("search",), "search", "TEXT", "searches, as / does"),
    Word(("help", "h"), "help", "", "the keys and these words"),
    Word(("q", "quit"), "leave", "", "closes the run"),
)


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for: the name of an order, and its argument."""

    order: str
    argument: str = ""


def read(text: str, trace: Trace) -> Order:
    """What a line of the prompt asks for. Raises UserError, which says what can be said."""
    given = text.strip()
    first, _, rest = given.partition(" ")
    percent = re.fullmatch(r"(\d+(?:\.\d*)?)\s*%", given)
    if percent:
        return Order("go", f"#{at_percent(trace, float(percent[1]))}")
    if is_address(given) or trace.names_turn(given):
        return Order("go", given)
    word = next((word for word in WORDS if first in word.words), None)
    if word is None:
        known = " ".join(one.words[0] for one in WORDS)
        raise UserError(
            f"{given!r} is no command and no address", allowed=f"{known}; 50%, {FORMS}", fix=":help lists them"
        )
    argument = rest.strip()
    if argument and not word.takes:
        raise UserError(f"{first} takes nothing, and here it is given {argument!r}")
    if not argument and word.takes and not word.optional:
        raise UserError(f"{first} needs a {word.takes.lower()}", allowed=word.usage)
    if word.takes == "COUNT" and argument and not (argument.isdecimal() and len(argument) < 10 and int(argument)):
        raise UserError(f"{first} takes a count, and {argument!r} is none", allowed=word.usage)
    if word.takes == "TOPIC" and argument and argument not in TOPICS:
        raise UserError(f"there is nothing to say about {argument!r}", allowed=", ".join(TOPICS))
    if word.order == "go":
        return read(argument, trace) if is_address(argument) or argument.endswith("%") else Order("go", argument)
    return Order(word.order, argument)


def at_percent(trace: Trace, percent: float) -> int:
    """The event that is so far in the run."""
    return max(1, min(len(trace), round(len(trace) * min(percent, 100.0) / 100)))


def complete(
    text: str, trace: Trace, nodes: Sequence[str], history: Sequence[str], changes: Sequence[str] = ()
) -> list[str]:
    """The lines that the text may be the beginning of, the likeliest first. `changes` are what `set` may be given."""
    if not text:
        return []
    first, blank, rest = text.partition(" ")
    before = [line for line in reversed(history) if line.startswith(text) and line != text]
    if not blank:
        words = [name for word in WORDS for name in word.words if name.startswith(first)]
        forms = ("step ", "line ", "start", "end", *(f"{loop} " for loop in trace.loops.names))
        forms = [form for form in forms if form.startswith(first) and form != first]
        return list(dict.fromkeys([*words, *forms, *before]))
    word = next((word for word in WORDS if first in word.words), None)
    arguments = [] if word is None else _arguments(word, trace, nodes, changes)
    fitting = [f"{first} {one}" for one in arguments if one.startswith(rest)]
    return list(dict.fromkeys([*before, *fitting]))


def _arguments(word: Word, trace: Trace, nodes: Sequence[str], changes: Sequence[str]) -> list[str]:
    match word.takes:
        case "NAME":
            return [text for name in list(trace.bindings)[:1000] for text in (name, f"{name}.grad")]
        case "NODE":
            return list(dict.fromkeys(nodes))
        case "TOPIC":
            return list(TOPICS)
        case "CHANGE":
            return list(changes)
        case "ADDRESS":
            return ["start", "end", *(f"step{step}/{phase}" for step in (1,) for phase in ("forward", "backward"))]
        case _:
            return []
