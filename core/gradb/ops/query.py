"""What a tensor is and holds: shape, size, item, tolist, numel, len, float(x), and its text."""

from typing import Any

from gradb.autograd import complaints
from gradb.autograd.mode import mode
from gradb.autograd.tensor import Parameter, Tensor
from gradb.autograd.traced_numbers import count_of, sizes_of, traced
from gradb.ops.args import one_dim
from gradb.ops.dtypes import Size, get_default_dtype
from gradb.ops.registry import tensor_method, tensor_property, torch_name
from gradb.printing import tensor_text


@tensor_property()
def shape(self: Tensor) -> Size:
    """The size of each dim."""
    return Size(self._array.shape) if mode.tracer is None else Size(sizes_of(self))


@tensor_method()
def size(self: Tensor, dim: int | None = None) -> Any:
    """The size of each dim, or of one."""
    sizes = self._array.shape if mode.tracer is None else sizes_of(self)
    return Size(sizes) if dim is None else sizes[one_dim(dim, self._array.ndim)]


@tensor_method("dim", "ndimension")
def dim(self: Tensor) -> int:
    """How many dims there are."""
    return self._array.ndim


@tensor_property("ndim")
def _ndim(self: Tensor) -> int:
    return self._array.ndim


@torch_name("numel")
@tensor_method("numel", "nelement")
def numel(input: Tensor) -> int:
    """How many elements there are."""
    return int(input._array.size) if mode.tracer is None else traced(count_of, input)


@tensor_method()
def stride(self: Tensor, dim: int | None = None) -> Any:
    """How many elements lie between neighbours along each dim, or along one."""
    strides = tuple([s // self._array.itemsize for s in self._array.strides])
    return strides if dim is None else strides[one_dim(dim, len(strides))]


@tensor_method()
def element_size(self: Tensor) -> int:
    """Bytes of one element."""
    return self._array.itemsize


@torch_name()
@tensor_method()
def is_floating_point(input: Tensor) -> bool:
    """Whether the elements are floats."""
    return input._array.dtype.kind == "f"


@tensor_property("is_cuda")
def _is_cuda(self: Tensor) -> bool:
    return False


@tensor_method()
def item(self: Tensor) -> Any:
    """The only element as a Python number. Raises RuntimeError where there are several."""
    return _number(self, "number")


def _leaves(kind: str) -> None:
    if mode.tracer is not None:
        mode.tracer.left_for_python(f"a Python {kind}")


def _number(tensor: Tensor, kind: str) -> Any:
    if tensor._array.size != 1:
        raise complaints.not_one_number(tensor)
    _leaves(kind)
    return tensor._array.item()


@tensor_method()
def tolist(self: Tensor) -> Any:
    """The elements as Python numbers in nested lists."""
    _leaves("list")
    return self._array.tolist()


@tensor_method()
def __len__(self: Tensor) -> int:
    if not self._array.ndim:
        raise TypeError("a tensor without dims has no length")
    if mode.tracer is not None:
        mode.tracer.left_for_python("its length")
    return self._array.shape[0]


@tensor_method()
def __bool__(self: Tensor) -> bool:
    if self._array.size != 1:
        raise RuntimeError(
            f"{complaints.called(self)} has {self._array.size} elements: is it true when some are, or when all are? "
            "Say .any() or .all()"
        )
    _leaves("boolean")
    return bool(self._array.item())


@tensor_method()
def __float__(self: Tensor) -> float:
    return float(_number(self, "float"))


@tensor_method()
def __int__(self: Tensor) -> int:
    return int(_number(self, "integer"))


@tensor_method()
def __index__(self: Tensor) -> int:
    if self._array.size != 1 or self._array.dtype.kind == "f":
        raise TypeError("only a tensor of one integer can be an index")
    _leaves("index")
    return int(self._array.item())


@tensor_method()
def __contains__(self: Tensor, element: Any) -> bool:
    value = element._array if isinstance(element, Tensor) else element
    return bool((self._array == value).any())


@tensor_method()
def __format__(self: Tensor, spec: str) -> str:
    if self._array.ndim == 0 and not isinstance(self, Parameter):
        return format(self._array.item(), spec)
    if self._array.ndim == 0 and spec:
        return format(self._array.item(), spec)
    return format(repr(self), spec) if not spec else object.__format__(self, spec)


@tensor_method()
def __repr__(self: Tensor, *, tensor_contents: Any = None) -> str:
    text = _text(self)
    return f"Parameter containing:\n{text}" if isinstance(self, Parameter) else text


def _text(tensor: Tensor) -> str:
    node = tensor.grad_fn
    return tensor_text(
        tensor._array,
        requires_grad=tensor._requires_grad,
        grad_fn=None if node is None else node.name(),
        default_dtype=get_default_dtype().numpy,
    )


@torch_name()
def is_tensor(obj: Any) -> bool:
    """Whether something is a tensor."""
    return isinstance(obj, Tensor)


@tensor_method()
def get_device(self: Tensor) -> int:
    """-1: the CPU has no number."""
    return -1


@tensor_method()
def data_ptr(self: Tensor) -> int:
    """The address of the first element."""
    return self._array.__array_interface__["data"][0]


@tensor_property("itemsize")
def _itemsize(self: Tensor) -> int:
    return self._array.itemsize


@tensor_method()
def __deepcopy__(self: Tensor, memo: dict[int, Any]) -> Tensor:
    if self._grad_fn is not None:
        raise RuntimeError("only leaves can be copied by deepcopy; use .detach().clone()")
    copy = Tensor._wrap(self._array.copy())
    if isinstance(self, Parameter):
        copy = Parameter(copy, self._requires_grad)
    copy._requires_grad = self._requires_grad
    if self._grad is not None:
        copy._grad = Tensor._wrap(self._grad._array.copy())
    memo[id(self)] = copy
    return copy
