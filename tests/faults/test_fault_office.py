"""Receiving at the office under faults: a receipt given is a shot kept, whatever happens next.

The bytes go through the photo store's own calls, on a disk that remembers what a medium would not have kept; the rows
through the office's own database, whose statements and commits fail or are the last thing done. The booth sends again
what got no receipt.
"""

import contextlib
import errno
import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.booths.service import Booths
from center.intake.service import Filed, Intake
from center.platform.configuration import EnrolmentConfig
from center.platform.database import Database
from center.platform.faults import OfficeFault, Unavailable
from center.platform.migrate import migrate
from center.platform.office_keys import OfficeKeys, make_keys
from center.platform.photos import PhotoFolder, photo_name
from center.platform.seal_keys import SealKeys, add_seal_key
from center.shots.tables import ShotRow
from common.disk import Disk
from rules.profile import load_profile
from sim.twins.disk import DiskTwin, PowerCut, Site
from tests.faults.conftest import Record
from tests.faults.life import STOPS, Kind
from tests.faults.sites import BATCH_ONLY, CALLS, LONG, sites
from tests.uplink.conftest import IDENTITIES, SEAL_TO, make_manifest
from wire.envelope import build
from wire.seal import seal

START = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
SHOTS = (1, 2)
PROFILES = {"jiangsu-2019": load_profile("jiangsu-2019")}


@dataclass
class Trouble:
    """One call of disk or database going wrong; see `Kind`. `lost_commit`: the power goes right after a commit."""

    kind: Kind = Kind.FAIL
    at: int | None = None
    calls: list[str] = field(default_factory=list)
    off: bool = False
    full: bool = False
    happened: bool = False
    disk: DiskTwin | None = None

    def on_disk(self, call: str) -> None:
        self._step(call, OSError(errno.EIO, "Input/output error"), OSError(errno.ENOSPC, "No space left on device"))

    def in_database(self, call: str) -> None:
        self._step(
            f"sql {call}",
            OperationalError(call, {}, sqlite3.OperationalError("disk I/O error")),
            OperationalError(call, {}, sqlite3.OperationalError("database or disk is full")),
        )

    def _step(self, call: str, failure: Exception, no_room: Exception) -> None:
        if self.off:
            raise PowerCut
        self.calls.append(call)
        if self.disk is not None:
            self.disk.short_writes = False
        if self.full and call in ("create", "write", "fsync", "sync_file_system", "sql write", "sql commit"):
            raise no_room
        if len(self.calls) != self.at:
            return
        self.happened = self.kind is not Kind.SHORT or call == "write"
        match self.kind:
            case Kind.FAIL:
                raise failure
            case Kind.NO_ROOM_ONCE:
                raise no_room
            case Kind.NO_ROOM:
                self.full = True
            case Kind.SHORT:
                assert self.disk is not None
                self.disk.short_writes = True
            case _:
                self.off = True
                raise PowerCut


