"""The computation graph as TensorBoard's protocol buffer: `graph_def(trace, at)`. Dots in names become its scopes."""

import re
from importlib import import_module
from typing import Any

from gradb.trace.graph import GraphNode
from gradb.trace.trace import Trace

_FORBIDDEN = re.compile(r"[^A-Za-z0-9_/\-]")


def graph_def(trace: Trace, at: int) -> Any:
    """The graph of the backward at a moment: a node for each op, leaf and constant, inputs first."""
    proto: Any = import_module("tensorboard.compat.proto.graph_pb2")
    names: dict[int, str] = {}
    graph = proto.GraphDef()
    for node in trace.graph(at).nodes:
        names[node.key] = _unique(_scoped(node.name or node.label), names)
        graph.node.append(_node(node, names))
    return graph


def _node(node: GraphNode, names: dict[int, str]) -> Any:
    definition: Any = import_module("tensorboard.compat.proto.node_def_pb2").NodeDef(
        name=names[node.key],
        op=node.label if node.role in ("op", "root") else node.role,
        input=[names[key] for key in node.inputs if key in names],
    )
    shape = definition.attr["_output_shapes"].list.shape.add()
    for size in node.shape:
        shape.dim.add(size=size)
    return definition


def _scoped(name: str) -> str:
    """A name as TensorBoard allows it: it may have letters, digits and a few signs, and begins with a letter."""
    scoped = _FORBIDDEN.sub("_", name.replace(".", "/")).strip("/")
    return scoped if scoped[:1].isalnum() else f"t{scoped}"


def _unique(name: str, names: dict[int, str]) -> str:
    taken = set(names.values())
    unique, count = name, 1
    while unique in taken:
        count += 1
        unique = f"{name}_{count}"
    return unique
