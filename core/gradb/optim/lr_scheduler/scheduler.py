"""LRScheduler: changes the learning rates of an optimizer, step by step. A subclass defines `get_lr`."""

import warnings
from collections.abc import Iterable
from typing import Any

from gradb.autograd.mode import mode
from gradb.autograd.tensor import Tensor
from gradb.optim.groups import Group
from gradb.optim.optimizer import Optimizer
from gradb.optim.options import number

Formula = tuple[str, tuple[tuple[str, Any], ...]]
NO_FORMULA: Formula = ("", ())

_EPOCH_GIVEN = "the epoch parameter of scheduler.step() is deprecated: call scheduler.step() without it"


def checked_optimizer(optimizer: Any) -> Optimizer:
    """The optimizer itself. Raises TypeError for anything else."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"a scheduler takes an optimizer, found {type(optimizer).__name__}")
    return optimizer


def values_of(optimizer: Optimizer, option: str) -> list[Any]:
    """An option of each parameter group; a tensor is copied. KeyError where a group lacks it."""
    return [
        Tensor._wrap(group[option]._array.copy()) if isinstance(group[option], Tensor) else group[option]
        for group in optimizer.param_groups
    ]


def lrs_of(optimizer: Optimizer) -> list[float]:
    """The learning rate of each parameter group as a number."""
    return [number(group["lr"]) for group in optimizer.param_groups]


def set_option(scheduler: Any, number_: int, group: Group, option: str, value: Any, formula: Formula) -> None:
    """Changes an option of group `number_`, and tells the recorder where that makes a difference."""
    before, after = number(group[option]), number(value)
    if isinstance(group[option], Tensor):
        group[option].fill_(after)
    else:
        group[option] = value
    if mode.recorder is not None and before != after:
        mode.recorder.scheduled(
            type(scheduler).__name__, number_, option, float(before), float(after), formula[0],
            tuple([(name, number(given)) for name, given in formula[1]]),
        )  # fmt: skip


def warn_of_epoch(epoch: int | None) -> None:
    """Warns where an epoch is given, which torch deprecates."""
    if epoch is not None:
        warnings.warn(_EPOCH_GIVEN, UserWarning, stacklevel=3)


class LRScheduler:
    """What every scheduler does. Making one takes its first step, number 0.

    Raises TypeError unless `optimizer` is one; KeyError where `last_epoch` resumes a schedule whose `initial_lr` the
    optimizer does not have.
    """

    optimizer: Optimizer
    _get_lr_called_within_step = False
    _is_initial = False

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = checked_optimizer(optimizer)
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", values_of(optimizer, "lr")[i])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"'initial_lr' is not in parameter group {i}: load the optimizer's state before resuming "
                    f"a schedule at last_epoch={last_epoch}"
                )
        self.base_lrs = values_of(optimizer, "initial_lr")
        self.last_epoch = last_epoch
        optimizer._opt_called = bool(optimizer._opt_called)
        self._initial_step()

    def _initial_step(self) -> None:
        self._step_count = 0
        self._is_initial = True
        try:
            self.step()
        finally:
            self._is_initial = False

    def get_last_lr(self) -> list[Any]:
        """The learning rates of the groups as the last step left them."""
        return self._last_lr

    def get_lr(self) -> list[Any]:
        """The next learning rates of the groups, from `last_epoch`; a subclass defines it."""
        raise NotImplementedError

    def _formula(self, group: int) -> Formula:
        """How `get_lr` comes to the learning rate of a group, for the reader."""
        return NO_FORMULA

    def step(self, epoch: int | None = None) -> None:
        """Goes on by one. Warns where the optimizer has not taken a step yet."""
        if self._step_count == 1 and not self.optimizer._opt_called:
            warnings.warn(
                "lr_scheduler.step() was called before optimizer.step(): the first learning rate is skipped. "
                "Call optimizer.step() first",
                UserWarning,
                stacklevel=2,
            )
        self._step_count += 1
        warn_of_epoch(epoch)
        self._update_lr(epoch)

    def _update_lr(self, epoch: int | None = None) -> None:
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        closed: Any = getattr(self, "_get_closed_form_lr", None) if epoch is not None else None
        self._get_lr_called_within_step = True
        try:
            values = self.get_lr() if closed is None else closed()
            formulas = [self._formula(i) if closed is None else NO_FORMULA for i in range(len(values))]
        finally:
            self._get_lr_called_within_step = False
        self._set_all(values, formulas)

    def _set_all(self, values: Iterable[Any], formulas: Iterable[Formula]) -> None:
        groups = self.optimizer.param_groups
        for i, (group, value, formula) in enumerate(zip(groups, values, formulas, strict=True)):
            set_option(self, i, group, "lr", value, formula)
        self._last_lr = values_of(self.optimizer, "lr")

    def _warn_outside_step(self) -> None:
        if not self._get_lr_called_within_step:
            warnings.warn("use get_last_lr() to get the last learning rate", UserWarning, stacklevel=3)

    def _initial_lrs(self) -> list[float]:
        return [number(base) for base in self.base_lrs]

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer, by name."""
        return {name: value for name, value in self.__dict__.items() if name != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes over what `state_dict` gave; names that this scheduler does not have are left out."""
        self.__dict__.update({k: v for k, v in state_dict.items() if k in self.__dict__ and k != "optimizer"})
