"""Choose a scenario: the bundled ones with their titles and what they show."""

import re
from collections.abc import Iterator
from typing import ClassVar

from gradb.errors import UserError
from gradb.scenario.bundled import chapters, heading, names
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from gradb_tui.panes.prose import spans


def first_sentence(text: str) -> str:
    """The first sentence of a text's first paragraph, on one line."""
    line = " ".join(text.strip().split("\n\n")[0].split())
    found = re.match(r".*?(?:[.!?](?=\s|$)|[。！？])", line)
    return found[0] if found else line


def options() -> Iterator[Option]:
    """The chapters of the course, each with the entries of its scenarios below it."""
    width = max(map(len, names()))
    for number, chapter in enumerate(chapters(), 1):
        title = Content.assemble((f"{number}. {chapter.title}", "bold $text-accent"), "\n")
        yield Option(title, disabled=True)
        for name in chapter.scenarios:
            yield option(name, width)


def option(name: str, width: int) -> Option:
    """A scenario's entry: its name in so many cells, its title, and the first sentence about it."""
    try:
        scenario = heading(name)
    except UserError as error:
        return Option(Content.assemble((name, "bold"), "  ", (error.what, "$text-error")), id=name)
    about = "".join(text for text, _ in spans(first_sentence(scenario.about)))
    return Option(
        Content.assemble((f"{name:<{width}}  ", "bold $text-primary"), (scenario.title, "bold"), f"\n{about}\n"),
        id=name,
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
        entries = OptionList(*options(), markup=False)
        entries.highlighted = 1  # below the first chapter's title
        entries.border_title = Content("Choose a scenario")
        entries.border_subtitle = Content("↑ ↓ choose · Enter opens")
        yield entries
        yield Static(
            Content(" Your own: gradb run FILE.yaml or FILE.py      ? help   q quit"),
            id="own",
        )

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        if message.option_id is not None:
            self.post_message(self.Opened(message.option_id))
