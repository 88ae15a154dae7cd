"""The keys of the nodes of one graph: `Keys().of(state)`."""

from gradb.trace.events import NodeRef, TensorState


class Keys:
    """The keys of one graph. The first call of a captured function in it has the nodes' numbers, as in every step."""

    def __init__(self) -> None:
        self.captured: dict[int, int] = {}  # by NodeRef.key
        self._calls: dict[int, int] = {}  # by the node's number: how many calls of it are in the graph

    def of(self, state: TensorState) -> int:
        """The key of the node that a tensor's gradient goes to."""
        ref = state.grad_fn
        if ref is None:
            return -state.id
        if not ref.call:
            return ref.id
        key = self.captured.get(ref.key)
        if key is None:
            calls = self._calls[ref.id] = self._calls.get(ref.id, -1) + 1
            key = self.captured[ref.key] = ref.id | calls << NodeRef.CALLS
        return key
