"""What the `:` prompt understands, without an app."""

import pytest
from gradb.errors import UserError
from gradb.trace.trace import Trace
from gradb_tui.prompt import WORDS, Order, complete, read


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("120", Order("go", "120")),
        ("50%", Order("go", "#7")),
        ("0%", Order("go", "#1")),
        ("100%", Order("go", "#14")),
        ("step 3", Order("go", "step 3")),
        ("step3/backward/17", Order("go", "step3/backward/17")),
        ("line 12", Order("go", "line 12")),
        ("g line 12", Order("go", "line 12")),
        ("s", Order("move:step")),
        ("s 3", Order("move:step", "3")),
        ("rn", Order("move:previous_node")),
        ("watch w.grad", Order("watch", "w.grad")),
        ("pt w[0, 1]", Order("print", "w[0, 1]")),
        ("info steps", Order("info", "steps")),
        (" q ", Order("leave")),
    ],
)
def test_addresses_and_the_words_of_gdb_and_tfdbg_are_understood(leaf_trace: Trace, text: str, order: Order) -> None:
    assert read(text, leaf_trace) == order


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("fly", "no command and no address"),
        ("s x", "takes a count"),
        ("watch", "needs a name"),
        ("help me", "takes nothing"),
        ("info weather", "nothing to say"),
    ],
)
def test_what_is_not_understood_is_said_with_what_is_allowed(leaf_trace: Trace, text: str, what: str) -> None:
    with pytest.raises(UserError, match=what):
        read(text, leaf_trace)


def test_a_line_is_completed_by_words_names_nodes_and_earlier_lines(leaf_trace: Trace) -> None:
    assert complete("wa", leaf_trace, (), ()) == ["watch"]
    assert complete("watch w", leaf_trace, (), ()) == ["watch w", "watch w.grad"]
    assert complete("ni m", leaf_trace, ("mul", "add"), ()) == ["ni mul"]
    assert complete("set l", leaf_trace, (), (), ("w = 2", "lr = 0.1")) == ["set lr = 0.1"]
    assert complete("info bo", leaf_trace, (), ()) == ["info bookmarks"]
    assert complete("line 1", leaf_trace, (), ("line 12", "s", "line 14")) == ["line 14", "line 12"]
    assert complete("", leaf_trace, (), ("s",)) == []


def test_no_two_commands_have_one_word() -> None:
    words = [name for word in WORDS for name in word.words]
    assert len(words) == len(set(words))
