"""RNN and GRU: recurrent networks over whole sequences, of several layers and in both directions."""

import math
import warnings
from typing import Any

import numpy as np

from gradb.autograd.dispatch import unary
from gradb.autograd.tensor import Parameter, Tensor
from gradb.nn import functional as F
from gradb.nn import init
from gradb.nn.module import Module
from gradb.ops.joining import cat, stack, unbind
from gradb.ops.recurrent import TRANSPOSE_RESULT, Weights, gru_step, rnn_step


class _Recurrent(Module):
    """Goes through the steps of a sequence; returns what each gave, and the last state of each layer and direction.

    The input is (steps, batch, input_size), or (batch, steps, input_size) with `batch_first`, or without a batch.
    """

    gates: int

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        if not 0 <= dropout <= 1 or min(input_size, hidden_size, num_layers) <= 0:
            raise ValueError(
                "input_size, hidden_size and num_layers are above 0 and dropout is between 0 and 1, found "
                f"{input_size}, {hidden_size}, {num_layers} and {dropout}"
            )
        if dropout > 0 and num_layers == 1:
            warnings.warn("dropout acts between layers, and there is one layer", UserWarning, stacklevel=2)
        for layer, suffix in self._places():
            width = input_size if layer == 0 else hidden_size * self._directions
            rows = self.gates * hidden_size
            shapes = {"weight_ih": (rows, width), "weight_hh": (rows, hidden_size)}
            if bias:
                shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
            for name, shape in shapes.items():
                setattr(self, f"{name}{suffix}", Parameter(init.unrecorded_empty(shape, dtype)))
        self.reset_parameters()

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def _places(self) -> list[tuple[int, str]]:
        """Each layer and direction with the ending of its parameters' names."""
        endings = ("", "_reverse")[: self._directions]
        return [(layer, f"_l{layer}{ending}") for layer in range(self.num_layers) for ending in endings]

    def reset_parameters(self) -> None:
        """Draws all weights anew, uniform within ±1/√hidden_size."""
        bound = 1.0 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def _weights(self, suffix: str) -> Weights:
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        found: list[Any] = [self._parameters.get(f"{name}{suffix}") for name in names]
        return Weights(*found)

    def _step(self, from_input: Tensor, hidden: Tensor, weights: Weights) -> Tensor:
        """The next hidden state, of what the input gave to the gates."""
        raise NotImplementedError

    def _check(self, input: Tensor) -> None:
        shape = input._array.shape
        if len(shape) not in (2, 3):
            raise ValueError(f"{self._get_name()} wants an input of 3 dims, or 2 without a batch, found shape {shape}")
        weight: Any = self._parameters["weight_ih_l0"]
        if input._array.dtype != weight._array.dtype:
            raise ValueError(
                f"{self._get_name()} has weights in {weight._array.dtype.name}, the input {input._array.dtype.name}"
            )
        if shape[-1] != self.input_size:
            raise RuntimeError(f"{self._get_name()} wants input_size {self.input_size}, found {shape[-1]}")

    def _states(self, hx: Tensor | None, input: Tensor, batched: bool, rows: int) -> Tensor:
        """The hidden state of each layer and direction, zeros where none is given."""
        shape = (self.num_layers * self._directions, rows, self.hidden_size)
        if hx is None:
            return Tensor._wrap(np.zeros(shape, input._array.dtype))
        if hx._array.ndim != (3 if batched else 2):
            raise RuntimeError(f"the hidden state has as many dims as the input, found {hx._array.shape}")
        wide = hx if batched else hx.unsqueeze(1)
        if wide._array.shape != shape:
            raise RuntimeError(f"{self._get_name()} wants a hidden state of shape {shape}, found {wide._array.shape}")
        return wide

    def _direction(self, input: Tensor, hidden: Tensor, suffix: str) -> tuple[Tensor, Tensor]:
        """All steps, and the last state, of one direction of one layer."""
        weights = self._weights(suffix)
        steps = list(unbind(weights.of_input(input), 0))
        backwards = suffix.endswith("_reverse")
        outputs: list[Tensor] = []
        for step in reversed(steps) if backwards else steps:
            hidden = self._step(step, hidden, weights)
            outputs.append(hidden)
        return stack(outputs[::-1] if backwards else outputs, 0), hidden

    def forward(self, input: Tensor, hx: Tensor | None = None) -> tuple[Tensor, Tensor]:
        self._check(input)
        batched = input._array.ndim == 3
        batch_dim = 0 if self.batch_first else 1
        wide = input if batched else input.unsqueeze(batch_dim)
        states = unbind(self._states(hx, wide, batched, wide._array.shape[batch_dim]), 0)
        output = wide.transpose(0, 1) if self.batch_first else wide
        if output._array.shape[0] == 0:
            raise RuntimeError(f"{self._get_name()} wants at least one step")
        last: list[Tensor] = []
        for layer in range(self.num_layers):
            both: list[Tensor] = []
            for direction, ending in enumerate(("", "_reverse")[: self._directions]):
                state = states[layer * self._directions + direction]
                steps, hidden = self._direction(output, state, f"_l{layer}{ending}")
                both.append(steps)
                last.append(hidden)
            output = both[0] if len(both) == 1 else cat(both, 2)
            if self.dropout and layer < self.num_layers - 1:
                output = F.dropout(output, self.dropout, self.training)
        hidden = stack(last, 0)
        if self.batch_first:
            output = unary(TRANSPOSE_RESULT, output, 0, 1)
        return (output, hidden) if batched else (output.squeeze(batch_dim), hidden.squeeze(1))

    def extra_repr(self) -> str:
        parts = [
            f"{self.input_size}, {self.hidden_size}",
            f"num_layers={self.num_layers}" if self.num_layers != 1 else "",
            "" if self.bias else "bias=False",
            "batch_first=True" if self.batch_first else "",
            f"dropout={self.dropout}" if self.dropout else "",
            "bidirectional=True" if self.bidirectional else "",
        ]
        return ", ".join([part for part in parts if part])


class RNN(_Recurrent):
    """tanh (or relu) of what the input and the hidden state give, step by step."""

    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"nonlinearity is 'tanh' or 'relu', found {nonlinearity!r}")
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device, dtype)
        self.nonlinearity = nonlinearity
        self.mode = f"RNN_{nonlinearity.upper()}"

    def _step(self, from_input: Tensor, hidden: Tensor, weights: Weights) -> Tensor:
        return rnn_step(from_input, hidden, weights, self.nonlinearity == "relu", True)


class GRU(_Recurrent):
    """Gates decide at each step how much of the hidden state is kept."""

    gates = 3

    def _step(self, from_input: Tensor, hidden: Tensor, weights: Weights) -> Tensor:
        return gru_step(from_input, hidden, weights, True)
