"""The pages of the prompt's questions: `info`, and a node with its inputs and consumers."""

from gradb.errors import UserError
from gradb.trace.graph import GraphNode
from gradb.trace.numbers import brief

from gradb_tui.panes.moment import Moment
from gradb_tui.panes.tensor_facts import shape_text
from gradb_tui.session import Session


def about(session: Session, topic: str) -> str:
    """What `info` says; of everything a little where no topic is named."""
    parts = {"here": _here, "steps": _steps, "breakpoints": _breakpoints, "bookmarks": _bookmarks, "watch": _watch}
    return "\n\n".join(part(session) for name, part in parts.items() if topic in ("", name))


def _here(session: Session) -> str:
    trace, at = session.trace, session.timeline.at
    if not at:
        return "There is no event yet."
    return f"event {at} of {len(trace)}: {trace.address(at)}, line {trace.event(at).line}, {trace.event(at).kind}"


def _steps(session: Session) -> str:
    trace = session.trace
    losses = trace.losses()
    last = f"; the loss was {losses[0][2]:.5g} first and {losses[-1][2]:.5g} last" if losses else ""
    return f"{trace.steps} training steps, {len(losses)} backward passes from one number{last}"


def _breakpoints(session: Session) -> str:
    lines = [f"{one.number}  {one.text}" + (f"  {one.hits} hits" if one.hits else "") for one in session.breakpoints]
    return "breakpoints\n" + "\n".join(lines) if lines else "no breakpoints (b or break WHERE sets one)"


def _bookmarks(session: Session) -> str:
    marks = [f"#{number}  {session.trace.address(number)}" for number in session.bookmarks]
    return "bookmarks\n" + "\n".join(marks) if marks else "no bookmarks (m sets one)"


def _watch(session: Session) -> str:
    return f"watched: {', '.join(session.watch)}" if session.watch else "nothing is watched (watch NAME)"


def node_named(moment: Moment, text: str) -> GraphNode:
    """The node of the graph at a moment that is known by its label, the variable it makes or its number.

    Raises UserError.
    """
    nodes = moment.trace.graph(moment.at).nodes if moment.at else ()
    for node in nodes:
        if text in (node.name, node.label, node.node.name if node.node else "", name_of(node)):
            return node
    known = ", ".join(dict.fromkeys(name_of(node) for node in nodes))
    raise UserError(f"there is no node {text!r} in this step's graph", allowed=known or "the graph is empty")


def name_of(node: GraphNode) -> str:
    """What to call a node: its variable, or its op with the event that made it."""
    return node.name or (f"{node.label}#{node.forward}" if node.forward else node.label)


def node_page(moment: Moment, node: GraphNode, what: str) -> tuple[str, str]:
    """Title and text about a node, or about its inputs or its consumers alone."""
    trace = moment.trace
    graph = trace.graph(moment.at)
    inputs = [graph.by_key[key] for key in node.inputs]
    users = [graph.by_key[key] for key in graph.consumers.get(node.key, ())]
    if what != "node":
        shown = inputs if what == "inputs" else users
        title = f"Inputs of {name_of(node)}" if what == "inputs" else f"What uses {name_of(node)}"
        return title, "\n".join(map(_line, shown)) or "none"
    value = trace.value(node.tensor, moment.at)
    visits = [trace.address(n) for n in trace.find(node.key, "visit")]
    lines = [
        f"{node.role}, {node.label}, shape {shape_text(node.shape)}, value {brief(value)}",
        f"backward node: {node.node.name if node.node else 'none'}",
        f"made at {trace.address(node.forward)}, line {trace.event(node.forward).line}" if node.forward else "a leaf",
        f"visited at {', '.join(visits)}" if visits else "not visited by backward",
        f"state here: {trace.node_states(graph, moment.at)[node.key].replace('_', ' ')}",
        f"inputs: {', '.join(map(name_of, inputs)) or 'none'}",
        f"used by: {', '.join(map(name_of, users)) or 'none'}",
    ]
    return f"Node {name_of(node)}", "\n".join(lines)


def _line(node: GraphNode) -> str:
    return f"{name_of(node)}  {node.role} {node.label} {shape_text(node.shape)}"
