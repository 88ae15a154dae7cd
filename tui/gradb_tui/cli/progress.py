"""A progress bar on standard error, only on a terminal and only when the work takes long: `with progress(...)`."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

LONG = 0.7  # seconds after which the bar appears


@contextmanager
def progress(label: str, done: Callable[[], int], total: int | None = None, unit: str = "events") -> Generator[None]:
    """Shows how many events, or what `unit` says, are `done`, of `total` where that is known, while the block runs."""
    if not sys.stderr.isatty():
        yield
        return
    shown: list[Progress] = []

    def show() -> None:
        shown.append(_bar(label, done, total, unit))
        shown[0].start()

    timer = Timer(LONG, show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        for bar in shown:
            bar.stop()


def _bar(label: str, done: Callable[[], int], total: int | None, unit: str) -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
    from rich.text import Text

    class Events(ProgressColumn):
        """Asks for the count whenever the bar is drawn, so that the work itself need not tell it."""

        def render(self, task: Task) -> Text:
            task.completed = done()
            return Text(f"{done():,} {unit}" if total is None else f"{done():,} of {total:,} {unit}")

    columns = (TextColumn(label, markup=False), Events(), BarColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    bar.add_task("", total=total)
    return bar
