"""Learning rates that fall by a factor: StepLR, MultiStepLR, ExponentialLR, PolynomialLR."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from typing import Any

from gradb.optim.lr_scheduler.scheduler import NO_FORMULA, Formula, LRScheduler, lrs_of
from gradb.optim.optimizer import Optimizer


class StepLR(LRScheduler):
    """lr · gamma every `step_size` steps."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        self._warn_outside_step()
        lrs = lrs_of(self.optimizer)
        if self.last_epoch == 0 or self.last_epoch % self.step_size != 0:
            return lrs
        return [lr * self.gamma for lr in lrs]

    def _formula(self, group: int) -> Formula:
        return "lr · gamma", (("gamma", self.gamma),)

    def _get_closed_form_lr(self) -> list[Any]:
        return [base * self.gamma ** (self.last_epoch // self.step_size) for base in self._initial_lrs()]


class MultiStepLR(LRScheduler):
    """lr · gamma at each of the `milestones`."""

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones = Counter(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        self._warn_outside_step()
        lrs = lrs_of(self.optimizer)
        if self.last_epoch not in self.milestones:
            return lrs
        return [lr * self.gamma ** self.milestones[self.last_epoch] for lr in lrs]

    def _formula(self, group: int) -> Formula:
        times = self.milestones[self.last_epoch]
        return ("lr · gamma" if times == 1 else "lr · gamma^times"), (("gamma", self.gamma), ("times", times))

    def _get_closed_form_lr(self) -> list[Any]:
        passed = bisect_right(sorted(self.milestones.elements()), self.last_epoch)
        return [base * self.gamma**passed for base in self._initial_lrs()]


class ExponentialLR(LRScheduler):
    """lr · gamma in every step."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        self._warn_outside_step()
        lrs = lrs_of(self.optimizer)
        return lrs if self._is_initial else [lr * self.gamma for lr in lrs]

    def _formula(self, group: int) -> Formula:
        return "lr · gamma", (("gamma", self.gamma),)

    def _get_closed_form_lr(self) -> list[Any]:
        return [base * self.gamma**self.last_epoch for base in self._initial_lrs()]


class PolynomialLR(LRScheduler):
    """The initial lr · (1 - epoch / total_iters)^power, and 0 from `total_iters` on."""

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1) -> None:
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        self._warn_outside_step()
        lrs = lrs_of(self.optimizer)
        if self._is_initial or self.last_epoch > self.total_iters:
            return lrs
        now, before = 1.0 - self.last_epoch / self.total_iters, 1.0 - (self.last_epoch - 1) / self.total_iters
        return [lr * (now / before) ** self.power for lr in lrs]

    def _formula(self, group: int) -> Formula:
        if self._is_initial:
            return NO_FORMULA
        used = (("epoch", self.last_epoch), ("total_iters", self.total_iters), ("power", self.power))
        return "lr · ((1 - epoch / total_iters) / (1 - (epoch - 1) / total_iters))^power", used

    def _get_closed_form_lr(self) -> list[Any]:
        rest = 1.0 - min(self.total_iters, self.last_epoch) / self.total_iters
        return [base * rest**self.power for base in self._initial_lrs()]
