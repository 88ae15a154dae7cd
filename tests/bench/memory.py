"""What an event costs in memory, beside the numbers in the arrays.

The recorded regression runs under tracemalloc. numpy reports the memory of its arrays' numbers in a domain of its own,
which the figure leaves out; the array objects themselves, the events and the trace's indexes are counted.
"""

import gc
import tracemalloc

import gradb
import numpy as np

from bench.programs import program
from bench.table import Row


def measure() -> list[Row]:
    """Bytes per event, of Python objects and of numbers, that a trace holds after the run ended."""
    with gradb.record():
        program(gradb)
    gc.collect()
    tracemalloc.start()
    before = _held()
    with gradb.record() as trace:
        program(gradb)
    gc.collect()
    after = _held()
    tracemalloc.stop()
    events = len(trace)
    objects, numbers = ((b - a) / events for a, b in zip(before, after, strict=True))
    return [
        Row("memory per event, beside the arrays' numbers", objects, "bytes", note=f"{events} events, tracemalloc"),
        Row("memory per event, the arrays' numbers", numbers, "bytes", note="100 points, float32"),
    ]


def _held() -> tuple[int, int]:
    """Bytes held now by Python objects, and by the numbers in arrays."""
    domain: int = np.lib.tracemalloc_domain
    snapshot = tracemalloc.take_snapshot()
    numbers = snapshot.filter_traces([tracemalloc.DomainFilter(True, domain)])
    size = sum(trace.size for trace in numbers.traces)
    return sum(trace.size for trace in snapshot.traces) - size, size
