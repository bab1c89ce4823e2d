"""Keeping an accepted shot: `Saved` only when durable, and whatever can't be kept now is kept later."""

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.core.events import Device, DeviceFailed, DeviceRecovered, Event, Saved, SaveFailed
from kiosk.ports.config import StorageConfig
from kiosk.ports.faults import PermanentFault, TemporaryFault
from kiosk.uplink.saving.shot_saver import ShotSaverWorker
from kiosk.uplink.storage.ballast import BALLAST_BYTES
from kiosk.uplink.storage.outbox import Outbox
from sim.faults.sqlite_vfs import FailingVfs
from sim.twins.clock import VirtualClock
from sim.twins.disk import DiskTwin, UnsyncedDisk
from tests.uplink.conftest import IDENTITIES, SEAL_TO
from wire.envelope import open_envelope
from wire.faults import EnvelopeError
from wire.manifest import Manifest
from wire.seal import open_sealed, recipient_of

Make = Callable[[int], Manifest]
PHOTO = b"\xff\xd8 a photo \xff\xd9"


class Bench:
    """A saver on a disk that fails when told to."""

    def __init__(self, folder: Path, clock: VirtualClock) -> None:
        self.folder = folder
        self.disk = DiskTwin(free=lambda _: 1_000)
        self.events: list[Event] = []
        self.clock = clock
        self.saver = self.make()

    def make(self) -> ShotSaverWorker:
        config = StorageConfig(folder=self.folder, floor_bytes=500, seal_to=SEAL_TO)
        return ShotSaverWorker(config, self.events.append, self.clock, disk=self.disk)

    def taken(self) -> list[Event]:
        events, self.events[:] = list(self.events), []
        return events

    def rows(self) -> dict[str, str]:
        with Outbox(self.folder / "outbox.sqlite3") as outbox:
            found = {path.stem: outbox.row(path.stem) for path in (self.folder / "spool").glob("*.envelope")}
            assert sum(outbox.counts().values()) == len(found)
        return {shot_id: row.digest for shot_id, row in found.items() if row}

    def saved(self) -> list[tuple[str, int]]:
        """Every shot and when it was saved, in order."""
        with Outbox(self.folder / "outbox.sqlite3") as outbox:
            return [(shot_id, kept_ms) for shot_id, (_, kept_ms) in outbox.saved().items()]


@pytest.fixture
def bench(tmp_path: Path, clock: VirtualClock) -> Iterator[Bench]:
    bench = Bench(tmp_path / "kiosk", clock)
    bench.saver.open()
    bench.saver.poll(0)
    yield bench
    bench.saver.close()


def test_a_kept_shot_is_answered_with_its_receipt_code_and_opens_again(bench: Bench, manifest: Make) -> None:
    bench.saver.save(7, manifest(1), PHOTO)
    assert bench.taken() == []
    bench.saver.poll(0)
    assert bench.taken() == [Saved(1_000_000_000, 7, "AB0001")]
    stored = (bench.folder / "spool" / f"{1:032x}.envelope").read_bytes()
    for identity in IDENTITIES:
        assert open_envelope(open_sealed(stored, [identity])).photo == PHOTO
    opened = open_envelope(open_sealed(stored, IDENTITIES))
    assert (opened.manifest, opened.photo) == (manifest(1), PHOTO)


def test_what_lies_on_the_disk_tells_nothing_of_the_person(bench: Bench, manifest: Make) -> None:
    bench.saver.save(7, manifest(1), PHOTO)
    bench.saver.poll(0)
    stored = b"".join(path.read_bytes() for path in bench.folder.rglob("*") if path.is_file())
    for known in ("张三", "11010519491231002X", "2026000001", "示范大学"):
        assert known.encode() not in stored
    assert PHOTO not in stored


@pytest.mark.parametrize("keys", [(), SEAL_TO[:1], SEAL_TO[:1] * 2], ids=["none", "one", "one-twice"])
def test_a_booth_without_the_offices_and_the_escrows_key_keeps_nothing(
    tmp_path: Path, clock: VirtualClock, keys: tuple[str, ...]
) -> None:
    saver = ShotSaverWorker(StorageConfig(folder=tmp_path / "kiosk", seal_to=keys), lambda _: None, clock)
    with pytest.raises(PermanentFault, match="center keys list") as caught:
        saver.open()
    assert caught.value.text_id == "fault.storage_seal"
    assert not (tmp_path / "kiosk").exists()


def test_a_mistyped_key_is_refused_by_the_configuration() -> None:
    with pytest.raises(ValueError, match="no public key of age"):
        StorageConfig(seal_to=(SEAL_TO[0], SEAL_TO[1][:-1] + ("q" if SEAL_TO[1][-1] != "q" else "p")))


