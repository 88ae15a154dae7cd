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
    state, options = default_generator.get_state(), get_printoptions()
    modes = {name: getattr(mode, name) for name in mode.__slots__}
    mode.grad_enabled = True
    mode.detects_nan = False
    mode.switch_inference(False)
    set_default_dtype(float32)
    default_generator.manual_seed(DEFAULT_SEED)
    set_printoptions(profile="default")
    try:
        yield
    finally:
        for name, value in modes.items():
            setattr(mode, name, value)
        set_default_dtype(dtype)
        default_generator.set_state(state)
        set_printoptions(**{field.name: getattr(options, field.name) for field in fields(options)})
