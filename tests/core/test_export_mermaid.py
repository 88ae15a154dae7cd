"""The Mermaid flowchart: each line is of Mermaid's grammar, no text breaks out of its quotes, the limits are kept.

With GRADB_MERMAID naming a `mermaid.min.js` and a Chromium there, Mermaid itself parses the files.
"""

import os
import re

import numpy as np
import pytest
from browser import page
from gradb.export import mermaid
from gradb.export.selection import Request, select
from gradb.scenario.runner import run
from gradb.scenario.scenario import Scenario
from gradb.trace.events import TensorCreated, TensorState
from gradb.trace.trace import Header, Trace

TEXT = r'"[^"\n`%<>\\]*(?:<br/>[^"\n`%<>\\]*)*"'
CSS = r"[\w#:,-]+(?:(?<=\d) \d[\w#:,-]*)?"
NODE = rf"n\d+(?:\(\[{TEXT}\]\)|\({TEXT}\)|\[{TEXT}\]|\[\[{TEXT}\]\]):::(?:leaf|constant|op|root)"
LINE = re.compile(
    rf"  (?:{NODE}|more\[{TEXT}\]:::more|n\d+ --> n\d+|linkStyle \d+ {CSS}|class n\d+ current|classDef \w+ {CSS}|%% .*)"
)
NASTY = 'x"]; click n0 "javascript:1" %%{init: {}}%% <script>alert(1)</script> `#quot;` \n end'


def text_of(trace: Trace, at: str = "") -> str:
    return b"".join(mermaid.chunks(trace, select(trace, Request(at=at), "moment"))).decode()


def well_formed(text: str) -> bool:
    begin, title, end, chart, *lines = text.splitlines()
    assert (begin, end, chart) == ("---", "---", "flowchart TD")
    assert re.fullmatch(r'title: "[^%]*"', title)
    wrong = [line for line in lines if not LINE.fullmatch(line)]
    assert wrong == []
    return True


def long_run(ops: int) -> Trace:
    program = f"import torch\nx = torch.ones(1, requires_grad=True)\nfor i in range({ops}):\n    x = x * 1.5 + x\n"
    return run(Scenario("long", program + "x.backward()\n"))


def test_every_line_is_of_the_grammar_of_flowcharts() -> None:
    for name in ("leaf", "regression_optimizer", "char_rnn", "hooks", "control_flow"):
        for at in ("start", "step1/backward/3", "end"):
            assert well_formed(text_of(run(name), at))


def test_nodes_have_values_and_gradients_and_the_flow_is_marked() -> None:
    text = text_of(run("leaf"), "step1/backward/5")
    assert '  n0(["◇ w<br/>[0.66135]"]):::leaf' in text
    assert '  n2["✓ y = mul ◀<br/>[1.3227]<br/>∇ [1]"]:::op' in text
    assert "  linkStyle 0 stroke:#b000b0,stroke-width:3px,stroke-dasharray:6 4" in text
    assert "  class n2 current" in text


def test_no_name_breaks_out_of_its_quotes() -> None:
    trace = Trace(Header(title=NASTY))
    trace.events.append(TensorCreated(1, TensorState(1, np.ones(2, np.float32), True), "ones"))
    trace.bind(NASTY, 1)
    assert well_formed(text_of(trace))


def test_a_graph_within_the_limits_is_whole() -> None:
    text = text_of(long_run(100))
    assert "not shown" not in text
    assert text.count("-->") == 300


def test_a_graph_beyond_the_limits_is_cut_and_says_so() -> None:
    text = text_of(long_run(1000))
    assert well_formed(text)
    assert text.count("-->") <= mermaid.MOST_EDGES
    assert len(text) <= mermaid.MOST_CHARACTERS
    shown = text.count(":::op") + text.count(":::leaf") + text.count(":::constant") + text.count(":::root")
    assert re.search(rf"%% … {2001 - shown} of 2001 nodes are not shown: Mermaid draws at most 500 edges", text)
    assert f'more["… {2001 - shown} of 2001 nodes are not shown"]:::more' in text


def test_mermaid_itself_reads_the_files() -> None:
    script = os.environ.get("GRADB_MERMAID")
    if not script:
        pytest.skip("GRADB_MERMAID does not name a mermaid.min.js")
    nasty = Trace(Header(title=NASTY))
    nasty.events.append(TensorCreated(1, TensorState(1, np.ones(2, np.float32), True), "ones"))
    nasty.bind(NASTY, 1)
    with page() as mermaids:
        mermaids.add_script_tag(path=script)
        for trace in (run("char_rnn"), run("leaf"), long_run(1000), nasty):
            drawing = mermaids.evaluate(
                """async text => {
                    mermaid.initialize({startOnLoad: false});
                    await mermaid.parse(text);
                    return (await mermaid.render('drawing', text)).svg;
                }""",
                text_of(trace),
            )
            assert drawing.startswith("<svg")
            assert "alert(1)</script>" not in drawing
