"""Choose a scenario: the bundled ones with their titles and what they show."""

import re
from typing import ClassVar

from gradb.errors import UserError
from gradb.scenario.bundled import heading, names
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from gradb_tui.panes.prose import spans


def first_sentence(text: str) -> str:
    """The first sentence of a text, on one line."""
    line = " ".join(text.split())
    found = re.match(r".*?[.!?](?=\s|$)", line)
    return found[0] if found else line


def option(name: str) -> Option:
    """A scenario's entry: its name, its title, and the first sentence about it."""
    try:
        scenario = heading(name)
    except UserError as error:
        return Option(Content.assemble((name, "bold"), "  ", (error.what, "$text-error")), id=name)
    about = "".join(text for text, _ in spans(first_sentence(scenario.about)))
    return Option(
        Content.assemble((f"{name:<16}", "bold $text-primary"), (scenario.title, "bold"), f"\n{about}\n"), id=name
    )


class ChooserScreen(Screen[None]):
    """The list. Enter opens an entry."""

    BINDINGS: ClassVar[list[BindingType]] = []
    AUTO_FOCUS = "OptionList"

    class Opened(Message):
        """A scenario was chosen."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def compose(self) -> ComposeResult:
        yield Static(
            Content.assemble(
                (" gradb ", "bold $text-accent"), "walk through the training of a model, forwards and back"
            ),
            id="welcome",
        )
        options = OptionList(*(option(name) for name in names()), markup=False)
        options.border_title = Content("Choose a scenario")
        options.border_subtitle = Content("↑ ↓ choose · Enter opens")
        yield options
        yield Static(
            Content(" Your own: gradb run FILE.yaml or FILE.py      ? help   q quit"),
            id="own",
        )

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        if message.option_id is not None:
            self.post_message(self.Opened(message.option_id))
