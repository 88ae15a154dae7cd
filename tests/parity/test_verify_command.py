"""The command `gradb verify`: what it prints, and its exit codes."""

import sys
from pathlib import Path

import pytest
from gradb.scenario.schema import Limits
from gradb_tui.cli.verify import verify_all

pytest.importorskip("torch")

KNOWS_ITS_ENGINE = """
import torch
w = torch.ones(1, requires_grad=True)
factor = 2 if torch.__name__ == "torch" else 3
(w * factor).backward()
"""


def test_equal_runs_give_0_and_say_what_was_compared(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify_all(["leaf", "zero_grad"], Limits()) == 0
    printed = capsys.readouterr().out
    assert "leaf: the same on PyTorch 2" in printed
    assert "4 visit" in printed
    assert "zero_grad: the same" in printed


def test_runs_that_part_give_1_and_show_the_first_divergence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "script.py"
    path.write_text(KNOWS_ITS_ENGINE)
    assert verify_all([str(path)], Limits()) == 1
    printed = capsys.readouterr().out
    assert "DIFFERENT on PyTorch" in printed
    assert "[3.]" in printed
    assert "[2.]" in printed
    assert printed.count("\n  >") == 2


def test_a_source_that_cannot_be_run_gives_2_and_the_others_are_verified(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify_all(["no_such_scenario", "leaf"], Limits()) == 2
    streams = capsys.readouterr()
    assert "no_such_scenario" in streams.err
    assert "leaf: the same" in streams.out


def test_a_program_over_its_budget_gives_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify_all(["leaf"], Limits(events=3)) == 2
    assert "needs more than 3 events" in capsys.readouterr().err


def test_without_torch_it_gives_2_and_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert verify_all(["leaf"], Limits()) == 2
    assert "pip install 'gradb[parity]'" in capsys.readouterr().err
