"""The tensors that an export tells of: `Tensors(trace, ("w", "*.bias")).label(id)` is a tensor's name, or None."""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from gradb.errors import UserError
from gradb.trace.events import (
    Accumulate,
    BackwardStarted,
    Clipped,
    Event,
    FanIn,
    Forward,
    NodeRef,
    RequiresGrad,
    TensorCreated,
    TensorState,
    Update,
    Visit,
    ZeroGrad,
)

if TYPE_CHECKING:
    from gradb.trace.trace import Trace

_UNNAMED = re.compile(r"\w+#([0-9]{1,18})")
_GRAD = ".grad"
_SHOWN = 12


class Tensors:
    """Those that some names stand for; without names, all that the program has in variables.

    A name stands for a tensor and its `.grad`, `w.grad` for the gradient alone, `mul#12` for what event 12 made.
    Raises UserError for a name that the run does not have.
    """

    def __init__(self, trace: "Trace", names: Sequence[str] = ()) -> None:
        self._trace = trace
        self.all = not names
        self._values: dict[int, str] = {}
        self._grads: dict[int, str] = {}
        for name in names:
            if not self._take(name, grad_alone=False) and not (
                name.endswith(_GRAD) and self._take(name.removesuffix(_GRAD), grad_alone=True)
            ):
                raise _unknown(name, trace)

    def label(self, tensor_id: int) -> str | None:
        """What to call a tensor's value, None where it is not exported."""
        if not self.all:
            return self._values.get(tensor_id)
        name = self._trace.name(tensor_id)
        return None if "#" in name else name

    def grad_label(self, tensor_id: int) -> str | None:
        """What to call the gradient of a tensor, None where it is not exported."""
        name = self.label(tensor_id) if self.all else self._grads.get(tensor_id)
        return None if name is None else f"{name}{_GRAD}"

    def concerned(self, event: Event) -> bool:
        """Whether an event reads or writes one of the tensors or its gradient, or passes a gradient to or from it."""
        return self.all or any(i in self._values or i in self._grads for i in self._of(event))

    # --- choosing

    def _take(self, pattern: str, *, grad_alone: bool) -> bool:
        """Takes the tensors of each variable whose name fits; whether there is one."""
        found = False
        for name, held in self._trace.bindings.items():
            if name == pattern or fnmatchcase(name, pattern):
                found = True
                self._note(dict.fromkeys(held.ids, name), grad_alone)
        made = _UNNAMED.fullmatch(pattern)
        number = int(made[1]) if made else 0
        if 1 <= number <= len(self._trace):
            event = self._trace.event(number)
            ids = [state.id for state in event.outputs] if isinstance(event, Forward) else []
            named = {i: pattern for i in ids if self._trace.name(i) == pattern}
            found = found or bool(named)
            self._note(named, grad_alone)
        return found

    def _note(self, named: dict[int, str], grad_alone: bool) -> None:
        for tensor_id, name in named.items():
            self._grads.setdefault(tensor_id, name)
            if not grad_alone:
                self._values.setdefault(tensor_id, name)

    # --- events

    def _of(self, event: Event) -> Iterator[int]:
        match event:
            case Forward():
                yield from _ids(event.inputs)
                yield from _ids(event.outputs)
                yield from _ids(event.aliases)
            case Visit():
                yield from self._of_node(event.node)
            case FanIn():
                yield from self._of_node(event.node)
            case BackwardStarted():
                yield from _ids(event.roots)
            case Clipped():
                yield from _ids(event.tensors)
            case TensorCreated() | RequiresGrad() | Accumulate() | ZeroGrad() | Update():
                yield event.tensor.id
                if isinstance(event, Update):
                    yield from _ids(event.aliases)
            case _:
                return

    def _of_node(self, node: NodeRef) -> Iterator[int]:
        if node.tensor:
            yield node.tensor
        elif node.forward:
            yield from self._of(self._trace.event(node.forward))


def _ids(operands: Iterable[object]) -> Iterator[int]:
    for operand in operands:
        if isinstance(operand, TensorState):
            yield operand.id
        elif isinstance(operand, tuple):
            yield from _ids(operand)


def _unknown(name: str, trace: "Trace") -> UserError:
    known = list(trace.bindings)
    near = get_close_matches(name[:100], known, n=1)
    more = " …" if len(known) > _SHOWN else ""
    return UserError(
        f"the run has no tensor {name!r}",
        allowed=", ".join(known[:_SHOWN]) + more if known else "none: the run has no variables",
        fix=f"did you mean {near[0]!r}?" if near else "",
    )
