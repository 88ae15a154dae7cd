"""The names in a trace file: `FileNames` has the first variable of each tensor, `FileBindings` what variables held."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from gradb.trace.file.cache import Cache
from gradb.trace.file.database import Database
from gradb.trace.history import Bindings

_SIZE = 200  # bytes that a name takes


class FileNames(Mapping[int, str]):
    """By id. A tensor may get its name later."""

    def __init__(self, database: Database, cache: Cache, fresh: Callable[[], int]) -> None:
        self._database = database
        self._cache = cache
        self._fresh = fresh

    def __getitem__(self, tensor_id: int) -> str:
        key = ("name", tensor_id)
        name = self._cache.get(key)
        if name is None:
            self._fresh()
            row = self._database.row("SELECT name FROM names WHERE tensor = ?", tensor_id, of=tuple[str])
            if row is None:
                raise KeyError(tensor_id)
            name = row[0]
            self._cache.put(key, name, _SIZE)
        return name

    def __iter__(self) -> Iterator[int]:
        return iter(self._database.numbers("SELECT tensor FROM names").tolist())

    def __len__(self) -> int:
        return len([*self])


class FileBindings(Mapping[str, Bindings]):
    """By variable, in the order in which they came to be."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held: dict[str, StoredBindings] = {}
        self.grow()

    def grow(self) -> None:
        """There may be more variables, and more of each."""
        query = "SELECT id, name FROM variables WHERE id > ?"
        for number, name in self._database.rows(query, len(self._held), of=tuple[int, str]):
            self._held[name] = StoredBindings(self._database, number)
        for held in self._held.values():
            held.stale = True

    def __getitem__(self, name: str) -> "StoredBindings":
        return self._held[name]

    def __iter__(self) -> Iterator[str]:
        return iter([*self._held])

    def __len__(self) -> int:
        return len(self._held)


class StoredBindings(Bindings):
    """Of one variable. A moment is looked up in the file; all are read when somebody asks for all."""

    def __init__(self, database: Database, variable: int) -> None:
        self.variable = variable
        self.stale = True
        self._database = database
        self._all: tuple[Sequence[int], Sequence[int]] = (), ()

    @property
    def since(self) -> Sequence[int]:
        return self._read()[0]

    @property
    def ids(self) -> Sequence[int]:
        return self._read()[1]

    def at(self, moment: int) -> int | None:
        row = self._database.row(
            "SELECT tensor FROM bindings WHERE variable = ? AND since <= ? ORDER BY since DESC, place DESC LIMIT 1",
            self.variable,
            moment,
            of=tuple[int],
        )
        return None if row is None else row[0]

    def _read(self) -> tuple[Sequence[int], Sequence[int]]:
        if self.stale:
            self.stale = False
            query = "SELECT since, tensor FROM bindings WHERE variable = ? ORDER BY since, place"
            held: list[int] = self._database.numbers(query, self.variable).tolist()
            self._all = held[::2], held[1::2]
        return self._all
