"""Random arrays from PyTorch's stream: manual_seed(0), then default_generator.normal((2, 3)); or a Generator apart.

The stream is that of the Mersenne Twister MT19937. A float64 or a wide integer takes two of its 32-bit words, the
first as the high half; everything else takes one. The same calls in the same order give what torch gives on the CPU.
"""

import math
import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]
DType = np.dtype[Any]
Shape = tuple[int, ...]

DEFAULT_SEED = 67280421310721

_BLOCK = 16  # torch makes normals in blocks of this many


@dataclass(frozen=True, slots=True)
class GeneratorState:
    """Where a Generator stands in its stream; `Generator.set_state` returns there."""

    seed: int
    words: bytes
    position: int
    spare_normal: float | None


class Generator:
    """A source of random arrays. Until it is seeded it starts from `DEFAULT_SEED`, as a `torch.Generator` does.

    Each method that draws returns a new C-contiguous array of the shape that is asked for. An argument that torch
    refuses raises RuntimeError, and a dtype that torch refuses NotImplementedError.
    """

    __slots__ = ("_engine", "_seed", "_spare_normal")

    def __init__(self) -> None:
        self._seed = DEFAULT_SEED
        self._engine: np.random.MT19937 | None = None
        self._spare_normal: float | None = None

    def manual_seed(self, seed: int) -> "Generator":
        """Start the stream of `seed` and return self. The low 32 bits choose the stream; ValueError beyond 64 bits."""
        if not -(2**63) <= seed < 2**64:
            raise ValueError(f"a seed is at least -2**63 and below 2**64, but got {seed}")
        self._seed, self._engine, self._spare_normal = seed % 2**64, None, None
        return self

    def seed(self) -> int:
        """Start a stream that nobody can foresee, and return its seed."""
        self.manual_seed(int.from_bytes(os.urandom(8), "little"))
        return self._seed

    def initial_seed(self) -> int:
        """The seed this stream began with, from 0 to 2**64 - 1."""
        return self._seed

    def get_state(self) -> GeneratorState:
        """Where the stream stands now."""
        twister = self._seeded().state["state"]
        return GeneratorState(self._seed, twister["key"].tobytes(), int(twister["pos"]), self._spare_normal)

    def set_state(self, state: GeneratorState) -> "Generator":
        """Go to where the stream stood when `state` was taken, from this Generator or another, and return self."""
        key = np.frombuffer(state.words, np.uint32)
        self._seeded().state = {"bit_generator": "MT19937", "state": {"key": key, "pos": state.position}}
        self._seed, self._spare_normal = state.seed, state.spare_normal
        return self

    def uniform(self, shape: Shape, dtype: DTypeLike = np.float32, low: float = 0.0, high: float = 1.0) -> Array:
        """Floats from [low, high), as `rand` and `uniform_`; float16 is drawn as float32."""
        dtype = _floating(dtype)
        largest = float(np.finfo(dtype).max)
        if not (-largest <= low <= high <= largest and high - low <= largest):
            raise RuntimeError(f"uniform_ expects from <= to within {dtype.name}, but got from={low}, to={high}")
        values = self._unit(math.prod(shape), _computed(dtype))
        first, last = values.dtype.type(low), values.dtype.type(high)
        if (low, high) != (0.0, 1.0):
            values = _multiply_add(values, last - first, first)
        values = _cast(values, dtype)
        values[values == dtype.type(last)] = first  # rounding can reach the bound that is excluded
        return values.reshape(shape)

    def normal(self, shape: Shape, dtype: DTypeLike = np.float32, mean: float = 0.0, std: float = 1.0) -> Array:
        """Normally distributed floats, as `randn`, `normal_`, and `torch.normal` with numbers for mean and std.

        A mean that is a tensor is added to draws of mean 0; a std that is one multiplies draws of std 1 before that.
        """
        dtype = _floating(dtype)
        if not std >= 0.0:
            raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")
        count = math.prod(shape)
        values = np.array(self._few_normals(count)) if count < _BLOCK else self._many_normals(count, dtype)
        values = _multiply_add(values, values.dtype.type(std), values.dtype.type(mean))
        return _cast(values, dtype).reshape(shape)

    def randint(self, low: int, high: int, shape: Shape, dtype: DTypeLike = np.int64) -> Array:
        """Whole numbers from low to high - 1, of any dtype that can hold both.

        A float dtype should hold every number in between; where it cannot, torch warns and narrows the range.
        """
        dtype = np.dtype(dtype)
        if low >= high:
            raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
        smallest, largest = _whole_numbers(dtype)
        if low < smallest or high - 1 > largest:
            raise RuntimeError(f"random_ expects numbers within {dtype.name}, but got from={low}, to={high}")
        count = math.prod(shape)
        words = self._words64(count) if high - low >= 2**28 else self._words32(count)
        shifted = words % np.uint64(high - low) + np.uint64(low % 2**64)  # wraps round to a negative number
        return shifted.view(np.int64).astype(dtype).reshape(shape)

    def randperm(self, n: int) -> Array:
        """The numbers 0 to n - 1 in random order, int64."""
        if n < 0:
            raise RuntimeError(f"n must be non-negative, but got {n}")
        order = list(range(n))
        distances = self._words32(max(0, n - 1)) % np.arange(n, 1, -1, dtype=np.uint64)
        for place, distance in enumerate(distances.tolist()):
            other = place + distance
            order[place], order[other] = order[other], order[place]
        return np.array(order, dtype=np.int64)

    def bernoulli(self, p: float, shape: Shape) -> Array:
        """Bools, each true with probability `p`, as `bernoulli_(p)` draws them for a tensor of any dtype."""
        if not 0.0 <= p <= 1.0:
            raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p}")
        return (self._unit(math.prod(shape), np.dtype(np.float64)) < p).reshape(shape)

    def bernoulli_probs(self, probabilities: Array) -> Array:
        """Bools of the shape of `probabilities` (floats within [0, 1]), each true with its own probability."""
        dtype = _computed(_floating(probabilities.dtype))
        if not np.all((probabilities >= 0) & (probabilities <= 1)):
            raise RuntimeError("bernoulli expects every probability to be in [0, 1]")
        return self._unit(probabilities.size, dtype).reshape(probabilities.shape) < probabilities.astype(dtype)

    def dropout_mask(self, p: float, shape: Shape, dtype: DTypeLike = np.float32) -> Array:
        """What dropout multiplies by: 0 with probability `p`, else 1 / (1 - p). ValueError unless p is in [0, 1]."""
        dtype = _floating(dtype)
        if not 0.0 <= p <= 1.0:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        if p in (0.0, 1.0):  # torch draws nothing for these
            return np.full(shape, 1.0 - p, dtype)
        one = _computed(dtype).type(1.0)
        scale = dtype.type(one / type(one)(1.0 - p))
        return np.where(self.bernoulli(1.0 - p, shape), scale, dtype.type(0.0))

    def random63(self) -> int:
        """One number from 0 to 2**63 - 1: what a DataLoader draws for its base seed, and its sampler for its own."""
        return int(self._words64(1)[0]) % 2**63

    def _seeded(self) -> "np.random.MT19937":  # in quotes, because numpy loads its random module when it is named
        if self._engine is None:  # only now, because importing gradb makes a Generator and must stay cheap
            self._engine = np.random.MT19937(0)
            np.random.RandomState(self._engine).seed(self._seed % 2**32)  # MT19937 by itself would hash the seed
        return self._engine

    def _words32(self, count: int) -> NDArray[np.uint64]:
        return self._seeded().random_raw(count)

    def _words64(self, count: int) -> NDArray[np.uint64]:
        words = self._words32(2 * count)
        return words[0::2] << np.uint64(32) | words[1::2]

    def _unit(self, count: int, dtype: DType) -> Array:
        """`count` floats from [0, 1), float32 or float64: the low bits, as many as the significand holds."""
        if dtype == np.float64:
            return (self._words64(count) & np.uint64(2**53 - 1)) * 2.0**-53
        return (self._words32(count) & np.uint64(2**24 - 1)).astype(np.float32) * np.float32(2.0**-24)

    def _few_normals(self, count: int) -> list[float]:
        """Box and Muller's pairs, whatever the dtype in float64; an odd one out waits for the next call."""
        normals = [] if self._spare_normal is None else [self._spare_normal]
        pairs = max(0, count - len(normals) + 1) // 2
        for turn, chance in self._unit(2 * pairs, np.dtype(np.float64)).reshape(-1, 2).tolist():
            radius = math.sqrt(-2.0 * math.log1p(-chance))
            normals += [radius * math.cos(math.tau * turn), radius * math.sin(math.tau * turn)]
        self._spare_normal = normals.pop() if len(normals) > count else None
        return normals

    def _many_normals(self, count: int, dtype: DType) -> Array:
        """Box and Muller's pairs in blocks of 16; where a block is left unfinished, the last 16 are made anew."""
        computed = _computed(dtype)
        whole = count - count % _BLOCK
        drawn = count if computed == dtype else whole  # float16 goes block by block and never draws the rest
        uniforms = self._unit(drawn + (_BLOCK if whole < count else 0), computed)
        blocks = np.concatenate((uniforms[:whole], uniforms[drawn:])).reshape(-1, _BLOCK)
        radius = np.sqrt(-2.0 * np.log(1.0 - blocks[:, :8]))
        angle = computed.type(math.tau) * blocks[:, 8:]
        normals = np.concatenate((radius * np.cos(angle), radius * np.sin(angle)), axis=1).ravel()
        return np.concatenate((normals[: count - _BLOCK], normals[-_BLOCK:]))


