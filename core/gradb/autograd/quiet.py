"""numpy warns where torch is silent (1/0, overflow): `quiet()` ends that for the running thread's context."""

from contextvars import ContextVar

import numpy as np

_done: ContextVar[bool] = ContextVar("numpy_is_quiet", default=False)


def quiet() -> None:
    """Lets numpy compute inf and nan without a word. What makes a program's first tensors calls it.

    Not `with np.errstate(...)` around each op: that takes longer than a small op itself.
    """
    if not _done.get():
        np.seterr(all="ignore")
        _done.set(True)
