"""What was read last is kept up to a size: `Cache(bytes)`, `get(key)`, `put(key, value, size)`."""

from collections import OrderedDict
from threading import Lock
from typing import Any

DEFAULT_CACHE = 256 << 20  # bytes


class Cache:
    """Forgets what was not asked for longest, when what it keeps takes more than `limit` bytes. For any thread."""

    def __init__(self, limit: int = DEFAULT_CACHE) -> None:
        self.limit = limit
        self.size = 0
        self._kept: OrderedDict[Any, tuple[Any, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Any) -> Any:
        """What is kept under a key, None where nothing is."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def clear(self) -> None:
        """Forgets everything."""
        with self._lock:
            self._kept.clear()
            self.size = 0

    def put(self, key: Any, value: Any, size: int) -> None:
        """Keeps a value that takes about `size` bytes. One that takes more than there is room for is not kept."""
        with self._lock:
            old = self._kept.pop(key, None)
            if old is not None:
                self.size -= old[1]
            if size > self.limit:
                return
            self._kept[key] = value, size
            self.size += size
            while self.size > self.limit:
                self.size -= self._kept.popitem(last=False)[1][1]
