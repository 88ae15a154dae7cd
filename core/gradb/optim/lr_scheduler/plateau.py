"""ReduceLROnPlateau: a smaller learning rate when a measure, such as the loss, no longer gets better."""

import math
from typing import Any

from gradb.optim.lr_scheduler.scheduler import LRScheduler, checked_optimizer, set_option, values_of, warn_of_epoch
from gradb.optim.optimizer import Optimizer
from gradb.optim.options import number


class ReduceLROnPlateau(LRScheduler):
    """lr · factor after more than `patience` steps without improvement; `step(metrics)` takes the measure.

    `mode` is min or max. Better is what beats the best by `threshold`, relative (rel) or absolute (abs). For `cooldown`
    steps after a reduction nothing is counted. Raises ValueError for a factor from 1 on and for unknown modes.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: list[float] | float = 0,
        eps: float = 1e-8,
    ) -> None:
        if factor >= 1.0:
            raise ValueError(f"factor must be below 1, found {factor}")
        self.factor = factor
        self.optimizer = checked_optimizer(optimizer)
        groups = len(optimizer.param_groups)
        several = list(min_lr) if isinstance(min_lr, list | tuple) else None
        if several is not None and len(several) != groups:
            raise ValueError(f"{groups} parameter groups need {groups} values in min_lr, found {len(several)}")
        self.default_min_lr = None if several is not None else min_lr
        self.min_lrs: list[Any] = [min_lr] * groups if several is None else several
        self.patience = patience
        self.cooldown = cooldown
        self.eps = eps
        self.last_epoch = 0
        self._last_lr = values_of(optimizer, "lr")
        if mode not in ("min", "max"):
            raise ValueError(f"mode is min or max, found {mode!r}")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f"threshold_mode is rel or abs, found {threshold_mode!r}")
        self.mode_worse = math.inf if mode == "min" else -math.inf
        self.mode = mode
        self.threshold = threshold
        self.threshold_mode = threshold_mode
        self._reset()

    def _reset(self) -> None:
        self.best = self.mode_worse
        self.cooldown_counter = 0
        self.num_bad_epochs = 0

    def step(self, metrics: Any, epoch: int | None = None) -> None:  # type: ignore[override]  # torch's takes a measure
        """Compares the measure with the best so far, and reduces the learning rates where it is time."""
        current = float(metrics)
        warn_of_epoch(epoch)
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self._is_better(current, self.best):
            self.best = current
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce_lr()
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0
        self._last_lr = values_of(self.optimizer, "lr")

    def _reduce_lr(self) -> None:
        groups = self.optimizer.param_groups
        if len(groups) != len(self.min_lrs):
            if self.default_min_lr is None:
                raise RuntimeError(f"min_lr is for {len(self.min_lrs)} parameter groups; now there are {len(groups)}")
            self.min_lrs = [self.default_min_lr] * len(groups)
        for i, group in enumerate(groups):
            before = float(number(group["lr"]))
            after = max(before * self.factor, self.min_lrs[i])
            if before - after > self.eps:
                used = (("factor", self.factor), ("min_lr", self.min_lrs[i]))
                set_option(self, i, group, "lr", after, ("max(lr · factor, min_lr)", used))

    @property
    def in_cooldown(self) -> bool:
        """Whether a reduction was so recent that nothing is counted."""
        return self.cooldown_counter > 0

    def _is_better(self, value: float, best: float) -> bool:
        if self.mode == "min":
            return value < (best * (1.0 - self.threshold) if self.threshold_mode == "rel" else best - self.threshold)
        return value > (best * (self.threshold + 1.0) if self.threshold_mode == "rel" else best + self.threshold)