default_generator = Generator()
chosen_seed = DEFAULT_SEED  # what `manual_seed` was told last, for the header of a trace file


def manual_seed(seed: int) -> Generator:
    """Start the stream of `seed` in the `default_generator`, and return it."""
    global chosen_seed
    default_generator.manual_seed(int(seed))
    chosen_seed = default_generator.initial_seed()
    return default_generator


def _floating(dtype: DTypeLike) -> DType:
    dtype = np.dtype(dtype)
    if dtype.kind != "f":
        raise NotImplementedError(f"this needs a floating point dtype, but got {dtype.name}")
    return dtype


def _computed(dtype: DType) -> DType:
    """float32 or float64: what torch computes floats of `dtype` in."""
    return np.dtype(np.float64 if dtype == np.float64 else np.float32)


def _cast(values: Array, dtype: DType) -> Array:
    """As torch casts: float16 by way of float32, and what is too large for it is infinite."""
    with np.errstate(over="ignore"):
        return values.astype(_computed(dtype), copy=False).astype(dtype, copy=False)


def _whole_numbers(dtype: DType) -> tuple[int, int]:
    if dtype.kind == "b":
        return 0, 1
    limits = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
    return int(limits.min), int(limits.max)


def _multiply_add(factor: Array, scale: Any, offset: Any) -> Array:
    """factor * scale + offset, rounded once as by a fused multiply-add; all float32 or all float64."""
    if factor.dtype == np.float32:  # float64 holds the product of two float32 exactly
        return (factor.astype(np.float64) * scale + np.float64(offset)).astype(np.float32)
    # The rounding errors of a product and of a sum are floats themselves (Dekker 1971, Numerische Mathematik 18).
    product = factor * scale
    (high, low), (scale_high, scale_low) = _halves(factor), _halves(scale)
    product_error = ((high * scale_high - product) + high * scale_low + low * scale_high) + low * scale_low
    total = product + offset
    back = total - product
    return total + (((product - (total - back)) + (offset - back)) + product_error)


def _halves(value: Any) -> tuple[Any, Any]:
    """A float64 as the sum of two floats with half as many digits each."""
    high = value * (2.0**27 + 1.0) - (value * (2.0**27 + 1.0) - value)
    return high, value - high
