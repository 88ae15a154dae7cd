"""Random tensors from torch's stream: rand, randn, randint, randperm, normal, bernoulli, uniform_, normal_."""

from typing import Any

import numpy as np

from gradb.autograd.capture import one_step
from gradb.autograd.inplace import write_through
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.args import sizes
from gradb.ops.creation import made
from gradb.ops.dtypes import numpy_dtype
from gradb.ops.registry import tensor_method, torch_name
from gradb.random import Generator, default_generator, manual_seed

torch_name("manual_seed")(manual_seed)
torch_name("Generator")(Generator)


def _source(generator: Generator | None) -> Generator:
    return default_generator if generator is None else generator


@torch_name()
def seed() -> int:
    """Starts a stream that nobody can foresee, and returns its seed."""
    return default_generator.seed()


@torch_name()
def initial_seed() -> int:
    """The seed that the stream began with."""
    return default_generator.initial_seed()


@torch_name()
@one_step
def rand(
    *size: Any, generator: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Numbers from [0, 1)."""
    return made(_source(generator).uniform(sizes(size), numpy_dtype(dtype)), "rand", requires_grad, device)


@torch_name()
@one_step
def randn(
    *size: Any, generator: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Normally distributed numbers."""
    return made(_source(generator).normal(sizes(size), numpy_dtype(dtype)), "randn", requires_grad, device)


@torch_name()
@one_step
def rand_like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Numbers from [0, 1) in another tensor's shape."""
    kind = numpy_dtype(dtype, input._array.dtype)
    return made(default_generator.uniform(input._array.shape, kind), "rand_like", requires_grad)


@torch_name()
@one_step
def randn_like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Normally distributed numbers in another tensor's shape."""
    kind = numpy_dtype(dtype, input._array.dtype)
    return made(default_generator.normal(input._array.shape, kind), "randn_like", requires_grad)


@torch_name()
@one_step
def randint(
    low: Any, high: Any = None, size: Any = None, *, generator: Any = None, dtype: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Integers from low (0 when left out) to high - 1."""
    if size is None:
        low, high, size = 0, low, high
    elif high is None:
        low, high = 0, low
    values = _source(generator).randint(int(low), int(high), sizes((size,)), numpy_dtype(dtype, np.dtype(np.int64)))
    return made(values, "randint", requires_grad, device)


@torch_name()
@one_step
def randperm(n: int, *, generator: Any = None, dtype: Any = None, device: Any = None) -> Tensor:
    """The numbers 0 to n - 1 in random order."""
    order = _source(generator).randperm(n)
    return made(order.astype(numpy_dtype(dtype, np.dtype(np.int64)), copy=False), "randperm", False, device)


@torch_name()
@one_step
def normal(mean: Any = 0.0, std: Any = 1.0, size: Any = None, *, generator: Any = None) -> Tensor:
    """Normally distributed numbers; mean and std are numbers, or tensors that give the shape."""
    source = _source(generator)
    if not isinstance(mean, Tensor) and not isinstance(std, Tensor):
        if size is None:
            raise TypeError("normal with numbers for mean and std wants a size")
        return made(source.normal(sizes((size,)), np.float32, mean, std), "normal")
    arrays = [v._array if isinstance(v, Tensor) else v for v in (mean, std)]
    shape = np.broadcast_shapes(*[np.shape(a) for a in arrays])
    kind = next(a.dtype for a in arrays if isinstance(a, np.ndarray))
    draws = source.normal(shape, kind)
    return made(np.asarray(draws * arrays[1] + arrays[0], kind), "normal")


@torch_name()
@one_step
def bernoulli(input: Tensor, *, generator: Any = None) -> Tensor:
    """1 with each element's probability, else 0."""
    return made(_source(generator).bernoulli_probs(input._array).astype(input._array.dtype), "bernoulli")


def _refill(name: str, symbol: str) -> Op:
    node = f"{name.capitalize()}Backward0"
    return Op(node, lambda self, content: content, name=name, symbol=symbol, self=Grad("0", lib.zeros_like))


UNIFORM = _refill("uniform", "uniform random numbers")
NORMAL = _refill("normal", "normal random numbers")
RANDOM = _refill("random", "random integers")
BERNOULLI = _refill("bernoulli", "1 with probability p, else 0")


def _rewritten(op: Op, tensor: Tensor, content: Any) -> Tensor:
    return write_through(op, tensor, content)


@tensor_method()
@one_step
def uniform_(self: Tensor, *bounds: float, generator: Any = None, **named: float) -> Tensor:
    """Fills with numbers from [from, to), which are 0 and 1 by default."""
    low = bounds[0] if bounds else named.get("from", named.get("a", 0.0))
    high = bounds[1] if len(bounds) > 1 else named.get("to", named.get("b", 1.0))
    return _rewritten(UNIFORM, self, _source(generator).uniform(self._array.shape, self._array.dtype, low, high))


@tensor_method()
@one_step
def normal_(self: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Any = None) -> Tensor:
    """Fills with normally distributed numbers."""
    return _rewritten(NORMAL, self, _source(generator).normal(self._array.shape, self._array.dtype, mean, std))


@tensor_method()
@one_step
def bernoulli_(self: Tensor, p: float = 0.5, *, generator: Any = None) -> Tensor:
    """Fills with 1 with probability p, else 0."""
    return _rewritten(BERNOULLI, self, _source(generator).bernoulli(p, self._array.shape).astype(self._array.dtype))
