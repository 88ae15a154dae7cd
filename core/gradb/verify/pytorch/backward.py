"""Backward walks on torch: `Backward(recorder, ops)` watches each one through hooks on its nodes and leaves."""

import weakref
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from gradb.trace.events import Visit
from gradb.verify.pytorch.ops import Ops
from gradb.verify.pytorch.patching import patched
from gradb.verify.pytorch.recorder import TorchRecorder
from gradb.verify.pytorch.walk import Walk


class Backward:
    """What the recording does where a backward begins, in it, and where it ends."""

    def __init__(self, recorder: TorchRecorder, ops: Ops) -> None:
        self.recorder = recorder
        self.ops = ops
        self._walks: list[Walk] = []
        self._watched: list[weakref.ref[Any]] = []
        self._retained: dict[int, tuple[weakref.ref[Any], Any]] = {}  # by id, tensors with retain_grad and our hook
        ops.rebased = self._rebased
        self._handles: list[Any] = []

    @contextmanager
    def watching(self, mode: Any) -> Generator[None]:
        """Inside, hooks of the program run in the mode too, which torch leaves while a handler works."""
        autograd = self.recorder.torch.autograd
        engine = autograd._engine_run_backward

        def run(*args: Any, **kwargs: Any) -> Any:
            if not self._walks:  # in what is left out
                return engine(*args, **kwargs)
            silent, self.recorder.silent = self.recorder.silent, 0
            self._walks[-1].start()
            try:
                with mode:
                    return engine(*args, **kwargs)
            finally:
                self.recorder.silent = silent

        try:
            with patched(autograd, _engine_run_backward=run):
                yield
        finally:
            for handle in self._handles:
                handle.remove()

    def backward(
        self,
        function: Any,
        tensors: Any,
        grad_tensors: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        grad_variables: Any = None,
        inputs: Any = None,
    ) -> None:
        """Calls `torch.autograd.backward`, which is `function`."""
        targets = None if inputs is None else _listed(inputs)
        for target in targets or ():
            if not target.is_leaf and target.requires_grad:
                target.retain_grad()
                self.retain(target)
        given = grad_tensors if grad_tensors is not None else grad_variables
        keep = create_graph if retain_graph is None else retain_graph
        with self._walk(tensors, given, keep, targets):
            function(tensors, grad_tensors, retain_graph, create_graph, grad_variables, inputs)

    def grad(
        self,
        function: Any,
        outputs: Any,
        inputs: Any,
        grad_outputs: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """Calls `torch.autograd.grad`, which is `function`."""
        keep = create_graph if retain_graph is None else retain_graph
        with self._walk(outputs, grad_outputs, keep, _listed(inputs)):
            return function(outputs, inputs, grad_outputs, retain_graph, create_graph, *args, **kwargs)

    @contextmanager
    def _walk(self, roots: Any, seeds: Any, keep: bool, targets: list[Any] | None) -> Generator[None]:
        self.recorder.flush()
        walk = Walk(self.recorder, _listed(roots), seeds, keep, targets)
        for leaf in walk.leaves():
            self.watch_leaf(leaf)
        self._walks.append(walk)
        self.ops.walking += 1
        failed = True
        try:
            with self.recorder.silence():
                yield
            failed = False
        finally:
            self.ops.walking -= 1
            self._walks.pop()
            walk.finish(failed)

    # --- leaves and retained gradients

    def watch_leaf(self, leaf: Any) -> None:
        """Tells of each gradient that a leaf gets."""
        if any(ref() is leaf for ref in self._watched):
            return
        self._watched.append(weakref.ref(leaf))
        with self.recorder.silence():
            self._handles.append(leaf.register_post_accumulate_grad_hook(self._accumulated))

    def _accumulated(self, leaf: Any) -> None:
        recorder = self.recorder
        walk = self._walks[-1] if self._walks else None
        if walk is None or recorder.silent:
            return
        found = walk.arrived.pop(id(leaf), None)
        if found is None:
            return
        node, gradient, before = found
        recorder.add(Visit(recorder.line, node, (gradient,), ()))
        with recorder.silence():
            grad = leaf.grad
        recorder.accumulate(leaf, gradient, before, grad)

    def retain(self, tensor: Any) -> None:
        """Tells of each gradient that a non-leaf keeps. Called when it has begun to keep it."""
        found = self._retained.get(id(tensor))
        if not tensor.is_leaf and (found is None or found[0]() is not tensor):
            self._hook_retained(tensor)

    def _rebased(self, tensor: Any) -> None:
        """After a write in place the tensor's own gradient arrives at another node."""
        found = self._retained.get(id(tensor))
        if found is not None and found[0]() is tensor:
            found[1].remove()
            self._hook_retained(tensor)

    def _hook_retained(self, tensor: Any) -> None:
        ref, output_nr = weakref.ref(tensor), tensor.output_nr
        recorder = self.recorder
        before: list[Any] = [None if tensor.grad is None else recorder.array(tensor.grad)]

        def kept(gradients: Any) -> None:
            held = ref()
            if held is None or gradients[output_nr] is None or recorder.silent:
                return
            with recorder.silence():
                grad = held.grad
            recorder.accumulate(held, recorder.array(gradients[output_nr]), before[0], grad)
            before[0] = recorder.array(grad)

        self._retained[id(tensor)] = (ref, tensor.grad_fn.register_prehook(kept))


def _listed(tensors: Any) -> list[Any]:
    return list(tensors) if isinstance(tensors, list | tuple) else [tensors]
