"""OneCycleLR: the learning rate rises once and falls once in a whole training, the momentum the other way round."""

import math
from typing import Any

from gradb.optim.lr_scheduler.scheduler import Formula, LRScheduler, checked_optimizer, set_option
from gradb.optim.optimizer import Optimizer

_COSINE = "end + (start - end) / 2 · (1 + cos(π · part))"
_LINE = "start + (end - start) · part"


class OneCycleLR(LRScheduler):
    """From max_lr / div_factor up to max_lr and down to a `final_div_factor`-th of the start (Smith and Topin 2018).

    The length is `total_steps`, or epochs · steps_per_epoch. `three_phase` falls to the start first, then to the end.
    Raises ValueError where the length is not given, options are out of range, or the optimizer has no momentum.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = checked_optimizer(optimizer)
        self.total_steps = _length(total_steps, epochs, steps_per_epoch)
        if not isinstance(pct_start, float) or not 0 <= pct_start <= 1:
            raise ValueError(f"pct_start is a float between 0 and 1, found {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy is cos or linear, found {anneal_strategy!r}")
        self._schedule_phases = _phases(pct_start, self.total_steps, three_phase)
        self._anneal_func_type = anneal_strategy
        first = last_epoch == -1
        for group, highest in zip(optimizer.param_groups, _each("max_lr", max_lr, optimizer), strict=True):
            if first:
                group["initial_lr"] = highest / div_factor
                group["max_lr"] = highest
                group["min_lr"] = group["initial_lr"] / final_div_factor
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
                raise ValueError("cycle_momentum needs an optimizer with momentum or betas; switch it off")
            self.use_beta1 = "betas" in optimizer.defaults
            highest = _each("max_momentum", max_momentum, optimizer)
            lowest = _each("base_momentum", base_momentum, optimizer)
            for i, group in enumerate(optimizer.param_groups):
                if first:
                    group["max_momentum"] = highest[i]
                    group["base_momentum"] = lowest[i]
                    self._set_momentum(i, highest[i], ("max_momentum", (("max_momentum", highest[i]),)))
        super().__init__(optimizer, last_epoch)

    def _set_momentum(self, group: int, value: float, formula: Formula) -> None:
        options = self.optimizer.param_groups[group]
        if not self.use_beta1:
            set_option(self, group, options, "momentum", value, formula)
            return
        told = {"beta1": options["betas"][0]}
        set_option(self, group, told, "beta1", value, formula)
        options["betas"] = (value, *options["betas"][1:])

    def _stage(self) -> tuple[dict[str, Any], float]:
        """The phase that the current step lies in, and which part of it has passed."""
        if self.last_epoch > self.total_steps:
            raise ValueError(f"step {self.last_epoch} is beyond the {self.total_steps} steps of the cycle")
        start = 0.0
        for phase in self._schedule_phases:
            if self.last_epoch <= phase["end_step"] or phase is self._schedule_phases[-1]:
                return phase, (self.last_epoch - start) / (phase["end_step"] - start)
            start = phase["end_step"]
        raise AssertionError("a cycle has phases")

    def _between(self, start: float, end: float, part: float) -> float:
        if self._anneal_func_type == "cos":
            return end + (start - end) / 2.0 * (math.cos(math.pi * part) + 1)
        return (end - start) * part + start

    def _told(self, start: float, end: float, part: float) -> Formula:
        rule = _COSINE if self._anneal_func_type == "cos" else _LINE
        return rule, (("start", start), ("end", end), ("part", part))

    def get_lr(self) -> list[Any]:
        self._warn_outside_step()
        phase, part = self._stage()
        lrs: list[float] = []
        for i, group in enumerate(self.optimizer.param_groups):
            lrs.append(self._between(group[phase["start_lr"]], group[phase["end_lr"]], part))
            if self.cycle_momentum:
                ends = group[phase["start_momentum"]], group[phase["end_momentum"]]
                self._set_momentum(i, self._between(*ends, part), self._told(*ends, part))
        return lrs

    def _formula(self, group: int) -> Formula:
        phase, part = self._stage()
        options = self.optimizer.param_groups[group]
        return self._told(options[phase["start_lr"]], options[phase["end_lr"]], part)


def _length(total_steps: int | None, epochs: int | None, steps_per_epoch: int | None) -> int:
    given = {"total_steps": total_steps}
    if total_steps is None:
        given = {"epochs": epochs, "steps_per_epoch": steps_per_epoch}
        if epochs is None or steps_per_epoch is None:
            raise ValueError("give total_steps, or epochs and steps_per_epoch")
    for name, value in given.items():
        if not isinstance(value, int) or value <= 0:
            raise ValueError(f"{name} is a whole number from 1, found {value}")
    return math.prod([value for value in given.values() if value is not None])


def _each(name: str, value: Any, optimizer: Optimizer) -> list[Any]:
    """The value for each group; ValueError where a list has another length."""
    groups = len(optimizer.param_groups)
    if not isinstance(value, list | tuple):
        return [value] * groups
    if len(value) != groups:
        raise ValueError(f"{groups} parameter groups need {groups} values in {name}, found {len(value)}")
    return list(value)


def _phases(pct_start: float, total_steps: int, three_phase: bool) -> list[dict[str, Any]]:
    if three_phase:
        return [
            _phase(float(pct_start * total_steps) - 1, "initial_lr", "max_lr", "max_momentum", "base_momentum"),
            _phase(float(2 * pct_start * total_steps) - 2, "max_lr", "initial_lr", "base_momentum", "max_momentum"),
            _phase(total_steps - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum"),
        ]
    return [
        _phase(float(pct_start * total_steps) - 1, "initial_lr", "max_lr", "max_momentum", "base_momentum"),
        _phase(total_steps - 1, "max_lr", "min_lr", "base_momentum", "max_momentum"),
    ]


def _phase(end_step: float, start_lr: str, end_lr: str, start_momentum: str, end_momentum: str) -> dict[str, Any]:
    return {
        "end_step": end_step,
        "start_lr": start_lr,
        "end_lr": end_lr,
        "start_momentum": start_momentum,
        "end_momentum": end_momentum,
    }
