"""`set_detect_anomaly(True)` and `with detect_anomaly():` stop a backward at the first node whose gradient is NaN."""

import warnings
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from gradb.autograd import backward_complaints
from gradb.autograd.mode import mode

if TYPE_CHECKING:
    from gradb.autograd.node import Node


class set_detect_anomaly:
    """Switches the search for NaN at once; as a context manager it is put back at the end."""

    def __init__(self, mode_: bool, check_nan: bool = True) -> None:
        self.before = mode.detects_nan
        mode.detects_nan = bool(mode_) and check_nan

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        mode.detects_nan = self.before


class detect_anomaly:
    """Inside, a backward raises RuntimeError where a node sends NaN on, and says where its forward op ran."""

    def __init__(self, check_nan: bool = True) -> None:
        self.check_nan = check_nan
        warnings.warn(
            "anomaly detection looks through every gradient for NaN: leave it out where nothing is wrong",
            UserWarning,
            stacklevel=2,
        )

    def __enter__(self) -> None:
        self.before = mode.detects_nan
        mode.detects_nan = self.check_nan

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        mode.detects_nan = self.before


def check(node: "Node", outgoing: Sequence[Any]) -> None:
    """Raises RuntimeError when a gradient that the node sends on holds NaN."""
    for position, gradient in enumerate(outgoing):
        if gradient is not None and np.isnan(gradient if type(gradient) is np.ndarray else gradient._array).any():
            raise backward_complaints.nan_from(node, position)
