"""One backward walk on torch, from the first node that runs to the last: `Walk(recorder, roots, seeds, ...)`.

Torch tells of a node before and after it runs. How gradients meet in front of a node it does not tell: they are added
up here from what the nodes sent, in the order in which they sent it. The sum is proved when the node is visited,
because what arrives there comes from torch.
"""

from functools import partial
from typing import Any

from gradb.trace.events import Array, BackwardFinished, BackwardStarted, FanIn, NodeRef, Visit
from gradb.verify.pytorch.recorder import ACCUMULATE, TorchRecorder

_SAVED = "_saved_"
_OF_FUNCTION = "saved_tensors"  # where a Function of the program keeps them
_saved_names: dict[type, tuple[str, ...]] = {}


class Walk:
    """Holds all nodes of the graph while it runs, because a leaf's AccumulateGrad node dies when nobody does."""

    def __init__(
        self, recorder: TorchRecorder, roots: list[Any], seeds: Any, keep: bool, targets: list[Any] | None
    ) -> None:
        self.recorder = recorder
        self.roots = roots
        self.keep = keep
        self.arrived: dict[int, tuple[NodeRef, Array, Array | None]] = {}  # by leaf: what its node got, .grad before
        self._seeds = _seeds(roots, seeds)
        self._started: BackwardStarted | None = None
        self._ran = False  # whether torch has begun to run nodes
        self._visited: list[Any] = []
        self._buffers: dict[int, dict[int, Any]] = {}
        edge: Any = recorder.torch.autograd.graph.get_gradient_edge
        with recorder.silence():
            self._edges = [edge(root) for root in roots if root.requires_grad and (root.grad_fn or not root._is_view())]
            self.nodes = _reachable([found.node for found in self._edges])
            ends = None if targets is None else [edge(t).node for t in targets if t.requires_grad]
            wanted = None if ends is None else {id(node) for node in ends}
            self._whole = targets is None or all(target.requires_grad for target in targets)
            self._reached: set[int] | None = None if wanted is None else _leading_to(wanted, self.nodes)
            self._saving = {id(node) for node in self.nodes if _keeps(node)}
            self._handles: list[Any] = []
            for node in self.nodes:
                self._handles.append(node.register_prehook(partial(self._before, node)))
                if type(node).__name__ != ACCUMULATE:
                    self._handles.append(node.register_hook(partial(self._after, node)))

    def leaves(self) -> list[Any]:
        """The leaves that the graph leads to."""
        return [node.variable for node in self.nodes if type(node).__name__ == ACCUMULATE]

    def start(self) -> None:
        """Tells that the walk begins."""
        recorder = self.recorder
        states = tuple([recorder.state(root) for root in self.roots])
        with recorder.silence():
            seeds = [
                recorder.torch.ones_like(r) if s is None else s for r, s in zip(self.roots, self._seeds, strict=False)
            ]
            for found, seed in zip(self._edges, seeds, strict=False):
                buffer = self._buffers.setdefault(id(found.node), {})
                there = buffer.get(found.output_nr)
                buffer[found.output_nr] = seed.detach() if there is None else there + seed.detach()
            arrays = tuple([recorder.array(seed) for seed in seeds])
        self._started = BackwardStarted(recorder.line, states, arrays, self.keep)
        recorder.walk_starts(self._started)

    def finish(self, failed: bool) -> None:
        """Tells that the walk ended, and lets the graph go. One that torch did not begin has not been."""
        recorder = self.recorder
        with recorder.silence():
            for handle in self._handles:
                handle.remove()
            freed = [] if self.keep else [node for node in self._visited if self._is_freed(node)]
            refs = tuple([recorder.node(node) for node in freed])
        idle = (
            self._whole
            and self._reached is not None
            and not any(id(found.node) in self._reached for found in self._edges)
        )
        refused = failed and not self._ran and not idle
        if self._started is not None and not (refused and recorder.take_back(self._started)):
            recorder.add(BackwardFinished(recorder.line, refs))
        self.nodes.clear()
        self._visited.clear()
        self._buffers.clear()

    def _before(self, node: Any, gradients: Any) -> None:
        self._ran = True
        if type(node).__name__ != ACCUMULATE or gradients[0] is None:
            return
        recorder = self.recorder
        with recorder.silence():
            leaf = node.variable
            before = None if leaf.grad is None else recorder.array(leaf.grad)
            self.arrived[id(leaf)] = (recorder.node(node), recorder.array(gradients[0]), before)

    def _is_freed(self, node: Any) -> bool:
        """Whether the node has let its saved tensors go."""
        if hasattr(type(node), _OF_FUNCTION):
            return id(node) in self._saving and not _lets_see(node, (_OF_FUNCTION,))
        return not _lets_see(node, _saved_by(node))

    def _after(self, node: Any, outgoing: Any, incoming: Any) -> None:
        recorder = self.recorder
        ref = recorder.node(node)
        sent = tuple([None if g is None else recorder.array(g) for g in outgoing])
        got = tuple([None if g is None else recorder.array(g) for g in incoming])
        recorder.add(Visit(recorder.line, ref, got, sent))
        self._visited.append(node)
        self._buffers.pop(id(node), None)
        with recorder.silence():
            for (target, output_nr), gradient in zip(node.next_functions, outgoing, strict=False):
                if (
                    target is None
                    or gradient is None
                    or (self._reached is not None and id(target) not in self._reached)
                ):
                    continue
                buffer = self._buffers.setdefault(id(target), {})
                there = buffer.get(output_nr)
                buffer[output_nr] = total = gradient.detach() if there is None else there + gradient.detach()
                if there is not None:
                    contribution, added = recorder.array(gradient), recorder.array(total)
                    met = recorder.node(target)
                    recorder.add(FanIn(recorder.line, met, output_nr, contribution, ref, added))


def _seeds(roots: list[Any], given: Any) -> list[Any]:
    if given is None:
        return [None] * len(roots)
    return list(given) if isinstance(given, list | tuple) else [given]


def _reachable(nodes: list[Any]) -> list[Any]:
    """The nodes and all behind them."""
    found: dict[int, Any] = {}
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if id(node) not in found:
            found[id(node)] = node
            stack.extend([target for target, _ in node.next_functions if target is not None])
    return list(found.values())


def _leading_to(wanted: set[int], nodes: list[Any]) -> set[int]:
    """Of the nodes, those that are wanted or from which a wanted one can be reached."""
    above: dict[int, list[int]] = {}
    for node in nodes:
        for target, _ in node.next_functions:
            if target is not None:
                above.setdefault(id(target), []).append(id(node))
    there = {id(node) for node in nodes}
    reached: set[int] = set()
    stack = [node for node in wanted if node in there]
    while stack:
        node = stack.pop()
        if node not in reached:
            reached.add(node)
            stack.extend(above.get(node, ()))
    return reached


def _keeps(node: Any) -> bool:
    """Whether it is the node of a Function that has saved tensors."""
    try:
        return bool(getattr(node, _OF_FUNCTION, ()))
    except RuntimeError:
        return False


def _lets_see(node: Any, names: tuple[str, ...]) -> bool:
    """Whether torch shows what a node saves under these names, which it refuses when that is released."""
    try:
        for name in names:
            getattr(node, name)
    except RuntimeError:
        return False
    return True


def _saved_by(node: Any) -> tuple[str, ...]:
    names = _saved_names.get(type(node))
    if names is None:
        names = _saved_names[type(node)] = tuple([name for name in dir(node) if name.startswith(_SAVED)])
    return names
