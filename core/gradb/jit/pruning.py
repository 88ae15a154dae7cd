"""Which steps of a captured graph later calls run: `needed(graph, memory)`.

Torch leaves out of a graph what its result does not need, such as the condition of an `if`.
"""

from gradb.jit.graph import CapturedGraph, Slot, Step, slots_in


def needed(graph: CapturedGraph, memory: dict[Slot, int]) -> list[Step]:
    """The steps that the outputs depend on, and those that write where somebody sees it.

    `memory` says of each slot on which memory its tensor was, so that a write through a view counts.
    """
    wanted = set(slots_in(graph.outputs))
    seen = {memory[slot] for slot in (*wanted, *graph.inputs, *graph.constants)}
    kept: list[Step] = []
    for step in reversed(graph.steps):
        if wanted.isdisjoint(step.results) and not any(memory[slot] in seen for slot in step.writes):
            continue
        kept.append(step)
        used = slots_in((step.arguments, step.keywords))
        wanted.update(used)
        seen.update([memory[slot] for slot in used])
    return kept[::-1]
