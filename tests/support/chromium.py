"""A page in a headless Chromium, driven through its DevTools protocol: `async with open_page(url) as page`.

Where there is no Chromium, or no aiohttp to talk to it, `needs_chromium()` skips the test.
"""

import asyncio
import base64
import itertools
import os
import re
import shutil
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
OPTIONS = (
    "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0",
)  # fmt: skip
PATIENCE = 60.0  # seconds
KEY_CODES = {"Enter": ("\r", 13), "Escape": ("", 27), "ArrowRight": ("", 39), "ArrowLeft": ("", 37)}
COUNT_COLOURS = """
(async () => {
  const image = new Image();
  image.src = "data:image/png;base64,%s";
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const points = new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer);
  const counts = {};
  for (const point of points) {
    const colour = [0, 8, 16].map((shift) => ((point >> shift) & 255).toString(16).padStart(2, "0")).join("");
    counts["#" + colour] = (counts["#" + colour] || 0) + 1;
  }
  return counts;
})()
"""


def executable() -> str:
    """Where Chromium is; empty where there is none."""
    return os.environ.get("CHROMIUM", "") or next(filter(None, map(shutil.which, NAMES)), "")


def needs_chromium() -> None:
    """Skips the test where there is no browser to run it in."""
    pytest.importorskip("aiohttp")
    if not executable():
        pytest.skip("there is no Chromium here; the variable CHROMIUM may name one")


class Page:
    """One page. `requests` are the addresses that it asked for, `frames` what came through its WebSockets,
    `problems` the errors that its console shows."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self.requests: list[str] = []
        self.frames: list[bytes] = []
        self.problems: list[str] = []

    async def listen(self) -> None:
        """Takes in what the browser tells, until it ends."""
        async for message in self._connection:
            told = message.json()
            if "id" in told:
                future = self._answers.pop(told["id"])
                if not future.done():
                    future.set_result(told)
            else:
                self._told(told["method"], told["params"])

    def _told(self, method: str, given: dict[str, Any]) -> None:
        match method:
            case "Network.requestWillBeSent":
                self.requests.append(given["request"]["url"])
            case "Network.webSocketCreated":
                self.requests.append(given["url"])
            case "Network.webSocketFrameReceived":
                frame = given["response"]
                data = frame["payloadData"]
                self.frames.append(base64.b64decode(data) if frame["opcode"] == 2 else data.encode())
            case "Log.entryAdded" if given["entry"]["level"] == "error":
                self.problems.append(f"{given['entry']['text']} {given['entry'].get('url', '')}")
            case "Runtime.exceptionThrown":
                self.problems.append(str(given["exceptionDetails"]))
            case _:
                pass

    async def ask(self, method: str, **given: Any) -> Any:
        """What the protocol answers to a command."""
        number = next(self._numbers)
        future = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._connection.send_json({"id": number, "method": method, "params": given})
        told = await asyncio.wait_for(future, PATIENCE)
        assert "error" not in told, f"{method}: {told['error']}"
        return told["result"]

    async def go(self, url: str) -> None:
        """Opens an address."""
        await self.ask("Page.navigate", url=url)

    async def evaluate(self, script: str) -> Any:
        """The value of a JavaScript expression, or of its promise."""
        told = await self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    async def press(self, key: str) -> None:
        """Presses a key: a character, or a name such as ArrowRight."""
        text, code = KEY_CODES.get(key, (key, ord(key.upper()) if len(key) == 1 else 0))
        told = {"key": key, "windowsVirtualKeyCode": code} | ({"text": text} if text else {})
        await self.ask("Input.dispatchKeyEvent", type="keyDown", **told)
        await self.ask("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    async def until(self, holds: Callable[[], Any], what: str) -> None:
        """Waits until it holds."""
        async with asyncio.timeout(PATIENCE):
            while not holds():
                await asyncio.sleep(0.02)
        assert holds(), what

    async def until_script(self, script: str) -> None:
        """Waits until a JavaScript expression is true."""
        async with asyncio.timeout(PATIENCE):
            while not await self.evaluate(f"Boolean({script})"):
                await asyncio.sleep(0.05)

    async def picture(self) -> bytes:
        """What can be seen, as PNG."""
        return base64.b64decode((await self.ask("Page.captureScreenshot", format="png"))["data"])

    async def colours(self, picture: bytes) -> dict[str, int]:
        """How many points of a PNG have which colour, as `#0f141b`. Leaves the page for an empty one."""
        await self.go("about:blank")
        return await self.evaluate(COUNT_COLOURS % base64.b64encode(picture).decode())


@asynccontextmanager
async def open_page(url: str, width: int = 1200, height: int = 800) -> AsyncGenerator[Page]:
    """A page that has begun to load an address, in a browser of its own."""
    import aiohttp

    with TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as folder:
        browser = await asyncio.create_subprocess_exec(
            executable(),
            *OPTIONS,
            f"--user-data-dir={folder}",
            f"--window-size={width},{height}",
            "about:blank",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            address = f"http://127.0.0.1:{await _port(Path(folder))}/json/list"
            async with aiohttp.ClientSession() as session:
                async with session.get(address) as answer:
                    target = next(one for one in await answer.json() if one["type"] == "page")
                async with session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as connection:
                    page = Page(connection)
                    listening = asyncio.create_task(page.listen())
                    for domain in ("Network", "Page", "Runtime", "Log"):
                        await page.ask(f"{domain}.enable")
                    await page.ask(
                        "Emulation.setDeviceMetricsOverride",
                        width=width, height=height, deviceScaleFactor=1, mobile=False,
                    )  # fmt: skip
                    await page.go(url)
                    yield page
                    listening.cancel()
                    with suppress(asyncio.CancelledError):
                        await listening
        finally:
            with suppress(ProcessLookupError):
                os.killpg(browser.pid, signal.SIGKILL)
            await browser.wait()


async def _port(folder: Path) -> int:
    """The port that the browser chose; it writes it into its folder."""
    file = folder / "DevToolsActivePort"
    async with asyncio.timeout(PATIENCE):
        while not (file.exists() and re.match(r"\d+\n", file.read_text())):
            await asyncio.sleep(0.02)
    return int(file.read_text().split("\n")[0])
