"""The table of keys. A small letter goes forwards and its capital goes back; a key means the same in every pane.

Keys that a terminal cannot tell from others (ctrl+[ is Escape, ctrl+i Tab, ctrl+h Backspace) are never bound.
"""

from gradb_tui.keys.command import Command

PANES: dict[str, str] = {
    "source": "the program, with the current line marked",
    "event": "what happened, with its formula in symbols and in numbers",
    "tensor": "value, grad, flags and health of the event's tensor, and who wrote them",
    "graph": "what was computed from what, and where the gradient flows now",
    "charts": "the loss over the steps, and what the program plotted",
    "notes": "what the scenario says here, and what was printed up to here",
    "watch": "the variables and their values",
    "compare": "two runs of the program side by side",
}


def _move(
    on: tuple[str, ...],
    back: tuple[str, ...],
    moves: tuple[str, str],
    what: tuple[str, str],
    hint: str = "",
    also: tuple[str, ...] = (),
) -> tuple[Command, Command]:
    """A move forwards and its reverse."""
    return (
        Command(on, f"move('{moves[0]}')", _sentence(what[0]), what[0], "Time", hint=hint, also=also),
        Command(back, f"move('{moves[1]}')", _sentence(what[1]), what[1], "Time", hint=hint),
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


COMMANDS: tuple[Command, ...] = (
    *_move(("s", "right", "f11"), ("S", "left"), ("step", "back"), ("one event on", "one event back"), "event"),
    *_move(
        ("n", "f10"),
        ("N",),
        ("next_node", "previous_node"),
        ("to the next node that backward visits, past the accumulations of this one", "to the visit before"),
        "node",
    ),
    *_move(("l",), ("L",), ("next_line", "previous_line"), ("to the next source line", "to the source line before")),
    *_move(
        ("f", "shift+f11"),
        ("F",),
        ("end_of_phase", "start_of_phase"),
        ("to the end of this phase (forward, backward, update)", "to the start of this phase"),
        "phase",
        also=("f23",),
    ),
    *_move(
        ("right_square_bracket",),
        ("left_square_bracket",),
        ("next_step", "previous_step"),
        ("to the next training step", "to the start of this step, then the step before"),
        "step",
    ),
    Command(("w",), "write('1')", "Next write", "to the next write of the tensor shown", "Time", hint="write"),
    Command(("W",), "write('-1')", "Previous write", "to the write before: who wrote this?", "Time", hint="write"),
    Command(("t",), "run_to('1')", "Run to", "on to the node or the line that is chosen in its pane", "Time"),
    Command(("T",), "run_to('-1')", "Run back to", "back to it", "Time"),
    *_move(
        ("pagedown",), ("pageup",), ("tenth_on", "tenth_back"), ("a tenth of the run on", "a tenth of the run back")
    ),
    *_move(("G", "end"), ("g", "home"), ("end", "start"), ("to the last event", "to the first event")),
    Command(("space",), "play", "Play or pause", "plays the run, and pauses it", "Time"),
    Command(("plus",), "speed('1')", "Play faster", "plays faster", "Time", also=("equals_sign",)),
    Command(("minus",), "speed('-1')", "Play slower", "plays slower", "Time"),
    Command(
        ("colon",), "prompt", "Prompt", "asks for an address or a command (the words are below)", "Find", hint="ask"
    ),
    Command(("slash",), "search", "Search", "searches names, ops, kinds of events and source lines", "Find"),
    Command(("comma",), "match('1')", "Next match", "to the next event that matches", "Find"),
    Command(("full_stop",), "match('-1')", "Previous match", "to the one before", "Find"),
    Command(("m",), "bookmark", "Set bookmark", "puts a bookmark at this event, or takes it away", "Find"),
    Command(("apostrophe",), "to_bookmark('1')", "Next bookmark", "to the next bookmark, then the first", "Find"),
    Command(("quotation_mark",), "to_bookmark('-1')", "Previous bookmark", "to the bookmark before", "Find"),
    Command(("y",), "copy", "Copy pane", "copies the text of the pane in use to the clipboard", "Find"),
    Command(("tab",), "next_pane", "Next pane", "to the next pane", "Panes", hint="pane"),
    Command(("shift+tab",), "previous_pane", "Previous pane", "to the pane before", "Panes"),
    *(
        Command((str(n),), f"pane('{pane}')", f"Pane: {pane}", f"{pane}: {what}", "Panes")
        for n, (pane, what) in enumerate(PANES.items(), start=1)
    ),
    Command(("h",), "hide", "Hide pane", "hides the pane in use; its number shows it again", "Panes"),
    Command(("H",), "show_all", "Show all panes", "shows all panes", "Panes"),
    Command(("z",), "zoom", "Enlarge pane", "give the pane the whole screen, and take it back", "Panes"),
    Command(("down",), "scroll('1')", "Scroll down", "one line down in the pane", "Panes", "pane"),
    Command(("up",), "scroll('-1')", "Scroll up", "one line up in the pane", "Panes", "pane"),
    Command(("shift+down",), "scroll('page')", "Scroll a page down", "one page down in the pane", "Panes", "pane"),
    Command(("shift+up",), "scroll('-page')", "Scroll a page up", "one page up in the pane", "Panes", "pane"),
    Command(
        ("shift+right",), "across('1')", "Go right", "one column or node to the right in the pane", "Panes", "pane"
    ),
    Command(("shift+left",), "across('-1')", "Go left", "one column or node to the left", "Panes", "pane"),
    Command(
        ("enter",),
        "choose",
        "Select",
        "watch, graph: keep the tensor pane on this tensor; source, history: go there",
        "Look",
        "pane",
    ),
    Command(
        ("v",), "view('1')", "Next view of the tensor", "tensor: facts, table, heatmap, history, change, node", "Look"
    ),
    Command(("V",), "view('-1')", "Previous view of the tensor", "tensor: the view before", "Look"),
    Command(("a",), "facet", "Value or grad", "tensor: ask about the value or about .grad", "Look"),
    Command(("right_curly_bracket",), "slice('1')", "Next slice", "tensor: the next slice of more than 2 dims", "Look"),
    Command(("left_curly_bracket",), "slice('-1')", "Previous slice", "tensor: the slice before", "Look"),
    Command(
        ("escape",),
        "escape",
        "Let go",
        "the tensor pane follows the event again; stops a run that is recording",
        "Look",
    ),
    Command(("u",), "walk('-1')", "Up to an input", "graph: from the chosen or current node to an input of it", "Look"),
    Command(("d",), "walk('1')", "Down to a consumer", "graph: to what uses its output", "Look"),
    Command(
        ("o",),
        "fold",
        "Fold module",
        "graph: the module of the chosen node as one box, and the box opened again",
        "Look",
    ),
    Command(("O",), "fold_all", "Fold all modules", "graph: opens every box, or folds every module", "Look"),
    Command(("greater_than_sign",), "scale('1')", "Larger nodes", "graph: larger nodes, at last always boxes", "Look"),
    Command(
        ("less_than_sign",),
        "scale('-1')",
        "Smaller nodes",
        "graph: smaller, at last names alone and more nodes",
        "Look",
    ),
    Command(("p",), "next_chart", "Next chart", "charts: the loss, then each figure that the program plotted", "Look"),
    Command(("b",), "break", "Set breakpoint", "at the chosen line, node or variable, or none there", "Stop and ask"),
    Command(("B",), "breakpoints", "List breakpoints", "the list of breakpoints", "Stop and ask"),
    Command(("c", "f8"), "continue('1')", "Continue", "on to the next breakpoint", "Stop and ask"),
    Command(("C",), "continue('-1')", "Continue back", "back to the breakpoint before", "Stop and ask"),
    Command(("e",), "why", "Why", "why is this value or gradient what it is?", "Stop and ask", hint="why"),
    Command(("k",), "check", "Check", "compares the gradient here with finite differences", "Stop and ask"),
    Command(("i",), "fork", "Change and run on", "what if: sets a value or a number here and runs on", "Two runs"),
    Command(("r",), "other_run", "Other run", "to the other run, at the same address", "Two runs"),
    Command(("j",), "divergence", "First difference", "to the first event that differs in the two runs", "Two runs"),
    Command(("x",), "claim", "Expect this", "puts what is shown into the scenario's expect:", "Stop and ask"),
    Command(("question_mark", "f1"), "help", "Help", "this page", "Application", "app", "help"),
    Command(("ctrl+p",), "command_palette", "Palette", "every command by name", "Application", "app"),
    Command(("ctrl+c",), "interrupt", "Stop recording", "stops a run that is recording", "Application", "app"),
    Command(
        ("ctrl+z",), "suspend_process", "Shell", "back to the shell, where `fg` comes back here", "Application", "app"
    ),
    Command(("q",), "leave", "Close the run", "back to the list of scenarios, or quits", "Application", "app", "quit"),
    Command(("ctrl+q",), "quit", "Quit", "quits at once", "Application", "app"),
    Command(("pagedown",), "scroll('page')", "Page on", "shows what stands further down", "Pages", "page"),
    Command(("pageup",), "scroll('-page')", "Page back", "shows what stands further up", "Pages", "page"),
    Command(("end",), "scroll('end')", "Page's end", "shows the end of it", "Pages", "page"),
    Command(("home",), "scroll('start')", "Page's start", "shows its beginning", "Pages", "page"),
    Command(("escape", "q", "question_mark", "f1"), "close", "Close", "closes a page", "Pages", "help"),
    Command(("space", "enter"), "switch", "On or off", "breakpoints: switches it on or off", "Pages", "breakpoints"),
    Command(("d", "delete"), "remove", "Remove", "breakpoints: removes it", "Pages", "breakpoints"),
    Command(("enter",), "follow", "Follow", "why: asks the same of this part", "Pages", "why"),
    Command(("backspace", "left"), "back", "Back", "why: back to the question before", "Pages", "why"),
    Command(("g",), "go", "Go there", "why: goes to the event that it comes from", "Pages", "why"),
    Command(("escape", "q"), "close", "Close", "why: closes it", "Pages", "why"),
    Command(("up",), "choose('-1')", "Thing above", "run on: takes what stands above", "Pages", "fork"),
    Command(("down",), "choose('1')", "Thing below", "run on: takes what stands below", "Pages", "fork"),
    Command(("escape",), "close", "Close", "run on: leaves everything as it is", "Pages", "fork"),
    Command(("enter",), "write", "Write", "expect: writes the entry into the file", "Pages", "claim"),
    Command(("escape", "q"), "close", "Close", "expect: leaves the file as it is", "Pages", "claim"),
)
