"""How much memory the process uses (`memory_in_use`), and a limit for it while a program runs (`memory_limit`)."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np

_STATM = Path("/proc/self/statm")
_SLACK = 512 << 20  # for stacks of threads and the like, which count as addresses before they are used
_CPU_SLACK = 60  # seconds
_LARGE = 256  # rows of matrices that are multiplied on all processors


def _pages(column: int) -> int | None:
    try:
        import resource

        return int(_STATM.read_text().split()[column]) * resource.getpagesize()
    except (ImportError, OSError, ValueError, IndexError):
        return None


def memory_in_use() -> int:
    """The bytes of memory that the process holds: on Linux now, on macOS at most so far, elsewhere unknown and 0."""
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return _pages(1) or 0


@cache
def _warm_up() -> None:
    """Lets OpenBLAS take its own memory now: where it gets none later, it ends the process."""
    square = np.ones((_LARGE, _LARGE))
    np.matmul(square, square)


@contextmanager
def memory_limit(extra: int, seconds: float) -> Generator[None]:
    """Inside, an allocation that takes the process above its present size and `extra` bytes raises MemoryError.

    And a single operation of C code that never ends, which no Python thread can stop, ends the process: its limit is
    far above what `seconds` of all processors can use. Systems other than Linux have neither.
    """
    size = _pages(0)
    if size is None or sys.platform != "linux":
        yield
        return
    import os
    import resource
    import time

    _warm_up()
    limits = {
        resource.RLIMIT_AS: size + extra + _SLACK,
        resource.RLIMIT_CPU: int(time.process_time() + (seconds + _CPU_SLACK) * 2 * (os.cpu_count() or 1)),
    }
    before = {name: resource.getrlimit(name) for name in limits}
    try:
        for name, limit in limits.items():
            soft, hard = before[name]
            bounds = [bound for bound in (limit, soft, hard) if bound != resource.RLIM_INFINITY]
            resource.setrlimit(name, (min(bounds), hard))
        yield
    finally:
        for name, limit in before.items():
            resource.setrlimit(name, limit)
