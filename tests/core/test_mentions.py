"""The search over a trace finds each event that it says, in both directions."""

from typing import Any

from gradb.trace.mentions import Mentions
from gradb.trace.trace import Trace
from hypothesis import given
from hypothesis import strategies as st
from synthetic import traces


@given(traces(), st.sampled_from(["mul", "Backward", "t1", "t2.grad", "out", "accumulate", "print", "x"]), st.data())
def test_going_on_and_back_stops_at_the_same_events(trace: Trace, text: str, data: Any) -> None:
    mentions = Mentions(trace)
    found: list[int] = []
    at: int | None = 0
    while at is not None:
        at = mentions.nearest(text, at, 1)
        if at is not None:
            found.append(at)
    assert len(found) == mentions.count(text)
    back: list[int] = []
    at = len(trace) + 1
    while at is not None:
        at = mentions.nearest(text, at, -1)
        if at is not None:
            back.append(at)
    assert back[::-1] == found
    some = data.draw(st.integers(0, len(trace) + 1))
    assert mentions.nearest(text, some, 1) == next((n for n in found if n > some), None)


@given(traces())
def test_kinds_of_events_are_found_by_their_name(trace: Trace) -> None:
    mentions = Mentions(trace)
    assert mentions.count("zero_grad") == len(trace.of_kind("zero_grad"))
    assert mentions.count("") == 0
