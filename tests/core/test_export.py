"""Exports: every line is what the published types say, and nothing is lost that JSON cannot hold."""

import json
from typing import Any

import msgspec
import numpy as np
import pytest
from gradb.errors import UserError
from gradb.export.formats import FORMATS, find
from gradb.export.json import Encoder
from gradb.export.records import AnyLine, json_schema
from gradb.export.writing import pieces
from gradb.trace.events import Printed, TensorCreated, TensorState
from gradb.trace.trace import Header, Trace
from hypothesis import given, settings
from synthetic import traces


def _lines(trace: Trace) -> list[bytes]:
    return b"".join(pieces(trace, "jsonl")).splitlines()


def _created(values: Any) -> Trace:
    trace = Trace(Header(title="T", source="x = 1"))
    trace.events.append(TensorCreated(1, TensorState(1, np.asarray(values, np.float32), False), "tensor"))
    return trace


@given(traces())
@settings(deadline=None)
def test_the_first_line_is_a_header_and_every_other_an_event(trace: Trace) -> None:
    header, *lines = [json.loads(line) for line in _lines(trace)]
    assert (header["kind"], header["schema"], header["events"]) == ("header", 1, len(trace))
    assert [line["index"] for line in lines] == list(range(1, len(trace) + 1))
    for number, line in enumerate(lines, start=1):
        assert list(line)[:6] == ["kind", "index", "address", "step", "phase", "line"]
        assert line["kind"] == trace.events[number - 1].kind
        assert trace.locate(line["address"]) == number


@given(traces())
@settings(deadline=None)
def test_every_line_has_the_published_types(trace: Trace) -> None:
    for line in _lines(trace):
        assert msgspec.json.encode(msgspec.json.decode(line, type=AnyLine)) == line


def test_numbers_that_json_lacks_are_texts() -> None:
    value = json.loads(Encoder(_created([np.nan, np.inf, -np.inf, 0.5])).line(1))["value"]
    assert value["data"] == ["nan", "inf", "-inf", 0.5]
    assert value["health"] == {
        "min": 0.5, "max": 0.5, "mean": 0.5, "norm": "nan", "zeros": 0, "nan": 1, "inf": 2, "count": 4,
    }  # fmt: skip


def test_a_value_has_its_shape_whatever_that_is() -> None:
    for values, data in ((2.5, 2.5), ([], []), ([[1, 2]], [[1, 2]])):
        value = json.loads(Encoder(_created(values)).line(1))["value"]
        assert value["data"] == data
        assert value["shape"] == list(np.shape(values))


def test_a_large_value_keeps_its_health_and_leaves_its_data_out() -> None:
    value = json.loads(Encoder(_created(np.ones((20, 20)))).line(1))["value"]
    assert (value["data"], value["shape"], value["health"]["mean"]) == (None, [20, 20], 1.0)


def test_half_a_character_is_told_as_a_question_mark() -> None:
    trace = Trace(Header())
    trace.events.append(Printed(1, "a\ud800b"))
    assert json.loads(Encoder(trace).line(1))["text"] == "a?b"


def test_an_unknown_format_says_which_there_are() -> None:
    with pytest.raises(UserError) as caught:
        find("xml")
    assert str(caught.value) == f"there is no export format 'xml'\n  allowed: {', '.join(FORMATS)}"


def test_every_format_in_the_table_can_be_loaded() -> None:
    for name in FORMATS:
        assert b"".join(pieces(_created(1.0), name))


def test_the_published_schema_has_every_kind_of_line() -> None:
    schema = json_schema()
    kinds = {line["properties"]["kind"]["enum"][0] for name, line in schema["$defs"].items() if name.endswith("Line")}
    assert {"header", "forward", "visit", "accumulate", "update", "raised"} <= kinds
    assert len(kinds) == len(schema["anyOf"]) == 16
