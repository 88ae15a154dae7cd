"""Learning rate schedules on torch: `watching_schedules(recorder)` tells of each option that a scheduler changes."""

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any

from gradb.verify.pytorch.patching import patched
from gradb.verify.pytorch.recorder import TorchRecorder

_IN_ORDER = (("momentum", "beta1"), ("lr",))  # schedulers set the momentum of every group while they compute rates
_OPTIONS = tuple([option for options in _IN_ORDER for option in options])


@contextmanager
def watching_schedules(recorder: TorchRecorder) -> Generator[None]:
    """Inside, the schedulers of torch tell what they change."""
    module = recorder.torch.optim.lr_scheduler
    with ExitStack() as stack:
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, module.LRScheduler):
                watched = {n: _watched(recorder, kind.__dict__[n]) for n in ("__init__", "step") if n in kind.__dict__}
                stack.enter_context(patched(kind, **watched))
        yield


def _watched(recorder: TorchRecorder, method: Any) -> Callable[..., Any]:
    """The method; afterwards the options of the optimizer's groups are compared with what they were before.

    A scheduler that drives others tells only what they have not told.
    """

    @wraps(method)
    def watched(scheduler: Any, *args: Any, **kwargs: Any) -> Any:
        optimizer = getattr(scheduler, "optimizer", None) or kwargs.get("optimizer") or (args[0] if args else None)
        groups: Any = getattr(optimizer, "param_groups", [])
        outer = _told.get(id(optimizer))
        before = _told[id(optimizer)] = [_numbers(group) for group in groups] if outer is None else outer
        try:
            recorder.silent += 1
            try:
                result = method(scheduler, *args, **kwargs)
            finally:
                recorder.silent -= 1
            for options in _IN_ORDER:
                for number, (old, group) in enumerate(zip(before, groups, strict=False)):
                    for option, value in _numbers(group, options).items():
                        if option in old and old[option] != value:
                            recorder.schedule(type(scheduler).__name__, number, option, old[option], value)
                            old[option] = value
        finally:
            if outer is None:
                del _told[id(optimizer)]
        return result

    return watched


_told: dict[int, list[dict[str, float]]] = {}  # by optimizer: what the running schedulers have told of its groups


def _numbers(group: dict[str, Any], options: tuple[str, ...] = _OPTIONS) -> dict[str, float]:
    """Of the options those that the group has, as numbers: of the betas the first, which schedulers change."""
    numbers = {**group, "beta1": group["betas"][0]} if group.get("betas") else group
    return {option: float(numbers[option]) for option in options if option in numbers}
