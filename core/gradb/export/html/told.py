"""What a page tells beside the events: `told(trace, selection, shown, encoder)`, one record for the whole walk."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from msgspec import Struct

from gradb.export.html.scenes import Drawing, GraphOf, Scene, Scenes
from gradb.export.html.window import left_out
from gradb.export.json import Encoder
from gradb.export.records import Held, ValueRecord
from gradb.export.selection import Selection
from gradb.export.words import Words
from gradb.trace.address import AddressError
from gradb.trace.formulas import explain
from gradb.trace.trace import Trace

MOST_LOSSES = 1000


class Before(Struct, frozen=True):
    """A tensor that was there before the first event of the page, with its value and gradient then."""

    held: Held
    grad: ValueRecord | None


class Told(Struct, frozen=True):
    """`explained` and `scenes` go with the events of the page. `losses` are of the whole run: event, step, value.

    `notes` say after which events of the page which of the author's notes are said. `variables` are those to show, with
    the moments from which each held a tensor, and its id. `at` is the event at which the page opens.
    """

    at: int
    total: int
    steps: int
    left_out: str
    explained: list[tuple[str, tuple[str, ...], tuple[str, ...]]]
    scenes: list[Scene]
    drawings: list[Drawing]
    graphs: list[GraphOf]
    before: list[Before]
    losses: list[tuple[int, int, float | str]]
    about: str
    says: list[str]
    notes: list[tuple[int, list[int]]]
    variables: dict[str, list[tuple[int, int]]]


def told(trace: Trace, selection: Selection, shown: range, encoder: Encoder) -> Told:
    """All of it."""
    scenes = Scenes(trace)
    pictures = [scenes.scene(number) for number in shown]
    variables = dict(_variables(trace, selection, shown))
    explained = [explain(trace, number) for number in shown]
    return Told(
        at=selection.at if selection.at_moment else shown.start,
        total=len(trace),
        steps=trace.steps,
        left_out=left_out(trace, shown),
        explained=[(one.title, one.symbols, one.numbers) for one in explained],
        scenes=pictures,
        drawings=scenes.drawings,
        graphs=scenes.graphs,
        before=list(_before(trace, shown, scenes.graphs, variables, encoder)),
        losses=_losses(trace),
        about=selection.words.about,
        says=[note.text for note in selection.words.notes],
        notes=_notes(trace, selection.words, shown),
        variables=variables,
    )


def _before(
    trace: Trace,
    shown: range,
    graphs: Sequence[GraphOf],
    variables: Mapping[str, list[tuple[int, int]]],
    encoder: Encoder,
) -> Iterator[Before]:
    moment = shown.start - 1
    held = (tensor for pairs in variables.values() for _, tensor in pairs)
    drawn = (node.tensor for graph in graphs for node in graph.nodes)
    for tensor in dict.fromkeys(chain(held, drawn)):
        state = trace.state(tensor, moment) if moment else None
        if state is not None:
            grad = trace.grad(tensor, moment)
            yield Before(encoder.held(state), None if grad is None else encoder.value(grad))


def _losses(trace: Trace) -> list[tuple[int, int, float | str]]:
    """Every so many, where there are more than a curve shows, and the last."""
    losses = trace.losses()
    stride = -(-len(losses) // MOST_LOSSES) or 1
    places = range(0, len(losses), stride)
    last = [len(losses) - 1] if losses and (len(losses) - 1) % stride else []
    found = (losses[place] for place in chain(places, last))
    return [(number, step, value if abs(value) < float("inf") else str(value)) for number, step, value in found]


def _notes(trace: Trace, words: Words, shown: range) -> list[tuple[int, list[int]]]:
    """Notes that begin before the page are said at its first event."""
    at: dict[int, list[int]] = {}
    for place, note in enumerate(words.notes):
        try:
            trace.locate(note.at)
        except AddressError:
            continue
        for number in shown:
            if trace.matches(note.at, number):
                at.setdefault(number, []).append(place)
    return sorted(at.items())


def _variables(trace: Trace, selection: Selection, shown: range) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """What each selected variable held: at the start of the page, and from then on."""
    tensors = selection.tensors
    for name, held in trace.bindings.items():
        start = max(0, bisect_right(held.since, shown.start) - 1)
        stop = bisect_right(held.since, shown.stop)
        ids = [i for i in held.ids[start:stop] if tensors.all or tensors.label(i) or tensors.grad_label(i)]
        if ids:
            yield name, list(zip(held.since[start:stop], held.ids[start:stop], strict=True))
