"""The web page in a real browser: its keys, slider and buttons walk as the timeline does, and it shows the truth."""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import chromium, page
from gradb.export.html import page as html
from gradb.export.html.window import MOST, MOST_ASKED_FOR, window
from gradb.export.json import Encoder
from gradb.export.selection import Request, select
from gradb.export.words import Said, Words
from gradb.scenario.runner import run
from gradb.scenario.scenario import Scenario
from gradb.trace.events import Printed, TensorCreated, TensorState
from gradb.trace.file.dumping import save_trace
from gradb.trace.file.trace import open_trace
from gradb.trace.trace import Header, Trace
from msgspec.structs import replace

NASTY = "</script><script>document.title='broken'</script><img src=x onerror=\"document.title='broken'\"> & \ud800"
STATES = {"n": "not_built", "b": "built", "r": "ready", "v": "visited", "f": "freed"}
MOVES = {
    "s": "step", "ArrowRight": "step", "S": "back", "ArrowLeft": "back", "n": "next_node", "N": "previous_node",
    "l": "next_line", "L": "previous_line", "f": "end_of_phase", "F": "start_of_phase", "]": "next_step",
    "[": "previous_step", "g": "start", "G": "end", "Home": "start", "End": "end",
}  # fmt: skip


def made(trace: Trace, request: Request | None = None, words: Words | None = None) -> bytes:
    selection = replace(select(trace, request), words=words or Words())
    return b"".join(html.chunks(trace, selection))


def data_of(text: bytes, name: str) -> Any:
    found = re.search(rb'<script type="application/json" id="' + name.encode() + rb'">(.*?)</script>', text, re.S)
    assert found is not None
    return json.loads(found[1])


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as running:
        yield running


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "walk.html"


def opened(shown: Any, file: Path, text: bytes, at: str = "") -> None:
    file.write_bytes(text)
    shown.goto("about:blank")
    shown.goto(file.as_uri() + (f"#{at}" if at else ""))


def address(shown: Any) -> str:
    return shown.inner_text("#address")


# --- the file


def test_the_page_has_the_records_of_json_lines_and_asks_for_nothing() -> None:
    trace = run("leaf")
    text = made(trace)
    encoder = Encoder(trace)
    assert data_of(text, "trace-header") == json.loads(encoder.header())
    assert data_of(text, "trace-events") == [json.loads(encoder.line(n)) for n in range(1, len(trace) + 1)]
    assert b"default-src 'none'" in text
    assert set(re.findall(rb"https?://[^\"'` ]+", text)) == {b"http://www.w3.org/2000/svg"}
    assert b"{{" not in text.replace(b"}}", b"").partition(b"trace-header")[0]


def test_two_recordings_give_the_same_page() -> None:
    assert made(run("regression_optimizer")) == made(run("regression_optimizer"))


def test_a_run_from_a_file_gives_the_same_page(tmp_path: Path) -> None:
    trace = run("retain_graph")
    save_trace(trace, tmp_path / "run.gradb")
    assert made(open_trace(tmp_path / "run.gradb")) == made(trace)


def test_of_a_long_run_whole_steps_are_shown_and_the_page_and_the_notice_say_so() -> None:
    trace = run("regression")
    shown = window(trace, select(trace))
    assert (shown.start, trace.step_span(trace.step_of(shown.stop - 1))[1]) == (1, shown.stop - 1)
    assert MOST - 50 < len(shown) <= MOST
    said = "This page holds the events 1 to 1,483 (steps 1 to 64) of 18,418 (800 steps). Export others with --steps"
    assert html.notice(trace, select(trace)).startswith(said)
    assert f'<p class="notice" role="note">{said}'.encode() in made(trace)


def test_a_range_that_was_asked_for_is_longer_and_a_moment_is_always_in_the_page() -> None:
    trace = run("regression")
    asked = select(trace, Request(steps="2-200"))
    assert window(trace, asked) == asked.numbers
    assert html.notice(trace, asked) == ""
    assert len(window(trace, select(trace, Request(steps="2-")))) <= MOST_ASKED_FOR
    late = select(trace, Request(at="step790/backward/3"))
    assert window(trace, late).start == trace.step_span(790)[0]
    assert late.at in window(trace, late)


def test_a_single_step_that_is_too_long_is_cut() -> None:
    trace = run(Scenario("", f"import torch\nx = torch.zeros(1)\nfor i in range({MOST}):\n    x = x + 1\n"))
    assert len(window(trace, select(trace))) == MOST


# --- in the browser