class TroubledOffice:
    """An office's receiving on one folder, put together as `center serve` does, with trouble in it."""

    def __init__(self, folder: Path, trouble: Trouble, forgets: Site | None = None, *, together: bool = False) -> None:
        self.disk = DiskTwin(root=folder, before=trouble.on_disk, forgets=forgets)
        trouble.disk = self.disk
        self.photos = PhotoFolder(folder / "photos", self.disk, together=together)
        self.database = Database(f"sqlite:///{folder / 'office.sqlite'}")
        self.intake = Intake(
            self.database,
            self.photos,
            keys=SealKeys(IDENTITIES),
            office_keys=OfficeKeys(bytes(32)),
            profiles=PROFILES,
            clock=lambda: START,
        )
        event.listen(self.database.engine, "before_cursor_execute", self._statement)
        event.listen(self.database.engine, "commit", self._commit)
        self._trouble = trouble

    def start(self) -> None:
        """As `center serve` begins, and begins again when it could not."""
        for again in range(3):
            try:
                return self.photos.make()
            except OfficeFault:
                if again == 1:
                    self._trouble.full = False  # somebody frees space
        raise AssertionError("the office can't be started")

    def receive(self, number: int, data: bytes) -> Filed:
        return self.bring({number: data})[number].result()

    def bring(self, shots: Mapping[int, bytes]) -> dict[int, Future[Filed]]:
        """All of them in one batch."""
        with self.intake._receiving._changed:  # a batch begins when it is let go
            return {
                number: self.intake.submit("booth-1", f"{number:032x}", hashlib.sha256(data).digest(), data)
                for number, data in shots.items()
            }

    def close(self) -> None:
        event.remove(self.database.engine, "before_cursor_execute", self._statement)
        event.remove(self.database.engine, "commit", self._commit)
        self.database.close()

    def _statement(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        writes = statement.startswith(("INSERT", "UPDATE", "DELETE"))
        self._trouble.in_database("write" if writes else "read")

    def _commit(self, _connection: Any) -> None:
        self._trouble.in_database("commit")


@pytest.fixture(scope="session")
def empty_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office's folder with the booth `booth-1`."""
    folder = tmp_path_factory.mktemp("office")
    database = Database(f"sqlite:///{folder / 'office.sqlite'}")
    migrate(database)
    audit = Audit(b"k" * 32)
    Booths(database, audit, EnrolmentConfig(), lambda: START).enrol("test", "booth-1")
    database.close()
    return folder


@pytest.fixture(scope="session")
def sealed(photo: bytes) -> dict[int, bytes]:
    """What the booth sends, the same bytes each time."""
    return {number: seal(build(make_manifest(number), photo), SEAL_TO) for number in SHOTS}


@dataclass
class OfficeSweep:
    """Receiving in a fresh office for each call that goes wrong."""

    folder: Path
    empty: Path
    sealed: dict[int, bytes]
    forgets: Site | None = None
    together: bool = False
    runs: int = 0
    sites: set[Site] = field(default_factory=set)

    def run(self, kinds: list[Kind], stride: int = 1) -> dict[Kind, int]:
        """Every `stride`-th call for each kind; how often it happened."""
        calls = self._play(Kind.FAIL, None).calls
        happened = dict.fromkeys(kinds, 0)
        for offset, kind in enumerate(kinds):
            points: Sequence[int] = range(1 + offset % stride, len(calls) + 1, stride)
            if kind is Kind.SHORT:
                points = [at for at, call in enumerate(calls, start=1) if call == "write"]
            for at in points:
                happened[kind] += self._play(kind, at).happened
        return happened

    def run_losing_writes(self) -> int:
        """Each write in turn is lost unseen, and the power goes at the end; how many writes there are."""
        writes = self._play(Kind.FAIL, None).calls.count("write")
        for at in range(1, writes + 1):
            self._play(Kind.LOSE_DATA, None, loses_write=at)
        return writes

    def run_losing_everything(self) -> None:
        """All kinds of loss that a missing sync or rename can lead to."""
        self.run([Kind.LOSE_BOTH, Kind.LOSE_DATA, Kind.LOSE_NAMES], 2)
        self.run_losing_writes()

    def _play(self, kind: Kind, at: int | None, loses_write: int | None = None) -> Trouble:
        self.runs += 1
        folder = self.folder / f"{self.runs}"
        folder.mkdir(parents=True)
        shutil.copy(self.empty / "office.sqlite", folder)
        trouble = Trouble(kind, at)
        desk = TroubledOffice(folder, trouble, self.forgets, together=self.together)
        desk.disk.loses_write = loses_write
        promised = dict(self._send_together(desk, trouble) if self.together else self._send(desk, trouble))
        if kind not in STOPS or loses_write is not None:
            assert promised.keys() == self.sealed.keys(), "without a power cut every shot gets its receipt in the end"
        if kind in STOPS:
            data, names_too = STOPS[kind]
            desk.disk.lose_power(names_too=names_too, bytes_too=data != "nothing")
        desk.close()
        self.sites |= {site for site in desk.disk.sites if site[2] in CALLS}
        self._check(folder, promised)
        shutil.rmtree(folder)
        return trouble

    def _send(self, desk: TroubledOffice, trouble: Trouble) -> Iterator[tuple[int, Filed]]:
        """The booth sends each shot, again after each refusal, twice after a receipt; the receipts it got."""
        try:
            desk.start()
        except PowerCut:
            return
        for number, data in self.sealed.items():
            for attempt in range(4):
                try:
                    yield number, desk.receive(number, data)
                except OfficeFault:
                    if attempt == 2:
                        trouble.full = False  # somebody frees space
                except PowerCut:
                    return

    def _send_together(self, desk: TroubledOffice, trouble: Trouble) -> Iterator[tuple[int, Filed]]:
        """The same with all shots at once."""
        left = dict(self.sealed)
        try:
            desk.start()
        except PowerCut:
            return
        for attempt in range(4):
            for number, answer in desk.bring(left).items():
                fault = answer.exception()
                if isinstance(fault, PowerCut):
                    return
                if fault is None:
                    yield number, answer.result()
                    del left[number]
                assert fault is None or isinstance(fault, OfficeFault), fault
            if attempt == 2:
                trouble.full = False  # somebody frees space
            if not left:
                return

    def _check(self, folder: Path, promised: dict[int, Filed]) -> None:
        """What got a receipt is there with its bytes, before anybody sends again; then all of it, once."""
        desk = TroubledOffice(folder, Trouble())
        desk.start()
        try:
            for number, filed in promised.items():
                again = desk.intake.status("booth-1", filed.shot_id)
                assert again is not None, f"shot {number} got a receipt and is not known"
                assert again.sha256 == hashlib.sha256(self.sealed[number]).digest()
                assert self._stored(desk, number) == self.sealed[number], f"shot {number} got a receipt, bytes differ"
            for number, data in self.sealed.items():
                filed = desk.receive(number, data)
                assert filed.verified_at is not None
                assert self._stored(desk, number) == data
            with Session(desk.database.engine) as session:
                assert session.execute(select(func.count()).select_from(ShotRow)).scalar_one() == len(self.sealed)
        finally:
            desk.close()

    def _stored(self, desk: TroubledOffice, number: int) -> bytes | None:
        try:
            return desk.photos.get(photo_name(f"{number:032x}", hashlib.sha256(self.sealed[number]).digest()))
        except OfficeFault:
            return None


@pytest.fixture
def sweep(tmp_path: Path, empty_office: Path, sealed: dict[int, bytes]) -> OfficeSweep:
    return OfficeSweep(tmp_path / "offices", empty_office, sealed)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("together", [False, True], ids=["one-by-one", "together"])
def test_whatever_goes_wrong_a_shot_with_a_receipt_is_kept_once(
    sweep: OfficeSweep, kind: Kind, together: bool, stride: int, record: Record
) -> None:
    sweep.together = together
    happened = sweep.run([kind], min(stride, 3))[kind]
    record(f"office, {kind.value}{', together' if together else ''}", happened)
    assert happened == sweep.runs - 1 > 1


SITES = sites("common/disk.py", "center/platform/photos.py", but=("drop", "_put_back"))
"""All but those of clearing away what no row names, which can lose no shot."""
FOR_MANY = [site for site in sites("common/disk.py") if site not in sites("common/disk.py", but=BATCH_ONLY)]
FOR_DROP = next(site for site in SITES if site[0] == "photos")
"""`make` syncs the folder for `leaving`; what receiving needs of it is synced with each shelf."""


def test_every_sync_and_rename_of_receiving_is_one_the_sweep_passes(sweep: OfficeSweep) -> None:
    for together in (False, True):
        sweep.together = together
        sweep.run([Kind.SHORT])
    assert sweep.sites == set(SITES)
    assert len(sweep.sites) == 9


@pytest.mark.parametrize("site", [site for site in SITES if site != FOR_DROP][:: 1 if LONG else 2], ids=str)
def test_the_office_sweep_finds_a_sync_or_rename_that_is_missing(sweep: OfficeSweep, site: Site) -> None:
    sweep.forgets = site
    sweep.together = site in FOR_MANY
    with pytest.raises((AssertionError, OfficeFault)):
        sweep.run_losing_everything()


@pytest.mark.parametrize("together", [False, True], ids=["one-by-one", "together"])
def test_bytes_that_the_system_took_and_lost_are_never_called_kept(
    sweep: OfficeSweep, together: bool, record: Record
) -> None:
    """A write succeeds, the medium fails later: only a sync tells, and of a file system only to who was listening."""
    sweep.together = together
    writes = sweep.run_losing_writes()
    record(f"office, bytes lost unseen{', together' if together else ''}", writes)
    assert writes == len(SHOTS)


def test_one_failed_sync_fails_every_shot_that_it_was_for(
    tmp_path: Path, empty_office: Path, sealed: dict[int, bytes]
) -> None:
    shutil.copy(empty_office / "office.sqlite", tmp_path)
    desk = TroubledOffice(tmp_path, Trouble(), together=True)
    desk.start()
    desk.disk.loses_write = 1
    assert all(isinstance(answer.exception(), Unavailable) for answer in desk.bring(sealed).values())
    assert [desk.intake.status("booth-1", f"{number:032x}") for number in sealed] == [None, None]
    assert all(answer.result().verified_at is not None for answer in desk.bring(sealed).values())
    desk.close()


MAKERS: dict[str, Callable[[Path, Disk], object]] = {
    "office.key": make_keys,
    "seal.keys": lambda path, disk: add_seal_key(path, START, disk),
}


def make_key(folder: Path, name: str, kind: Kind, at: int | None, forgets: Site | None = None) -> Trouble:
    """Make a key file with one call going wrong, and the power after it; what was said to be made is there, whole."""
    folder.mkdir(parents=True)
    trouble = Trouble(kind, at)
    disk = trouble.disk = DiskTwin(root=folder, before=trouble.on_disk, forgets=forgets)
    made = False
    with contextlib.suppress(OSError, PowerCut):
        made = bool(MAKERS[name](folder / name, disk))
    disk.lose_power(names_too=True)
    content = (folder / name).read_bytes() if (folder / name).exists() else b""
    assert content or not made, f"{name} was said to be made and is gone"
    assert content.endswith(b"\n") or not content, f"{name} is half a key"
    return trouble


@pytest.mark.parametrize("name", MAKERS)
def test_a_key_that_was_said_to_be_made_outlives_the_power(tmp_path: Path, name: str, record: Record) -> None:
    calls = make_key(tmp_path / "dry", name, Kind.FAIL, None).calls
    for kind in Kind:
        for at in range(1, len(calls) + 1):
            make_key(tmp_path / f"{kind}-{at}", name, kind, at)
    record(f"making {name}", len(calls) * len(Kind))


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("site", sites("common/disk.py", but=BATCH_ONLY), ids=str)
def test_a_key_made_without_a_sync_or_rename_is_noticed(tmp_path: Path, name: str, site: Site) -> None:
    with pytest.raises(AssertionError):
        make_key(tmp_path / "key", name, Kind.FAIL, None, site)


def test_the_office_sweep_finds_a_commit_that_is_missing(sweep: OfficeSweep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqlalchemy.orm.SessionTransaction.commit", lambda self, **_: self.rollback())
    with pytest.raises(AssertionError):
        sweep.run([Kind.STOP])


def test_the_office_sweep_finds_a_row_filed_before_its_bytes(
    sweep: OfficeSweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Intake._file
    put = PhotoFolder.put
    later: list[tuple[Any, ...]] = []

    def remember(self: PhotoFolder, *given: Any) -> None:
        later.append((self, *given))

    def file_first(self: Intake, *given: Any) -> list[Filed]:
        filed = file(self, *given)
        put(*later.pop())
        return filed

    monkeypatch.setattr(PhotoFolder, "put", remember)
    monkeypatch.setattr(Intake, "_file", file_first)
    with pytest.raises(AssertionError):
        sweep.run(list(STOPS))
