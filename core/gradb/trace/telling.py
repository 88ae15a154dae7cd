"""Which element to tell of, where none is chosen: `broken(array)` is the first that is NaN or infinite."""

import numpy as np

from gradb.trace.events import Accumulate, Array, BackwardStarted, Clipped, FanIn, Forward, TensorState, Update, Visit
from gradb.trace.numbers import Element
from gradb.trace.thinned import is_thinned


def broken(array: Array | None) -> Element | None:
    """The first element that is NaN or infinite; None where there is none."""
    if array is None or array.dtype.kind != "f" or array.size < 2 or is_thinned(array):
        return None
    finite = np.isfinite(array)
    if finite.all():
        return None
    return tuple([int(place) for place in np.unravel_index(int(finite.argmin()), array.shape)])


def broken_of(event: object) -> Element | None:
    """The same of the first array with such an element among those that an event made."""
    for array in _made_by(event):
        found = broken(array)
        if found is not None:
            return found
    return None


def _made_by(event: object) -> tuple[Array | None, ...]:
    match event:
        case Forward(outputs=outputs):
            return tuple([state.array for state in outputs])
        case Visit(outgoing=outgoing):
            return outgoing
        case FanIn(total=total):
            return (total,)
        case Accumulate(grad=TensorState(array=array)) | Update(tensor=TensorState(array=array)):
            return (array,)
        case Clipped(grads=grads):
            return tuple([state.array for state in grads])
        case BackwardStarted(seeds=seeds):
            return seeds
        case _:
            return ()
