"""The process of one page: `python -P -m gradb_tui.cli.web.served` opens the debugger and talks to textual-serve.

What it writes to standard output is for the browser alone, in textual-serve's packets. It ends when the server is gone.
"""

import contextlib
import os
import sys
from typing import Any

from gradb.errors import UserError
from gradb.scenario import language
from textual import messages
from textual.drivers.web_driver import WebDriver

from gradb_tui.cli.web.request import Opened, taken_over

MOST_COLUMNS, MOST_ROWS = 1000, 400  # of a page, whatever it asks for


class ServedDriver(WebDriver):
    """Textual's driver for pages, which also ends the app when nobody can send keys any more."""

    def on_meta(self, packet_type: str, payload: dict[str, object]) -> None:
        if packet_type == "resize":
            payload = payload | size(payload.get("width"), payload.get("height"))
        super().on_meta(packet_type, payload)

    def run_input_thread(self) -> None:
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._app.post_message(messages.ExitApp())


def main() -> None:
    """Opens what the server was asked to serve, until the visitor quits or goes away."""
    if hasattr(os, "setsid"):
        with contextlib.suppress(OSError):  # ctrl+c in the terminal of the server is for the server
            os.setsid()
    asked = size(os.environ.get("COLUMNS"), os.environ.get("ROWS"))
    os.environ |= {"COLUMNS": str(asked["width"]), "ROWS": str(asked["height"])}
    _keep_output_to_packets()
    opened = taken_over()
    try:
        language.use(opened.language)
        code = _open(opened)
    except UserError as error:
        _tell(str(error))
        code = 2
    # What a script of the user's left running keeps no process that nobody sees.
    sys.stderr.flush()
    os._exit(code)


def size(width: object, height: object) -> dict[str, object]:
    """The size of a page as it may be: of a size that nobody can see, the screen would fill the memory."""
    asked = ((width, 80, MOST_COLUMNS), (height, 24, MOST_ROWS))
    columns, rows = (min(max(int(str(n)), 1), most) if str(n).isdecimal() else usual for n, usual, most in asked)
    return {"width": columns, "height": rows}


def _open(opened: Opened) -> int:
    from gradb_tui.app import app_for, run_app

    app = app_for(opened.source, opened.limits, opened.breaks, shared=opened.shared)
    app.driver_class = ServedDriver
    return run_app(app)


def _keep_output_to_packets() -> None:
    """What else writes to the descriptor of standard output, such as a library in C, goes to standard error."""
    own: Any = sys.__stdout__
    packets = os.fdopen(os.dup(own.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), own.fileno())
    sys.__stdout__ = packets  # pyright: ignore[reportAttributeAccessIssue]  # Textual's driver for pages writes to it


def _tell(text: str) -> None:
    """Writes a text into the page, and says that the session is over."""
    lines = text.replace("\n", "\r\n").encode()
    exit_ = b'{"type": "exit"}'
    out: Any = sys.__stdout__
    out.flush()
    packets = b"".join(kind + len(data).to_bytes(4, "big") + data for kind, data in ((b"D", lines), (b"M", exit_)))
    os.write(out.fileno(), b"__GANGLION__\n" + packets)


if __name__ == "__main__":
    main()
