"""The cache of everything that is drawn of people. It takes at most `MOST_BYTES`; the items that were not used for the
longest time are dropped.

The limit is for the whole process, not for each person: a report uses a hundred people, and one of them needs 20 MB of
texture, and 20 MB more for every two full-size pictures.
"""

import itertools
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Protocol, TypeVar, cast

MOST_BYTES = 84_000_000
"""Room for the textures of three people, whom many tests draw in turns, and for twelve live pictures. More room would
save hardly any drawing: six scenarios in a process draw 75 pictures with this limit, and 74 with 120 MB."""


class Pixels(Protocol):
    """A thing that can be cached; its bytes count towards the limit of the cache."""

    @property
    def nbytes(self) -> int:
        """How many bytes of memory it takes."""
        ...


P = TypeVar("P", bound=Pixels)


class _Store:
    """The items of all people. Threads may share it: one draws live pictures, another draws full-size pictures."""

    def __init__(self) -> None:
        self._items: OrderedDict[tuple[int, Hashable], Pixels] = OrderedDict()
        self._bytes = 0
        # The lock is reentrant, because the garbage collector may drop an owner while this thread holds the lock.
        self._lock = threading.RLock()

    def take(self, key: tuple[int, Hashable]) -> Pixels | None:
        with self._lock:
            item = self._items.get(key)
            if item is not None:
                self._items.move_to_end(key)
            return item

    def put(self, key: tuple[int, Hashable], item: Pixels) -> None:
        with self._lock:
            self._remove(key)
            self._items[key] = item
            self._bytes += item.nbytes
            while self._bytes > MOST_BYTES and len(self._items) > 1:
                self._remove(next(iter(self._items)))

    def drop(self, owner: int) -> None:
        with self._lock:
            for key in [key for key in self._items if key[0] == owner]:
                self._remove(key)

    def clear(self) -> None:
        with self._lock:
            self._items.clear()
            self._bytes = 0

    def _remove(self, key: tuple[int, Hashable]) -> None:
        item = self._items.pop(key, None)
        if item is not None:
            self._bytes -= item.nbytes


_STORE = _Store()
_OWNERS = itertools.count()


def forget_people() -> None:
    """Empty the cache. Whoever is drawn again afterwards has the same pixels."""
    _STORE.clear()


class PersonCache:
    """One person's part of the cache; it is dropped with the person."""

    def __init__(self) -> None:
        self._owner = next(_OWNERS)
        weakref.finalize(self, _STORE.drop, self._owner).atexit = False

    def get(self, key: Hashable, make: Callable[[], P]) -> P:
        """The cached item of `key`, else what `make` makes, which is then cached.

        A key always has items of one type.
        """
        known = _STORE.take((self._owner, key))
        if known is None:
            known = make()
            _STORE.put((self._owner, key), known)
        return cast("P", known)
