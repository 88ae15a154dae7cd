"""New tensors: tensor, zeros, ones, full, arange, linspace, eye and the `_like` forms."""

import math
from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.capture import one_step
from gradb.autograd.mode import mode
from gradb.autograd.promotion import result_type
from gradb.autograd.quiet import quiet
from gradb.autograd.storage import pin
from gradb.autograd.tensor import Tensor
from gradb.ops.args import sizes
from gradb.ops.dtypes import DTYPES, check_device, get_default_dtype, numpy_dtype
from gradb.ops.registry import tensor_method, torch_name


def made(array: Any, origin: str, requires_grad: bool = False, device: Any = None) -> Tensor:
    """A new leaf around an array that nobody else has, told to the recorder."""
    quiet()
    check_device(device)
    leaf = Tensor._wrap(array)
    if requires_grad:
        if array.dtype.kind != "f":
            from gradb.autograd.leaf_complaints import requires_grad_of_integers

            raise requires_grad_of_integers(leaf)
        leaf._requires_grad = True
    if mode.recorder is not None:
        mode.recorder.created(leaf, origin)
    if mode.tracer is not None:
        mode.tracer.made(_made_again, (array.copy(), origin, requires_grad), origin, leaf)
    return leaf


def _made_again(array: Any, origin: str, requires_grad: bool) -> Tensor:
    """A leaf of a captured function, new at each call: the function may write into it."""
    return made(array.copy(), origin, requires_grad)


def _kind(array: Any) -> Any:
    """The dtype that torch gives to data without one."""
    if array.dtype.kind == "f" and array.dtype == np.float64:
        return get_default_dtype().numpy
    return array.dtype


def _checked_size(shape: tuple[int, ...]) -> tuple[int, ...]:
    if any(n < 0 for n in shape):
        raise RuntimeError(f"a size cannot be negative, found {shape}")
    return shape


def array_from(data: Any, dtype: Any = None) -> Any:
    """A fresh array of nested lists, numbers, numpy arrays, or tensors. Raises as torch does where it is uneven."""
    if isinstance(data, Tensor):
        return np.array(data._array, numpy_dtype(dtype, data._array.dtype))
    if isinstance(data, np.ndarray | np.generic):
        return np.array(data, numpy_dtype(dtype, data.dtype))
    plain = _plain(data)
    if isinstance(plain, str | bytes | dict | set) or plain is None:
        raise TypeError(f"a tensor is made of numbers in nested lists, found {type(plain).__name__}")
    try:
        array = np.array(plain)
    except ValueError:
        raise ValueError("the nested lists are uneven: each list of a level must have the same length") from None
    if array.dtype == object or array.dtype.kind not in "biuf":
        if array.dtype == object and _any_int(plain):
            raise RuntimeError("a number does not fit into int64")
        raise TypeError(f"a tensor is made of numbers in nested lists, found {array.dtype.name}")
    default = get_default_dtype().numpy if array.size == 0 and array.dtype == np.float64 else _kind(array)
    return np.asarray(array, numpy_dtype(dtype, default))


def _any_int(data: Any) -> bool:
    return isinstance(data, int) or (isinstance(data, list | tuple) and any(_any_int(item) for item in data))


def _plain(data: Any) -> Any:
    """Nested lists with the tensors in them as numbers."""
    if isinstance(data, Tensor):
        return data._array.tolist()
    if isinstance(data, list | tuple):
        return [_plain(item) for item in data] if _has_tensors(data) else data
    if isinstance(data, range):
        return list(data)
    return data


def _has_tensors(data: Any) -> bool:
    return isinstance(data, Tensor | range) or (
        isinstance(data, list | tuple) and any(_has_tensors(item) for item in data)
    )


@torch_name()
def tensor(data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A leaf with a copy of the data: numbers in nested lists, or an array."""
    if isinstance(data, Tensor):
        complaints.warn("torch.tensor(x) of a tensor copies it and cuts it off the graph: say x.detach().clone()")
    return made(array_from(data, dtype), "tensor", requires_grad, device)


@torch_name()
def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """The tensor itself, a tensor on an array's memory, or a new one of nested lists."""
    check_device(device)
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)
    if isinstance(data, np.ndarray) and (dtype is None or numpy_dtype(dtype) == data.dtype):
        return from_numpy(data)
    return made(array_from(data, dtype), "as_tensor")


