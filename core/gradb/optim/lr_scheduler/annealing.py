"""Learning rates along a cosine (Loshchilov and Hutter 2017): CosineAnnealingLR, CosineAnnealingWarmRestarts."""

import math
from typing import Any

from gradb.optim.lr_scheduler.scheduler import NO_FORMULA, Formula, LRScheduler, lrs_of
from gradb.optim.optimizer import Optimizer


class CosineAnnealingLR(LRScheduler):
    """From the initial lr along half a cosine to `eta_min` in `T_max` steps, and back."""

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def _turns(self) -> bool:
        """Whether the lr was at its lowest, where the rule from step to step would divide by 0."""
        return (self.last_epoch - 1 - self.T_max) % (2 * self.T_max) == 0

    def get_lr(self) -> list[Any]:
        self._warn_outside_step()
        lrs, low = lrs_of(self.optimizer), self.eta_min
        if self._is_initial:
            return lrs
        if self._step_count == 1 and self.last_epoch > 0:
            return self._get_closed_form_lr()
        if self._turns():
            rise = (1 - math.cos(math.pi / self.T_max)) / 2
            return [lr + (base - low) * rise for base, lr in zip(self._initial_lrs(), lrs, strict=True)]
        now = 1 + math.cos(math.pi * self.last_epoch / self.T_max)
        before = 1 + math.cos(math.pi * (self.last_epoch - 1) / self.T_max)
        return [now / before * (lr - low) + low for lr in lrs]

    def _formula(self, group: int) -> Formula:
        if self._is_initial or (self._step_count == 1 and self.last_epoch > 0):
            return NO_FORMULA
        used = (("eta_min", self.eta_min), ("T_max", self.T_max))
        if self._turns():
            rule = "lr + (initial_lr - eta_min) · (1 - cos(π / T_max)) / 2"
            return rule, (*used, ("initial_lr", self.base_lrs[group]))
        rule = "eta_min + (lr - eta_min) · (1 + cos(π · epoch / T_max)) / (1 + cos(π · (epoch - 1) / T_max))"
        return rule, (*used, ("epoch", self.last_epoch))

    def _get_closed_form_lr(self) -> list[Any]:
        part = 1 + math.cos(self.last_epoch * math.pi / self.T_max)
        return [self.eta_min + (base - self.eta_min) * part / 2 for base in self._initial_lrs()]


class CosineAnnealingWarmRestarts(LRScheduler):
    """From the initial lr along half a cosine to `eta_min` in T_0 steps, then again, each time `T_mult` times as long.

    Raises ValueError unless T_0 and T_mult are whole numbers from 1.
    """

    def __init__(
        self, optimizer: Optimizer, T_0: Any, T_mult: Any = 1, eta_min: Any = 0.0, last_epoch: int = -1
    ) -> None:
        if not isinstance(T_0, int) or T_0 <= 0:
            raise ValueError(f"T_0 is a whole number from 1, found {T_0}")
        if not isinstance(T_mult, int) or T_mult < 1:
            raise ValueError(f"T_mult is a whole number from 1, found {T_mult}")
        if not isinstance(eta_min, float | int):
            raise ValueError(f"eta_min is a number, found {type(eta_min).__name__}")
        self.T_0 = T_0
        self.T_i = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        self._warn_outside_step()
        part = 1 + math.cos(math.pi * self.T_cur / self.T_i)
        return [self.eta_min + (base - self.eta_min) * part / 2 for base in self._initial_lrs()]

    def _formula(self, group: int) -> Formula:
        return "eta_min + (initial_lr - eta_min) · (1 + cos(π · T_cur / T_i)) / 2", (
            ("eta_min", self.eta_min),
            ("initial_lr", self.base_lrs[group]),
            ("T_cur", self.T_cur),
            ("T_i", self.T_i),
        )

    def step(self, epoch: float | None = None) -> None:
        """Goes on by one, or to `epoch`, which may lie between two whole numbers."""
        if epoch is None and self.last_epoch < 0:
            epoch = 0
        if epoch is None:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur = self.T_cur % self.T_i
                self.T_i = self.T_i * self.T_mult
        else:
            self._go_to(epoch)
        self.last_epoch = math.floor(epoch)
        self._get_lr_called_within_step = True
        try:
            values = self.get_lr()
        finally:
            self._get_lr_called_within_step = False
        self._set_all(values, [self._formula(i) for i in range(len(values))])

    def _go_to(self, epoch: float) -> None:
        if epoch < 0:
            raise ValueError(f"epoch cannot be negative, found {epoch}")
        self.T_i, self.T_cur = self.T_0, epoch
        if epoch >= self.T_0 and self.T_mult == 1:
            self.T_cur = epoch % self.T_0
        elif epoch >= self.T_0:
            restarts = int(math.log(epoch / self.T_0 * (self.T_mult - 1) + 1, self.T_mult))
            self.T_cur = epoch - self.T_0 * (self.T_mult**restarts - 1) / (self.T_mult - 1)
            self.T_i = self.T_0 * self.T_mult**restarts
