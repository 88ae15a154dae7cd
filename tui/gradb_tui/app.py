"""The debugger as a Textual app: `open_app("leaf")` opens a scenario, `open_app(None)` lets the user choose one."""

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import ClassVar

from gradb.debug.cleaning import clean
from gradb.errors import UserError
from gradb.scenario.bundled import load_bundled
from gradb.scenario.schema import Limits
from gradb.scenario.sources import open_source
from gradb.trace.file.keep import Save
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.screen import Screen

from gradb_tui.ending import crashed, end_when_told
from gradb_tui.keys import COMMANDS, Command, bindings
from gradb_tui.keys.custom import keymap, load_commands
from gradb_tui.preferences import Preferences
from gradb_tui.remembering import recall
from gradb_tui.screens.chooser import ChooserScreen
from gradb_tui.screens.help import HelpScreen
from gradb_tui.screens.message import MessageScreen
from gradb_tui.screens.walk import WalkScreen
from gradb_tui.session import Session, session_of
from gradb_tui.svg import widened
from gradb_tui.theme import DEFAULT_THEME, THEMES, safe_theme

TEXTUALS_OWN = ("Theme", "Screenshot")


class GradbApp(App[int]):
    """Shows a session, or the list of scenarios where there is none yet."""

    TITLE = "gradb"
    CSS_PATH = "gradb.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("app")]
    COMMAND_PALETTE_BINDING = "ctrl+p"

    def __init__(
        self,
        session: Session | None = None,
        preferences: Preferences | None = None,
        commands: Sequence[Command] = COMMANDS,
    ) -> None:
        """`preferences` are what is remembered; without them nothing is. `commands` are the keys.

        `shared` says that it is served to others, who may look at everything and change no file.
        """
        super().__init__()
        self.shared = False
        self.preferences = preferences or Preferences(greeted=True)
        self._saves = preferences is not None
        self.commands = commands
        self.set_keymap(keymap(commands))
        for theme in THEMES:
            self.register_theme(theme)
        self.set_reactive(
            App.theme, "textual-dark"
        )  # Textual took the name from the environment before ours were there
        wanted = os.environ.get("TEXTUAL_THEME", "") or self.preferences.theme
        self.theme = wanted if wanted in self.available_themes else DEFAULT_THEME
        self.session = session
        self.failure = ""  # what to say when the terminal is given back

    def on_mount(self) -> None:
        if not self.is_headless:
            end_when_told(self)
        if self.session is None:
            self.push_screen(ChooserScreen())
        else:
            self._walk(self.session)

    def on_unmount(self) -> None:
        self.preferences.theme = self.theme if self.theme != DEFAULT_THEME else ""
        if self._saves:
            self.preferences.save()

    def _walk(self, session: Session) -> None:
        problem = recall(session)
        if problem:
            self.notify(problem, severity="warning")
        self.push_screen(WalkScreen(session, self.preferences, self.commands))

    def validate_theme(self, name: str) -> str:
        """The theme asked for, or the default where that one would not be readable."""
        theme = self.get_theme(name)
        return safe_theme(name, ansi=theme is not None and theme.ansi, no_color=self.no_color)

    def _handle_exception(self, error: Exception) -> None:
        """What nobody caught ends in a few lines that a user understands, not in Textual's pages of code."""
        from gradb.trace.file.trace import damage

        told = damage(error)
        if told is None and self.is_headless:
            super()._handle_exception(error)
        elif not self.failure:  # the others come from the first
            self._return_code = 2 if told is not None else 1
            source = self.session.source if self.session is not None else ""
            self.failure = clean(f"gradb: {told or crashed(error, source)}")
            self.panic()

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        return widened(super().export_screenshot(title=title, simplify=simplify))

    def on_chooser_screen_opened(self, message: ChooserScreen.Opened) -> None:
        try:
            session = session_of(load_bundled(message.name), source=message.name if self._saves else "")
        except UserError as error:
            self.push_screen(MessageScreen(f"{message.name} cannot be opened", str(error)))
        else:
            self._walk(session)

    def action_help(self) -> None:
        self.push_screen(HelpScreen(self.commands))

    def action_leave(self) -> None:
        if self.session is None and isinstance(self.screen, WalkScreen):
            self.pop_screen()
        else:
            self.exit()

    def action_interrupt(self) -> None:
        if not (isinstance(self.screen, WalkScreen) and self.screen.session.stop()):
            self.notify("Press Ctrl+Q to quit.")

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        for command in super().get_system_commands(screen):
            if command.title in TEXTUALS_OWN:
                yield command
        for ours in self.commands:
            if ours.where == "app" or (ours.where in ("walk", "pane") and isinstance(screen, WalkScreen)):
                yield SystemCommand(ours.label, f"key {ours.key_text}", self._do(ours.action))

    def _do(self, action: str) -> Callable[[], None]:
        """What runs an action as if its key had been pressed on the screen below the palette."""
        return partial(self._later, action)

    def _later(self, action: str) -> None:
        self.call_later(self._run, action)

    async def _run(self, action: str) -> None:
        name = f"action_{action.partition('(')[0]}"
        screen = self.screen
        pane = screen.pane_in_use if isinstance(screen, WalkScreen) else screen
        await self.run_action(action, next((one for one in (self, screen, pane) if hasattr(one, name)), self))


def app_for(
    source: str | None,
    limits: Limits | None = None,
    breaks: Sequence[str] = (),
    save: Save | None = None,
    *,
    shared: bool = False,
) -> GradbApp:
    """The debugger with a source, or with the list of scenarios; `breaks` are breakpoints as texts.

    `save` is a trace file to write. What the user sets up is kept for the next time, unless the debugger is `shared`
    with others. Raises UserError for a source, a breakpoint or a file of keys that it cannot read.
    """
    session = None if source is None else session_of(open_source(source), limits, "" if shared else source, save)
    if session is not None:
        for text in breaks:
            session.breakpoints.add(text)
    app = GradbApp(session, None if shared else Preferences.load(), load_commands())
    app.shared = shared
    return app


def open_app(
    source: str | None, limits: Limits | None = None, breaks: Sequence[str] = (), save: Save | None = None
) -> int:
    """Runs the debugger until the user quits; returns the exit code. Raises UserError as `app_for` does."""
    return run_app(app_for(source, limits, breaks, save))


def run_app(app: GradbApp) -> int:
    """Runs the debugger until the user quits; returns the exit code."""
    app.run()
    if app.failure:
        print(app.failure, file=sys.stderr)
    return app.return_value or app.return_code or 0