def test_every_key_moves_as_the_timeline_moves(browser: Any, file: Path) -> None:
    choose = random.Random(3)
    with page(within=browser) as shown:
        for name in ("regression_optimizer", "retain_graph"):
            trace = run(name)
            timeline = trace.timeline()
            opened(shown, file, made(trace, Request(steps="1-6") if name.startswith("regression") else None))
            timeline.seek(1)
            inside = len(trace) if name == "retain_graph" else trace.step_span(6)[1]
            for key in [*MOVES, *choose.choices(list(MOVES), k=80)]:
                before = timeline.at
                getattr(timeline, MOVES[key])()
                if timeline.at > inside:
                    at_end = MOVES[key] in ("end", "end_of_phase", "step")
                    timeline.seek(inside if at_end else before)
                shown.keyboard.press(key)
                assert address(shown) == timeline.address, key


def test_values_gradients_and_states_are_those_of_the_trace_at_every_event(browser: Any, file: Path) -> None:
    with page(within=browser) as shown:
        for name in ("in_place", "retain_grad", "accumulation", "hooks", "control_flow", "momentum_adam"):
            trace = run(name)
            last = min(len(trace), 60)
            opened(shown, file, made(trace, Request(last=f"#{last}")))
            for number in range(1, last + 1):
                graph = trace.graph(number)
                states = trace.node_states(graph, number)
                found = shown.evaluate(
                    """() => ({
                        nodes: [...document.querySelectorAll('.node')].map(node => node.getAttribute('class')),
                        rows: [...document.querySelectorAll('#rows tr')].map(
                            row => [...row.children].map(cell => cell.textContent.replace('● ', ''))),
                    })"""
                )
                drawn = [classes.split()[2] for classes in found["nodes"]]
                assert drawn == [states[node.key] for node in graph.nodes], trace.address(number)
                for row, value, grad in found["rows"]:
                    tensor = trace.lookup(row, number)
                    assert tensor is not None
                    _same(value, trace.value(tensor, number))
                    _same(grad, trace.grad(tensor, number))
                shown.keyboard.press("s")


def _same(text: str, array: Any) -> None:
    """Whether a cell shows an array, whose numbers have five digits there."""
    if array is None or array.size > 4:
        assert text == "None" if array is None else "‖" in text
        return
    literal = text.replace("True", "1").replace("False", "0").replace("nan", '"nan"').replace("inf", '"inf"')
    shown = np.array(json.loads(literal), np.float64)
    assert np.allclose(shown, array.astype(np.float64), rtol=1e-4, equal_nan=True)


def test_a_gradient_flows_up_and_goes_back_when_the_reader_goes_back(browser: Any, file: Path) -> None:
    flows = "() => [...document.querySelectorAll('#flows path')].map(p => [p.className.baseVal, p.dataset.from])"
    with page(within=browser) as shown:
        opened(shown, file, made(run("leaf")), "step1/backward/5")
        assert shown.evaluate(flows) == [["edge flow backward", "0"]]
        assert shown.inner_text("#said") == "visit MulBackward0: ∂L/∂y = [1] flows to w"
        assert "1 · 2 = 2" in shown.inner_text("#formulas")
        assert shown.inner_text("[aria-current]") == "z.backward()"
        assert shown.get_attribute("#drawing", "aria-label") == (
            "Graph of 5 nodes: 1 built, 1 ready, 3 visited, at y = mul"
        )
        shown.keyboard.press("S")
        shown.keyboard.press("s")
        assert shown.evaluate(flows) == [["edge flow backward", "0"]]
        shown.keyboard.press("g")
        assert shown.evaluate(flows) == []


def test_slider_buttons_links_and_address_move_too(browser: Any, file: Path) -> None:
    with page(within=browser) as shown:
        trace = run("leaf")
        opened(shown, file, made(trace, Request(at="step1/backward/2")))
        assert address(shown) == "step1/backward/2"
        shown.fill("#slider", "4")
        assert address(shown) == trace.address(5)
        assert shown.evaluate("document.getElementById('slider').getAttribute('aria-valuetext')").startswith(
            trace.address(5)
        )
        shown.focus("#slider")
        shown.keyboard.press("ArrowRight")
        assert address(shown) == trace.address(6)
        shown.click("[data-move=end]")
        assert address(shown) == trace.address(len(trace))
        shown.click("#rows button >> text=w")
        assert shown.inner_text("#tensor-title") == "w"
        shown.keyboard.press("W")
        assert address(shown) == "step1/backward/7"
        shown.click("#facts a >> nth=0")
        assert address(shown) == "step1/forward/2"
        shown.click("#lines li >> nth=8")
        assert address(shown) == "step1/forward/5"
        shown.evaluate("location.hash = 'line 12'")
        shown.locator("#address", has_text=trace.address(trace.locate("line 12"))).wait_for()


def test_a_parameter_that_has_several_names_stands_in_one_row(browser: Any, file: Path) -> None:
    with page(within=browser) as shown:
        opened(shown, file, made(run("xor_mlp"), Request(at="step1/backward/3")))
        rows = shown.locator("#rows button").all_inner_texts()
    assert rows == ["x", "y", "0.weight", "0.bias", "2.weight", "2.bias", "prediction", "loss"]


