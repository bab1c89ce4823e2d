"""Times saving a shot and sending a backlog: the real uplink and the real office, each in a process of its own. The
pace of the backlog is compared with the office's receiving rate: the rate at which it receives the same envelopes from
enough senders to keep it busy, on the same machine, in the same run. Uplink and office really sync to the disk of the
temporary folder.
"""

import hashlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bench.row import Row, spread
from kiosk.core.events import Event, Saved
from kiosk.ports.config import BoothConfig, OfficeConfig, StorageConfig
from kiosk.ports.eye import FinishedPhoto
from kiosk.runtime.load import dump_config
from kiosk.runtime.system_clock import SystemClock
from kiosk.uplink.office.client import OfficeClient
from kiosk.uplink.office.office_answers import Accepted
from kiosk.uplink.saving.shot_saver import ShotSaverWorker
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import ShotState
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.models import models_folder
from kiosk.vision.photo.finish import finish_studied
from rules.profile import load_profile
from sim.office.real import BOOTH, RealOffice, make_real_office
from sim.people import Light, Pose, drawn
from sim.play.register import row_of
from sim.twins.scene import MAIN, Scene
from wire.envelope import build
from wire.manifest import Manifest, Person, Times
from wire.seal import seal

SHOTS = 5_000
SENT_FOR_RATE = 1_000  # this many shots are sent to measure the rate: before the backlog, and again after it
SENDERS = 4
WARM_SHOTS = 200  # this many shots are sent before memory is first measured, so that everything is loaded by then
PROFILE = "jiangsu-2019"
DURABLE_LIMIT_MS = 250.0
DRAIN_LIMIT = 0.5
MEMORY_LIMIT = 1.1
_STUCK_S = 60.0
# the office's limits for a booth must not slow the measurement down
_UNLIMITED = {"booth_per_s": 1e6, "booth_burst": 1_000_000}


def run() -> list[Row]:
    """Measure all rows."""
    with tempfile.TemporaryDirectory(prefix="bench-uplink-") as name:
        folder, photo = Path(name), _photo()
        office = make_real_office(folder / "office", _UNLIMITED)
        config = _config(folder, office)
        kept = _keep(config, photo)
        with office.served():
            before = _receiving_rate(office, config, photo, SHOTS)
            drained, memory = _drain(config, folder)
            after = _receiving_rate(office, config, photo, SHOTS + SENT_FOR_RATE)
    receiving = (before + after) / 2  # the mean of both, so that a change of the machine's speed affects both sides
    return [
        Row("shot to durable, sealed to two keys", *spread(kept), None, DURABLE_LIMIT_MS, f"of {len(kept)}"),
        Row(
            f"office receives, {SENDERS} senders",
            receiving,
            receiving,
            None,
            None,
            f"{len(photo)} bytes a photo; {before:.0f} before the backlog, {after:.0f} after it",
            "shots/s",
        ),
        Row(
            f"a backlog of {SHOTS} drains",
            drained,
            drained,
            drained / receiving,
            DRAIN_LIMIT,
            "one booth, to verified; against the office's rate",
            "shots/s",
            True,
        ),
        Row(
            "memory of the uplink, begin and end",
            memory[0],
            memory[1],
            memory[1] / memory[0],
            MEMORY_LIMIT,
            "resident, begin in the column of the median",
            "MB",
        ),
    ]


def _photo() -> bytes:
    """A finished photo of a drawn person."""
    analyzer = PictureAnalyzer(models_folder())
    frame = np.array(Scene().picture(MAIN, Light(), [(drawn(1), Pose())]))
    analysis = analyzer.analyze(frame, analyzer.look(frame))
    assert analysis is not None, "the drawn person is found"
    photo = finish_studied(frame, analysis, load_profile(PROFILE))
    assert isinstance(photo, FinishedPhoto), photo
    return photo.jpeg


def _config(folder: Path, office: RealOffice) -> BoothConfig:
    return BoothConfig(
        office=OfficeConfig(url=office.url, booth_id=BOOTH, credential_file=office.credential),
        storage=StorageConfig(folder=folder / "booth", floor_bytes=0, seal_to=office.seal_to),
    )


