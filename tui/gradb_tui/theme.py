"""The colours made for gradb: `THEMES` are its dark and its light theme, registered beside Textual's own.

What a colour stands for is the same everywhere: `primary` is forward and leaves, `accent` backward and gradients,
`warning` update, `success` roots. So every other theme serves as well; none of them is told by colour alone.
"""

from textual.theme import Theme

DARK = Theme(
    name="gradb-dark",
    dark=True,
    primary="#6cb6ff",
    secondary="#9db1cc",
    accent="#e879e6",
    warning="#e6c34a",
    success="#7ddc8a",
    error="#ff7b72",
    foreground="#d8dee9",
    background="#0f141b",
    surface="#141b24",
    panel="#22303f",
)

LIGHT = Theme(
    name="gradb-light",
    dark=False,
    primary="#0b62b8",
    secondary="#50637a",
    accent="#a626a4",
    warning="#8a6300",
    success="#1a7f37",
    error="#c4232b",
    foreground="#1b2430",
    background="#f7f8fa",
    surface="#ffffff",
    panel="#dfe6ee",
)

THEMES = (DARK, LIGHT)
DEFAULT_THEME = DARK.name


def safe_theme(wanted: str, *, ansi: bool, no_color: bool) -> str:
    """The theme to use: under NO_COLOR a theme in the terminal's own colours would come out black on black."""
    return DEFAULT_THEME if no_color and ansi else wanted
