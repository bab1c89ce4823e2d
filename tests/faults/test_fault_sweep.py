"""Whatever call goes wrong, and however: each accepted shot is on the booth or durably at the office, exactly once.

The sweeps are held themselves: with any one sync or rename left out of the code they must fail.
Commits are the ledger's own sweep (test_fault_ledger), since a lost ledger is built again from the envelopes.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.ports.faults import DeviceFault
from kiosk.uplink import keeper, loop
from kiosk.uplink.disk import Disk
from sim.office import Office
from tests.faults.conftest import Record
from tests.faults.life import Kind, Planted, Sweep
from tests.uplink.conftest import IDENTITIES


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path / "office", identities=IDENTITIES) as office:
        yield office


@pytest.mark.parametrize("kind", Kind)
def test_whatever_goes_wrong_each_accepted_shot_is_somewhere_once(
    tmp_path: Path, office: Office, photo: bytes, kind: Kind, stride: int, record: Record
) -> None:
    sweep = Sweep(tmp_path / "lives", office, photo)
    last = sweep.run([kind], stride)
    record(f"booth, {kind.value}", sweep.counts[kind])
    assert sweep.counts[kind] >= (3 if kind is Kind.SHORT else last // stride)


SITES = {
    ("make", "sync_folder"),
    ("write_durably", "fsync"),
    ("write_durably", "rename"),
    ("write_durably", "sync_folder"),
    ("remove", "sync_folder"),
}
"""The syncs and renames that a life's promises rest on; the test below finds them in the code itself."""


def test_every_sync_and_rename_of_the_code_is_planted_as_missing(tmp_path: Path, office: Office, photo: bytes) -> None:
    assert Sweep(tmp_path / "lives", office, photo).sites() == SITES


@pytest.mark.parametrize("site", sorted(SITES), ids="-".join)
def test_the_sweep_finds_a_sync_or_rename_that_is_missing(
    tmp_path: Path, office: Office, photo: bytes, site: tuple[str, str]
) -> None:
    found(Sweep(tmp_path / "lives", office, photo, Planted(site=site)))


def test_the_sweep_finds_a_row_written_before_its_file(
    tmp_path: Path, office: Office, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    durable = keeper.KeeperWorker._make_durable

    def row_first(self: keeper.KeeperWorker, job: keeper._Job) -> None:
        outbox = self._outbox or self._open_outbox()
        outbox.add(job.shot_id, "0" * 64, job.content, len(job.sealed), 0)
        durable(self, job)

    monkeypatch.setattr(keeper.KeeperWorker, "_make_durable", row_first)
    found(Sweep(tmp_path / "lives", office, photo))


def test_the_sweep_finds_a_write_in_place(
    tmp_path: Path, office: Office, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def in_place(disk: Disk, path: Path, data: bytes, temporary: Path) -> None:
        descriptor = disk.create(path)
        disk.write(descriptor, memoryview(data))
        disk.fsync(descriptor)
        disk.close(descriptor)
        disk.sync_folder(path.parent)

    monkeypatch.setattr("kiosk.uplink.spool.write_durably", in_place)
    found(Sweep(tmp_path / "lives", office, photo))


def test_the_sweep_finds_a_copy_deleted_when_it_is_only_received(
    tmp_path: Path, office: Office, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    received = loop.UplinkLoop._received

    def deletes(self: loop.UplinkLoop, *given: object) -> None:
        received(self, *given)  # type: ignore[arg-type]  # passed on as they came
        self._spool.remove(given[0].shot_id)  # type: ignore[attr-defined]  # a row

    monkeypatch.setattr(loop.UplinkLoop, "_received", deletes)
    found(Sweep(tmp_path / "lives", office, photo))


def found(sweep: Sweep) -> None:
    """The sweep fails, by its own word."""
    with pytest.raises((AssertionError, DeviceFault)):
        sweep.run([Kind.LOSE_BOTH, Kind.LOSE_DATA, Kind.LOSE_NAMES], 5)
