"""The scenarios that come with gradb: `names()`, `load_bundled("leaf")`, `chapters()`, `heading("leaf")`."""

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from msgspec.structs import replace

from gradb.errors import UserError
from gradb.scenario.course import Chapter, Heading, read_course, read_heading
from gradb.scenario.loader import parse
from gradb.scenario.near import did_you_mean, near_miss
from gradb.scenario.scenario import Scenario

_COURSE = "course"


def names() -> list[str]:
    """The names of the bundled scenarios, in the order of the course."""
    return [name for chapter in chapters() for name in chapter.scenarios]


def chapters() -> list[Chapter]:
    """The chapters of the course; scenarios that stand in none of them are in a last one, by name."""
    folder = files("gradb.scenarios")
    return read_course((folder / f"{_COURSE}.yaml").read_text("utf-8"), _files())


def heading(name: str) -> Heading:
    """The title of a bundled scenario and what it is about, read without the rest of it."""
    return read_heading(_file(name).read_text("utf-8"), f"{name}.yaml")


def load_bundled(name: str) -> Scenario:
    """The bundled scenario of that name. Raises UserError, which says which there are."""
    file = _file(name)
    return replace(parse(file.read_text("utf-8"), f"{name}.yaml", file.parent), bundled=name)


def bundled_file(name: str) -> Path:
    """The file of a bundled scenario, which a user may read and not write. Raises UserError as `load_bundled`."""
    return _file(name)


def _file(name: str) -> Path:
    found = _files().get(name)
    if found is None:
        raise UserError(
            f"there is no bundled scenario {name!r}",
            allowed=f"{', '.join(names())}; or a .yaml or .py file",
            fix=did_you_mean(near_miss(name, _files())),
        )
    return found


@lru_cache
def _files() -> dict[str, Path]:
    folder = files("gradb.scenarios")
    found = [Path(str(file)) for file in folder.iterdir() if file.name.endswith(".yaml")]
    return {file.stem: file for file in sorted(found) if file.stem != _COURSE}
