"""Events as JSON records: `encoder = Encoder(trace)`, then `encoder.header()` and `encoder.line(n)` as bytes."""

import math
from typing import Any

import msgspec
import numpy as np

from gradb.debug.cleaning import clean_json
from gradb.export import records as r
from gradb.trace.events import (
    Accumulate,
    Array,
    BackwardFinished,
    BackwardStarted,
    Clipped,
    FanIn,
    Forward,
    NodeRef,
    Plotted,
    Printed,
    Raised,
    RequiresGrad,
    Scheduled,
    TensorCreated,
    TensorState,
    Update,
    Visit,
    ZeroGrad,
)
from gradb.trace.health import health
from gradb.trace.numbers import is_short
from gradb.trace.substitution import inputs_of
from gradb.trace.thinned import is_thinned
from gradb.trace.trace import Trace

SIZE_LIMIT = 256  # an array with more elements is told by its shape and health alone


class Encoder:
    """Turns the events of one trace into records. Equal traces give equal bytes."""

    def __init__(self, trace: Trace, size_limit: int = SIZE_LIMIT) -> None:
        self.trace = trace
        self.size_limit = size_limit
        self._encoder = msgspec.json.Encoder()

    def header(self) -> bytes:
        """The first line of an export, without its line break."""
        header = self.trace.header
        return self.encode(
            r.HeaderLine(header.schema, header.version, header.engine, header.title, header.source, len(self.trace))
        )

    def line(self, number: int) -> bytes:
        """The line of event `number`, without its line break. Raises AddressError beyond the ends."""
        return self.encode(self.record(number))

    def encode(self, record: msgspec.Struct) -> bytes:
        """A record as JSON, with question marks for halves of characters.

        What could steer a terminal stands as `\\u009b`: a reader gets the same text.
        """
        try:
            return clean_json(self._encoder.encode(record))
        except UnicodeEncodeError:
            return clean_json(self._encoder.encode(_whole(msgspec.to_builtins(record))))

    def record(self, number: int) -> r.EventLine:
        """Event `number` as a record. Raises AddressError beyond the ends."""
        event = self.trace.event(number)
        common: dict[str, Any] = {
            "index": number,
            "address": self.trace.address(number),
            "step": self.trace.step_of(number),
            "phase": self.trace.phase_of(number),
            "line": event.line,
        }
        match event:
            case TensorCreated(tensor=state, origin=origin):
                return r.TensorCreatedLine(
                    tensor=self._tensor(state), value=self.value(state.array), origin=origin, **common
                )
            case RequiresGrad(tensor=state):
                return r.RequiresGradLine(tensor=self._tensor(state), **common)
            case Forward():
                return r.ForwardLine(
                    op=event.op.name,
                    formula=event.op.symbol,
                    inputs=[
                        self._parameter(name, given) for name, given in zip(event.op.inputs, event.inputs, strict=False)
                    ],
                    outputs=[self.held(state) for state in event.outputs],
                    node=None if event.node is None else self._node(event.node),
                    in_place=event.in_place,
                    grad_mode=event.grad_mode,
                    aliases=[self.held(state) for state in event.aliases],
                    captured=event.captured,
                    module=event.module,
                    **common,
                )
            case BackwardStarted():
                return r.BackwardStartedLine(
                    roots=[self._tensor(root) for root in event.roots],
                    seeds=[self.value(seed) for seed in event.seeds],
                    retain_graph=event.retain_graph,
                    **common,
                )
            case BackwardFinished(freed=freed):
                return r.BackwardFinishedLine(freed=[self._node(node) for node in freed], **common)
            case Visit():
                return r.VisitLine(
                    node=self._node(event.node),
                    incoming=[self._maybe(gradient) for gradient in event.incoming],
                    outgoing=self._edges(event),
                    **common,
                )
            case FanIn():
                return r.FanInLine(
                    node=self._node(event.node),
                    output_nr=event.output_nr,
                    contribution=self.value(event.contribution),
                    source=self._node(event.source),
                    total=self.value(event.total),
                    **common,
                )
            case Accumulate():
                return r.AccumulateLine(
                    tensor=self._tensor(event.tensor),
                    contribution=self.value(event.contribution),
                    before=self._maybe(event.before),
                    after=self.value(event.grad.array),
                    **common,
                )
            case ZeroGrad():
                return r.ZeroGradLine(
                    tensor=self._tensor(event.tensor),
                    before=self._maybe(event.before),
                    after=None if event.grad is None else self.value(event.grad.array),
                    **common,
                )
            case Update():
                return r.UpdateLine(
                    tensor=self._tensor(event.tensor),
                    before=self.value(event.before),
                    after=self.value(event.tensor.array),
                    rule=event.rule,
                    used=[self._parameter(name, given) for name, given in event.used],
                    aliases=[self.held(state) for state in event.aliases],
                    **common,
                )
            case Clipped():
                return r.ClippedLine(
                    by=event.by,
                    limit=_number(event.limit),
                    norm_type=_plain(event.norm_type),
                    total_norm=_plain(event.total_norm),
                    coefficient=_plain(event.coefficient),
                    gradients=[
                        r.Clipping(self._tensor(tensor), self.value(before), self.value(grad.array))
                        for tensor, before, grad in zip(event.tensors, event.before, event.grads, strict=True)
                    ],
                    aliases=[self.held(state) for state in event.aliases],
                    **common,
                )
            case Scheduled():
                return r.ScheduledLine(
                    by=event.by,
                    group=event.group,
                    option=event.option,
                    before=_number(event.before),
                    after=_number(event.after),
                    rule=event.rule,
                    used=[self._parameter(name, given) for name, given in event.used],
                    **common,
                )
            case Printed(text=text):
                return r.PrintedLine(text=text, **common)
            case Plotted():
                return r.PlottedLine(
                    call=event.call,
                    series=[self.value(series) for series in event.series],
                    options={name: _plain(option) for name, option in event.options},
                    **common,
                )
            case Raised(error=error, message=message):
                return r.RaisedLine(error=error, message=message, **common)

    # --- the parts of a record

    def _tensor(self, state: TensorState) -> r.TensorRecord:
        return r.TensorRecord(
            id=state.id,
            name=self.trace.name(state.id),
            shape=list(state.array.shape),
            dtype=state.array.dtype.name,
            requires_grad=state.requires_grad,
            is_leaf=state.is_leaf,
            grad_fn=None if state.grad_fn is None else state.grad_fn.name,
        )

    def _name(self, tensor_id: int) -> r.TensorName:
        return r.TensorName(tensor_id, self.trace.name(tensor_id))

    def held(self, state: TensorState) -> r.Held:
        """A tensor with the value that it has in this state."""
        return r.Held(self._tensor(state), self.value(state.array))

    def _maybe(self, array: Array | None) -> r.ValueRecord | None:
        return None if array is None else self.value(array)

    def value(self, array: Array) -> r.ValueRecord:
        """An array with its health; its elements only where they are few, and where they were kept."""
        found = health(array)
        few = is_short(array, self.size_limit) and not is_thinned(array)
        data = _plain(array.tolist(), finite=not found.nan and not found.inf) if few else None
        return r.ValueRecord(
            list(array.shape),
            array.dtype.name,
            data,
            r.HealthRecord(
                min=found.min,
                max=found.max,
                mean=None if found.mean is None else _number(found.mean),
                norm=_number(found.norm),
                zeros=found.zeros,
                nan=found.nan,
                inf=found.inf,
                count=found.count,
            ),
        )

    def _node(self, node: NodeRef) -> r.NodeRecord:
        return r.NodeRecord(node.id, node.name, node.forward or None, self._name(node.tensor) if node.tensor else None)

    def _parameter(self, name: str, given: Any) -> r.Parameter:
        if isinstance(given, TensorState):
            return r.Parameter(name, tensor=self._tensor(given))
        if isinstance(given, np.ndarray):
            return r.Parameter(name, value=self.value(given))
        if isinstance(given, tuple) and any(isinstance(item, TensorState) for item in given):
            return r.Parameter(name, tensors=[self._tensor(t) for t in given if isinstance(t, TensorState)])
        return r.Parameter(name, value=_plain(given))

    def _edges(self, event: Visit) -> list[r.Edge]:
        """One edge for each gradient that went out; its input and formula are known where the forward is."""
        forward = self.trace.events[event.node.forward - 1] if event.node.forward else None
        inputs = inputs_of(forward) if isinstance(forward, Forward) else []
        edges: list[r.Edge] = []
        for place, gradient in enumerate(event.outgoing):
            name, target = inputs[place] if place < len(inputs) else (None, None)
            formula = forward.op.gradients.get(name, "") if isinstance(forward, Forward) and name else ""
            tensor = self._name(target.id) if isinstance(target, TensorState) else None
            edges.append(r.Edge(name, tensor, formula, self._maybe(gradient)))
        return edges


def _number(value: float) -> Any:
    return value if math.isfinite(value) else str(value)


def _plain(value: Any, *, finite: bool = False) -> Any:
    """The value with every NaN and infinity as a text; `finite` says that there is none."""
    if finite:
        return value
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, bool | int | str) or value is None else str(value)


def _whole(value: Any) -> Any:
    """The value with question marks for halves of characters, which a program can print but no file can hold."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, list | tuple):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {_whole(name): _whole(item) for name, item in value.items()}
    return value
