"""Building a graph from events: `built` from the roots of a backward, `built_of_run` from a run of a captured graph."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from gradb.trace.events import Forward, TensorCreated, TensorState
from gradb.trace.graph import Graph, GraphNode, Role, paths_to
from gradb.trace.keys import Keys
from gradb.trace.writes import Cell

if TYPE_CHECKING:
    from gradb.trace.index import Index

_OF_MODULES = ("Parameter", "outside")  # a leaf from before the recording may be a parameter too


def built(
    index: "Index",
    name: Callable[[int], str],
    roots: Sequence[TensorState],
    started: int,
    finished: int,
    first: int,
) -> Graph:
    """Everything that the roots were computed from. `first` is the step's first event: what came later is new."""
    build = _Build(index, name, first)
    keys = build.keys
    root_keys = {keys.of(root) for root in roots}
    stack: list[tuple[TensorState, list[TensorState] | None]] = [(root, None) for root in reversed(roots)]
    while stack:
        state, inputs = stack.pop()
        key = keys.of(state)
        if key in build.nodes:
            continue
        if inputs is None:
            inputs = build.inputs(state)
            stack.append((state, inputs))
            stack.extend([(i, None) for i in reversed(inputs) if keys.of(i) not in build.nodes])
            continue
        role: Role = "root" if key in root_keys else "op"
        build.add(build.op(state, key, inputs, role) if state.grad_fn is not None else build.leaf(state, key))
    return build.graph(started, finished)


def built_of_run(index: "Index", name: Callable[[int], str], numbers: Sequence[int]) -> Graph:
    """All ops of one run of a captured graph, by the events of the run; also those that no gradient goes through."""
    build = _Build(index, name, numbers[0])
    made: dict[int, int] = {}  # by the tensor's id, the key of the op that made it in this run
    for number in numbers:
        event = index.events[number - 1]
        if not isinstance(event, Forward) or not event.outputs:
            continue
        inputs = tensors_in(event.inputs)
        for state in inputs:
            if state.id not in made:
                made[state.id] = build.keys.of(state)
                if made[state.id] not in build.nodes:
                    build.add(build.leaf(state, made[state.id]))
        state = event.outputs[0]
        key = build.keys.of(state)
        build.add(
            GraphNode(
                key=key,
                label=event.op.name,
                role="op",
                inputs=tuple([made[one.id] for one in inputs]),
                tensor=state.id,
                node=event.node,
                forward=number,
                name=build.own_name(state.id),
                shape=state.array.shape,
                module=event.module,
                captured=True,
            )
        )
        made.update({output.id: key for output in event.outputs})
    build.drop_conditions()
    return build.graph(0, 0)


class _Build:
    def __init__(self, index: "Index", name: Callable[[int], str], first: int) -> None:
        self.keys = Keys()
        self.nodes: dict[int, GraphNode] = {}
        self._consumers: dict[int, list[int]] = {}
        self._parameters: list[int] = []
        self._index, self._name, self._first = index, name, first

    def add(self, node: GraphNode) -> None:
        """Adds a node whose inputs are there."""
        self.nodes[node.key] = node
        for source in dict.fromkeys(node.inputs):
            self._consumers.setdefault(source, []).append(node.key)

    def inputs(self, state: TensorState) -> list[TensorState]:
        """What a tensor was computed from."""
        event = self._forward(state)
        return [] if event is None else tensors_in(event.inputs)

    def _forward(self, state: TensorState) -> Forward | None:
        ref = state.grad_fn
        event = self._index.events[ref.forward - 1] if ref is not None and ref.forward else None
        return event if isinstance(event, Forward) else None

    def leaf(self, state: TensorState, key: int) -> GraphNode:
        """The node of a tensor without a grad_fn."""
        name = self._name(state.id)
        role: Role = "leaf" if state.requires_grad else "constant"
        number = self._index.first_write(Cell(state.id)) or 0
        made = self._index.events[number - 1] if number else None
        if isinstance(made, TensorCreated) and made.origin in _OF_MODULES and role == "leaf":
            self._parameters.append(key)
        module = made.module if isinstance(made, Forward) else ""
        new = bool(number) and number >= self._first
        return GraphNode(key, name, role, (), state.id, None, number, name, state.array.shape, module, new)

    def op(self, state: TensorState, key: int, inputs: Sequence[TensorState], role: Role) -> GraphNode:
        """The node of a tensor with a grad_fn."""
        ref, event = state.grad_fn, self._forward(state)
        assert ref is not None
        captured = event is not None and event.captured
        return GraphNode(
            key=key,
            label=ref.name if event is None else event.op.name,
            role=role,
            inputs=tuple([self.keys.of(one) for one in inputs]),
            tensor=state.id,
            node=ref,
            forward=ref.forward,
            name=self.own_name(state.id),
            shape=state.array.shape,
            module="" if event is None else event.module,
            new=event is not None and not captured and ref.forward >= self._first,
            captured=captured,
        )

    def own_name(self, tensor: int) -> str:
        """The variable that held an op's result first, empty where none did."""
        name = self._name(tensor)
        return "" if "#" in name else name

    def drop_conditions(self) -> None:
        """Takes out what only Python's `if` looked at: it is no part of what was captured."""
        for key, node in reversed(list(self.nodes.items())):
            state = self._index.state(node.tensor, node.forward)
            if self._consumers.get(key) or (node.captured and (state is None or state.array.dtype.kind != "b")):
                continue
            del self.nodes[key]
            for source in node.inputs:
                self._consumers[source] = [user for user in self._consumers[source] if user != key]

    def graph(self, started: int, finished: int) -> Graph:
        """The graph of the nodes. A parameter belongs to the module around all ops that read it."""
        for key in self._parameters:
            module = _around([self.nodes[user].module for user in self._consumers.get(key, ())])
            if module:
                self.nodes[key] = replace(self.nodes[key], module=module)
        users = {key: tuple(consuming) for key, consuming in self._consumers.items()}
        return Graph(tuple(self.nodes.values()), self.nodes, users, started, finished, self.keys.captured)


def _around(modules: Sequence[str]) -> str:
    """The innermost module that all of these are, or are in."""
    paths = [paths_to(module) for module in modules]
    shared = [level[0] for level in zip(*paths, strict=False) if len(set(level)) == 1]
    return shared[-1] if shared else ""


def tensors_in(operands: Sequence[object]) -> list[TensorState]:
    """The tensors among an op's inputs, also those in lists of tensors."""
    found: list[TensorState] = []
    for operand in operands:
        if isinstance(operand, TensorState):
            found.append(operand)
        elif isinstance(operand, tuple):
            found.extend(tensors_in(operand))
    return found
