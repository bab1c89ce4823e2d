"""Power cuts at random moments of a booth that saves and sends: no shot is lost or doubled, whatever the drive kept.

Shot saver and uplink work beside the real office, on a disk whose every write is logged (`logged_disk.py`). Afterwards
the program makes disks from the log, as power cuts at random moments would have left them. Each disk lacks some of the
writes that no flush had brought to the medium. Each such disk is mounted and checked. Some booths are switched on again
with such a disk and must send the rest. When a shot is reported as saved, the log's size is noted: every disk of a
later moment must have this shot.
"""

import hashlib
import random
import time
from dataclasses import dataclass, field
from pathlib import Path

import apsw
from sqlalchemy import select

from center.platform.photos import photo_name
from center.platform.seal_keys import SealKeys, load_seal_keys
from center.shots.tables import ShotRow
from center.wiring.office import Office
from common.disk import Disk
from kiosk.ports.config import BoothConfig
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import ShotState
from sim.faults.children import adopt, config_of, fork, keep_for_ever, kill, send_for_ever, wait_until_drained
from sim.faults.logged_disk import LoggedDisk, damage, logged_disk, mounted
from sim.faults.write_log import disk_at, requests
from sim.office.real import RealOffice, make_real_office

_MEGABYTES = 64
_PATIENCE_S = 300.0
_MUST_BE_HERE = (ShotState.KEPT, ShotState.RECEIVED)


@dataclass
class Figures:
    """The counts of a run. `lost_blocks`: blocks that were written but not yet flushed, and that a cut lost. `wrong`:
    everything that was found wrong.
    """

    cuts: int = 0
    switched_on: int = 0
    accepted: int = 0  # the shots that were reported as saved before the cut, added up over all cuts
    waiting: int = 0  # the shots of `accepted` that only the booth had, so that the booth had to keep them
    lost_blocks: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReportedShot:
    """One shot that was reported as saved when the log had `at` bytes."""

    shot_id: str
    content: str
    at: int


def play(
    folder: Path, photo: bytes, *, cuts: int, switched_on: int, shots: int, seed: int = 1, calls: Disk | None = None
) -> Figures:
    """Save `shots` shots, cut the power `cuts` times, and switch booths on again with the first `switched_on` of the
    disks.

    `calls`: replaces the saver's own disk calls, so that a test can plant a fault.
    """
    luck, figures = random.Random(seed), Figures()
    office = make_real_office(folder / "office")
    keys = load_seal_keys(office.config.seal_keys)
    with office.served():
        with logged_disk(folder / "medium", _MEGABYTES) as disk:
            said = _work(config_of(disk.mounted, office.url, office), disk, photo, folder, shots, calls)
        moments = requests(disk.log)
        _must_be_whole(disk, moments[-1].end)
        moments = [one for one in moments if not one.flushes]  # right after a flush, a cut can lose nothing
        there = at_office(office)
        for number in range(cuts):
            cut = luck.choice(moments).end
            image = folder / "cut.img"
            figures.lost_blocks += disk_at(cut, disk.log, disk.fresh, image, luck)
            before = [one for one in said if one.at <= cut]
            wrong = checked(image, folder / "after", keys, there, before, figures, "booth")
            if number < switched_on:
                wrong += _switched_on(image, folder, office)
                figures.switched_on += 1
            figures.wrong += [f"cut {number} at {cut}: {what}" for what in wrong]
            figures.cuts += 1
            figures.accepted += len(before)
    figures.wrong += at_the_end(office, keys, said)
    return figures


def _work(
    config: BoothConfig, disk: LoggedDisk, photo: bytes, folder: Path, shots: int, calls: Disk | None
) -> list[ReportedShot]:
    file = folder / "said"
    file.touch()
    children = [
        fork(lambda: keep_for_ever(config, photo, file, disk.now, calls)),
        fork(lambda: send_for_ever(config, folder / "booth.toml")),
    ]
    end = time.monotonic() + _PATIENCE_S
    while file.read_text("ascii").count("\n") < shots and time.monotonic() < end:
        time.sleep(0.05)
    for child in children:
        kill(child)
    lines = [line.split() for line in file.read_text("ascii").splitlines(keepends=True) if line.endswith("\n")]
    return [ReportedShot(shot_id, content, int(at)) for shot_id, content, at in lines]


