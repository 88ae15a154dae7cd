"""Every op family; importing this package gives tensors their methods and fills `registry.torch_functions`."""

from importlib import import_module
from pkgutil import iter_modules

for _family in iter_modules(__path__):
    import_module(f"{__name__}.{_family.name}")
