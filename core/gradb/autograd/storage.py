"""Memory under tensors: version counters, aliases, and how a write leaves arrays alone that someone else holds.

Events, gradients and saved tensors hold numpy arrays without copying them. `Storage.lent` says that someone does;
a write then goes to new memory, and every tensor on the old memory moves along. Nobody who holds the old array sees
a change, and nothing is copied that is never written.
"""

import weakref
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from gradb.autograd.mode import mode
from gradb.trace.events import Array

if TYPE_CHECKING:
    from gradb.autograd.tensor import Tensor


class Group(Struct, gc=False):
    """Tensors over the same memory. `pinned` memory is also seen by numpy arrays of the user and cannot move."""

    base: Array
    members: list["weakref.ref[Tensor]"]
    pinned: bool = False


class Storage(Struct, gc=False):
    """One per version counter: views and detached tensors share it, `.data` gets its own over the same group.

    `group` is None while one tensor alone has the memory.
    """

    version: int = 0
    lent: bool = False
    group: Group | None = None
    inference: bool = False


class InferenceStorage(Storage, gc=False):
    """Under a tensor made in inference mode: nobody counts its versions, so no graph may need it."""

    inference: bool = True


mode.storages = Storage, InferenceStorage
mode.storage = Storage


def root_of(array: Array) -> Array:
    """The array that owns the memory of `array`."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def join(tensor: "Tensor", alias: "Tensor") -> None:
    """Notes that `alias` looks at the memory of `tensor`."""
    storage = tensor._storage
    if storage.group is None:
        storage.group = Group(root_of(tensor._array), [weakref.ref(tensor)])
    members = storage.group.members
    if len(members) > 8 and len(members) & (len(members) - 1) == 0:
        members[:] = [ref for ref in members if ref() is not None]
    members.append(weakref.ref(alias))
    alias._storage.group = storage.group


def pin(tensor: "Tensor") -> None:
    """The memory is now shared with a numpy array of the user: it can be written without notice and must stay."""
    storage = tensor._storage
    if storage.group is None:
        storage.group = Group(root_of(tensor._array), [weakref.ref(tensor)])
    if storage.lent:
        move(storage.group)
    storage.group.pinned = True


def move(group: Group) -> None:
    """Gives the tensors of a group fresh memory with the same content; arrays held elsewhere keep the old."""
    old = group.base
    new = old.copy(order="K")
    for ref in group.members:
        tensor = ref()
        if tensor is not None:
            tensor._array = rebased(tensor._array, old, new)
            tensor._storage.lent = False
    group.base = new


def rebased(array: Array, old: Array, new: Array) -> Array:
    """The view of `new` that lies where `array` lies in `old`; `new` has the shape and strides of `old`."""
    if array is old or array.size == 0:
        return new if array is old else array
    in_order = new.transpose(sorted(range(new.ndim), key=lambda axis: -new.strides[axis]))
    offset = _address(array) - _address(old)
    return np.ndarray(array.shape, array.dtype, buffer=in_order.data, offset=offset, strides=array.strides)


def current(array: Array, storage: Storage) -> Array:
    """What `array`, taken from a tensor on `storage` a while ago, shows now: writes through `.data` count."""
    group = storage.group
    if group is None or group.base is array or root_of(array) is group.base:
        return array
    return rebased(array, root_of(array), group.base)


def write(tensor: "Tensor", content: Array) -> tuple["Tensor", ...]:
    """Puts fresh `content` of the tensor's shape and dtype into it, bumps the version; returns the aliases changed."""
    storage = tensor._storage
    if storage.inference and not mode.inference:
        from gradb.autograd.inplace_complaints import in_place_on_inference_tensor

        raise in_place_on_inference_tensor(tensor)
    storage.version += 1
    group = storage.group
    if group is None:
        tensor._array = content
        storage.lent = False
        return ()
    if 0 in tensor._array.strides and tensor._array.size > 1:
        _check_apart(tensor)
    others = [t for ref in group.members if (t := ref()) is not None and t is not tensor]
    if group.pinned:
        tensor._array[...] = content
        return tuple(others)
    if not others:
        storage.group = None
        storage.lent = False
        tensor._array = content
        return ()
    if storage.lent or any(t._storage.lent for t in others):
        move(group)
    tensor._array[...] = content
    return tuple(others)


def _check_apart(tensor: "Tensor") -> None:
    """Raises RuntimeError where two elements of the tensor lie in one place, as after `expand`."""
    if any(s == 0 and n > 1 for s, n in zip(tensor._array.strides, tensor._array.shape, strict=True)):
        from gradb.autograd.inplace_complaints import in_place_on_expanded

        raise in_place_on_expanded(tensor)


def kept(tensor: "Tensor") -> Array:
    """The array of a tensor that is about to be written, such that the write will leave it as it is."""
    group = tensor._storage.group
    if group is None:
        return tensor._array
    if group.pinned:
        return tensor._array.copy()
    tensor._storage.lent = True
    return tensor._array


def _address(array: Array) -> int:
    return array.__array_interface__["data"][0]
