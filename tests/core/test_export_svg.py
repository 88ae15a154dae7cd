"""The SVG picture: an XML parser reads it, and it shows every node, value and gradient of the moment."""

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from browser import page
from gradb.export import svg
from gradb.export.drawn import drawn
from gradb.export.selection import Request, select
from gradb.scenario.runner import run
from gradb.scenario.scenario import Scenario
from gradb.trace.events import Printed, TensorCreated, TensorState
from gradb.trace.trace import Header, Trace

SVG = "{http://www.w3.org/2000/svg}"
NASTY = "]]> & <script>alert(1)</script> \" ' \x00 \ud800"


def picture_of(trace: Trace, at: str = "") -> ET.Element:
    return ET.fromstring(b"".join(svg.chunks(trace, select(trace, Request(at=at), "moment"))))


def nodes_of(picture: ET.Element) -> dict[str, ET.Element]:
    """The nodes by their first line."""
    groups = [group for group in picture.iter(f"{SVG}g") if (group.get("class") or "").startswith("node ")]
    return {_text(group, "name"): group for group in groups}


def _text(group: ET.Element, kind: str) -> str:
    return next(text.text or "" for text in group.iter(f"{SVG}text") if text.get("class") == kind)


def test_each_node_has_its_value_its_gradient_and_the_sign_of_its_state() -> None:
    nodes = nodes_of(picture_of(run("leaf"), "step1/backward/5"))
    shown = {name: tuple(_text(node, kind) for kind in ("value", "grad", "mark")) for name, node in nodes.items()}
    assert shown == {
        "w": ("[0.66135]", "", "◇"),
        "x": ("[2]", "", ""),
        "y = mul": ("[1.3227]", "∇ [1]", "✓"),
        "b": ("[0.26692]", "grad [1]", "✓"),
        "z = add": ("[1.5896]", "∇ [1]", "✓"),
    }
    assert nodes["y = mul"].get("class") == "node op visited current"


def test_before_an_op_has_run_its_box_has_no_value() -> None:
    nodes = nodes_of(picture_of(run("leaf"), "step1/forward/4"))
    assert (_text(nodes["z = add"], "value"), _text(nodes["z = add"], "mark")) == ("[1]", "·")


def test_the_gradient_goes_against_the_line_along_which_it_flows() -> None:
    picture = picture_of(run("leaf"), "step1/backward/5")
    flowing = [path for path in picture.iter(f"{SVG}path") if "flow" in (path.get("class") or "").split()[1:2]]
    edges = [path for path in flowing if path.get("data-from")]
    assert [(path.get("class"), path.get("data-from"), path.get("data-to")) for path in edges] == [
        ("edge flow backward", "0", "2")
    ]
    assert edges[0].get("marker-end") is None
    assert edges[0].get("marker-start") == "url(#back)"


@pytest.mark.parametrize("name", ["char_rnn", "tiny_cnn", "hooks"])
def test_every_reading_of_a_node_by_another_has_one_line(name: str) -> None:
    trace = run(name)
    for at in ("step1/backward/6", "end"):
        graph = drawn(trace, trace.locate(at))
        edges = [path for path in picture_of(trace, at).iter(f"{SVG}path") if path.get("data-from")]
        shown = sorted((int(path.get("data-from") or 0), int(path.get("data-to") or 0)) for path in edges)
        assert shown == sorted((edge.source, edge.target) for edge in graph.edges)


def test_any_text_of_the_program_is_shown_as_text() -> None:
    trace = Trace(Header(title=NASTY))
    trace.events.append(TensorCreated(1, TensorState(1, np.ones(2, np.float32), True), "ones"))
    trace.events.append(Printed(1, NASTY))
    picture = picture_of(trace)
    assert all(element.tag != f"{SVG}script" for element in picture.iter())
    assert (picture.findtext(f"{SVG}title") or "").startswith("]]> & <script>alert(1)</script>")


def test_of_a_huge_graph_a_part_is_drawn_and_the_picture_says_so() -> None:
    program = "import torch\nx = torch.ones(1, requires_grad=True)\nfor i in range(700):\n    x = x * 1.5 + x\n"
    picture = picture_of(run(Scenario("long", program + "x.backward()\n")))
    assert len([g for g in picture.iter(f"{SVG}g") if (g.get("class") or "").startswith("node ")]) == svg.MOST
    assert any(text.text == "… 401 of 1401 nodes are not shown" for text in picture.iter(f"{SVG}text"))


def test_a_run_without_events_gives_a_picture_that_says_so() -> None:
    picture = picture_of(Trace(Header(title="nothing")))
    assert "the run has no events" in [text.text for text in picture.iter(f"{SVG}text")]


def test_no_text_in_a_box_reaches_beyond_it(tmp_path: Path) -> None:
    trace = run("char_rnn")
    file = tmp_path / "graph.svg"
    file.write_bytes(b"".join(svg.chunks(trace, select(trace, Request(at="step2/backward/30"), "moment"))))
    with page() as shown:
        shown.goto(file.as_uri())
        wide = shown.evaluate("""() => [...document.querySelectorAll('.node')].filter(node => {
            const box = node.querySelector('.box').getBoundingClientRect();
            return [...node.querySelectorAll('.name, .value, .grad')].some(text => {
                const own = text.getBoundingClientRect();
                return own.width && (own.left < box.left || own.right > box.right || own.bottom > box.bottom);
            });
        }).map(node => node.textContent)""")
    assert wide == []
