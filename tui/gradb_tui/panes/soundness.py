"""The health of arrays that are looked at again and again: `health_of(array)` computes it once."""

from collections import OrderedDict

from gradb.trace.events import Array
from gradb.trace.health import Health, health

KEPT = 64

_known: OrderedDict[int, tuple[Array, Health]] = OrderedDict()


def health_of(array: Array) -> Health:
    """The health of an array of the trace, which nobody writes into; that of the last ones is remembered."""
    key = id(array)
    found = _known.get(key)
    if found is None or found[0] is not array:
        found = _known[key] = array, health(array)
        if len(_known) > KEPT:
            _known.popitem(last=False)
    _known.move_to_end(key)
    return found[1]
