"""Fair comparison on a busy machine: `interleaved` times alternatives in turns, `ratio` compares run with run."""

import gc
from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter

Times = dict[str, list[float]]


def interleaved(runs: Mapping[str, Callable[[], object]], rounds: int) -> Times:
    """Seconds of every run in every round. Each round runs all of them, every time in another order."""
    for run in runs.values():
        run()
    times: Times = {name: [] for name in runs}
    names = list(runs)
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            gc.collect()
            started = perf_counter()
            runs[name]()
            times[name].append(perf_counter() - started)
    return times


def ratio(times: Times, name: str, to: str) -> float:
    """The median over the rounds of one run's time to another's in the same round."""
    return median(a / b for a, b in zip(times[name], times[to], strict=True))


def percentile(values: list[float], share: float) -> float:
    """The value that `share` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
