"""A run in a trace file exports what the same run in memory does, byte for byte."""

from pathlib import Path

import pytest
from exported import exported, not_finite, trained
from gradb.export.formats import FORMATS
from gradb.trace.file.dumping import save_trace
from gradb.trace.file.trace import open_trace


@pytest.mark.parametrize("format_", FORMATS)
def test_a_file_exports_what_its_run_does(format_: str, tmp_path: Path) -> None:
    for name, trace in (("trained", trained()), ("not_finite", not_finite())):
        save_trace(trace, tmp_path / f"{name}.gradb")
        kept = open_trace(tmp_path / f"{name}.gradb", cache=1 << 10)
        assert exported(kept, format_) == exported(trace, format_)
        if FORMATS[format_].takes != "moment" and format_ != "py":  # a script is the whole program
            request = {"tensors": ("w",), "steps": "1"}
            assert exported(kept, format_, **request) == exported(trace, format_, **request)
        kept.close()
