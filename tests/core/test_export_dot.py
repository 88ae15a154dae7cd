"""The dot file: Graphviz reads it, whatever the names are, and the graph in it is that of the trace."""

import re
import shutil
import subprocess
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from gradb.export import dot
from gradb.export.selection import Request, select
from gradb.scenario.runner import run
from gradb.trace.events import Printed, TensorCreated, TensorState
from gradb.trace.trace import Header, Trace

NASTY = 'a "quoted" \\N \\ name; <b>&lt;</b> } \x07 \ud800'


def text_of(trace: Trace, at: str = "") -> str:
    return b"".join(dot.chunks(trace, select(trace, Request(at=at), "moment"))).decode()


def drawn_by_graphviz(text: str) -> ET.Element:
    """What Graphviz makes of a file."""
    program = shutil.which("dot")
    if program is None:
        pytest.skip("Graphviz is not installed")
    done = subprocess.run([program, "-Tsvg"], input=text.encode(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    return ET.fromstring(done.stdout)


def texts(picture: ET.Element, kind: str) -> list[str]:
    """The texts of each node or edge, as Graphviz drew them."""
    svg = "{http://www.w3.org/2000/svg}"
    return [
        " ".join(text.text or "" for text in group.iter(f"{svg}text")).replace("\xa0", " ")
        for group in picture.iter(f"{svg}g")
        if group.get("class") == kind
    ]


def test_graphviz_draws_each_node_with_its_value_and_gradient() -> None:
    picture = drawn_by_graphviz(text_of(run("leaf"), "step1/backward/7"))
    assert sorted(texts(picture, "node")) == [
        "x [2]",
        "✓ b [0.26692] grad [1]",
        "✓ w [0.66135] grad [2]",
        "✓ y = mul MulBackward0 [1.3227] ∇ [1]",
        "✓ z = add AddBackward0 [1.5896] ∇ [1]",
    ]
    assert len(texts(picture, "edge")) == 4


def test_a_gradient_flows_against_the_arrow_of_the_values() -> None:
    text = text_of(run("leaf"), "step1/backward/5")
    assert [line.strip() for line in text.splitlines() if "dir=back" in line] == [
        'n0 -> n2 [color="#b000b0", penwidth=3, dir=back]'
    ]
    forward = text_of(run("leaf"), "step1/forward/4")
    assert "dir=back" not in forward
    assert forward.count("-> n2 [color") == 2


def test_kinds_of_nodes_look_as_in_torchviz() -> None:
    text = text_of(run("leaf"))
    assert re.search(r'label="∅ y = mul.*shape=box, .*fillcolor="lightgrey"', text)
    assert re.search(r'label="✓ w\\n.*shape=ellipse, .*fillcolor="lightblue"', text)
    assert re.search(r'label="✓ z = add.*peripheries=2, fillcolor="darkolivegreen1"', text)


def test_graphviz_shows_any_name_as_it_is() -> None:
    trace = Trace(Header(title=NASTY))
    trace.events.append(TensorCreated(1, TensorState(1, np.ones(2, np.float32), True), "ones"))
    picture = drawn_by_graphviz(text_of(trace))
    title = texts(picture, "graph")[0]
    assert 'a "quoted" \\N \\ name; <b>&lt;</b> }' in title


def test_a_run_without_a_graph_and_one_without_events_can_be_read() -> None:
    trace = Trace(Header())
    assert texts(drawn_by_graphviz(text_of(trace)), "node") == []
    trace.events.append(Printed(1, "hello"))
    assert "print: hello" in texts(drawn_by_graphviz(text_of(trace)), "graph")[0]


def test_two_recordings_give_the_same_bytes() -> None:
    assert text_of(run("xor_mlp")) == text_of(run("xor_mlp"))
