"""What the browser talks to: `Pages(command, title, sessions).run(socket)` serves a Textual app until ctrl+c.

The address of the page ends in a key that nobody can guess. Whoever does not know it finds nothing here: neither
another user of the machine nor a page of another site that the browser has open.
"""

import asyncio
import secrets
import socket
from pathlib import Path
from typing import Any

from aiohttp import web
from textual_serve.server import Server

SHUTDOWN = 1.0  # seconds in which the pages may say goodbye, and after that their processes
# The page asks for nothing that does not come from this server, whatever a program prints.
POLICY = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
HEADERS = {
    "Content-Security-Policy": f"{POLICY}; connect-src 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Pages(Server):
    """textual-serve with a page of our own, below an address that is secret."""

    def __init__(self, command: str, title: str, sessions: int) -> None:
        """`command` is what a shell runs for each page, `sessions` how many may be open at once."""
        super().__init__(command, title=title, templates_path=Path(__file__).parent.resolve())
        self.key = secrets.token_urlsafe(16)
        self.sessions = sessions
        self._open: set[asyncio.Task[Any]] = set()

    def run(self, listener: socket.socket) -> None:
        """Serves at the socket until SIGINT or SIGTERM."""
        web.run_app(self._make_app(), sock=listener, shutdown_timeout=SHUTDOWN, access_log=None, print=lambda *_: None)

    async def _make_app(self) -> web.Application:
        root = web.Application()
        root.add_subapp(f"/{self.key}", await super()._make_app())
        root.router.add_get("/download/{key}", self.handle_download)  # where textual-serve's script looks for it
        root.on_response_prepare.append(_protect)
        return root

    async def on_startup(self, app: web.Application) -> None:
        """Says nothing: who calls `run` has said it."""

    async def on_shutdown(self, app: web.Application) -> None:
        """Ends the pages, and with them their processes; a browser that does not answer is not waited for."""
        for _ in range(2):
            for task in self._open:
                task.cancel()
            if self._open:
                await asyncio.wait(self._open, timeout=SHUTDOWN)

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """The session of one page."""
        if len(self._open) >= self.sessions:
            return await _refuse(request, f"All {self.sessions} sessions of this server are in use.")
        task: Any = asyncio.current_task()
        self._open.add(task)
        try:
            return await super().handle_websocket(request)
        finally:
            self._open.discard(task)


async def _refuse(request: web.Request, why: str) -> web.WebSocketResponse:
    """Shows a text in the page and closes it."""
    socket_ = web.WebSocketResponse()
    await socket_.prepare(request)
    await socket_.send_bytes(why.encode())
    await socket_.close()
    return socket_


async def _protect(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
