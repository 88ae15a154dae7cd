"""Learning rates from a function of the program's: LambdaLR, MultiplicativeLR."""

from collections.abc import Callable
from typing import Any

from gradb.optim.lr_scheduler.scheduler import Formula, LRScheduler, lrs_of
from gradb.optim.optimizer import Optimizer

Function = Callable[[int], float]


class _ByFunction(LRScheduler):
    """One function for all groups, or a list with one for each (ValueError for another number of them)."""

    def __init__(self, optimizer: Optimizer, lr_lambda: Any, last_epoch: int = -1) -> None:
        count = len(optimizer.param_groups)
        self.lr_lambdas: list[Function] = (
            list(lr_lambda) if isinstance(lr_lambda, list | tuple) else [lr_lambda] * count
        )
        if len(self.lr_lambdas) != count:
            raise ValueError(f"{count} parameter groups need {count} functions, found {len(self.lr_lambdas)}")
        super().__init__(optimizer, last_epoch)

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer and the functions, by name."""
        state = {name: value for name, value in super().state_dict().items() if name != "lr_lambdas"}
        return {**state, "lr_lambdas": [None] * len(self.lr_lambdas)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes over what `state_dict` gave; the functions stay as they are."""
        super().load_state_dict({name: value for name, value in state_dict.items() if name != "lr_lambdas"})


class LambdaLR(_ByFunction):
    """The initial lr · lr_lambda(epoch)."""

    def get_lr(self) -> list[Any]:
        self._warn_outside_step()
        return [base * of(self.last_epoch) for of, base in zip(self.lr_lambdas, self._initial_lrs(), strict=True)]

    def _formula(self, group: int) -> Formula:
        return "initial_lr · lr_lambda(epoch)", (("initial_lr", self.base_lrs[group]), ("epoch", self.last_epoch))


class MultiplicativeLR(_ByFunction):
    """lr · lr_lambda(epoch) in every step. Raises TypeError for what cannot be called."""

    def __init__(self, optimizer: Optimizer, lr_lambda: Any, last_epoch: int = -1) -> None:
        for of in lr_lambda if isinstance(lr_lambda, list | tuple) else [lr_lambda]:
            if not callable(of):
                raise TypeError(f"lr_lambda is a function, found {type(of).__name__}")
        super().__init__(optimizer, lr_lambda, last_epoch)

    def get_lr(self) -> list[Any]:
        self._warn_outside_step()
        lrs = lrs_of(self.optimizer)
        if self._is_initial:
            return lrs
        return [lr * of(self.last_epoch) for of, lr in zip(self.lr_lambdas, lrs, strict=True)]

    def _formula(self, group: int) -> Formula:
        return "lr · lr_lambda(epoch)", (("epoch", self.last_epoch),)