def _keep(config: BoothConfig, photo: bytes) -> list[float]:
    """Save the backlog; returns for each shot the ms from the request until it is reported as saved."""
    events: list[Event] = []
    saver = ShotSaverWorker(config.storage, events.append, SystemClock())
    saver.open()
    times = []
    for number in range(1, SHOTS + 1):
        manifest = _manifest(number)
        began = time.perf_counter()
        saver.save(number, manifest, photo)
        saver.poll(0.0)
        times.append((time.perf_counter() - began) * 1e3)
    saver.close()
    assert sum(isinstance(event, Saved) for event in events) == SHOTS
    return times


def _receiving_rate(office: RealOffice, config: BoothConfig, photo: bytes, last: int) -> float:
    """How many shots a second the office receives and verifies from senders that do nothing else. The shots have
    numbers after `last`.
    """
    numbers = range(last + 1, last + 1 + SENT_FOR_RATE)
    envelopes = [(f"{number:032x}", seal(build(_manifest(number), photo), office.seal_to)) for number in numbers]

    def send(mine: list[tuple[str, bytes]]) -> None:
        client = OfficeClient(config.office)
        for shot_id, sealed in mine:
            answer = client.send(shot_id, hashlib.sha256(sealed).digest(), sealed)
            assert isinstance(answer, Accepted), answer
        client.close()

    warm, timed = envelopes[:SENDERS], envelopes[SENDERS:]
    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(send, ([one] for one in warm)))
        began = time.perf_counter()
        list(pool.map(send, (timed[at::SENDERS] for at in range(SENDERS))))
        return len(timed) / (time.perf_counter() - began)


def _drain(config: BoothConfig, folder: Path) -> tuple[float, tuple[float, float]]:
    """The shots a second that the booth's own program sends, and its resident memory in MB: after the first shots, and
    at the end."""
    with _uplink(config, folder) as pid, Outbox(config.storage.folder / "outbox.sqlite3") as outbox:
        first = _wait_for(outbox, WARM_SHOTS)
        began, memory = time.perf_counter(), _resident_mb(pid)
        _wait_for(outbox, SHOTS)
        return (SHOTS - first) / (time.perf_counter() - began), (memory, _resident_mb(pid))


@contextmanager
def _uplink(config: BoothConfig, folder: Path) -> Iterator[int]:
    file = folder / "booth.toml"
    file.write_text(dump_config(config), encoding="utf-8")
    command = [sys.executable, "-m", "kiosk", "uplink", "--config", str(file)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as uplink:
        try:
            yield uplink.pid
        finally:
            uplink.terminate()


def _wait_for(outbox: Outbox, verified: int) -> int:
    """Wait until `verified` shots are verified; returns how many are.

    There is no time limit while the number rises.
    """
    most, end = -1, time.monotonic() + _STUCK_S
    while time.monotonic() < end:
        done = outbox.counts()[ShotState.VERIFIED]
        if done >= verified:
            return done
        if done > most:
            most, end = done, time.monotonic() + _STUCK_S
        time.sleep(0.5)  # each look locks the outbox for a moment, so there is a pause between two
    raise RuntimeError(f"the backlog stands still at {most} of {verified}: run `kiosk uplink --status` to see why")


def _resident_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


def _manifest(number: int) -> Manifest:
    row, now = row_of(number), datetime.now(UTC)
    return Manifest(
        shot_id=f"{number:032x}",
        booth_id=BOOTH,
        receipt=f"BENCH-{number:06d}",
        profile=PROFILE,
        consent_version="1",
        person=Person(
            name=row.name,
            id_number=row.id_number,
            student_no=row.student_no,
            exam_no=row.exam_no,
            school=row.school,
            major=row.major,
            class_name=row.class_name,
            year=row.year,
        ),
        identified_by="card",
        times=Times(consented=now, shot=now, accepted=now, clock_synced=True),
    )
