"""What `import torch` means to a program that runs here: `gradb.dialect.tensor`, `.nn`, `.optim`, `.float32` ...

`__all__` is the whole of it, and what an untrusted program may reach: nothing in it touches files, processes or the
engine's insides. `save` and `load` are for scripts alone and therefore not in it. The functions come from the op
families, which register them (`gradb.ops.registry`).
"""

import math
from types import SimpleNamespace
from typing import Any

import gradb.ops  # noqa: F401 (gives tensors their methods)  # pyright: ignore[reportUnusedImport]
from gradb import jit as jit
from gradb import nn as nn
from gradb import optim as optim
from gradb import utils as utils
from gradb.autograd import facade as autograd
from gradb.autograd.mode import enable_grad as enable_grad
from gradb.autograd.mode import inference_mode as inference_mode
from gradb.autograd.mode import is_grad_enabled as is_grad_enabled
from gradb.autograd.mode import is_inference_mode_enabled as is_inference_mode_enabled
from gradb.autograd.mode import no_grad as no_grad
from gradb.autograd.mode import set_grad_enabled as set_grad_enabled
from gradb.autograd.tensor import Tensor as Tensor
from gradb.ops import dtypes
from gradb.ops import linalg as linalg
from gradb.ops.dtypes import Size as Size
from gradb.ops.dtypes import device as device
from gradb.ops.dtypes import dtype as dtype
from gradb.ops.dtypes import get_default_dtype as get_default_dtype
from gradb.ops.dtypes import set_default_dtype as set_default_dtype
from gradb.ops.legacy import BoolTensor as BoolTensor
from gradb.ops.legacy import DoubleTensor as DoubleTensor
from gradb.ops.legacy import FloatTensor as FloatTensor
from gradb.ops.legacy import IntTensor as IntTensor
from gradb.ops.legacy import LongTensor as LongTensor
from gradb.ops.registry import torch_functions
from gradb.printing import set_printoptions as set_printoptions
from gradb.serialization import load as load
from gradb.serialization import save as save

pi = math.pi
e = math.e
inf = math.inf
nan = math.nan


def _never() -> bool:
    """False: there is no such device here."""
    return False


cuda = SimpleNamespace(is_available=_never)
mps = SimpleNamespace(is_available=_never)
backends = SimpleNamespace(mps=mps)

globals().update(dtypes.NAMES)
globals().update(torch_functions)

__all__ = [  # pyright: ignore[reportUnsupportedDunderAll] (op families register their names)
    "BoolTensor",
    "DoubleTensor",
    "FloatTensor",
    "IntTensor",
    "LongTensor",
    "Size",
    "Tensor",
    "autograd",
    "backends",
    "cuda",
    "device",
    "dtype",
    "e",
    "enable_grad",
    "get_default_dtype",
    "inf",
    "inference_mode",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "jit",
    "linalg",
    "nan",
    "nn",
    "no_grad",
    "optim",
    "pi",
    "set_default_dtype",
    "set_grad_enabled",
    "set_printoptions",
    "utils",
    *sorted(dtypes.NAMES),
    *sorted(torch_functions),
]


def __getattr__(name: str) -> Any:
    raise AttributeError(f"gradb's engine has no torch.{name}")
