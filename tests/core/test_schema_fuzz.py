"""Whatever a file holds, reading it gives a scenario or a UserError, and nothing else."""

import contextlib
import json

from gradb.errors import UserError
from gradb.scenario.loader import parse
from hypothesis import given, settings
from hypothesis import strategies as st

START = "title: T\nprogram: |\n  x = 1\n"

WORDS = """
title program about watch notes expect limits at say order step printed raises near within start end null true
1 -1 1e400 .nan 0x [ ] { } : , - & * ! | > ? # % @ ` ' " \\ é 𝛁 <<
"""
SPACES = ["\n", "\t", "\x00", "\ufeff", "\n  ", "\n- ", ": ", "*a ", "&a ", "!!str ", "---\n", "...\n", "%YAML 1.1\n"]

pieces = st.sampled_from([*WORDS.split(), *SPACES])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


def _read(text: str) -> None:
    with contextlib.suppress(UserError):
        parse(text, "f.yaml")


@given(st.lists(pieces, max_size=20).map("".join), st.sampled_from(["", START]))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused(text: str, start: str) -> None:
    _read(start + text)


@given(st.sampled_from(["title", "about", "watch", "notes", "expect", "limits"]), values)
@settings(max_examples=300, deadline=None)
def test_any_value_of_a_key_is_read_or_refused(key: str, value: object) -> None:
    _read(f"{START if key != 'title' else START[9:]}{key}: {_flow(value)}\n")


@given(st.sampled_from(["at", "w", "w.grad", "w.shape", "w.dtype", "order", "printed", "raises", "step"]), values)
@settings(max_examples=300, deadline=None)
def test_any_claim_is_read_or_refused(key: str, value: object) -> None:
    _read(f"{START}expect:\n  - {{at: end, w.grad: [1.0], {key}: {_flow(value)}}}\n  - {{{key}: {_flow(value)}}}\n")


def _flow(value: object) -> str:
    """The value in YAML's flow style, which JSON is nearly."""
    return json.dumps(value)
