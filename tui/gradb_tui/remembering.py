"""What is kept of a source between sessions: `recall(session)` puts it in, `remember(session)` writes it."""

from gradb.debug.breakpoints import Breakpoints
from gradb.debug.state import State, load_state, save_state
from gradb.trace.address import AddressError

from gradb_tui.session import Session


def recall(session: Session) -> str:
    """Breakpoints, watched names and lines of the prompt from last time; returns what the user should know of it.

    Bookmarks come back with `recall_bookmarks` when the run is recorded, as they are addresses.
    """
    if not session.source:
        return ""
    state, problem = load_state(session.source)
    kept = [*state.breakpoints, *session.breakpoints]
    session.breakpoints = Breakpoints()
    for one in kept:
        session.breakpoints.add(one)
    session.watch = (*(name for name in state.watch if name not in session.watch), *session.watch)
    session.history = [*state.history]
    session.marked = tuple(state.bookmarks.values())
    return problem


def recall_bookmarks(session: Session) -> None:
    """Puts the bookmarks of last time where their addresses are in this run."""
    for address in session.marked:
        try:
            number = session.trace.locate(address)
        except AddressError:
            continue
        if number not in session.bookmarks:
            session.bookmarks = sorted([*session.bookmarks, number])
    session.marked = ()


def remember(session: Session) -> None:
    """Writes what is to be there next time."""
    if not session.source:
        return
    marked = [*session.marked, *map(session.trace.address, session.bookmarks)]
    save_state(
        session.source,
        State(
            breakpoints=tuple(session.breakpoints),
            bookmarks={str(i): address for i, address in enumerate(marked, start=1)},
            watch=tuple(name for name in session.watch if name not in session.own_watch),
            history=tuple(session.history),
        ),
    )
