"""One step of a recurrent network as a module: RNNCell, LSTMCell, GRUCell."""

import math
from typing import Any

import numpy as np

from gradb.autograd.tensor import Parameter, Tensor
from gradb.nn import init
from gradb.nn.module import Module
from gradb.ops.recurrent import Weights, gru_step, lstm_step, rnn_step


class _Cell(Module):
    """The weights of a cell. All start uniform within ±1/√hidden_size."""

    gates: int
    weight_ih: Parameter
    weight_hh: Parameter
    bias_ih: Parameter | None
    bias_hh: Parameter | None

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        rows = self.gates * hidden_size
        self.weight_ih = Parameter(init.unrecorded_empty((rows, input_size), dtype))
        self.weight_hh = Parameter(init.unrecorded_empty((rows, hidden_size), dtype))
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, Parameter(init.unrecorded_empty((rows,), dtype)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draws all weights anew."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def _weights(self) -> Weights:
        return Weights(self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)

    def _batched(self, input: Tensor) -> Tensor:
        """The input with a batch. Raises where it does not fit."""
        shape = input._array.shape
        if len(shape) not in (1, 2):
            raise ValueError(f"{type(self).__name__} wants (batch, input_size) or (input_size,), found shape {shape}")
        if shape[-1] != self.input_size:
            raise RuntimeError(f"{type(self).__name__} wants input_size {self.input_size}, found {shape[-1]}")
        return input.unsqueeze(0) if len(shape) == 1 else input

    def _state(self, hidden: Tensor | None, input: Tensor, batched: bool) -> Tensor:
        """The hidden state with a batch, zeros where there is none. Raises where it does not fit the input."""
        rows = input._array.shape[0]
        if hidden is None:
            return Tensor._wrap(np.zeros((rows, self.hidden_size), input._array.dtype))
        if hidden._array.ndim not in (1, 2):
            raise ValueError(f"{type(self).__name__} wants a hidden state of 1 or 2 dims, found {hidden._array.shape}")
        wide = hidden if batched else hidden.unsqueeze(0)
        if wide._array.shape != (rows, self.hidden_size):
            raise RuntimeError(
                f"{type(self).__name__} wants a hidden state of shape {(rows, self.hidden_size)}, "
                f"found {wide._array.shape}"
            )
        return wide

    def extra_repr(self) -> str:
        return f"{self.input_size}, {self.hidden_size}{'' if self.bias else ', bias=False'}"


class RNNCell(_Cell):
    """tanh (or relu) of what the input and the hidden state give."""

    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"nonlinearity is 'tanh' or 'relu', found {self.nonlinearity!r}")
        batched = input._array.ndim != 1
        rows = self._batched(input)
        hidden = rnn_step(rows, self._state(hx, rows, batched), self._weights(), self.nonlinearity == "relu")
        return hidden if batched else hidden.squeeze(0)

    def extra_repr(self) -> str:
        return super().extra_repr() + (f", nonlinearity={self.nonlinearity}" if self.nonlinearity != "tanh" else "")


class LSTMCell(_Cell):
    """Keeps a cell beside the hidden state; gates decide what goes in, what stays and what shows."""

    gates = 4

    def forward(self, input: Tensor, hx: Any = None) -> tuple[Tensor, Tensor]:
        if isinstance(hx, Tensor):
            raise TypeError("LSTMCell takes the pair (hidden, cell), found one tensor")
        batched = input._array.ndim != 1
        rows = self._batched(input)
        if hx is None:
            hidden = cell = self._state(None, rows, batched)
        else:
            hidden, cell = [self._state(state, rows, batched) for state in hx]
        both = lstm_step(rows, hidden, cell, self._weights())
        return both if batched else (both[0].squeeze(0), both[1].squeeze(0))


class GRUCell(_Cell):
    """Gates decide how much of the hidden state is kept and how much of it the new one sees."""

    gates = 3

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        batched = input._array.ndim != 1
        rows = self._batched(input)
        hidden = gru_step(rows, self._state(hx, rows, batched), self._weights())
        return hidden if batched else hidden.squeeze(0)
