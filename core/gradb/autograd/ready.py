"""Which nodes a backward walk runs and when: what each waits for, and the queue of those that are ready.

The ready node with the highest sequence number is first, ties fall as torch's heap leaves them.

Ties occur only among AccumulateGrad nodes. torch keeps the queue in the GNU C++ library's binary heap, which is not
first-in-first-out on ties, so the two heap operations follow that library's `push_heap` and `pop_heap`.
"""

from collections.abc import Container

from gradb.autograd.node import Edge, Node


def count_dependencies(roots: list[Edge]) -> dict[Node, int]:
    """How many edges reach each node from the roots. Several roots count as edges of one node before them."""
    count: dict[Node, int] = {}
    stack: list[Node] = []
    for node, _ in roots:
        assert node is not None
        if node in count:
            count[node] += 1
        else:
            count[node] = 1 if len(roots) > 1 else 0
            stack.append(node)
    while stack:
        for target, _ in stack.pop().edges:
            if target is None:
                continue
            if target in count:
                count[target] += 1
            else:
                count[target] = 1
                stack.append(target)
    return count


def nodes_to_run(targets: Container[Node], roots: list[Edge], run_targets: bool) -> tuple[set[Node], set[Node]]:
    """The nodes to run so that all targets are reached, and the same with the targets themselves.

    A target is run too when another target lies behind it, or when all are to be run.
    """
    running: set[Node] = set()
    reached: set[Node] = set()
    done: set[Node] = set()
    stack: list[tuple[Node, bool]] = [(node, False) for node, _ in reversed(roots) if node is not None]
    while stack:
        node, children_done = stack.pop()
        if children_done:
            is_target = node in targets
            if (is_target and run_targets) or any(target in reached for target, _ in node.edges):
                running.add(node)
                reached.add(node)
            elif is_target:
                reached.add(node)
        elif node not in done:
            done.add(node)
            stack.append((node, True))
            stack.extend([(target, False) for target, _ in node.edges if target is not None and target not in done])
    return running, reached


def push(heap: list[Node], node: Node) -> None:
    """Adds a node to the heap."""
    heap.append(node)
    if len(heap) > 1:
        _sift_up(heap, len(heap) - 1, 0, node)


def pop(heap: list[Node]) -> Node:
    """Takes the node with the highest number out of the heap."""
    if len(heap) == 1:
        return heap.pop()
    top = heap[0]
    last = heap.pop()
    size = len(heap)
    hole = 0
    child = 0
    while child < (size - 1) // 2:
        child = 2 * (child + 1)
        if heap[child].sequence_nr < heap[child - 1].sequence_nr:
            child -= 1
        heap[hole] = heap[child]
        hole = child
    if size % 2 == 0 and child == (size - 2) // 2:
        child = 2 * (child + 1)
        heap[hole] = heap[child - 1]
        hole = child - 1
    _sift_up(heap, hole, 0, last)
    return top


def _sift_up(heap: list[Node], hole: int, top: int, node: Node) -> None:
    while hole > top:
        parent = (hole - 1) // 2
        if heap[parent].sequence_nr >= node.sequence_nr:
            break
        heap[hole] = heap[parent]
        hole = parent
    heap[hole] = node
