"""Two who make keys at the same moment: neither's key is replaced after it was said to be made."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic, TypeVar

from center.platform.office_keys import make_keys
from center.platform.seal_keys import add_seal_key, load_seal_keys
from common.disk import Disk

T = TypeVar("T")
NOW = datetime(2026, 6, 1, tzinfo=UTC)
LONG_ENOUGH_S = 0.3  # for the other to make a key, if nothing keeps it from doing so


class Overtaken(Disk, Generic[T]):
    """Lets somebody else begin right before the new file gets its name."""

    def __init__(self, pool: ThreadPoolExecutor, other: Callable[[], T]) -> None:
        self._pool = pool
        self._what = other
        self.other: Future[T] = Future()

    def rename(self, old: Path, new: Path) -> None:
        """Rename, after the other."""
        self.other = self._pool.submit(self._what)
        wait_for([self.other], LONG_ENOUGH_S)
        super().rename(old, new)


def test_of_two_that_make_the_offices_key_at_once_one_makes_it(tmp_path: Path) -> None:
    path = tmp_path / "office.key"
    with ThreadPoolExecutor() as pool:
        disk = Overtaken(pool, lambda: (make_keys(path), path.read_bytes()))
        assert make_keys(path, disk)
        made = path.read_bytes()
        assert disk.other.result(10) == (False, made)


def test_of_two_that_add_a_seal_key_at_once_both_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "seal.keys"
    with ThreadPoolExecutor() as pool:
        disk = Overtaken(pool, lambda: add_seal_key(path, NOW))
        mine = add_seal_key(path, NOW, disk)
        theirs = disk.other.result(10)
    assert set(load_seal_keys(path).recipients) == {mine, theirs}
