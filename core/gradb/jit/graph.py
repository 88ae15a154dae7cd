"""A captured graph: `CapturedGraph.run(inputs)` runs its steps again on other tensors."""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from gradb.autograd.mode import mode
from gradb.autograd.tensor import Tensor
from gradb.jit import complaints
from gradb.ops.dtypes import Size
from gradb.trace.captured import CapturedNodes


class Slot(Struct, frozen=True):
    """The place of a tensor among those of one run."""

    number: int


class Computed(Struct, frozen=True):
    """A number that each run computes anew, from the sizes of its tensors."""

    function: Callable[..., Any]
    operands: tuple[Any, ...]


class Step(Struct, frozen=True):
    """One call of the engine. Slots stand for the tensors in its arguments.

    `number` is its place among all that were captured, `results` are the slots of what it makes, and `writes` those of
    the tensors that it changes in place.
    """

    number: int
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    results: tuple[Slot | None, ...]
    writes: tuple[Slot, ...]


class CapturedGraph:
    """The steps of a function, in the order in which they ran.

    `constants` are tensors from outside, by slot: parameters and buffers of a module, and what the function closes
    over. They are the tensors themselves, so that a step uses the values they have now.
    """

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.inputs: list[Slot] = []
        self.constants: dict[Slot, Tensor] = {}
        self.outputs: Any = None  # the result, with slots for its tensors
        self._recorded = CapturedNodes()
        self._recording: object = None  # the token of the recording that `_recorded` belongs to

    def nodes(self, token: object) -> CapturedNodes:
        """The numbers that the graph's nodes have in a recording."""
        if self._recording is not token:
            self._recording, self._recorded = token, CapturedNodes()
        return self._recorded

    def run(self, inputs: Sequence[Tensor]) -> Any:
        """Runs the steps; a recorder hears of them as captured ops."""
        values: dict[Slot, Any] = {**self.constants, **dict(zip(self.inputs, inputs, strict=True))}
        recorder = mode.recorder
        if recorder is None or mode.tracer is not None:  # in a function that is captured itself, its steps are its own
            for step in self.steps:
                self._run_step(step, values)
            return filled(self.outputs, values)
        nodes = self.nodes(recorder.token)
        before = recorder.run_begins(nodes, again=True)
        try:
            for step in self.steps:
                nodes.begin_step(step.number)
                self._run_step(step, values)
        finally:
            recorder.run_ends(before)
        return filled(self.outputs, values)

    def _run_step(self, step: Step, values: dict[Slot, Any]) -> None:
        arguments = [filled(argument, values) for argument in step.arguments]
        keywords = {name: filled(value, values) for name, value in step.keywords.items()}
        try:
            result = step.function(*arguments, **keywords)
        except ValueError as error:  # sizes of the example that are constants do not fit these inputs
            raise complaints.does_not_fit(str(error)) from None
        made = result if isinstance(result, tuple) else (result,)
        if len(made) != len(step.results):
            raise complaints.does_not_fit(f"{len(step.results)} results were captured, here are {len(made)}")
        for slot, value in zip(step.results, made, strict=True):
            if slot is not None:
                values[slot] = value


def filled(template: Any, values: dict[Slot, Any]) -> Any:
    """A value with the tensors of a run in the places of its slots."""

    def fill(item: Any) -> Any:
        if type(item) is Slot:
            return values[item]
        if type(item) is Computed:
            return item.function(*filled(item.operands, values))
        return item

    return rebuilt(template, fill)


def slots_in(template: Any) -> list[Slot]:
    """The slots in a value, also those of numbers that are computed."""
    found: list[Slot] = []

    def look(item: Any) -> None:
        if type(item) is Slot:
            found.append(item)
        elif type(item) is Computed:
            found.extend(slots_in(item.operands))

    rebuilt(template, look)
    return found


def rebuilt(value: Any, change: Callable[[Any], Any]) -> Any:
    """A value with what is in its tuples, lists, dicts and slices changed."""
    if isinstance(value, Size):
        value = tuple(value)
    kind = type(value)
    if kind is tuple or kind is list:
        return kind([rebuilt(item, change) for item in value])
    if kind is dict:
        return {key: rebuilt(item, change) for key, item in value.items()}
    if kind is slice:
        return slice(*[rebuilt(item, change) for item in (value.start, value.stop, value.step)])
    return change(value)


def tensors_in(value: Any) -> list[Tensor]:
    """The tensors in a value, in order."""
    found: list[Tensor] = []
    rebuilt(value, lambda item: found.append(item) if isinstance(item, Tensor) else None)
    return found
