"""Work in a thread that ends with the app, even if it cannot be stopped: `await in_background(work)`."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress


async def in_background(work: Callable[[], object]) -> None:
    """Runs `work` in a thread of its own and waits for it; raises what it raises.

    asyncio's own threads would keep the process from ending while a script sleeps or waits for something.
    """
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()
    threading.Thread(target=_run, args=(work, loop, ended), name="gradb program", daemon=True).start()
    await ended


def _run(work: Callable[[], object], loop: asyncio.AbstractEventLoop, ended: asyncio.Future[None]) -> None:
    error: BaseException | None = None
    try:
        work()
    except BaseException as raised:
        error = raised
    with suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(_settle, ended, error)


def _settle(ended: asyncio.Future[None], error: BaseException | None) -> None:
    if ended.done():
        return
    if error is None:
        ended.set_result(None)
    else:  # SystemExit and the like would end the loop
        ended.set_exception(error if isinstance(error, Exception) else RuntimeError(repr(error)))
