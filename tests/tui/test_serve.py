"""`gradb serve`: the debugger in a page, for whom it was meant, and nothing left behind."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from chromium import needs_chromium, open_page
from gradb.errors import UserError
from gradb.scenario.schema import Limits
from gradb_tui.cli import serving

COMMAND = (sys.executable, "-c", "from gradb_tui.cli import main; main()", "serve")
PATIENCE = 60.0  # seconds
TELLS_ITS_PROCESS = "import os, pathlib, torch\npathlib.Path('{}').write_text(str(os.getpid()))\nx = torch.ones(1)\n"
SLEEPS = "import time\ntime.sleep(600)\n"


class Served:
    """A server in a process of its own; `url` is the address of its page."""

    def __init__(self, process: Any, url: str) -> None:
        self.process = process
        self.url = url

    @property
    def root(self) -> str:
        """The address without its key."""
        return "/".join(self.url.split("/")[:3])

    async def end(self, how: signal.Signals) -> tuple[int, str]:
        """Sends a signal; the exit code, and what was said on standard error."""
        self.process.send_signal(how)
        _, said = await asyncio.wait_for(self.process.communicate(), PATIENCE)
        return self.process.returncode, said.decode()


@asynccontextmanager
async def serve(*words: str) -> AsyncGenerator[Served]:
    pytest.importorskip("textual_serve")
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *words, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe
    )
    try:
        assert process.stdout is not None
        url = (await asyncio.wait_for(process.stdout.readline(), PATIENCE)).decode().strip()
        if not url:
            pytest.fail((await process.communicate())[1].decode())
        yield Served(process, url)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


@asynccontextmanager
async def session(served: Served) -> AsyncGenerator[Any]:
    """A WebSocket as the page opens it."""
    import aiohttp

    async with aiohttp.ClientSession() as client, client.ws_connect(f"{served.url}ws?width=80&height=24") as connection:
        yield connection


async def drawn(connection: Any, text: str, again: str = "") -> None:
    """Reads until a text has been drawn; presses the key `again` whenever something else was."""
    seen = b""
    async with asyncio.timeout(PATIENCE):
        while text.encode() not in seen:
            if again:
                await connection.send_json(["stdin", again])
            message = await connection.receive()
            assert isinstance(message.data, bytes), f"closed after {seen[-2000:]!r}"
            seen += message.data


async def ended(number: int) -> None:
    """Waits until there is no process of that number."""
    async with asyncio.timeout(PATIENCE):
        while Path(f"/proc/{number}").exists():
            await asyncio.sleep(0.02)


# --- in a browser


async def test_the_page_shows_the_run_and_its_keys_move_the_event() -> None:
    needs_chromium()
    async with serve("leaf") as served, open_page(served.url) as page:
        await page.until(lambda: b"event 1 of " in b"".join(page.frames), "the first event is drawn")
        await page.until_script("document.body.classList.contains('-first-byte')")
        before = await page.picture()
        await page.press("s")
        await page.until(lambda: b"forward/2" in b"".join(page.frames), "the key moves the event")
        await page.press("S")
        await page.until(lambda: b"".join(page.frames).count(b"forward/1") > 1, "and back")
        await page.press("q")
        await page.until_script("document.body.classList.contains('-closed')")
        colours = await page.colours(before)
        assert page.problems == []
        web = served.root.replace("http", "ws")
        outside = [one for one in page.requests if not one.startswith((served.url, web, "data:", "about:"))]
        assert outside == []
    points = sum(colours.values())
    assert points == 1200 * 800
    assert colours["#0f141b"] > points / 2, "the background of the dark theme"
    assert colours["#22303f"] > points / 100, "the bars above and below"
    assert len(colours) > 100, "text, drawn smoothly"


# --- who may see it


async def test_nothing_is_found_without_the_key_of_the_address() -> None:
    pytest.importorskip("textual_serve")
    import aiohttp

    async with serve("leaf") as served, aiohttp.ClientSession() as client:
        for path in ("/", "/ws", "/static/js/textual.js", "/download/0", "/x/ws"):
            async with client.get(served.root + path) as answer:
                assert answer.status == 404, path
        async with client.get(served.url) as answer:
            assert answer.status == 200
            assert "connect-src 'self'" in answer.headers["Content-Security-Policy"]
            assert "https://" not in await answer.text()


async def test_a_page_too_many_is_told_so_and_the_others_go_on() -> None:
    async with serve("leaf", "--sessions", "1") as served, session(served) as first:
        await drawn(first, "event 1 of ")
        async with session(served) as second:
            await drawn(second, "All 1 sessions of this server are in use.")
            assert (await second.receive()).data is not None
            assert second.closed
        await first.send_json(["stdin", "s"])
        await drawn(first, "forward/2")


GARBAGE = (
    "x", "[]", "{}", '["stdin", 7]', '["stdin"]', '["pwn", 1]', '["resize", {"width": "x", "height": []}]',
    '["resize", {"width": 1e400}]', '["stdin", "\\u001b]52;c;?\\u0007\\u001b[201~"]',
)  # fmt: skip


async def test_messages_that_are_none_end_no_other_session_and_ctrl_z_stops_nothing() -> None:
    async with serve("leaf") as served:
        async with session(served) as rude:
            await drawn(rude, "event 1 of ")
            for text in GARBAGE:
                await rude.send_str(text)
            await rude.send_bytes(b"\xff\xfe")
        async with session(served) as connection:
            await drawn(connection, "event 1 of ")
            await connection.send_json(["stdin", "\x1a"])
            await connection.send_json(["stdin", "s"])
            await drawn(connection, "forward/2")


@pytest.mark.parametrize(
    ("asked", "given"),
    [(("120", "40"), (120, 40)), ((10**9, 10**9), (1000, 400)), (("0", "-3"), (1, 24)), ((None, "x"), (80, 24))],
)
def test_a_page_has_the_size_that_it_asks_for_within_reason(asked: tuple[Any, Any], given: tuple[int, int]) -> None:
    pytest.importorskip("textual_serve")
    from gradb_tui.cli.web.served import size

    assert tuple(size(*asked).values()) == given


async def test_visitors_from_other_machines_change_no_file_and_leave_no_trace(tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text("title: T\nprogram: |\n  import torch\n  w = torch.ones(1)\n")
    folders = (tmp_path, Path(os.environ["XDG_STATE_HOME"]), Path(os.environ["XDG_CONFIG_HOME"]))

    def files() -> dict[Path, bytes]:
        return {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}

    before = files()
    async with serve(str(file), "--host", "0.0.0.0") as served:
        served.url = served.url.replace(socket.gethostname(), "127.0.0.1")
        async with session(served) as connection:
            await drawn(connection, "event 1 of 1")
            await connection.send_json(["stdin", "m"])  # a bookmark
            await drawn(connection, "it changes no file", again="x")  # an expectation, once the run is over
            await connection.send_json(["stdin", "q"])
            while not connection.closed:
                await connection.receive()
    assert files() == before


# --- how it ends


async def test_ctrl_c_ends_the_server_and_the_process_of_an_open_page(tmp_path: Path) -> None:
    script, number = tmp_path / "a script's $(name).py", tmp_path / "number"
    script.write_text(TELLS_ITS_PROCESS.format(number) + SLEEPS)
    async with serve(str(script)) as served, session(served) as connection:
        await drawn(connection, "event 1 of ")
        code, said = await served.end(signal.SIGINT)
        assert code == 0
        assert said.splitlines()[-1] == "gradb: ended"
        assert "Traceback" not in said
        await ended(int(number.read_text()))


async def test_the_process_of_a_page_ends_when_the_server_is_killed(tmp_path: Path) -> None:
    script, number = tmp_path / "script.py", tmp_path / "number"
    script.write_text(TELLS_ITS_PROCESS.format(number) + SLEEPS)
    async with serve(str(script)) as served, session(served) as connection:
        await drawn(connection, "event 1 of ")
        os.kill(served.process.pid, signal.SIGKILL)
        await ended(int(number.read_text()))


async def test_what_goes_wrong_for_one_page_is_told_in_the_page(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import torch\nx = torch.ones(1)\n")
    async with serve(str(script)) as served:
        script.unlink()
        async with session(served) as connection:
            await drawn(connection, "there is no such file")
            assert (await connection.receive()).data is not None
            assert connection.closed


# --- where it listens


@contextmanager
def taken(port: int = 0) -> Generator[int]:
    with socket.create_server(("127.0.0.1", port)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def unserved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything but serving itself."""
    pytest.importorskip("textual_serve")
    from gradb_tui.cli.web.server import Pages

    def leave(_: object, listener: socket.socket) -> None:
        assert listener.getsockname()[1] > 0

    monkeypatch.setattr(Pages, "run", leave)


