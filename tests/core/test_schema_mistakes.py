"""Bad scenario files: each gives one block per mistake, with file, line, column, the key's path and what is allowed."""

from pathlib import Path

import pytest
from gradb.errors import UserError
from gradb.scenario.loader import MAX_BYTES, load, parse
from gradb.trace.address import FORMS

KEYS = "title, program, about, data, watch, notes, expect, limits"
START = "title: T\nprogram: |\n  x = 1\n"

MISTAKES = {
    "an empty file": ("", "bad.yaml: the file is empty\n  allowed: a mapping with at least the keys title and program"),
    "a comment alone": (
        "# nothing\n",
        "bad.yaml: the file is empty\n  allowed: a mapping with at least the keys title and program",
    ),
    "a list": ("- a\n", f"bad.yaml:1:1: found a list\n  allowed: a mapping with the keys {KEYS}"),
    "a text": ("hello\n", f"bad.yaml:1:1: found the text 'hello'\n  allowed: a mapping with the keys {KEYS}"),
    "a key that is nearly right": (
        "titel: T\nprogram: x = 1\n",
        f"bad.yaml:1:1: titel: there is no such key\n  allowed: the keys {KEYS}\n  to do: did you mean 'title'?",
    ),
    "an unknown key": (
        f"{START}colour: red\n",
        f"bad.yaml:4:1: colour: there is no such key\n  allowed: the keys {KEYS}",
    ),
    "a missing key": ("title: T\n", "bad.yaml:1:1: the key 'program' is missing"),
    "several mistakes at once": (
        "title: 3\nprogram: ''\nwatch: w\n",
        "bad.yaml:1:8: title: found the number 3\n"
        "  allowed: text that is not empty, or one for each language: {en: ..., zh: ...}\n"
        "bad.yaml:2:10: program: found the text ''\n"
        "  allowed: PyTorch code, as a block of text after `program: |`\n"
        "bad.yaml:3:8: watch: found the text 'w'\n  allowed: a list",
    ),
    "a key twice": (
        f"{START}title: U\n",
        "bad.yaml:4:1: the key 'title' stands here a second time (first in line 1, column 1)\n  allowed: each key once",
    ),
    "a key that is no text": ("title: &t 1\n*t : x\n", "bad.yaml:2:1: found the key 1\n  allowed: text"),
    "a list as a key": ("? [a]\n: b\n", "bad.yaml:1:3: a list or a mapping stands here as a key\n  allowed: text"),
    "a tag": (
        "title: !!python/object/apply:os.system [ls]\n",
        "bad.yaml:1:8: the tag '!!python/object/apply:os.system' stands here\n"
        "  allowed: values without tags\n  to do: leave the tag out",
    ),
    "a tag that changes nothing": (
        "title: !!str T\n",
        "bad.yaml:1:8: the tag '!!str' stands here\n  allowed: values without tags\n  to do: leave the tag out",
    ),
    "an alias without an anchor": (
        "title: *t\n",
        "bad.yaml:1:8: the alias *t stands here, but no anchor &t ends before it",
    ),
    "an alias inside its own anchor": (
        "watch: &t [*t]\n",
        "bad.yaml:1:12: the alias *t stands here, but no anchor &t ends before it",
    ),
    "aliases that multiply": (
        "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
        "bad.yaml:5:8: the file holds too many values, counting what its aliases stand for\n  allowed: 20000 values",
    ),
    "too many values": (
        f"watch: [{'a, ' * 30_000}]\n",
        "bad.yaml:1:60006: the file holds too many values, counting what its aliases stand for\n"
        "  allowed: 20000 values",
    ),
    "values nested too deeply": (
        f"watch: {'[' * 1000}\n",
        "bad.yaml:1:31: the values are nested too deeply\n  allowed: a depth of 24",
    ),
    "a number with too many digits": (
        f"title: {'1' * 5000}\n",
        "bad.yaml:1:8: this number cannot be read\n  allowed: a number of up to 4000 digits",
    ),
    "a number too large to be shown": (
        f"title: 0x{'f' * 5000}\n",
        "bad.yaml:1:8: this number is too large\n  allowed: whole numbers of up to 64 bits",
    ),
    "an address with a number too large to be read": (
        f"{START}notes: [{{at: '#{'9' * 5000}', say: x}}]\n",
        "bad.yaml:4:14: notes[0].at: found the text '#999999999999999999999999999999999999999999999 ...\n"
        f"  allowed: an address: {FORMS}",
    ),
    "two documents": (
        f"{START}---\n{START}",
        "bad.yaml:4:1: a second document begins here\n  allowed: one document in a file",
    ),
    "an indentation that does not fit": (
        "title: T\n program: x\n",
        "bad.yaml:2:9: this is not YAML: mapping values are not allowed here",
    ),
    "a bracket that is not closed": (
        f"{START}watch: [w\n",
        "bad.yaml:5:1: this is not YAML: expected ',' or ']', but got '<stream end>' while parsing a flow sequence",
    ),
    "a tab": (
        "\ttitle: T\n",
        "bad.yaml:1:1: this is not YAML: found character '\\t' that cannot start any token "
        "while scanning for the next token",
    ),
    "a control character": (
        "title: T\nabout: a\x07b\n",
        "bad.yaml:2:9: this is not YAML: it holds the character '\\x07'\n  allowed: text without control characters",
    ),
    "half a character": (
        'title: "\\ud800"\n',
        "bad.yaml:1:8: this text holds half a character of UTF-16\n  allowed: whole characters",
    ),
    "a note without a text": (f"{START}notes:\n  - at: start\n", "bad.yaml:5:5: notes[0]: the key 'say' is missing"),
    "a note that is no mapping": (
        f"{START}notes: [hello]\n",
        "bad.yaml:4:9: notes[0]: found the text 'hello'\n  allowed: a mapping with the keys at, say",
    ),
    "an address that is none": (
        f"{START}notes:\n  - {{at: stop, say: hello}}\n",
        f"bad.yaml:5:10: notes[0].at: found the text 'stop'\n  allowed: an address: {FORMS}",
    ),
    "a name to watch with a blank": (
        f"{START}watch: [w grad]\n",
        "bad.yaml:4:9: watch[0]: found the text 'w grad'\n"
        "  allowed: the name of a tensor, such as w, w.grad or 0.weight, in quotes",
    ),
    "a limit that is none": (
        f"{START}limits: {{events: many}}\n",
        "bad.yaml:4:18: limits.events: found the text 'many'\n  allowed: a whole number from 1",
    ),
    "a limit of nothing": (
        f"{START}limits: {{seconds: 0}}\n",
        "bad.yaml:4:19: limits.seconds: found the number 0\n  allowed: a number above 0",
    ),
    "a limit that is nearly right": (
        f"{START}limits: {{second: 1}}\n",
        "bad.yaml:4:10: limits.second: there is no such key\n  allowed: the keys events, seconds, bytes\n"
        "  to do: did you mean 'seconds'?",
    ),
    "an expectation that is no mapping": (
        f"{START}expect: [w]\n",
        "bad.yaml:4:10: expect[0]: found the text 'w'\n"
        "  allowed: a claim: a mapping with one of the keys at, order, printed, raises",
    ),
    "an expectation of no kind": (
        f"{START}expect: [{{prints: hello}}]\n",
        "bad.yaml:4:11: expect[0].prints: there is no such key\n  allowed: the keys at, order, printed, raises\n"
        "  to do: did you mean 'printed'?",
    ),
    "an empty expectation": (
        f"{START}expect: [{{}}]\n",
        "bad.yaml:4:10: expect[0]: found a mapping\n  allowed: a claim with one of the keys at, order, printed, raises",
    ),
    "a claim about nothing": (
        f"{START}expect: [{{at: end}}]\n",
        "bad.yaml:4:10: expect[0]: this claims nothing\n  allowed: at least one name beside `at`",
    ),
    "a claim at no address": (
        f"{START}expect: [{{at: 5, w: 1}}]\n",
        f"bad.yaml:4:15: expect[0].at: found the number 5\n  allowed: an address: {FORMS}",
    ),
    "a text as the value of a tensor": (
        f"{START}expect: [{{at: end, w: one}}]\n",
        "bad.yaml:4:23: expect[0].w: found the text 'one'\n"
        "  allowed: a number, true, false, a list of them, or {near: ..., within: ...}",
    ),
    "rows of different lengths": (
        f"{START}expect: [{{at: end, w: [[1, 2], [3]]}}]\n",
        "bad.yaml:4:32: expect[0].w[1]: this row has the shape [1], the first one [2]\n  allowed: rows of one length",
    ),
    "a flag that is a number": (
        f"{START}expect: [{{at: end, w.is_leaf: 1}}]\n",
        "bad.yaml:4:31: expect[0].w.is_leaf: found the number 1\n  allowed: true or false",
    ),
    "a grad_fn that is a number": (
        f"{START}expect: [{{at: end, w.grad_fn: 1}}]\n",
        "bad.yaml:4:31: expect[0].w.grad_fn: found the number 1\n"
        "  allowed: null or the name of a node, such as MulBackward0",
    ),
    "a shape that is a number": (
        f"{START}expect: [{{at: end, w.shape: 2}}]\n",
        "bad.yaml:4:29: expect[0].w.shape: found the number 2\n"
        "  allowed: a list of whole numbers, such as [2, 3]; [] for a tensor without dimensions",
    ),
    "a dtype that is null": (
        f"{START}expect: [{{at: end, w.dtype: null}}]\n",
        "bad.yaml:4:29: expect[0].w.dtype: found nothing (null)\n  allowed: the name of a dtype, such as float32",
    ),
    "a tolerance of nothing": (
        f"{START}expect: [{{at: end, w: {{near: 1, within: 0}}}}]\n",
        "bad.yaml:4:41: expect[0].w.within: found the number 0\n  allowed: a number above 0",
    ),
    "no tolerance": (
        f"{START}expect: [{{at: end, w: {{near: 1}}}}]\n",
        "bad.yaml:4:23: expect[0].w: the key 'within' is missing",
    ),
    "an order that is no list": (
        f"{START}expect: [{{order: AddBackward0}}]\n",
        "bad.yaml:4:18: expect[0].order: found the text 'AddBackward0'\n  allowed: a list",
    ),
    "an order in step 0": (
        f"{START}expect: [{{order: [AddBackward0], step: 0}}]\n",
        "bad.yaml:4:40: expect[0].step: found the number 0\n  allowed: a whole number from 1",
    ),
    "a number that is printed": (
        f"{START}expect: [{{printed: 3}}]\n",
        "bad.yaml:4:20: expect[0].printed: found the number 3\n"
        "  allowed: text that the program prints, in quotes where YAML would read a number",
    ),
    "two kinds of claim in one": (
        f"{START}expect: [{{printed: a, raises: RuntimeError}}]\n",
        "bad.yaml:4:23: expect[0].raises: there is no such key\n  allowed: the keys printed",
    ),
    "an error that is no name": (
        f"{START}expect: [{{raises: 'Runtime Error'}}]\n",
        "bad.yaml:4:19: expect[0].raises: found the text 'Runtime Error'\n"
        "  allowed: the name of an error, such as RuntimeError",
    ),
}


@pytest.mark.parametrize(("text", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_its_place_and_what_is_allowed(text: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        parse(text, "bad.yaml")
    assert str(caught.value) == message


def test_a_file_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        load(tmp_path / "no.yaml")
    assert str(caught.value) == f"{tmp_path}/no.yaml: there is no such file"


def test_a_folder_is_no_scenario(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        load(tmp_path)
    assert str(caught.value) == f"{tmp_path}: this is a folder\n  allowed: a file"


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "large.yaml"
    file.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(UserError) as caught:
        load(file)
    assert str(caught.value) == f"{file}: the file is too large\n  allowed: up to {MAX_BYTES} bytes"


def test_a_file_that_is_not_utf_8_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "latin.yaml"
    file.write_bytes("title: T\nabout: Gefühl\n".encode("latin-1"))
    with pytest.raises(UserError) as caught:
        load(file)
    assert str(caught.value) == (
        f"{file}: the file is not UTF-8: it holds the byte 0xfc in line 2\n"
        "  allowed: UTF-8 text\n  to do: save the file as UTF-8"
    )
