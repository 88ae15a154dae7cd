"""Everything that can happen in a run: one frozen Struct per kind of event, and the records that events share.

An event keeps the arrays themselves. The engine never writes into an array that an event holds: before such a write
the tensor moves to new memory (`autograd/tensor.py`). So an event is true for ever and costs no copy.
Index, address, step and phase are not stored: they follow from an event's place in the trace (`trace/steps.py`).
"""

from typing import Any, ClassVar, TypeAlias

import numpy as np
from msgspec import Struct

Array: TypeAlias = np.ndarray[Any, Any]
Scalar: TypeAlias = bool | int | float | str | None


class OpInfo(Struct, frozen=True, gc=False):
    """What a reader may want to know of an op: its name in torch, and the formula of each gradient it can pass on.

    `gradients` maps an input's name to its formula, such as `"∂L/∂out · other"`; `inputs` names the inputs in order.
    `symbol` is the forward formula, such as `"self · other"`.
    """

    name: str
    inputs: tuple[str, ...]
    symbol: str
    gradients: dict[str, str]


class NodeRef(Struct, frozen=True, gc=False, array_like=True):
    """A backward function as events know it: it holds neither saved tensors nor edges, so it keeps no graph alive.

    `tensor` is the id of the leaf for an AccumulateGrad node and 0 for every other node. `forward` is the number of
    the forward event that made the node, 0 where the node was made outside the recording.

    A node of a graph that `torch.jit.trace` captured keeps its `id`: each `call` of the graph (from 1) makes it anew,
    and `forward` is the event of that call. For every other node `call` is 0.
    """

    CALLS: ClassVar[int] = 40  # the bit of a key at which the number of the call begins

    id: int
    name: str
    forward: int = 0
    tensor: int = 0
    call: int = 0

    @property
    def key(self) -> int:
        """A number that no other node has, nor the same node in another call; minus the leaf's id for AccumulateGrad,
        which stands for its leaf."""
        return -self.tensor if self.tensor else self.id | self.call << NodeRef.CALLS


class TensorState(Struct, frozen=True, gc=False, array_like=True):
    """A tensor as it was at one event. Its variable's name comes later, so it is in `Trace.names[id]`."""

    id: int
    array: Array
    requires_grad: bool
    grad_fn: NodeRef | None = None
    output_nr: int = 0

    @property
    def is_leaf(self) -> bool:
        return self.grad_fn is None


Operand: TypeAlias = TensorState | Scalar | tuple[Any, ...]


class TensorCreated(Struct, frozen=True, gc=False):
    """A leaf came to be; `origin` is the function that made it, such as `randn`."""

    kind: ClassVar[str] = "tensor_created"
    line: int
    tensor: TensorState
    origin: str


class RequiresGrad(Struct, frozen=True, gc=False):
    """A leaf's requires_grad was switched; `tensor` is its state after."""

    kind: ClassVar[str] = "requires_grad"
    line: int
    tensor: TensorState


class Forward(Struct, frozen=True, gc=False):
    """An op ran. `aliases` are the other tensors whose memory an in-place op changed.

    `captured`: no Python code asked for it, a captured graph ran its op again. `module` is the path of the innermost
    module whose call it belongs to, such as `model.layers.0`, and empty outside of modules. A path begins with the
    variable that held the outermost module first, or with its class where no variable is known. `run` counts the runs
    of captured graphs, their captures among them: all ops of one have its number, and others have 0.
    """

    kind: ClassVar[str] = "forward"
    line: int
    op: OpInfo
    inputs: tuple[Operand, ...]
    outputs: tuple[TensorState, ...]
    node: NodeRef | None
    in_place: bool
    grad_mode: bool
    aliases: tuple[TensorState, ...] = ()
    captured: bool = False
    module: str = ""
    run: int = 0


class BackwardStarted(Struct, frozen=True, gc=False):
    """`backward()` or `autograd.grad` began; `seeds` are the gradients of the roots, in the roots' order."""

    kind: ClassVar[str] = "backward_started"
    line: int
    roots: tuple[TensorState, ...]
    seeds: tuple[Array, ...]
    retain_graph: bool


class BackwardFinished(Struct, frozen=True, gc=False):
    """The walk ended; `freed` are the nodes whose saved tensors were let go."""

    kind: ClassVar[str] = "backward_finished"
    line: int
    freed: tuple[NodeRef, ...]


