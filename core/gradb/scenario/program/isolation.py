"""Lets a program start from torch's defaults and leave no trace in the engine: `with isolated():`."""

from collections.abc import Generator
from contextlib import contextmanager

from gradb.autograd.mode import mode
from gradb.printing import get_printoptions, set_printoptions
from gradb.random import DEFAULT_SEED, default_generator


@contextmanager
def isolated() -> Generator[None]:
    """Inside, gradients are on, numbers come from the default seed, tensors print as usual; after it all is as before."""
    enabled, state, options = mode.grad_enabled, default_generator.get_state(), get_printoptions()
    mode.grad_enabled = True
    default_generator.manual_seed(DEFAULT_SEED)
    set_printoptions(profile="default")
    try:
        yield
    finally:
        mode.grad_enabled = enabled
        default_generator.set_state(state)
        set_printoptions(
            options.precision, options.threshold, options.edgeitems, options.linewidth, None, options.sci_mode
        )
