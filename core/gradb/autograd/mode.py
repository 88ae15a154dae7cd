"""Whether ops build a graph (`no_grad`, `enable_grad`, `set_grad_enabled`) and who records them.

One thread runs the engine at a time, so the mode is one object and not a thread-local: reading it costs an attribute.
"""

from collections.abc import Callable
from functools import wraps
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from gradb.autograd.capture import Tracer
    from gradb.autograd.storage import Storage
    from gradb.trace.recorder import Recorder

Function = TypeVar("Function", bound=Callable[..., Any])


class Mode:
    """The state that every op reads: is a graph being built, and is somebody recording?"""

    __slots__ = ("detects_nan", "grad_enabled", "inference", "knows_names", "recorder", "storage", "storages", "tracer")

    def __init__(self) -> None:
        self.grad_enabled = True
        self.detects_nan = False
        self.recorder: Recorder | None = None
        self.knows_names: Recorder | None = None  # the recorder while it is paused: messages still ask it for names
        self.tracer: Tracer | None = None  # who captures the ops of a function for `torch.jit.trace`
        self.inference = False
        self.storages: tuple[type[Storage], type[Storage]]
        self.storage: type[Storage]  # of what ops make now; `autograd/storage.py` puts it in

    def switch_inference(self, wanted: bool) -> None:
        """What ops make from now on is for inference, or for graphs again."""
        self.inference = wanted
        self.storage = self.storages[wanted]


mode = Mode()


def is_grad_enabled() -> bool:
    """Whether ops on tensors that require grad build a graph now."""
    return mode.grad_enabled


def is_inference_mode_enabled() -> bool:
    """Whether tensors made now are for inference alone."""
    return mode.inference


class _GradMode:
    """A context manager, also usable as a decorator, that sets the grad mode and puts the old one back."""

    enabled: bool

    def __init__(self) -> None:
        self.before: list[bool] = []

    def __enter__(self) -> None:
        self.before.append(mode.grad_enabled)
        mode.grad_enabled = self.enabled and not mode.inference

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        mode.grad_enabled = self.before.pop()

    def __call__(self, function: Function) -> Function:
        @wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with type(self)() if type(self) is not set_grad_enabled else set_grad_enabled(self.enabled):
                return function(*args, **kwargs)

        return inside  # type: ignore[return-value]  # wraps keeps the signature


class no_grad(_GradMode):
    """Inside, results do not require grad and no graph is built."""

    enabled = False

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:  # pyright: ignore[reportInconsistentConstructor]  # there is no __init__: see below
        # `@no_grad` without brackets decorates too, as in torch. There is no `__init__`, because `with no_grad():`
        # stands in every training step and should cost little.
        instance = object.__new__(cls)
        instance.before = []
        return instance if function is None else instance(function)

    __init__ = object.__init__


class enable_grad(no_grad):
    """Inside, graphs are built even where `no_grad` stands around."""

    enabled = True


class set_grad_enabled(_GradMode):
    """Switches the grad mode at once; as a context manager it is put back at the end."""

    def __init__(self, mode_: bool) -> None:
        super().__init__()
        self.enabled = bool(mode_)
        self.outside = mode.grad_enabled
        mode.grad_enabled = self.enabled

    def __enter__(self) -> None:
        self.before.append(self.outside)
        mode.grad_enabled = self.enabled

    def __call__(self, function: Function) -> Function:
        mode.grad_enabled = self.outside  # a decorator must not switch the mode where it stands
        return super().__call__(function)


class inference_mode(_GradMode):
    """Inside, no graph is built, and no graph may ever need what is made here; `inference_mode(False)` ends that."""

    def __new__(cls, mode: Any = True) -> Any:  # pyright: ignore[reportInconsistentConstructor]  # there is no __init__: as in no_grad
        instance = object.__new__(cls)
        instance.__init__(mode is not False)
        return instance(mode) if callable(mode) else instance  # `@inference_mode` without brackets decorates too

    def __init__(self, mode: bool = True) -> None:
        super().__init__()
        self.enabled = not mode

    def __enter__(self) -> None:
        self.before.append(mode.grad_enabled)
        self.before.append(mode.inference)
        mode.switch_inference(not self.enabled)
        mode.grad_enabled = self.enabled

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        mode.switch_inference(self.before.pop())
        mode.grad_enabled = self.before.pop()

    def __call__(self, function: Function) -> Function:
        inference = not self.enabled

        @wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with inference_mode(inference):
                return function(*args, **kwargs)

        return inside  # type: ignore[return-value]  # wraps keeps the signature
