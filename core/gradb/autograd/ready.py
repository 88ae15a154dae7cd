"""The queue of nodes that are ready to run: the highest sequence number first, ties as torch's heap leaves them.

Ties occur only among AccumulateGrad nodes. torch keeps the queue in the GNU C++ library's binary heap, which is not
first-in-first-out on ties, so the two heap operations follow that library's `push_heap` and `pop_heap`.
"""

from gradb.autograd.node import Node


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