def start(source: str | None, host: str = "127.0.0.1", port: int | None = None, breaks: tuple[str, ...] = ()) -> None:
    assert serving.serve(source, Limits(), breaks, host=host, port=port, sessions=1) == 0


def test_another_port_is_taken_and_named_where_the_usual_one_is_in_use(
    unserved: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with taken() as port:
        monkeypatch.setattr(serving, "DEFAULT_PORT", port)
        start("leaf")
    out, err = capsys.readouterr()
    other = int(out.split(":")[2].split("/")[0])
    assert other != port
    assert f"port {port} is taken, so this is port {other}" in err


def test_a_port_that_was_asked_for_and_is_in_use_is_an_error(unserved: None) -> None:
    with taken() as port, pytest.raises(UserError, match=f"nothing can listen on 127.0.0.1, port {port}"):
        start("leaf", port=port)


def test_other_machines_are_warned_of_and_only_where_they_can_reach_it(
    unserved: None, capsys: pytest.CaptureFixture[str]
) -> None:
    start("leaf", port=0)
    start("leaf", host="::1" if socket.has_ipv6 else "localhost", port=0)
    assert "warning" not in capsys.readouterr().err
    start("leaf", host="0.0.0.0", port=0)
    out, err = capsys.readouterr()
    assert "other machines can reach it" in err
    assert out.startswith(f"http://{socket.gethostname()}:")


def test_a_script_is_not_served_to_other_machines(unserved: None, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import torch\n")
    start(str(script), port=0)
    with pytest.raises(UserError, match="it would run for each visitor"):
        start(str(script), host="0.0.0.0", port=0)


def test_mistakes_are_found_before_anything_is_served(unserved: None) -> None:
    with pytest.raises(UserError, match="there is no bundled scenario"):
        start("nothing_of_that_name")
    with pytest.raises(UserError, match="cannot be found"):
        start("leaf", host="no such host")
    with pytest.raises(UserError, match="no source"):
        start(None, breaks=("nan_or_inf",))


def test_without_the_extra_one_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> None:
        return None

    monkeypatch.setattr("importlib.util.find_spec", missing)
    with pytest.raises(UserError, match="needs textual-serve") as told:
        start("leaf")
    assert "pip install textual-serve" in told.value.fix