class Visit(Struct, frozen=True, gc=False):
    """The engine ran a node: the gradients that came in, one per output, and that went out, one per input (edge)."""

    kind: ClassVar[str] = "visit"
    line: int
    node: NodeRef
    incoming: tuple[Array | None, ...]
    outgoing: tuple[Array | None, ...]


class FanIn(Struct, frozen=True, gc=False):
    """A second or later gradient reached a node's input buffer: what came, from which node, and the sum so far."""

    kind: ClassVar[str] = "fan_in"
    line: int
    node: NodeRef
    output_nr: int
    contribution: Array
    source: NodeRef
    total: Array


class Accumulate(Struct, frozen=True, gc=False):
    """A leaf's `.grad`, or that of a non-leaf with retain_grad, was written. `grad` is the gradient tensor after."""

    kind: ClassVar[str] = "accumulate"
    line: int
    tensor: TensorState
    contribution: Array
    before: Array | None
    grad: TensorState


class ZeroGrad(Struct, frozen=True, gc=False):
    """A leaf's `.grad` was cleared (`grad` is None) or set (to zeros, or to a tensor that the program assigned)."""

    kind: ClassVar[str] = "zero_grad"
    line: int
    tensor: TensorState
    before: Array | None
    grad: TensorState | None


class Update(Struct, frozen=True, gc=False):
    """A leaf that requires grad got a new value; `rule` is the formula and `used` the numbers and state in it."""

    kind: ClassVar[str] = "update"
    line: int
    tensor: TensorState
    before: Array
    rule: str
    used: tuple[tuple[str, Operand | Array], ...]
    aliases: tuple[TensorState, ...] = ()


class Clipped(Struct, frozen=True, gc=False):
    """A call clipped gradients in place. `tensors`, `before` and `grads` go together: leaf, gradient before, after.

    `limit` is max_norm or clip_value. Where the norm was clipped, every gradient was multiplied by `coefficient`;
    else `norm_type`, `total_norm` and `coefficient` are None. `aliases` are other tensors on the gradients' memory.
    """

    kind: ClassVar[str] = "clipped"
    line: int
    by: str
    limit: float
    norm_type: float | None
    total_norm: float | None
    coefficient: float | None
    tensors: tuple[TensorState, ...]
    before: tuple[Array, ...]
    grads: tuple[TensorState, ...]
    aliases: tuple[TensorState, ...] = ()


class Scheduled(Struct, frozen=True, gc=False):
    """A scheduler changed an option of a parameter group, mostly `lr`; `rule` is the formula, `used` what is in it.

    `by` is the scheduler's class, and groups count from 0 as in `optimizer.param_groups`.
    """

    kind: ClassVar[str] = "scheduled"
    line: int
    by: str
    group: int
    option: str
    before: float
    after: float
    rule: str = ""
    used: tuple[tuple[str, Scalar], ...] = ()


class Printed(Struct, frozen=True, gc=False):
    """The program printed `text` (without the final line break)."""

    kind: ClassVar[str] = "printed"
    line: int
    text: str


class Plotted(Struct, frozen=True, gc=False):
    """The program called a plotting function; `series` are its arrays (x and y), `options` its plain arguments."""

    kind: ClassVar[str] = "plotted"
    line: int
    call: str
    series: tuple[Array, ...]
    options: tuple[tuple[str, Scalar], ...]


class Raised(Struct, frozen=True, gc=False):
    """The program ended with an error."""

    kind: ClassVar[str] = "raised"
    line: int
    error: str
    message: str


Event: TypeAlias = (
    TensorCreated
    | RequiresGrad
    | Forward
    | BackwardStarted
    | BackwardFinished
    | Visit
    | FanIn
    | Accumulate
    | ZeroGrad
    | Update
    | Clipped
    | Scheduled
    | Printed
    | Plotted
    | Raised
)

EVENT_KINDS: tuple[type, ...] = (
    TensorCreated,
    RequiresGrad,
    Forward,
    BackwardStarted,
    BackwardFinished,
    Visit,
    FanIn,
    Accumulate,
    ZeroGrad,
    Update,
    Clipped,
    Scheduled,
    Printed,
    Plotted,
    Raised,
)
