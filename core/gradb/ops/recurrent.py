"""One step of a recurrent network, as torch computes it: rnn_step, lstm_step, gru_step."""

from typing import Any

import numpy as np

from gradb.autograd.dispatch import apply
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.joining import cat
from gradb.ops.matrix import linear


def _parts(self: Any, split_size: int, dim: int) -> tuple[Any, ...]:
    return tuple([part.copy() for part in np.split(self, self.shape[dim] // split_size, dim)])


UNSAFE_SPLIT = Op(
    "UnsafeSplitBackward0",
    _parts,
    name="unsafe_split",
    symbol="parts of self",
    outputs=("outputs",),
    self=Grad(
        "cat(∂L/∂out)",
        lambda grads, dim: cat(grads, dim) if isinstance(grads[0], Tensor) else np.concatenate(grads, dim),
    ),
    shows=("self_sym_sizes", "split_size"),
)
TRANSPOSE_RESULT = Op(
    "TransposeBackward1",
    lambda self, dim0, dim1: np.swapaxes(self, dim0, dim1),
    name="transpose_",
    symbol="transpose(self)",
    view=True,
    self=Grad("transpose(∂L/∂out)", lambda grad, dim0, dim1: lib.swap(grad, dim0, dim1)),
)


class Weights:
    """The weights of one direction of one layer; biases may be None."""

    __slots__ = ("bias_hh", "bias_ih", "weight_hh", "weight_ih")

    def __init__(self, weight_ih: Tensor, weight_hh: Tensor, bias_ih: Tensor | None, bias_hh: Tensor | None) -> None:
        self.weight_ih = weight_ih
        self.weight_hh = weight_hh
        self.bias_ih = bias_ih
        self.bias_hh = bias_hh

    def of_input(self, input: Tensor) -> Tensor:
        """What the input gives to the gates."""
        return linear(input, self.weight_ih, self.bias_ih)

    def of_hidden(self, hidden: Tensor) -> Tensor:
        """What the hidden state gives to the gates."""
        return linear(hidden, self.weight_hh, self.bias_hh)


def _gates(values: Tensor, count: int) -> Any:
    return apply(UNSAFE_SPLIT, values, values._array.shape[1] // count, 1)


def rnn_step(input: Tensor, hidden: Tensor, weights: Weights, relu: bool, ready: bool = False) -> Tensor:
    """tanh or relu of what hidden state and input give; `ready`: the input went through its weights before."""
    total = weights.of_hidden(hidden) + (input if ready else weights.of_input(input))
    return total.relu() if relu else total.tanh()


def lstm_step(input: Tensor, hidden: Tensor, cell: Tensor, weights: Weights) -> tuple[Tensor, Tensor]:
    """The next hidden state and cell of an LSTM."""
    parts = _gates(weights.of_hidden(hidden) + weights.of_input(input), 4)
    let_in, keep = parts[0].sigmoid(), parts[1].sigmoid()
    new = parts[2].tanh()
    show = parts[3].sigmoid()
    cell = keep * cell + let_in * new
    return show * cell.tanh(), cell


def gru_step(input: Tensor, hidden: Tensor, weights: Weights, ready: bool = False) -> Tensor:
    """The next hidden state of a GRU; `ready`: the input went through its weights before."""
    from_input = _gates(input if ready else weights.of_input(input), 3)
    from_hidden = _gates(weights.of_hidden(hidden), 3)
    reset = (from_hidden[0] + from_input[0]).sigmoid()
    keep = (from_hidden[1] + from_input[1]).sigmoid()
    new = (from_input[2] + from_hidden[2] * reset).tanh()
    return (hidden - new) * keep + new
