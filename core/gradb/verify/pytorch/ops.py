"""Forward ops on torch: `Ops(recorder).mode()` sees each ATen op and tells the recorder.

An op is told when the next one begins, or when the call that ran it has returned: only then torch has given its result
a node.
"""

import sys
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from gradb.trace.events import Array, Forward, OpInfo, TensorState
from gradb.verify.pytorch.recorder import TorchRecorder

_BETWEEN = ("torch/_dynamo/eval_frame.py", "torch/_compile.py", "torch/utils/_python_dispatch.py")
_DETACH = "detach"
_CLONE = "clone"
_ENGINE = "_engine_run_backward"


class Ran(Struct, gc=False):
    """An op that ran: what it was given and gave, and of one that wrote, into which tensor and what was there."""

    line: int
    op: Any
    inputs: tuple[Any, ...]
    outputs: list[Any]
    grad_mode: bool
    written: Any = None
    leaf: Any = None
    old: TensorState | None = None
    before: Array | None = None


class Ops:
    """What the recording does at each op. `walking` counts the backward walks that run."""

    def __init__(self, recorder: TorchRecorder) -> None:
        self.recorder = recorder
        self.walking = 0
        self.rebased: Callable[[Any], None] = lambda tensor: None  # told of each tensor that got a node by a write
        self._ran: Ran | None = None
        self._infos: dict[Any, tuple[OpInfo, int]] = {}
        recorder.flush = self.flush

    def mode(self) -> Any:
        """The mode in which ops are seen, to be entered with `with`."""
        from importlib import import_module

        base: Any = import_module("torch.utils._python_dispatch").TorchDispatchMode
        run = self.run

        class Seen(base):
            """Passes each ATen op on to `Ops.run`."""

            def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
                return run(func, args, kwargs or {})

        return Seen()

    def run(self, op: Any, args: Any, kwargs: Any) -> Any:
        """Runs an op and notes it."""
        recorder = self.recorder
        if recorder.silent:
            return op(*args, **kwargs)
        self.flush()
        grad_mode = recorder.torch.is_grad_enabled()
        info, position = self._info(op)
        if self.walking and not grad_mode and (position < 0 or _is_the_engines()):
            return op(*args, **kwargs)  # a gradient is computed
        if info.name == _DETACH and recorder.calling not in (_DETACH, "__get__"):
            return op(*args, **kwargs)  # torch saves a result for its gradient
        inputs = tuple([recorder.operand(arg) for arg in args])
        ran = Ran(recorder.line, info, inputs, [], grad_mode)
        if position >= 0:
            self._before_write(ran, args[position])
        result = op(*args, **kwargs)
        ran.outputs = [out for out in _flat(result) if recorder.is_tensor(out)]
        self._ran = ran
        return result

    def _before_write(self, ran: Ran, tensor: Any) -> None:
        recorder = self.recorder
        recorder.silent += 1
        try:
            leaf = tensor if _is_leaf(tensor) and not tensor._is_view() else recorder.known.leaf_behind(tensor)
            ran.written, ran.leaf = tensor, leaf
            ran.old = recorder.known.state(tensor)
            ran.before = recorder.array(tensor if leaf is None else leaf)
        finally:
            recorder.silent -= 1

    def flush(self) -> None:
        """Tells of the op that ran last."""
        ran, self._ran = self._ran, None
        if ran is None:
            return
        recorder = self.recorder
        line, recorder.line = recorder.line, ran.line
        recorder.silent += 1
        try:
            if ran.written is None:
                self._tell(ran)
            else:
                self._tell_write(ran)
        finally:
            recorder.silent -= 1
            recorder.line = line

    def _tell(self, ran: Ran) -> None:
        recorder = self.recorder
        number = len(recorder.trace.events) + 1
        made = next((out.grad_fn for out in ran.outputs if out.grad_fn is not None), None)
        node = recorder.node(made, number) if made is not None and recorder.is_new(made) else None
        states: list[TensorState] = []
        for out in ran.outputs:
            known = recorder.known.state(out)
            states.append(recorder.new_state(out) if known is None else recorder.remember(out, known.id))
        if states:
            recorder._add(
                Forward(ran.line, ran.op, ran.inputs, tuple(states), node, False, ran.grad_mode, module=recorder.module)
            )

    def _tell_write(self, ran: Ran) -> None:
        recorder, tensor = self.recorder, ran.written
        assert ran.before is not None
        if ran.leaf is not None:
            recorder.updated(ran.leaf, ran.before, ran.op.name)
            if tensor is not ran.leaf and ran.old is not None:
                recorder.remember(tensor, ran.old.id)
            return
        owner = recorder.owners.get(ran.old.id) if ran.old is not None else None
        leaf = owner() if owner is not None else None
        if ran.op.name == "zero_" and leaf is not None and leaf.grad is tensor:
            recorder.zero_grad(leaf, ran.before, tensor)
            return
        node = None
        if ran.grad_mode:
            made = tensor._base.grad_fn if tensor._is_view() and tensor._base.requires_grad else tensor.grad_fn
            if made is not None and recorder.is_new(made):
                self._drop_copy(made)
                node = recorder.node(made, len(recorder.trace.events) + 1)
                self.rebased(tensor)
        old = ran.old or recorder.operand(tensor)
        state = recorder.remember(tensor, old.id)
        recorder._add(
            Forward(ran.line, ran.op, ran.inputs, (state,), node, True, ran.grad_mode, module=recorder.module)
        )
        base = tensor._base if tensor._is_view() else None
        known = recorder.known.state(base) if base is not None else None
        if known is not None:
            recorder.remember(base, known.id)

    def _drop_copy(self, node: Any) -> None:
        """Takes back the copy that torch makes of what an op in place is about to overwrite and yet needs.

        It is made while the op runs, so its node is younger than the op's.
        """
        events = self.recorder.trace.events
        last = events[-1] if events else None
        copied = isinstance(last, Forward) and last.op.name == _CLONE and last.node is not None
        if copied and self.recorder.made_later(last.node, node):  # type: ignore[arg-type]  # `copied` says that `last` has a node
            events.pop()

    def _info(self, op: Any) -> tuple[OpInfo, int]:
        """What an op is called, and the position of the argument that it writes into (-1 for none)."""
        found = self._infos.get(op)
        if found is None:
            schema = op._schema
            names = tuple([argument.name for argument in schema.arguments])
            written = [i for i, a in enumerate(schema.arguments) if a.alias_info is not None and a.alias_info.is_write]
            one = written and str(schema.arguments[written[0]].type) == "Tensor" and not schema.arguments[0].kwarg_only
            info = OpInfo(schema.name.partition("::")[2], names, "", {})
            found = self._infos[op] = (info, written[0] if one else -1)
        return found


def _is_leaf(tensor: Any) -> bool:
    return tensor.requires_grad and tensor.grad_fn is None


def _flat(result: Any) -> list[Any]:
    return list(result) if isinstance(result, list | tuple) else [result]


def _is_the_engines() -> bool:
    """Whether torch's engine itself runs the op, and not a hook in Python."""
    frame: Any = sys._getframe(3)
    while frame is not None and frame.f_code.co_filename.endswith(_BETWEEN):
        frame = frame.f_back
    return frame is not None and frame.f_code.co_name == _ENGINE
