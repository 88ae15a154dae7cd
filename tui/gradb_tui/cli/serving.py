"""`gradb serve`: checks what is to be served, finds a port, says where the page is, and serves it."""

import importlib.util
import ipaddress
import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

from gradb.errors import UserError
from gradb.scenario import language

from gradb_tui.cli.output import clean, say

if TYPE_CHECKING:
    from gradb.scenario.schema import Limits

DEFAULT_PORT = 8000


def serve(
    source: str | None, limits: "Limits", breaks: Sequence[str], *, host: str, port: int | None, sessions: int
) -> int:
    """Serves the debugger until ctrl+c; returns the exit code. Without a port: 8000, or a free one where it is taken.

    Raises UserError where the extra is missing, the source or a breakpoint cannot be read, or nothing can listen there.
    """
    if importlib.util.find_spec("textual_serve") is None:
        raise UserError(
            "`gradb serve` needs textual-serve, which is not installed",
            fix=f"{shlex.quote(sys.executable)} -m pip install textual-serve (pipx: pipx inject gradb textual-serve)",
        )
    from gradb_tui.cli.web.request import Opened, hand_over, subject
    from gradb_tui.cli.web.server import Pages

    address = _resolve(host)
    shared = not ipaddress.ip_address(address).is_loopback
    _check(source, limits, breaks, shared)
    listener = _listen(address, port)
    opened = Opened(source, limits, tuple(breaks), language.current(), shared)
    hand_over(opened)
    pages = Pages(_command(), subject(opened), sessions)
    with listener:
        taken = listener.getsockname()[1]
        if port is None and taken != DEFAULT_PORT:
            say(f"port {DEFAULT_PORT} is taken, so this is port {taken}")
        if shared:
            say(
                f"warning: this listens on {address}, so other machines can reach it. Whoever has the address below "
                "can use the debugger as you, on this machine, and what they send is not encrypted"
            )
        print(f"http://{_name(host, address)}:{taken}/{pages.key}/", flush=True)
        say(clean(f"serving {source or 'the bundled scenarios'} at this address; ctrl+c ends it"))
        with redirect_stdout(sys.stderr):  # what textual-serve passes on of a page's process
            pages.run(listener)
    say("ended")
    return 0


def _check(source: str | None, limits: "Limits", breaks: Sequence[str], shared: bool) -> None:
    """Finds now what would be wrong in every page."""
    from gradb.debug.breakpoint import parse_breakpoint
    from gradb.scenario.sources import open_source

    from gradb_tui.keys.custom import load_commands
    from gradb_tui.session import session_of

    load_commands()
    for text in breaks:
        parse_breakpoint(text)
    if source is None:
        if breaks:
            raise UserError("a breakpoint is given, but no source", fix="name the source")
        return
    scenario = open_source(source)
    if shared and scenario.trusted:
        raise UserError(
            f"{source} is a script: it may do what you may do, and it would run for each visitor from other machines",
            allowed="a bundled scenario or a .yaml file; a script on this machine alone",
            fix="leave --host out",
        )
    session_of(scenario, limits)


def _resolve(host: str) -> str:
    """The address of a host, as numbers."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(
            f"the host {host!r} cannot be found: {reason}", allowed="a name or address of this machine"
        ) from None
    return str(found[0][4][0]).split("%")[0]


def _listen(address: str, port: int | None) -> socket.socket:
    """A socket that listens there. Raises UserError."""
    try:
        return _socket(address, DEFAULT_PORT if port is None else port)
    except OSError as error:
        if port is None:
            try:
                return _socket(address, 0)
            except OSError:
                pass
        raise UserError(
            f"nothing can listen on {address}, port {port if port is not None else DEFAULT_PORT}: {error.strerror}",
            fix="leave --port out: then a free one is taken" if port is not None else "name another --host",
        ) from None


def _socket(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.create_server((address, port), family=family)


def _name(host: str, address: str) -> str:
    """What stands in the address of the page: for `every address of this machine` the machine's own name."""
    if ipaddress.ip_address(address).is_unspecified:
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host


def _command() -> str:
    """What the shell runs for a page. It holds nothing of the user's but the path of Python."""
    words = [sys.executable, "-P", "-m", "gradb_tui.cli.web.served"]  # -P: modules in this folder are not ours
    return subprocess.list2cmdline(words) if os.name == "nt" else f"exec {shlex.join(words)}"
