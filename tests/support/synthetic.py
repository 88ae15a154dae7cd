"""Traces made of random but possible events, for tests of what reads a trace: `traces()` is a hypothesis strategy."""

import numpy as np
from gradb.trace.events import (
    Accumulate,
    BackwardFinished,
    BackwardStarted,
    Event,
    Forward,
    NodeRef,
    OpInfo,
    Printed,
    RequiresGrad,
    TensorCreated,
    TensorState,
    Update,
    Visit,
    ZeroGrad,
)
from gradb.trace.trace import Header, Trace
from hypothesis import strategies as st

INFO = OpInfo("mul", ("self", "other"), "self · other", {"self": "∂L/∂out · other", "other": "∂L/∂out · self"})
GRAD_BASE = 100  # the id of the .grad of tensor i is GRAD_BASE + i

Draw = tuple[str, int, int, float]  # kind, tensor, line, value

draws = st.lists(
    st.tuples(
        st.sampled_from(
            ["create", "flags", "forward", "in_place", "backward", "accumulate", "zero", "clear", "update", "print"]
        ),
        st.integers(1, 4),
        st.integers(1, 6),
        st.floats(-8, 8, width=32),
    ),
    max_size=60,
)


def build(drawn: list[Draw], *, instrumented: bool = False, turns: bool = False) -> Trace:
    """The trace of a list of draws; a variable `t1`... is bound to each tensor as it comes to be.

    With `turns`, the run is one loop of which every backward's turn begins two events before it.
    """
    trace = Trace(Header(instrumented=instrumented))
    alive: dict[int, TensorState] = {}

    def state(tensor_id: int, value: float, *, requires_grad: bool = True, node: NodeRef | None = None) -> TensorState:
        return TensorState(tensor_id, np.array([value], np.float32), requires_grad, node)

    def add(event: Event) -> None:
        trace.events.append(event)

    def ensure(tensor_id: int, line: int) -> TensorState:
        if tensor_id not in alive:
            alive[tensor_id] = state(tensor_id, 0.0)
            add(TensorCreated(line, alive[tensor_id], "zeros"))
            trace.bind(f"t{tensor_id}", tensor_id)
        return alive[tensor_id]

    for kind, tensor_id, line, value in drawn:
        old = ensure(tensor_id, line)
        number = len(trace.events) + 1
        grad = state(GRAD_BASE + tensor_id, value, requires_grad=False)
        match kind:
            case "flags":
                alive[tensor_id] = state(tensor_id, float(old.array[0]), requires_grad=not old.requires_grad)
                add(RequiresGrad(line, alive[tensor_id]))
            case "forward":
                made = state(1000 + number, value, node=NodeRef(number, "MulBackward0", number))
                add(Forward(line, INFO, (old, 2.0), (made,), made.grad_fn, False, True))
                trace.bind("out", made.id)
            case "in_place":
                alive[tensor_id] = state(tensor_id, value, requires_grad=old.requires_grad)
                add(Forward(line, INFO, (old, 2.0), (alive[tensor_id],), None, True, False))
            case "backward":
                if turns:
                    trace.cuts.append((number, max(number - 2, 1)))
                node = NodeRef(number, "MulBackward0", 0)
                add(BackwardStarted(line, (old,), (np.array([1], np.float32),), False))
                add(Visit(line, node, (np.array([1], np.float32),), (np.array([2], np.float32),)))
                add(BackwardFinished(line, (node,)))
            case "accumulate":
                add(Accumulate(line, old, np.array([value], np.float32), None, grad))
            case "zero":
                add(ZeroGrad(line, old, None, grad))
            case "clear":
                add(ZeroGrad(line, old, None, None))
            case "update":
                alive[tensor_id] = state(tensor_id, value)
                add(Update(line, alive[tensor_id], old.array, "self - other", (("other", value),)))
            case _:
                add(Printed(line, "text"))
    return trace


def traces() -> st.SearchStrategy[Trace]:
    """Random traces of up to some hundred events."""
    return st.builds(build, draws, instrumented=st.booleans(), turns=st.just(False)) | st.builds(
        build, draws, instrumented=st.just(True), turns=st.just(True)
    )
