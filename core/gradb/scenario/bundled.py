"""The scenarios that come with gradb: `names()`, `load_bundled("leaf")`."""

from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from gradb.errors import UserError
from gradb.scenario.checking import did_you_mean, near_miss
from gradb.scenario.loader import parse
from gradb.scenario.scenario import Scenario

# The order in which a reader should meet them; others follow by name.
ORDER = (
    "leaf",
    "requires_grad",
    "forward_backward",
    "accumulation",
    "zero_grad",
    "retain_grad",
    "no_grad_and_detach",
    "regression",
    "xor_mlp",
)


def names() -> list[str]:
    """The names of the bundled scenarios, in the order of a course."""
    return sorted(_files(), key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))


def load_bundled(name: str) -> Scenario:
    """The bundled scenario of that name. Raises UserError, which says which there are."""
    found = _files().get(name)
    if found is None:
        raise UserError(
            f"there is no bundled scenario {name!r}",
            allowed=f"{', '.join(names())}; or a .yaml or .py file",
            fix=did_you_mean(near_miss(name, _files())),
        )
    return parse(found.read_text("utf-8"), f"{name}.yaml")


@lru_cache
def _files() -> dict[str, Traversable]:
    folder = files("gradb.scenarios")
    return {file.name.removesuffix(".yaml"): file for file in folder.iterdir() if file.name.endswith(".yaml")}