def test_it_plays_and_pauses_and_shows_its_keys(browser: Any, file: Path) -> None:
    with page(within=browser) as shown:
        trace = run("leaf")
        opened(shown, file, made(trace))
        for _ in range(6):
            shown.keyboard.press("+")
        shown.keyboard.press("Space")
        shown.locator("#address", has_text=trace.address(len(trace))).wait_for()
        shown.locator("#play", has_text="play").wait_for()
        shown.keyboard.press("?")
        assert "to the next training step" in shown.inner_text("dialog[open]")
        shown.keyboard.press("s")
        shown.keyboard.press("Escape")
        assert shown.query_selector("dialog[open]") is None


def test_no_text_of_the_program_becomes_a_part_of_the_page(browser: Any, file: Path) -> None:
    trace = Trace(Header(title=NASTY, source=f"x = 1  # {NASTY}\n"))
    trace.events.append(TensorCreated(1, TensorState(1, np.ones(2, np.float32), True), "ones"))
    trace.bind(NASTY, 1)
    trace.events.append(Printed(1, NASTY))
    words = Words(about=NASTY, notes=(Said("#2", f"**{NASTY}** `{NASTY}`\n\n- {NASTY}"),))
    with page(within=browser) as shown:
        opened(shown, file, made(trace, words=words))
        shown.keyboard.press("s")
        wanted = NASTY.replace("\ud800", "?")
        for place in ("h1", "#said", "[aria-current]", "#says strong", "#says li", "#printed", "#rows button"):
            assert wanted in shown.inner_text(place), place
        assert shown.title() == wanted
        assert shown.evaluate("document.querySelectorAll('img, script:not([type])').length") == 1


def test_notes_and_output_come_when_their_event_comes(browser: Any, file: Path) -> None:
    words = Words(about="About **this**.", notes=(Said("line 4", "Data: `x`."), Said("step1/backward/1", "Back.")))
    with page(within=browser) as shown:
        opened(shown, file, made(run("leaf"), words=words))
        assert shown.inner_text("#says") == "Data: x."
        assert shown.query_selector("#output[hidden]") is not None
        shown.keyboard.press("s")
        assert shown.get_attribute("#says", "class") == "scroll past"
        shown.keyboard.press("f")
        shown.keyboard.press("s")
        assert shown.inner_text("#says") == "Back."
        assert shown.inner_text("#printed").startswith("requires_grad: False True True True True")


@pytest.mark.parametrize(("width", "height", "scheme"), [(1280, 800, "light"), (390, 844, "dark"), (320, 568, "light")])
def test_on_any_screen_nothing_is_wider_than_it_and_no_text_leaves_its_box(
    width: int, height: int, scheme: Any, browser: Any, file: Path
) -> None:
    with page(width, height, scheme, within=browser) as shown:
        for name, at in (("tiny_cnn", "step2/backward/6"), ("nan_from_where", "end"), ("leaf", "step1/backward/6")):
            opened(shown, file, made(run(name), Request(at=at)))
            assert shown.evaluate("document.documentElement.scrollWidth") <= width
            assert shown.is_visible("[data-move=on]")
            leaving = shown.evaluate("""() => [...document.querySelectorAll('.node')].filter(node => {
                const box = node.querySelector('.box').getBoundingClientRect();
                return [...node.querySelectorAll('.name, .value, .grad')].some(text => {
                    const own = text.getBoundingClientRect();
                    return own.width && (own.left < box.left || own.right > box.right);
                });
            }).map(node => node.textContent)""")
            assert leaving == []


def test_everything_that_can_be_used_has_a_name_and_can_be_reached_by_tab(browser: Any, file: Path) -> None:
    with page(within=browser) as shown:
        opened(shown, file, made(run("leaf")))
        nameless = shown.evaluate("""() => [...document.querySelectorAll('button, input, a, [tabindex]')].filter(
            one => !one.getAttribute('aria-label') && !one.getAttribute('aria-labelledby') && !one.textContent.trim()
                && !one.hasAttribute('aria-hidden')).map(one => one.outerHTML)""")
        assert nameless == []
        reached: set[str] = set()
        for _ in range(40):
            shown.keyboard.press("Tab")
            reached.add(shown.evaluate("document.activeElement.id || document.activeElement.dataset.move || ''"))
        assert {"lines", "drawing", "slider", "on", "back", "play", "help"} <= reached


def test_a_run_without_events_says_so(browser: Any, file: Path) -> None:
    with page(within=browser) as shown:
        opened(shown, file, made(Trace(Header(title="nothing"))))
        assert shown.inner_text("#said") == "This run has no events."
        assert not shown.is_visible("nav")
