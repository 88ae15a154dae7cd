"""Putting other functions in the place of torch's while a recording runs: `with patched(module, name=function):`."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any


@contextmanager
def patched(owner: Any, **functions: Any) -> Generator[None]:
    """Inside, the attributes of a module or class are these; after it they are what they were."""
    before = {name: owner.__dict__[name] for name in functions}
    for name, function in functions.items():
        setattr(owner, name, function)
    try:
        yield
    finally:
        for name, function in before.items():
            setattr(owner, name, function)
