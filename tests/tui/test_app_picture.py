"""The picture of the debugger: an SVG of the size that was asked for, or a message."""

from pathlib import Path

import pytest
from gradb.trace.events import Visit
from gradb.trace.trace import Trace
from gradb_tui.picture import instructive, main
from gradb_tui.svg import widened


def test_the_picture_shows_backward_at_a_node_with_most_gradients(regression_trace: Trace) -> None:
    at = instructive(regression_trace)
    assert regression_trace.step_of(at) == regression_trace.steps // 10
    event = regression_trace.event(at)
    assert isinstance(event, Visit)
    assert [gradient is None for gradient in event.outgoing] == [False, False]


def test_a_picture_is_written(tmp_path: Path) -> None:
    out = tmp_path / "leaf.svg"
    main([str(out), "--size", "60x20", "leaf"])
    assert out.read_text(encoding="utf-8").startswith("<svg")
    assert "step1/backward" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize("words", [["--size", "60"], ["no_such_scenario"]])
def test_what_cannot_be_drawn_is_told(tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([str(tmp_path / "x.svg"), *words])
    assert end.value.code == 2
    assert words[-1] in capsys.readouterr().err


def test_a_wide_character_takes_two_cells_of_a_picture() -> None:
    plain = '<text class="a" x="0" textLength="24.4" clip-path="url(#l)">ab</text>'
    wide = '<text class="a" x="0" textLength="36.6" clip-path="url(#l)">叶&amp;子</text>'
    assert widened(plain) == plain
    assert widened(wide) == wide.replace("36.6", "61")
