"""What a careless or hostile hand may write at the prompt: a move, or one error; nothing that takes long or fails."""

from contextlib import suppress

import pytest
from gradb.errors import UserError
from gradb_tui.app import GradbApp
from gradb_tui.prompt import WORDS, read
from gradb_tui.screens.walk import WalkScreen
from gradb_tui.session import Session

LONG = "9" * 5000
ARGUMENTS = (
    "999999999", "(" * 500, LONG, "²", "٣", "-1", "1e9", "nan", "x[²]", f"x[{LONG}]", f"w[{LONG}] = 1", "",
    f"w = {LONG}", f"1 {LONG}", f"line {LONG}", f"step{LONG}", f"#{LONG}", "w > 9**9**9", "w" * 5000, "\x1b[31m", "[b]",
    "__import__('os')", "w = __import__('os')", "w.__class__ > 1", "op " + "a" * 5000, "w; x; y", "w = 1; w = 2",
)  # fmt: skip
QUIET = {"leave", "help", "why", "check", "fork", "claim", "breakpoints"}  # open a page or end the app


@pytest.mark.parametrize("text", [f"{LONG}%", LONG, f"#{LONG}", f"line {LONG}", "²%", "9" * 400 + "%", "50.%"])
def test_a_line_that_is_an_address_or_none_is_read_or_refused(text: str, leaf_session: Session) -> None:
    with suppress(UserError):
        assert read(text, leaf_session.trace).order == "go"


async def test_every_word_takes_every_argument_and_answers_at_once(leaf_session: Session) -> None:
    app = GradbApp(leaf_session)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = app.screen
        assert isinstance(screen, WalkScreen)
        for word in WORDS:
            if word.order in QUIET:
                continue
            for argument in ARGUMENTS:
                with suppress(UserError):
                    screen.carry_out(read(f"{word.words[0]} {argument}", leaf_session.trace))
        await pilot.pause()
    assert app.return_code in (None, 0)
