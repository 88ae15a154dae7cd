"""Events as bytes: `Packer(...).pack(event)`, and back with `Unpacker(...).unpack(kind, data)`.

An event is the list of its fields in msgpack, so that a field that is new at the end of a kind of event needs nothing
here. What msgpack does not have stands in extensions: arrays, ops, and tensors among an op's plain arguments.
"""

from collections.abc import Callable, Collection
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import numpy as np
from msgspec.msgpack import Ext
from msgspec.structs import astuple

from gradb.trace.events import EVENT_KINDS, Array, Event, NodeRef, OpInfo, TensorState
from gradb.trace.file.arrays import packed_array, unpacked_array

SMALL = 64  # bytes up to which an array stands in its event

_KINDS: dict[str, type[Any]] = {kind.kind: kind for kind in EVENT_KINDS}  # type: ignore[attr-defined]  # each class of events has a kind
_KEPT = 4096  # tensors and arrays that are remembered by identity


class Code:
    """The extensions. STORED is the id of a row in `arrays`; LOOSE an event of which every part has its extension."""

    LOOSE = 0
    ARRAY = 1
    STORED = 2
    OP = 3
    STATE = 4
    NODE = 5
    TEXT = 6
    NUMBER = 7


def _is_open(hint: Any) -> bool:
    """Whether a field's content is known only when it is there: an op, or an op's arguments."""
    if get_origin(hint) is np.ndarray:
        return False
    return hint is Any or hint is OpInfo or any(map(_is_open, get_args(hint)))


_OPEN = {
    kind: [i for i, name in enumerate(kind.__struct_fields__) if _is_open(get_type_hints(kind)[name])]
    for kind in _KINDS.values()
}


class Packer:
    """`store` keeps a large array and returns its id; `op` does so for what is known of an op.

    `use`, where there is one, is told the id of each large array whenever an event has it.
    """

    def __init__(
        self, store: Callable[[Array], int], op: Callable[[OpInfo], int], use: Callable[[int], None] | None = None
    ) -> None:
        self._store = store
        self._op = op
        self._use = use
        self._encode = msgspec.msgpack.Encoder(enc_hook=self._foreign).encode
        self._arrays: dict[int, tuple[Array, Ext, int]] = {}  # by identity, which holds while the object is kept here
        self._states: dict[int, tuple[TensorState, Ext]] = {}
        self._ops: dict[int, tuple[OpInfo, Ext]] = {}
        self._held = 0

    def stored(self, array: Array) -> int:
        """The id of a large array that was packed just now, 0 for a small one."""
        known = self._arrays.get(id(array))
        return 0 if known is None else known[2]

    def forget(self, ids: Collection[int]) -> None:
        """These arrays are not kept any more."""
        self._arrays = {key: known for key, known in self._arrays.items() if known[2] not in ids}
        self._states.clear()

    def pack(self, event: Event) -> bytes:
        """The event's bytes."""
        fields: Any = astuple(event)
        places = _OPEN[type(event)]
        if places:
            fields = [*fields]
            for i in places:
                fields[i] = self._open(fields[i])
        try:
            return self._encode(fields)
        except (UnicodeEncodeError, OverflowError):
            return self._encode(Ext(Code.LOOSE, self._encode([self._plain(value) for value in fields])))

    def _open(self, value: Any) -> Any:
        kind = type(value)
        if kind is TensorState:
            return self._state(value)
        if kind is tuple:
            return [self._open(item) for item in value]
        if kind is OpInfo:
            return self._info(value)
        return value

    def _state(self, state: TensorState) -> Ext:
        known = self._states.get(id(state))
        if known is None:
            if len(self._states) >= _KEPT:
                self._states.clear()
            known = self._states[id(state)] = state, Ext(Code.STATE, self._encode(state))
        elif self._use is not None:
            self._foreign(state.array)
        return known[1]

    def _info(self, info: OpInfo) -> Ext:
        known = self._ops.get(id(info))
        if known is None:
            if len(self._ops) >= _KEPT:
                self._ops.clear()
            known = self._ops[id(info)] = info, Ext(Code.OP, self._encode(self._op(info)))
        return known[1]

    def _foreign(self, value: Any) -> Any:
        """What msgspec does not know."""
        if type(value) is not np.ndarray:
            return value.item()  # a number of numpy's
        known = self._arrays.get(id(value))
        if known is None:
            if len(self._arrays) >= _KEPT or self._held > 1 << 26:
                self._arrays.clear()
                self._held = 0
            self._held += value.nbytes
            stored = self._store(value) if value.nbytes > SMALL else 0
            ext = Ext(Code.STORED, self._encode(stored)) if stored else Ext(Code.ARRAY, packed_array(value))
            known = self._arrays[id(value)] = value, ext, stored
        if known[2] and self._use is not None:
            self._use(known[2])
        return known[1]

    def _plain(self, value: Any) -> Any:
        """For texts that are not Unicode and numbers beyond 64 bits: everything by its extension."""
        match value:
            case str():
                return Ext(Code.TEXT, value.encode("utf-8", "surrogatepass"))
            case bool() | None | float() | Ext():
                return value
            case int():
                return Ext(Code.NUMBER, str(value).encode())
            case tuple() | list():
                return [self._plain(item) for item in value]
            case TensorState() | NodeRef():
                code = Code.STATE if isinstance(value, TensorState) else Code.NODE
                return Ext(code, self._encode(value))
            case _:
                return value