def _must_be_whole(disk: LoggedDisk, end: int) -> None:
    """Check that the whole log gives the disk as it is now; otherwise no disk made from the log can be trusted."""
    replayed = disk.disk.with_name("replayed.img")
    disk_at(end, disk.log, disk.fresh, replayed, None)
    assert replayed.read_bytes() == disk.disk.read_bytes(), "the log does not give the disk that was written"
    replayed.unlink()


def checked(
    image: Path,
    where: Path,
    keys: SealKeys,
    there: dict[str, bytes],
    before: list[ReportedShot],
    figures: Figures,
    booth: str = "",
) -> list[str]:
    """What is wrong with a disk whose power failed after the shots `before` were reported as saved. `where`: the folder
    at which the disk is mounted. `there`: the office's shots, as `at_office` gives them. `booth`: the booth's folder on
    the disk."""
    wrong = []
    with mounted(image, where) as place:
        booth_folder = place / booth
        try:
            rows = _rows(booth_folder / "outbox.sqlite3")
        except apsw.Error as error:
            rows, wrong = {}, [f"the outbox is damaged: {error}"]
        for reported in before:
            row = rows.get(reported.shot_id)
            sealed = booth_folder / "spool" / f"{reported.shot_id}.envelope"
            content = hashlib.sha256(keys.unseal(sealed.read_bytes())).hexdigest() if sealed.exists() else None
            if row is None:
                wrong.append(f"{reported.shot_id} was reported as saved and has no row")
            elif content not in (None, reported.content):
                wrong.append(f"{reported.shot_id} has other bytes")
            elif row in _MUST_BE_HERE:
                figures.waiting += 1
                wrong += [] if content else [f"{reported.shot_id} is {row}, and its file is gone"]
            elif reported.shot_id not in there:
                wrong.append(f"{reported.shot_id} is {row}, and the office does not have it")
    if broken := damage(image):
        wrong.append(f"e2fsck: {broken}")
    return wrong


def _rows(path: Path) -> dict[str, ShotState]:
    if not path.exists():
        return {}
    connection = apsw.Connection(str(path))
    try:
        assert connection.pragma("integrity_check") == "ok"
        found = connection.execute("SELECT shot_id, state FROM shots").fetchall()
    except apsw.SQLError:  # the power failed before the tables were made
        found = []
    finally:
        connection.close()
    return {str(shot_id): ShotState(str(state)) for shot_id, state in found}


def _switched_on(image: Path, folder: Path, office: RealOffice) -> list[str]:
    """Switch the booth of this disk on until it has sent everything; return what is wrong then."""
    with mounted(image, folder / "after") as place:
        config = config_of(place, office.url, office)
        adopt(config)
        uplink = fork(lambda: send_for_ever(config, folder / "again.toml"))
        wait_until_drained(config)
        kill(uplink)
        with Outbox(place / "booth" / "outbox.sqlite3") as outbox:
            counts, parked = outbox.counts(), outbox.parked()
        left = len(list((place / "booth" / "spool").iterdir()))
    unsent = sum(counts.values()) - counts[ShotState.COPY_DELETED]
    return [f"switched on: {unsent} not sent, {len(parked)} set aside, {left} files left"] if unsent or left else []


def at_office(office: RealOffice) -> dict[str, bytes]:
    """For each shot at the office, the digest of its file."""
    with Office.open(office.config) as opened, opened.database.read() as session:
        rows = session.execute(select(ShotRow.shot_id, ShotRow.sha256)).all()
    return {row.shot_id: row.sha256 for row in rows}


def at_the_end(office: RealOffice, keys: SealKeys, said: list[ReportedShot]) -> list[str]:
    """What is wrong at the office. Each shot must be there once, with the bytes that were reported as saved."""
    contents = {one.shot_id: one.content for one in said}
    wrong = []
    seen: dict[str, str] = {}
    with Office.open(office.config) as opened:
        for shot_id, sha256 in at_office(office).items():
            content = hashlib.sha256(keys.unseal(opened.photos.get(photo_name(shot_id, sha256)))).hexdigest()
            if contents.get(shot_id, content) != content:
                wrong.append(f"the office has other bytes of {shot_id}")
            if content in seen:
                wrong.append(f"the office has {shot_id} twice, also as {seen[content]}")
            seen[content] = shot_id
    return wrong
