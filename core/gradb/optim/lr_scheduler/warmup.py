"""Learning rates that start small: ConstantLR waits at a fraction of the initial lr, LinearLR rises from it."""

from typing import Any

from gradb.optim.lr_scheduler.scheduler import Formula, LRScheduler, lrs_of
from gradb.optim.optimizer import Optimizer


class ConstantLR(LRScheduler):
    """The initial lr · factor for `total_iters` steps, then the initial lr. ValueError for a factor outside [0, 1]."""

    def __init__(
        self, optimizer: Optimizer, factor: float = 1.0 / 3, total_iters: int = 5, last_epoch: int = -1
    ) -> None:
        if factor > 1.0 or factor < 0:
            raise ValueError(f"factor lies between 0 and 1, found {factor}")
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        self._warn_outside_step()
        lrs = lrs_of(self.optimizer)
        if self.last_epoch == 0:
            return [lr * self.factor for lr in lrs]
        if self.last_epoch != self.total_iters:
            return lrs
        return [lr * (1.0 / self.factor) for lr in lrs]

    def _formula(self, group: int) -> Formula:
        return ("lr · factor" if self.last_epoch == 0 else "lr / factor"), (("factor", self.factor),)

    def _get_closed_form_lr(self) -> list[Any]:
        part = self.factor + (self.last_epoch >= self.total_iters) * (1 - self.factor)
        return [base * part for base in self._initial_lrs()]


class LinearLR(LRScheduler):
    """From the initial lr · start_factor in a straight line to initial lr · end_factor, within `total_iters` steps.

    Raises ValueError unless start_factor lies in (0, 1] and end_factor in [0, 1].
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if start_factor > 1.0 or start_factor <= 0:
            raise ValueError(f"start_factor is greater than 0 and at most 1, found {start_factor}")
        if end_factor > 1.0 or end_factor < 0:
            raise ValueError(f"end_factor lies between 0 and 1, found {end_factor}")
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        self._warn_outside_step()
        lrs = lrs_of(self.optimizer)
        if self.last_epoch == 0:
            return [lr * self.start_factor for lr in lrs]
        if self._is_initial or self.last_epoch > self.total_iters:
            return lrs
        rise = self.end_factor - self.start_factor
        before = self.total_iters * self.start_factor + (self.last_epoch - 1) * rise
        return [lr * (1.0 + rise / before) for lr in lrs]

    def _formula(self, group: int) -> Formula:
        if self.last_epoch == 0:
            return "lr · start_factor", (("start_factor", self.start_factor),)
        return "lr · (1 + rise / (total_iters · start_factor + (epoch - 1) · rise))", (
            ("rise", self.end_factor - self.start_factor),
            ("total_iters", self.total_iters),
            ("start_factor", self.start_factor),
            ("epoch", self.last_epoch),
        )

    def _get_closed_form_lr(self) -> list[Any]:
        part = min(self.total_iters, self.last_epoch) / self.total_iters
        return [
            base * (self.start_factor + (self.end_factor - self.start_factor) * part) for base in self._initial_lrs()
        ]
