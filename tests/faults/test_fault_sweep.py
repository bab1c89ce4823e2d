"""Whatever call goes wrong, and however: each accepted shot is on the booth or durably at the office, exactly once.

The sweeps are held themselves: with any one sync or rename left out of the code they must fail.
Commits are the ledger's own sweep (test_fault_ledger), since a lost ledger is built again from the envelopes.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from common.disk import Disk
from kiosk.ports.config import StorageConfig
from kiosk.ports.faults import DeviceFault
from kiosk.uplink.office.shot_transfer import ShotTransfer
from kiosk.uplink.saving import shot_saver
from kiosk.uplink.saving.shot_saver import ShotSaverWorker
from sim.office.served import ServedOffice
from sim.twins.clock import VirtualClock
from sim.twins.disk import DiskTwin, Site
from tests.faults.conftest import Record
from tests.faults.life import Kind, Planted, Sweep
from tests.faults.sites import BATCH_ONLY, LONG, ROOT, by_themselves, sites
from tests.uplink.conftest import make_manifest, storage_of
from tests.uplink.worlds import open_office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[ServedOffice]:
    with closing(open_office(tmp_path / "office")) as office:
        yield office


@pytest.mark.parametrize("kind", Kind)
def test_whatever_goes_wrong_each_accepted_shot_is_somewhere_once(
    tmp_path: Path, office: ServedOffice, photo: bytes, kind: Kind, stride: int, record: Record
) -> None:
    sweep = Sweep(tmp_path / "lives", office, photo)
    last = sweep.run([kind], stride)
    record(f"booth, {kind.value}", sweep.counts[kind])
    assert sweep.counts[kind] >= (3 if kind is Kind.SHORT else last // stride)


# What `shared_files` brings to the medium is made anew when it is lost: the state of the devices, the instructions that
# the office gives at the next contact. Releases have a sweep of their own (tests/update).
OTHERS = ("shared_files", "release_fetch")
SITES = sites(
    "common/disk.py",
    *(str(path.relative_to(ROOT)) for path in (ROOT / "kiosk/uplink").rglob("*.py") if path.stem not in OTHERS),
    but=BATCH_ONLY,
)


def test_every_sync_and_rename_of_the_code_is_one_the_sweep_passes(
    tmp_path: Path, office: ServedOffice, photo: bytes
) -> None:
    reached = Sweep(tmp_path / "lives", office, photo).sites()
    assert {site for site in reached if site[0] not in OTHERS} == set(SITES) - set(AFTER_DAMAGE)
    assert len(reached) > 5


AFTER_DAMAGE = [site for site in SITES if site[0] == "paths"]
"""Setting a damaged ledger aside: what is new after it is durable by the new ledger's own first commit."""


@pytest.mark.parametrize("site", [site for site in SITES if site not in AFTER_DAMAGE][:: 1 if LONG else 4], ids=str)
def test_the_sweep_finds_a_sync_or_rename_that_is_missing(
    tmp_path: Path, office: ServedOffice, photo: bytes, site: Site
) -> None:
    found(Sweep(tmp_path / "lives", office, photo, Planted(site=site)))


@pytest.mark.parametrize("site", AFTER_DAMAGE, ids=str)
def test_setting_a_damaged_ledger_aside_without_a_rename_is_noticed(
    tmp_path: Path, clock: VirtualClock, photo: bytes, site: Site
) -> None:
    storage = storage_of(tmp_path / "booth")
    saver = ShotSaverWorker(storage, lambda _: None, clock)
    saver.open()
    saver.save(1, make_manifest(1), photo)
    saver.poll(0)
    saver.close()
    (storage.folder / "outbox.sqlite3").write_bytes(b"no database at all")
    (storage.folder / "outbox.sqlite3-journal").write_bytes(b"of it")
    with pytest.raises((AssertionError, DeviceFault)):
        _open_again(storage, clock, DiskTwin(forgets=site))


