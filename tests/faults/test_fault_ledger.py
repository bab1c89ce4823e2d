"""The ledger alone: a change that returned is there after any power cut, one that did not is all or nothing.

The sweep over the whole life can't show this, because there a lost ledger is built again from the envelopes.
"""

import contextlib
import random
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from kiosk.ports.faults import DeviceFault
from kiosk.uplink.storage.database import Durability
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import Noted, ShotState
from sim.faults.sqlite_vfs import FailingVfs, Lost
from sim.twins.disk import PowerCut
from tests.faults.conftest import Record

ID = "0" * 32
QUICK = "1" * 32
"""A shot whose first receipt says that it is verified."""
STATES = [
    (None, None),
    (ShotState.KEPT, None),
    (ShotState.RECEIVED, None),
    (ShotState.VERIFIED, None),
    (ShotState.COPY_DELETED, None),
    (ShotState.COPY_DELETED, ShotState.KEPT),
    (ShotState.COPY_DELETED, ShotState.VERIFIED),
]
LOSSES: list[tuple[Lost, bool]] = [("nothing", True), ("all", False), ("all", True), ("some", False), ("some", True)]


def live(path: Path, vfs: FailingVfs) -> int:
    """Two shots' rows through all their states; how many changes returned."""
    done = 0
    try:
        with Outbox(path, vfs.name) as outbox:
            outbox.add(ID, "a" * 64, None, 9, 0)
            done = 1
            outbox.received(Noted(ID, "{}", 0, 0))
            done = 2
            outbox.verified(ID, 1)
            done = 3
            outbox.copy_deleted(ID, 2)
            done = 4
            outbox.add(QUICK, "b" * 64, None, 9, 0)
            done = 5
            outbox.received(Noted(QUICK, "{}", 0, 0, verified_ms=1))
            done = 6
    except (PowerCut, DeviceFault):
        pass
    return done


def sweep(folder: Path, forgets: str | None = None) -> int:
    """The power goes at every call of SQLite and after the last, and takes what it may; how many cuts."""
    with FailingVfs(forgets=forgets) as vfs:
        (folder / "dry").mkdir(parents=True)
        assert live(folder / "dry" / "outbox.sqlite3", vfs) == len(STATES) - 1
        last = len(vfs.calls)
    cuts = 0
    for data, names_too in LOSSES:
        for at in range(1, last + 2):  # the last one: when all is done
            (folder / f"{cuts}").mkdir()
            path = folder / f"{cuts}" / "outbox.sqlite3"
            with FailingVfs(forgets=forgets) as vfs:
                vfs.fail_at, vfs.failure = at, PowerCut()
                done = live(path, vfs)
                vfs.lose_power(data=data, names_too=names_too, luck=random.Random(at))
            check(path, done)
            cuts += 1
    return cuts


def check(path: Path, done: int) -> None:
    with Outbox(path) as outbox:
        rows = [outbox.row(shot_id) for shot_id in (ID, QUICK)]
    states = tuple(None if row is None else row.state for row in rows)
    assert states in STATES[done : done + 2], f"{done} changes had returned, the rows are {states}"


def test_a_change_that_returned_outlives_the_power(tmp_path: Path, record: Record) -> None:
    record("ledger, power cuts", sweep(tmp_path / "ledger"))


@pytest.mark.parametrize("call", ["sync journal", "sync database", "sync folder"])
def test_the_sweep_finds_each_sync_of_sqlite_that_is_missing(tmp_path: Path, call: str) -> None:
    with pytest.raises((AssertionError, DeviceFault)):
        sweep(tmp_path / "ledger", call)


@pytest.mark.parametrize("level", [0, 1, 2], ids=["off", "normal", "full"])
def test_the_sweep_finds_sqlite_syncing_less_than_extra(
    tmp_path: Path, level: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Durability.DURABLE, "_value_", ("delete", level))
    with pytest.raises((AssertionError, DeviceFault)):
        sweep(tmp_path / "ledger")


@pytest.mark.parametrize("change", ["add", "received", "_change"])
def test_the_sweep_finds_each_commit_that_is_missing(
    tmp_path: Path, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = getattr(Outbox, change)

    def uncommitted(self: Outbox, *given: object, **named: object) -> object:
        with monkeypatch.context() as patch:
            patch.setattr("kiosk.uplink.storage.outbox.transaction", _rolled_back)
            return real(self, *given, **named)

    monkeypatch.setattr(Outbox, change, uncommitted)
    with pytest.raises(AssertionError):
        sweep(tmp_path / "ledger")


@contextlib.contextmanager
def _rolled_back(connection: apsw.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
