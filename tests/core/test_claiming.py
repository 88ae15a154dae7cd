"""What can be claimed of a moment, and the file that the claim goes into."""

import os
from pathlib import Path

import pytest
from gradb.errors import UserError
from gradb.scenario.bundled import load_bundled
from gradb.scenario.claiming import offers, propose_for
from gradb.scenario.expectations import check
from gradb.scenario.loader import load, load_script, parse
from gradb.scenario.record_claim import Entry
from gradb.scenario.runner import run
from gradb.scenario.scenario import Scenario
from gradb.trace.trace import Trace

TEXT = """\
title: T   # kept
program: |
  import torch
  w = torch.tensor([3.0, 2.0], requires_grad=True)
  m = torch.ones(20, 20)
  for step in range(2):
      loss = (w * w).sum()
      loss.backward()
  print(w)
  torch.ones(2) + torch.ones(3)
expect:
  - {at: end, w.is_leaf: true}
  - {raises: RuntimeError}
"""


@pytest.fixture(scope="module")
def trace() -> Trace:
    return run(parse(TEXT, "s.yaml"))


def keys(trace: Trace, at: str, name: str = "", *, grad: bool = False) -> list[str]:
    return [list(one.entry)[-1] for one in offers(trace, trace.locate(at), name, grad=grad)]


def test_offers_begin_with_what_is_looked_at(trace: Trace) -> None:
    flags = ["w.requires_grad", "w.is_leaf", "w.grad_fn", "w.shape", "w.dtype"]
    assert keys(trace, "step1/forward/1", "w") == ["w", "w.grad", *flags, "order", "message"]
    accumulate = trace.address(trace.of_kind("accumulate")[1])
    assert keys(trace, accumulate, "w")[0] == "w.grad"
    assert keys(trace, accumulate, "w")[-3:] == ["loss", "step", "message"]
    assert keys(trace, "step1/forward/1", "w", grad=True)[0] == "w.grad"
    assert keys(trace, trace.address(trace.of_kind("visit")[0]))[0] == "order"
    assert keys(trace, trace.address(trace.of_kind("printed")[0]))[0] == "printed"
    assert keys(trace, "end")[0] == "message"


def test_a_tensor_too_large_to_write_out_is_claimed_by_its_shape(trace: Trace) -> None:
    there = keys(trace, "end", "m")
    assert "m" not in there
    assert "m.shape" in there


def test_every_offer_is_written_and_holds(tmp_path: Path, trace: Trace) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(TEXT)
    path.chmod(0o640)
    count = 0
    for number in range(1, len(trace) + 1):
        for offer in offers(trace, number, "w"):
            if number == len(trace) or count < 10:
                propose_for(load(path), offer.entry, tmp_path).write()
                count += 1
    after = load(path)
    verdicts = check(after, run(after))
    assert len(verdicts) >= count
    assert all(verdict.holds for verdict in verdicts)
    text = path.read_text()
    assert "# kept" in text
    assert [line for line in text.splitlines() if line in TEXT.splitlines()] == TEXT.splitlines()
    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in tmp_path.iterdir()] == ["s.yaml"]


def first_offer(scenario: Scenario, name: str) -> Entry:
    trace = run(scenario)
    return offers(trace, len(trace), name)[0].entry


def test_a_bundled_scenario_is_copied_once_and_then_added_to(tmp_path: Path) -> None:
    scenario = load_bundled("leaf")
    entry = first_offer(scenario, "w")
    proposal = propose_for(scenario, entry, tmp_path)
    assert proposal.before is None
    added = [line for line in proposal.diff.splitlines() if line.startswith("+") and not line.startswith("+++")]
    assert len(added) == 1
    proposal.write()
    propose_for(scenario, first_offer(scenario, "b"), tmp_path).write()
    assert [file.name for file in tmp_path.iterdir()] == ["leaf.yaml"]
    copy = load(tmp_path / "leaf.yaml")
    assert len(copy.claims) == len(scenario.claims) + 2
    assert all(verdict.holds for verdict in check(copy, run(copy)))
    with pytest.raises(UserError, match="changed in the meantime"):
        proposal.write()


def test_a_copy_takes_another_name_beside_a_file_of_the_users(tmp_path: Path) -> None:
    (tmp_path / "leaf.yaml").write_text("mine")
    scenario = load_bundled("leaf")
    propose_for(scenario, first_offer(scenario, "w"), tmp_path).write()
    assert (tmp_path / "leaf.yaml").read_text() == "mine"
    assert load(tmp_path / "leaf-2.yaml").program == scenario.program


def test_the_data_of_a_scenario_goes_with_its_copy(tmp_path: Path) -> None:
    scenario = load_bundled("iris_softmax")
    entry: Entry = {"at": "start", "flowers.shape": [150, 4]}
    (tmp_path / "iris.csv").write_text("1,2")
    with pytest.raises(UserError, match="another file of this name"):
        propose_for(scenario, entry, tmp_path)
    (tmp_path / "iris.csv").unlink()
    propose_for(scenario, entry, tmp_path).write()
    assert load(tmp_path / "iris_softmax.yaml").data.keys() == scenario.data.keys()


def test_a_file_with_another_program_than_the_one_that_ran_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(TEXT)
    scenario = load(path)
    path.write_text(TEXT.replace("3.0", "4.0"))
    with pytest.raises(UserError, match="another than the one that ran"):
        propose_for(scenario, {"at": "end", "w.is_leaf": True}, tmp_path)


def test_a_script_has_no_place_for_claims(tmp_path: Path) -> None:
    path = tmp_path / "s.py"
    path.write_text("import torch\n")
    with pytest.raises(UserError, match="a script has no"):
        propose_for(load_script(path), {"printed": "1"}, tmp_path)


def test_a_file_that_may_not_be_written_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(TEXT)
    monkeypatch.setattr(os, "access", lambda *_: False)  # to root, every file may be written
    with pytest.raises(UserError, match="may not be written"):
        propose_for(load(path), {"at": "end", "w.is_leaf": True}, tmp_path).write()
    assert path.read_text() == TEXT