class Unpacker:
    """`fetch` gives the array of an id, `op` what is known of an op."""

    def __init__(self, fetch: Callable[[int], Array], op: Callable[[int], OpInfo]) -> None:
        self._fetch = fetch
        self._op = op
        self._fields = {kind: _decoder(kind, self._extension) for kind in _KINDS.values()}
        self._loose = msgspec.msgpack.Decoder(ext_hook=self._extension).decode
        self._state = msgspec.msgpack.Decoder(TensorState, ext_hook=self._extension).decode
        self._node = msgspec.msgpack.Decoder(NodeRef).decode

    def unpack(self, kind: str, data: bytes) -> Event:
        """The event of a kind. Raises msgspec.DecodeError or KeyError for bytes that are none."""
        made = _KINDS[kind]
        if _is_extension(data[0]):
            fields = [_tupled(value) for value in self._loose(data)]
        else:
            fields = [*astuple(self._fields[made](data))]
            for i in _OPEN[made]:
                fields[i] = _tupled(fields[i])
        return made(*fields)

    def _extension(self, code: int, data: memoryview) -> Any:
        match code:
            case Code.LOOSE:
                return self._loose(data)
            case Code.ARRAY:
                return unpacked_array(bytes(data))
            case Code.STORED:
                return self._fetch(self._loose(data))
            case Code.OP:
                return self._op(self._loose(data))
            case Code.STATE:
                return self._state(data)
            case Code.NODE:
                return self._node(data)
            case Code.TEXT:
                return bytes(data).decode("utf-8", "surrogatepass")
            case Code.NUMBER:
                return int(bytes(data))
            case _:
                raise msgspec.DecodeError(f"there is no extension {code}")


def _decoder(kind: type[Any], extension: Callable[[int, memoryview], Any]) -> Callable[[bytes], Any]:
    """Reads the fields of a kind of event; what is open comes as msgpack has it."""
    hints = get_type_hints(kind)
    defaults = dict(zip(reversed(kind.__struct_fields__), reversed(kind.__struct_defaults__), strict=False))
    fields: list[Any] = []
    for i, name in enumerate(kind.__struct_fields__):
        hint = Any if i in _OPEN[kind] else hints[name]
        fields.append((name, hint, defaults[name]) if name in defaults else (name, hint))
    row = msgspec.defstruct(f"{kind.__name__}Row", fields, array_like=True)
    return msgspec.msgpack.Decoder(row, ext_hook=extension).decode


def _is_extension(first: int) -> bool:
    return 0xC7 <= first <= 0xC9 or 0xD4 <= first <= 0xD8


def _tupled(value: Any) -> Any:
    return tuple([_tupled(item) for item in value]) if type(value) is list else value


def op_bytes(info: OpInfo) -> bytes:
    """What is known of an op, as bytes."""
    return msgspec.msgpack.encode(info)


def op_of(data: bytes) -> OpInfo:
    """An op of its bytes."""
    return msgspec.msgpack.decode(data, type=OpInfo)
