"""Normalisation over the batch: BatchNorm1d, BatchNorm2d."""

from typing import Any

import numpy as np

from gradb.autograd.mode import no_grad
from gradb.autograd.tensor import Tensor
from gradb.nn import functional as F
from gradb.nn import init
from gradb.nn.normalization import _Scaled


class _BatchNorm(_Scaled):
    """Mean 0 and variance 1 for each channel, by the batch in training and by running statistics in evaluation."""

    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None
    dims: tuple[int, ...]

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        tracked = track_running_stats
        self.register_buffer("running_mean", init.unrecorded_empty((num_features,), dtype) if tracked else None)
        self.register_buffer("running_var", init.unrecorded_empty((num_features,), dtype) if tracked else None)
        self.register_buffer("num_batches_tracked", Tensor._wrap(np.asarray(0)) if tracked else None)
        self._make((num_features,), affine, affine and bias, dtype)

    def reset_running_stats(self) -> None:
        """Sets the running mean to 0, the running variance to 1, and the count of batches to 0."""
        if self.running_mean is not None and self.running_var is not None and self.num_batches_tracked is not None:
            with no_grad():
                self.running_mean.zero_()
                self.running_var.fill_(1)
                self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Sets weight to 1 and bias to 0, and the running statistics back."""
        self.reset_running_stats()
        super().reset_parameters()

    def forward(self, input: Tensor) -> Tensor:
        if input._array.ndim not in self.dims:
            wanted = " or ".join(map(str, self.dims))
            raise ValueError(f"{type(self).__name__} wants an input of {wanted} dims, found {input._array.ndim}")
        momentum = 0.0 if self.momentum is None else self.momentum
        if self.training and self.track_running_stats and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            if self.momentum is None:  # the mean of all batches so far
                momentum = 1.0 / self.num_batches_tracked.item()
        by_batch = self.training or (self.running_mean is None and self.running_var is None)
        follow = not self.training or self.track_running_stats
        return F.batch_norm(
            input,
            self.running_mean if follow else None,
            self.running_var if follow else None,
            self.weight,
            self.bias,
            by_batch,
            momentum,
            self.eps,
        )

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class BatchNorm1d(_BatchNorm):
    """For (batch, channels) or (batch, channels, size)."""

    dims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """For (batch, channels, height, width)."""

    dims = (4,)