def test_a_secret_key_in_the_place_of_a_public_one_is_refused_and_not_shown() -> None:
    with pytest.raises(ValueError, match="no public key of age") as caught:
        StorageConfig(seal_to=(IDENTITIES[0], recipient_of(IDENTITIES[1])))
    assert IDENTITIES[0] not in str(caught.value)


def test_the_shot_saver_makes_the_original_and_sends_it_with_the_photo(bench: Bench, manifest: Make) -> None:
    made: list[int] = []

    def original() -> bytes:
        made.append(1)
        return b"finer"

    bench.saver.save(7, manifest(1), PHOTO, original)
    assert made == []
    bench.saver.poll(0)
    stored = (bench.folder / "spool" / f"{1:032x}.envelope").read_bytes()
    opened = open_envelope(open_sealed(stored, IDENTITIES))
    assert (opened.photo, opened.original) == (PHOTO, b"finer")


def test_a_photo_is_kept_whatever_becomes_of_its_original(
    bench: Bench, manifest: Make, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> bytes:
        raise ValueError("张三")

    bench.saver.save(1, manifest(1), PHOTO, broken)
    bench.saver.save(2, manifest(2), PHOTO, lambda: None)
    bench.saver.poll(0)
    bench.saver.poll(0)
    assert [event.request for event in bench.taken() if isinstance(event, Saved)] == [1, 2]
    for number in (1, 2):
        stored = (bench.folder / "spool" / f"{number:032x}.envelope").read_bytes()
        assert open_envelope(open_sealed(stored, IDENTITIES)).original is None
    assert "without its original" in caplog.text
    assert "张三" not in caplog.text


def test_keeping_the_same_shot_again_is_harmless(bench: Bench, manifest: Make) -> None:
    for request in (1, 2):
        bench.saver.save(request, manifest(1), PHOTO)
        bench.saver.poll(0)
    assert [event.request for event in bench.taken() if isinstance(event, Saved)] == [1, 2]
    assert len(bench.rows()) == 1


def test_a_sealed_shot_kept_again_is_the_same_shot(tmp_path: Path, clock: VirtualClock, manifest: Make) -> None:
    seals = iter(range(100))  # a real seal gives other bytes each time
    events: list[Event] = []
    config = StorageConfig(folder=tmp_path, floor_bytes=0, seal_to=SEAL_TO)
    saver = ShotSaverWorker(config, events.append, clock, seal=lambda data: bytes([next(seals)]) + data)
    saver.open()
    for request in (1, 2):
        saver.save(request, manifest(1), PHOTO)
        saver.poll(0)
    saver.close()
    assert [type(event) for event in events] == [Saved, Saved]


def test_another_photo_under_the_same_shot_id_is_never_called_saved(bench: Bench, manifest: Make) -> None:
    bench.saver.save(1, manifest(1), PHOTO)
    bench.saver.poll(0)
    before = bench.rows()
    bench.saver.save(2, manifest(1), PHOTO + b"other")
    with pytest.raises(ValueError, match="already kept with another content"):
        bench.saver.poll(0)
    assert [type(event) for event in bench.taken()] == [Saved, SaveFailed]
    assert bench.rows() == before


def test_an_order_that_can_not_be_built_is_answered(bench: Bench, manifest: Make) -> None:
    bench.saver.save(1, manifest(1), b"")
    with pytest.raises(EnvelopeError):
        bench.saver.poll(0)
    assert bench.taken() == [SaveFailed(1_000_000_000, 1)]


@pytest.mark.parametrize("call", range(1, 7))
def test_a_save_that_fails_says_so_and_is_repeated_by_itself(bench: Bench, manifest: Make, call: int) -> None:
    bench.disk.calls.clear()
    bench.disk.fail_at = call
    bench.saver.save(1, manifest(1), PHOTO)
    bench.saver.poll(0)
    assert bench.taken() == [
        SaveFailed(1_000_000_000, 1),
        DeviceFailed(1_000_000_000, Device.STORAGE, "fault.storage_write"),
    ]
    bench.clock.advance(1_900_000_000)
    bench.saver.poll(0)
    assert bench.taken() == []
    bench.clock.advance(100_000_000)
    bench.saver.poll(0)
    assert bench.taken() == [
        Saved(3_000_000_000, 1, "AB0001"),
        DeviceRecovered(3_000_000_000, Device.STORAGE, "fault.storage_write"),
    ]
    assert len(bench.rows()) == 1


def columns(folder: Path) -> list[tuple[object, ...]]:
    """The rows of the outbox, without what differs between two savings of the same shot (sealing is by chance)."""
    with closing(sqlite3.connect(folder / "outbox.sqlite3")) as ledger:
        return ledger.execute("SELECT shot_id, content, state, parked, attempts, person IS NULL FROM shots").fetchall()


def test_whatever_call_of_a_save_fails_its_row_says_what_it_says_where_none_fails(
    tmp_path: Path, clock: VirtualClock, manifest: Make
) -> None:
    """Also who is on the photo: an attempt that wrote the file and failed at the row must not be the end of that."""
    failing, said = 0, list[object]()
    while True:
        with FailingVfs() as vfs:
            config = StorageConfig(folder=tmp_path / f"{failing}", floor_bytes=0, seal_to=SEAL_TO)
            saver = ShotSaverWorker(config, lambda _: None, clock, disk=UnsyncedDisk(), vfs=vfs.name)
            saver.open()
            saver.poll(0)
            before = len(vfs.calls)
            vfs.fail_at = before + failing if failing else None
            saver.save(1, manifest(1), PHOTO)
            for _ in range(3):
                saver.poll(0)
                clock.advance(2_000_000_000)
            saver.close()
            said.append(columns(config.folder))
            if len(vfs.calls) < before + failing:
                break
        failing += 1
    assert len(said) > 20
    assert said == [said[0]] * len(said)


def test_a_full_disk_refuses_room_says_full_and_heals(bench: Bench, manifest: Make) -> None:
    assert bench.taken() == []
    bench.disk.full = True
    bench.clock.advance(2_000_000_000)
    bench.saver.poll(0)
    assert bench.taken() == [DeviceFailed(3_000_000_000, Device.STORAGE, "fault.storage_full")]
    bench.saver.save(1, manifest(1), PHOTO)
    bench.saver.poll(0)
    assert bench.taken() == [SaveFailed(3_000_000_000, 1)]
    bench.disk.full = False
    bench.clock.advance(2_000_000_000)
    bench.saver.poll(0)
    assert bench.taken() == [
        Saved(5_000_000_000, 1, "AB0001"),
        DeviceRecovered(5_000_000_000, Device.STORAGE, "fault.storage_full"),
    ]


def test_below_the_floor_an_accepted_shot_is_still_kept(bench: Bench, manifest: Make) -> None:
    bench.disk.free = lambda _: 499
    bench.clock.advance(2_000_000_000)
    bench.saver.poll(0)
    bench.saver.save(1, manifest(1), PHOTO)
    bench.saver.poll(0)
    assert Saved(3_000_000_000, 1, "AB0001") in bench.taken()


def test_a_shot_that_waits_survives_close_and_open(bench: Bench, manifest: Make) -> None:
    bench.disk.full = True
    bench.saver.save(1, manifest(1), PHOTO)
    bench.saver.poll(0)
    bench.saver.close()
    bench.disk.full = False
    bench.saver.open()
    bench.clock.advance(2_000_000_000)
    bench.saver.poll(0)
    assert [type(event) for event in bench.taken()] == [SaveFailed, DeviceFailed, Saved, DeviceRecovered]


def test_close_saves_what_is_ordered_and_tries_once_more_what_waits(bench: Bench, manifest: Make) -> None:
    bench.disk.full = True
    bench.saver.save(1, manifest(1), PHOTO)
    bench.saver.poll(0)
    bench.saver.save(2, manifest(2), PHOTO)
    bench.taken()
    bench.disk.full = False
    bench.saver.close()
    assert sorted(event.request for event in bench.taken() if isinstance(event, Saved)) == [1, 2]
    assert len(bench.saved()) == 2


def test_it_says_how_many_accepted_shots_are_only_in_memory(bench: Bench, manifest: Make) -> None:
    bench.disk.full = True
    for request, number in enumerate((1, 2, 2), 1):  # the second is ordered again, as after a first failure
        bench.saver.save(request, manifest(number), PHOTO)
    assert bench.saver.unsaved == 2, "an order that waits counts"
    for _ in range(3):
        bench.saver.poll(0)
    assert bench.saver.unsaved == 2
    bench.saver.close()
    assert bench.saver.unsaved == 2
    bench.disk.full = False
    bench.saver.open()
    bench.clock.advance(2_000_000_000)
    bench.saver.poll(0)
    assert bench.saver.unsaved == 0


def test_what_can_never_be_saved_does_not_count_as_waiting(bench: Bench, manifest: Make) -> None:
    bench.saver.save(1, manifest(1), b"")
    with pytest.raises(EnvelopeError):
        bench.saver.poll(0)
    assert bench.saver.unsaved == 0
    bench.saver.save(2, manifest(2), PHOTO)
    bench.saver.poll(0)
    bench.saver.save(3, manifest(2), PHOTO + b"another")
    with pytest.raises(ValueError, match="already kept"):
        bench.saver.poll(0)
    assert bench.saver.unsaved == 0


def test_a_folder_of_another_booth_is_not_written_when_this_one_closes(bench: Bench, manifest: Make) -> None:
    second = bench.make()
    second.save(1, manifest(1), PHOTO)
    with pytest.raises(TemporaryFault):
        second.open()
    second.close()
    assert bench.rows() == {}
    assert second.unsaved == 1


def test_an_envelope_without_a_row_is_entered_at_open_as_it_was_saved(bench: Bench, manifest: Make) -> None:
    """Its half day and its place in the queue stay, also when its row is lost again."""
    for number in (2, 3, 1):
        bench.saver.save(number, manifest(number), PHOTO)
        bench.saver.poll(0)
        bench.clock.advance(20_000_000_000_000)
    before, saved = bench.rows(), bench.saved()
    for _ in range(2):
        bench.saver.close()
        (bench.folder / "outbox.sqlite3").unlink()
        bench.saver.open()
        assert bench.rows() == before
        assert bench.saved() == saved


def test_an_envelope_from_a_clock_that_is_ahead_counts_as_saved_now(bench: Bench, manifest: Make) -> None:
    bench.saver.save(1, manifest(1), PHOTO)
    bench.saver.poll(0)
    bench.saver.close()
    (bench.folder / "outbox.sqlite3").unlink()
    (envelope,) = (bench.folder / "spool").iterdir()
    os.utime(envelope, ns=(2**62, 2**62))
    bench.saver.open()
    assert [kept_ms for _, kept_ms in bench.saved()] == [bench.clock.wall().ms]


def test_a_clock_that_is_behind_after_a_power_cut_changes_no_time_of_saving(bench: Bench, manifest: Make) -> None:
    bench.saver.save(1, manifest(1), PHOTO)
    bench.saver.poll(0)
    saved = bench.saved()
    bench.saver.close()
    (bench.folder / "outbox.sqlite3").unlink()
    bench.clock.synced = False
    bench.clock.jump_wall(-30 * 86_400)
    bench.saver.open()
    assert bench.saved() == saved


def test_an_envelope_that_can_not_be_read_holds_up_no_other(
    bench: Bench, manifest: Make, caplog: pytest.LogCaptureFixture
) -> None:
    for number in (1, 2, 3):
        bench.saver.save(number, manifest(number), PHOTO)
        bench.saver.poll(0)
    bench.saver.close()
    (bench.folder / "outbox.sqlite3").unlink()
    broken = bench.folder / "spool" / f"{manifest(2).shot_id}.envelope"
    sealed = broken.read_bytes()
    broken.unlink()
    broken.mkdir()  # reading it fails, as on a bad block
    bench.saver.open()
    assert {shot_id for shot_id, _ in bench.saved()} == {manifest(1).shot_id, manifest(3).shot_id}
    assert f"shot {manifest(2).shot_id} has no row and can't be read" in caplog.text
    bench.saver.close()
    broken.rmdir()
    broken.write_bytes(sealed)
    bench.saver.open()
    assert len(bench.rows()) == 3


def test_a_damaged_outbox_is_set_aside_and_built_anew_from_the_envelopes(bench: Bench, manifest: Make) -> None:
    for number in (1, 2):
        bench.saver.save(number, manifest(number), PHOTO)
        bench.saver.poll(0)
    before = bench.rows()
    bench.saver.close()
    (bench.folder / "outbox.sqlite3").write_bytes(b"noise" * 4096)
    bench.saver.open()
    assert bench.rows() == before
    assert len(list(bench.folder.glob("outbox.damaged-*.sqlite3"))) == 1


def test_trouble_found_at_open_is_told_as_a_cause_of_its_own(bench: Bench) -> None:
    bench.saver.close()
    bench.disk.full = True
    bench.saver.open()
    bench.saver.poll(0)
    bench.saver.poll(0)
    assert bench.taken() == [DeviceFailed(1_000_000_000, Device.STORAGE, "fault.storage_full")]


def test_ballast_is_laid_while_there_is_room_for_it_above_the_floor(bench: Bench) -> None:
    ballast = bench.folder / "ballast"
    assert not ballast.exists()
    bench.disk.free = lambda _: 500 + BALLAST_BYTES
    bench.clock.advance(2_000_000_000)
    bench.saver.poll(0)
    assert ballast.stat().st_size == BALLAST_BYTES


@pytest.mark.parametrize("call", range(1, 7))
def test_ballast_that_can_not_be_laid_is_tried_again_and_hurts_nobody(bench: Bench, manifest: Make, call: int) -> None:
    bench.disk.free = lambda _: 500 + BALLAST_BYTES
    bench.disk.fail_at = len(bench.disk.calls) + call
    for _ in range(2):
        bench.clock.advance(2_000_000_000)
        bench.saver.poll(0)
    bench.saver.save(1, manifest(1), PHOTO)
    bench.saver.poll(0)
    assert [type(event) for event in bench.taken()] == [Saved]
    assert (bench.folder / "ballast").stat().st_size == BALLAST_BYTES


def test_two_booths_can_not_share_a_folder(bench: Bench) -> None:
    second = bench.make()
    with pytest.raises(TemporaryFault, match="another booth process uses"):
        second.open()
    bench.saver.close()
    second.open()
    second.close()
    second.close()


def test_a_folder_that_is_a_file_is_a_fault_that_names_it(tmp_path: Path, clock: VirtualClock) -> None:
    (tmp_path / "kiosk").write_text("")
    with pytest.raises(TemporaryFault, match="kiosk"):
        Bench(tmp_path / "kiosk", clock).saver.open()


def test_nothing_personal_is_in_names_rows_or_log(
    bench: Bench, manifest: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    bench.disk.fail_at = len(bench.disk.calls) + 3
    bench.saver.save(1, manifest(1), PHOTO)
    bench.saver.poll(0)
    assert bench.saver._jobs
    seen = caplog.text + repr(bench.saver._jobs)
    bench.clock.advance(2_000_000_000)
    bench.saver.poll(0)
    seen += " ".join(str(path) for path in bench.folder.rglob("*"))
    seen += (bench.folder / "outbox.sqlite3").read_bytes().decode("utf-8", "replace")
    for secret in ("11010519491231002X", "张三", "2026000001"):
        assert secret not in seen


# before a graduate is asked to sit: what the disk says, and what it does


def healths(events: list[Event]) -> list[tuple[str, str]]:
    return [
        ("failed" if isinstance(event, DeviceFailed) else "recovered", event.fault.removeprefix("fault.storage_"))
        for event in events
        if isinstance(event, DeviceFailed | DeviceRecovered)
    ]


@pytest.mark.parametrize(("attribute", "fault"), [("full", "full"), ("no_files", "files"), ("read_only", "read_only")])
def test_an_idle_booth_says_that_the_disk_takes_no_photo_and_when_it_does_again(
    bench: Bench, attribute: str, fault: str
) -> None:
    bench.saver.poll(0)
    setattr(bench.disk, attribute, True)
    bench.clock.advance(2_000_000_000)
    bench.saver.poll(0)
    setattr(bench.disk, attribute, False)
    bench.clock.advance(2_000_000_000)
    bench.saver.poll(0)
    assert healths(bench.taken()) == [("failed", fault), ("recovered", fault)]


def test_a_disk_that_takes_no_bytes_is_found_before_there_is_a_photo(bench: Bench) -> None:
    """It has room and is mounted for writing, and what is written does not get to the medium."""
    bench.saver.poll(0)
    bench.disk.before = refusing("fsync")
    bench.saver.try_out()
    bench.saver.poll(0)
    assert healths(bench.taken()) == [("failed", "write")]
    bench.clock.advance(2_000_000_000)
    bench.saver.poll(0)
    bench.disk.before = None
    assert bench.taken() == [], "told once"
    bench.clock.advance(2_000_000_000)
    bench.saver.poll(0)
    assert healths(bench.taken()) == [("recovered", "write")]


def test_an_idle_booth_tries_its_disk_once_a_minute(bench: Bench) -> None:
    bench.saver.poll(0)
    bench.disk.before = refusing("rename")
    for _ in range(29):
        bench.clock.advance(2_000_000_000)
        bench.saver.poll(0)
    assert bench.taken() == []
    bench.clock.advance(2_000_000_000)
    bench.saver.poll(0)
    assert healths(bench.taken()) == [("failed", "write")]


def test_what_a_trial_leaves_behind_is_gone_and_holds_up_no_other(bench: Bench) -> None:
    for name in ("probe", "probe.part"):
        (bench.folder / name).write_bytes(b"of a process that died")
    bench.saver.try_out()
    bench.saver.poll(0)
    assert bench.taken() == []
    assert list(bench.folder.glob("probe*")) == []


def refusing(call: str) -> Callable[[str], None]:
    def refuse(name: str) -> None:
        if name == call:
            raise OSError(errno.EIO, "Input/output error")

    return refuse
