"""Loading torch where it is asked for, and only there: `load_torch()`."""

import importlib
from typing import Any

from gradb.errors import UserError

VERSION = "2.13"


def load_torch() -> Any:
    """The module. Raises UserError where PyTorch is not installed or cannot be loaded."""
    try:
        return importlib.import_module("torch")
    except ImportError as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name == "torch"
        raise UserError(
            "PyTorch is not installed" if missing else f"PyTorch cannot be loaded: {error}",
            allowed=f"gradb is held against PyTorch {VERSION}",
            fix=f"pip install 'gradb[parity]', or: pip install 'torch=={VERSION}.*'",
        ) from None


def version_of(torch: Any) -> str:
    """The version without its build, such as `2.13.0`."""
    return str(torch.__version__).partition("+")[0]
