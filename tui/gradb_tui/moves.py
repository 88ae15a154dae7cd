"""The moves of the cursor by name: `MOVES` are what keys and the prompt do, `NOWHERE` what to say where one cannot."""

from collections.abc import Callable

from gradb.trace.timeline import Timeline

MOVES: dict[str, Callable[[Timeline], bool]] = {
    "step": Timeline.step,
    "back": Timeline.back,
    "next_node": Timeline.next_node,
    "previous_node": Timeline.previous_node,
    "next_line": Timeline.next_line,
    "previous_line": Timeline.previous_line,
    "end_of_phase": Timeline.end_of_phase,
    "start_of_phase": Timeline.start_of_phase,
    "next_step": Timeline.next_step,
    "previous_step": Timeline.previous_step,
    "tenth_on": lambda timeline: timeline.seek(timeline.at + _tenth(timeline)),
    "tenth_back": lambda timeline: timeline.seek(timeline.at - _tenth(timeline)),
    "end": Timeline.end,
    "start": Timeline.start,
}
NOWHERE = {
    "step": "This is the last event.",
    "back": "This is the first event.",
    "next_node": "No node is visited after this event.",
    "previous_node": "No node is visited before this event.",
    "next_line": "No other line runs after this event.",
    "previous_line": "No line runs before this event.",
    "end_of_phase": "This is the end of the last phase.",
    "start_of_phase": "This is the start of the first phase.",
    "next_step": "This is the last training step.",
    "previous_step": "This is the start of the first training step.",
    "tenth_on": "This is the last event.",
    "tenth_back": "This is the first event.",
    "end": "This is the last event.",
    "start": "This is the first event.",
}


def _tenth(timeline: Timeline) -> int:
    return max(1, len(timeline.trace) // 10)
