"""Other tensors, and numpy arrays, over a tensor's memory: `detach`, `detach_`, `data`, `numpy`. Attached to Tensor."""

from typing import Any

import numpy as np

from gradb.autograd import leaf_complaints
from gradb.autograd.mode import mode
from gradb.autograd.storage import join, pin
from gradb.autograd.tensor import Tensor
from gradb.trace.events import Array, OpInfo

DETACH = OpInfo("detach", ("self",), "self", {})
DATA = OpInfo("data", ("self",), "self", {})
SET_DATA = OpInfo("data", ("self", "value"), "value", {})


def detach(self: Tensor) -> Tensor:
    """The same memory and version counter, outside the graph."""
    alias = Tensor._wrap(self._array, None, 0, self._storage)
    join(self, alias)
    if mode.recorder is not None:
        mode.recorder.forward(DETACH, (self,), alias, None, mode.grad_enabled)
    if mode.tracer is not None:
        mode.tracer.ran(detach, (self,), alias)
    return alias


def detach_(self: Tensor) -> Tensor:
    """Takes the tensor itself out of the graph."""
    if self._view is not None:
        raise RuntimeError("a view cannot be detached in place; use .detach()")
    self._grad_fn = None
    self._requires_grad = False
    self._output_nr = 0
    return self


def data(self: Tensor) -> Tensor:
    """The same memory outside the graph, with a version counter of its own: writes through it go unseen."""
    storage = type(self._storage)(0, self._storage.lent)
    alias = Tensor._wrap(self._array, None, 0, storage)
    join(self, alias)
    if mode.recorder is not None:
        mode.recorder.forward(DATA, (self,), alias, None, mode.grad_enabled)
    if mode.tracer is not None:
        mode.tracer.ran(data, (self,), alias)
    return alias


def set_data(self: Tensor, content: Tensor) -> None:
    """Lets the tensor look at the memory of `content`, unseen by the graph."""
    leaf_complaints.check_assigned_data(self, content)
    before = self._array
    self._storage.lent = content._storage.lent
    self._array = content._array
    join(content, self)
    if mode.recorder is not None:
        mode.recorder.written(self, before, SET_DATA, (self, content), None, (), mode.grad_enabled)
    if mode.tracer is not None:
        mode.tracer.ran(set_data, (self, content), None)


def numpy(self: Tensor) -> Array:
    """The array itself: it shares memory with the tensor. Raises RuntimeError on a tensor that requires grad."""
    if self._requires_grad:
        raise leaf_complaints.numpy_of_grad(self)
    if mode.tracer is not None:
        mode.tracer.left_for_python("a NumPy array")
    pin(self)
    return self._array


def copied_for_numpy(self: Tensor, dtype: Any = None, copy: bool | None = None) -> Array:
    """What `numpy.asarray(tensor)` gets."""
    if self._requires_grad:
        raise leaf_complaints.numpy_of_grad(self)
    return np.array(self._array, dtype=dtype)


Tensor.detach = detach
Tensor.detach_ = detach_
Tensor.data = property(data, set_data)  # type: ignore[assignment]  # declared in the class as an attribute
Tensor.numpy = numpy
Tensor.__array__ = copied_for_numpy  # type: ignore[attr-defined]  # numpy's protocol, not declared in the class
