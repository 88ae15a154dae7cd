"""An event file for TensorBoard: by step scalars and histograms of parameters and gradients, and the graph.

A trace has no clock: the wall time of a step is the number of its last event, in seconds. The file's name must have
`tfevents` in it, or TensorBoard does not look at it.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator
from importlib import import_module
from io import BytesIO
from typing import Any

import numpy as np

from gradb.errors import UserError
from gradb.export.scalars import StepValues, by_step, norm
from gradb.export.selection import Selection
from gradb.export.tensorboard_graph import graph_def
from gradb.trace.events import Array
from gradb.trace.health import squares
from gradb.trace.trace import Trace

_BINS = 30


def chunks(trace: Trace, selection: Selection) -> Iterator[bytes]:
    """The records of the file. Raises UserError where the package `tensorboard` is not installed."""
    proto = _proto("event_pb2")
    file = _Records()
    yield file.record(proto.Event(wall_time=0.0, file_version="brain.Event:2"))
    started = trace.of_kind("backward_started")
    place = bisect_left(started, selection.numbers.start)
    if place < len(started) and started[place] in selection.numbers:
        graph = graph_def(trace, started[place])
        yield file.record(proto.Event(wall_time=float(started[place]), graph_def=graph.SerializeToString()))
    for step in by_step(trace, selection):
        last = min(trace.step_span(step.step)[1], selection.numbers[-1])
        summary = _proto("summary_pb2").Summary(value=list(_values(step)))
        yield file.record(proto.Event(wall_time=float(last), step=step.step, summary=summary))


class _Records:
    """TensorBoard's framing of records: lengths and checksums."""

    def __init__(self) -> None:
        self._file = BytesIO()
        self._writer: Any = _module("tensorboard.summary.writer.record_writer").RecordWriter(self._file)

    def record(self, event: Any) -> bytes:
        """The bytes of one event."""
        self._writer.write(event.SerializeToString())
        data = self._file.getvalue()
        self._file.seek(0)
        self._file.truncate()
        return data


def _module(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise UserError(
            "the package tensorboard, which knows the format, is not installed", fix="pip install 'gradb[export]'"
        ) from None


def _proto(name: str) -> Any:
    return _module(f"tensorboard.compat.proto.{name}")


def _values(step: StepValues) -> Iterator[Any]:
    """The scalars and histograms of a step, each under a tag."""
    value = _proto("summary_pb2").Summary.Value
    for i, loss in enumerate(step.losses):
        yield value(tag=f"loss_{i + 1}" if i else "loss", simple_value=loss)
    if len(set(step.lr.values())) == 1:
        yield value(tag="lr", simple_value=next(iter(step.lr.values())))
    else:
        for name, rate in step.lr.items():
            yield value(tag=f"lr/{name}", simple_value=rate)
    for group, arrays in (("parameters", step.values), ("gradients", step.grads)):
        for name, array in arrays.items():
            if array.size == 1:
                yield value(tag=f"{group}/{name}", simple_value=float(array.reshape(())[()]))
                continue
            yield value(tag=f"{group}/norm({name})", simple_value=norm(array))
            histogram = _histogram(array)
            if histogram is not None:
                yield value(tag=f"{group}/{name}", histo=histogram)


def _histogram(array: Array) -> Any:
    """The histogram of the finite elements; None where there is none, or where their range is no number."""
    flat = np.asarray(array, np.float64).ravel()
    flat = flat[np.isfinite(flat)]
    if not flat.size:
        return None
    low, high = float(flat.min()), float(flat.max())
    if not math.isfinite(high - low):
        return None
    counts, edges = np.histogram(flat, _BINS)
    return _proto("summary_pb2").HistogramProto(
        min=low, max=high, num=flat.size, sum=float(flat.sum()), sum_squares=squares(flat),
        bucket_limit=edges[1:].tolist(), bucket=counts.tolist(),
    )  # fmt: skip