def _open_again(storage: StorageConfig, clock: VirtualClock, disk: DiskTwin) -> None:
    saver = ShotSaverWorker(storage, lambda _: None, clock, disk=disk)
    saver.open()
    saver.close()
    aside = sorted(path.name.rpartition("sqlite3")[2] for path in storage.folder.glob("outbox.damaged-*"))
    assert aside == ["", "-journal"], "what was damaged is kept for whoever looks at it"


BY_THEMSELVES = {
    "kiosk/commands/doctor/system.py": "measures how fast the disk syncs",
    "kiosk/commands/doctor/bundle.py": "a file that the caller asked for, and can ask for again",
    "kiosk/commands/doctor/acceptance.py": "a file that the caller asked for, and can ask for again",
    "kiosk/commands/take_over.py": "puts the former configuration aside, in which no shot is",
    "kiosk/uplink/shared/shared_files.py": "what the office said last, written again after its next answer",
    "kiosk/runtime/service/machine_orders.py": "an order of staff in memory, which a power cut ends anyway",
    "kiosk/runtime/service/setup_answers.py": "answers of the set-up in memory, which a power cut ends anyway",
    "kiosk/commands/setup/answers.py": "what came of these answers, in memory too",
    "kiosk/runtime/calibration.py": "a calibration, measured again by staff when it is lost",
    "kiosk/commands/finish.py": "a file that the caller asked for, and can ask for again",
    "kiosk/vision/models.py": "models, fetched again when they are lost",
    "common/disk.py": "the disk itself",
    "common/file_for_all.py": "only for files that can be made again; who calls it is in this table, too",
    "center/commands/speaking.py": "a file that the caller asked for, and can ask for again",
    "center/travel/engine.py": "the files of the check in the browser, fetched again when they are lost",
}
"""Who syncs or renames outside the sweeps, and why nothing accepted can be lost by it."""


def test_nothing_else_syncs_or_renames() -> None:
    assert by_themselves(("kiosk", "center", "common")) == BY_THEMSELVES.keys()


def test_the_sweep_finds_a_row_written_before_its_file(
    tmp_path: Path, office: ServedOffice, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    durable = shot_saver.ShotSaverWorker._make_durable

    def row_first(self: shot_saver.ShotSaverWorker, job: shot_saver._Job) -> None:
        outbox = self._outbox or self._open_outbox()
        outbox.add(job.shot_id, "0" * 64, job.content, len(job.sealed), 0)
        durable(self, job)

    monkeypatch.setattr(shot_saver.ShotSaverWorker, "_make_durable", row_first)
    found(Sweep(tmp_path / "lives", office, photo))


def test_the_sweep_finds_a_write_in_place(
    tmp_path: Path, office: ServedOffice, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def in_place(disk: Disk, path: Path, data: bytes, temporary: Path) -> None:
        descriptor = disk.create(path)
        disk.write(descriptor, memoryview(data))
        disk.fsync(descriptor)
        disk.close(descriptor)
        disk.sync_folder(path.parent)

    monkeypatch.setattr("kiosk.uplink.storage.spool.write_durably", in_place)
    found(Sweep(tmp_path / "lives", office, photo))


def test_the_sweep_finds_a_copy_deleted_when_it_is_only_received(
    tmp_path: Path, office: ServedOffice, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    received = ShotTransfer._received

    def deletes(self: ShotTransfer, *given: object) -> None:
        received(self, *given)  # type: ignore[arg-type]  # passed on as they came
        self._spool.remove(given[0].shot_id)  # type: ignore[attr-defined]  # a row

    monkeypatch.setattr(ShotTransfer, "_received", deletes)
    found(Sweep(tmp_path / "lives", office, photo))


def found(sweep: Sweep) -> None:
    """The sweep fails, by its own word."""
    with pytest.raises((AssertionError, DeviceFault)):
        sweep.run([Kind.LOSE_BOTH, Kind.LOSE_DATA, Kind.LOSE_NAMES], 5)