@torch_name()
def from_numpy(ndarray: Any) -> Tensor:
    """A tensor on the memory of a numpy array: a change of one shows in the other."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"from_numpy takes a numpy array, found {type(ndarray).__name__}")
    if ndarray.dtype not in DTYPES:
        raise TypeError(f"tensors do not hold {ndarray.dtype.name}; convert the array first")
    quiet()
    shared = Tensor._wrap(ndarray)
    pin(shared)
    if mode.recorder is not None:
        mode.recorder.created(shared, "from_numpy")
    return shared


def legacy_tensor(*data: Any) -> Tensor:
    """What `torch.Tensor(...)` and `torch.FloatTensor(...)` make."""
    if len(data) == 1 and not isinstance(data[0], int):
        if isinstance(data[0], Tensor):
            return data[0].detach()
        if isinstance(data[0], tuple) and type(data[0]) is not tuple:
            return made(np.zeros(data[0], np.float32), "Tensor")
        return made(array_from(data[0], get_default_dtype()), "Tensor")
    return made(np.zeros(sizes(data) if data else (0,), get_default_dtype().numpy), "Tensor")


def _filled(name: str, value: float) -> Any:
    def create(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, **given: Any) -> Tensor:
        shape = _checked_size(sizes((given["size"],) if "size" in given else size))
        return made(np.full(shape, value, numpy_dtype(dtype)), name, requires_grad, device)

    create.__name__ = create.__qualname__ = name
    create.__doc__ = "A tensor of a shape, filled with one value."
    return torch_name(name)(one_step(create))


zeros = _filled("zeros", 0)
ones = _filled("ones", 1)
empty = _filled("empty", 0)  # defined content, so that a run can be repeated


@torch_name()
@one_step
def full(size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor of a shape, filled with one value."""
    value = fill_value.item() if isinstance(fill_value, Tensor) else fill_value
    kind = numpy_dtype(dtype, None if isinstance(value, float) else np.asarray(value).dtype)
    return made(np.full(_checked_size(sizes((size,))), value, kind), "full", requires_grad, device)


def _like(name: str, value: float) -> Any:
    def create(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
        array = np.full_like(input._array, value, numpy_dtype(dtype, input._array.dtype))
        return made(array, name, requires_grad, device)

    create.__name__ = create.__qualname__ = name
    create.__doc__ = "A tensor of the shape and dtype of another, filled with one value."
    return torch_name(name)(one_step(create))


zeros_like = _like("zeros_like", 0)
ones_like = _like("ones_like", 1)
empty_like = _like("empty_like", 0)


@torch_name()
@one_step
def full_like(input: Tensor, fill_value: Any, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor of the shape and dtype of another, filled with one value."""
    value = fill_value.item() if isinstance(fill_value, Tensor) else fill_value
    return made(np.full_like(input._array, value, numpy_dtype(dtype, input._array.dtype)), "full_like", requires_grad)


@torch_name()
@one_step
def arange(
    start: Any, end: Any = None, step: Any = 1, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """start, start + step, ... before end; integers where all three are."""
    start, end, step = [v.item() if isinstance(v, Tensor) else v for v in (start, end, step)]
    if end is None:
        start, end = 0, start
    if step == 0 or (end - start) * step < 0:
        raise RuntimeError(f"arange cannot go from {start} to {end} by steps of {step}")
    whole = all(isinstance(v, int) for v in (start, end, step))
    kind = numpy_dtype(dtype, np.dtype(np.int64) if whole else None)
    count = math.ceil((end - start) / step)
    return made((start + np.arange(count) * step).astype(kind), "arange", requires_grad, device)


@torch_name()
@one_step
def linspace(
    start: Any, end: Any, steps: int, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """`steps` numbers from start to end at even distances."""
    if steps < 0:
        raise RuntimeError(f"linspace wants a number of steps that is not negative, found {steps}")
    start, end = [v.item() if isinstance(v, Tensor) else v for v in (start, end)]
    kind = numpy_dtype(dtype)
    computed = kind.type if kind.kind == "f" else np.float64
    low, high = computed(start), computed(end)
    step = (high - low) / computed(max(steps - 1, 1))
    index = np.arange(steps)
    # torch counts the first half from the start and the second half from the end
    forwards = low + step * index.astype(computed)
    backwards = high - step * (steps - 1 - index).astype(computed)
    values = np.where(index < steps // 2, forwards, backwards) if steps != 1 else np.full(1, low)
    return made(values.astype(kind), "linspace", requires_grad, device)


@torch_name()
@one_step
def eye(n: int, m: int | None = None, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones on the diagonal of an (n, m) matrix, else zeros."""
    return made(np.eye(n, m, dtype=numpy_dtype(dtype)), "eye", requires_grad, device)


@tensor_method()
def new_tensor(self: Tensor, data: Any, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """A leaf with a copy of the data, in this tensor's dtype."""
    return made(array_from(data, dtype or DTYPES[self._array.dtype]), "new_tensor", requires_grad)


@tensor_method()
@one_step
def new_zeros(self: Tensor, *size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Zeros of a shape in this tensor's dtype."""
    return made(np.zeros(sizes(size), numpy_dtype(dtype, self._array.dtype)), "new_zeros", requires_grad)


@tensor_method()
@one_step
def new_ones(self: Tensor, *size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones of a shape in this tensor's dtype."""
    return made(np.ones(sizes(size), numpy_dtype(dtype, self._array.dtype)), "new_ones", requires_grad)


@torch_name("result_type")
def common_type(tensor1: Any, tensor2: Any) -> Any:
    """The dtype of an elementwise op on both."""
    return DTYPES[result_type(*[v._array if isinstance(v, Tensor) else v for v in (tensor1, tensor2)])]
