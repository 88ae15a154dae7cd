"""Dropout of whole channels: Dropout1d, Dropout2d."""

from gradb.autograd.tensor import Tensor
from gradb.nn import functional as F
from gradb.nn.activations import Dropout


class Dropout1d(Dropout):
    """In training each channel of (batch, channels, size) 0 with probability p, else divided by 1 - p."""

    def forward(self, input: Tensor) -> Tensor:
        return F.dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(Dropout):
    """In training each channel of (batch, channels, h, w) 0 with probability p, else divided by 1 - p."""

    def forward(self, input: Tensor) -> Tensor:
        return F.dropout2d(input, self.p, self.training, self.inplace)
