"""Lets a program start from torch's defaults and leave no trace in the engine: `with isolated():`."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import fields

from gradb.autograd.mode import mode
from gradb.ops.dtypes import float32, get_default_dtype, set_default_dtype
from gradb.printing import get_printoptions, set_printoptions
from gradb.random import DEFAULT_SEED, default_generator


@contextmanager
def isolated() -> Generator[None]:
    """Inside, gradients are on, the seed is the default one, tensors print as usual. After it all is as before."""
    dtype = get_default_dtype()
    enabled, state, options = mode.grad_enabled, default_generator.get_state(), get_printoptions()
    mode.grad_enabled = True
    set_default_dtype(float32)
    default_generator.manual_seed(DEFAULT_SEED)
    set_printoptions(profile="default")
    try:
        yield
    finally:
        mode.grad_enabled = enabled
        set_default_dtype(dtype)
        default_generator.set_state(state)
        set_printoptions(**{field.name: getattr(options, field.name) for field in fields(options)})
