"""Whatever call goes wrong while a release is fetched, installed and tried, and however: what starts is whole, and the
release is taken in the end. `make faults` goes through every call.

A kept photo lies on the same disk: it stays as it is.
"""

import contextlib
import errno
import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import cast

import pytest

from common.disk import Disk
from kiosk.update import decision, updater
from kiosk.update.programs import RunningRelease, chosen_program
from kiosk.uplink.office.client import OfficeClient
from kiosk.uplink.office.office_answers import Later
from kiosk.uplink.office.release_fetch import ReleaseFetch
from kiosk.uplink.shared.paths import BoothPaths
from sim.twins.clock import VirtualClock
from sim.twins.disk import DiskTwin, PowerCut, Site
from sim.twins.programs import TODAY, Machine, archive, release
from tests.faults.sites import LONG, sites
from tests.faults.small_disk import Filler, small_disk
from tests.uplink.conftest import START
from wire.digest import format_digest
from wire.instructions import Release

FILES = {"bin/kiosk": b"#!/bin/sh\necho new\n", "lib/a.py": b"a = 1\n" * 300, "lib/deep/b.py": b"b = 2\n" * 300}
DATA = release(packed=archive(FILES))
PHOTO = b"a kept photo" * 100
PIECE = 700
LAMP = "lamp_right fault.lamp_dead"
ENDS = {"good": "0.3.0", "dies": "0.2.0", "lamp": "0.3.0"}
"""What becomes of the release, and what runs in the end: it proves itself; it ends at each start; a lamp dies in its
trial, the version before is started to compare, and has no lamp either."""
KINDS = ("fail", "no_room", "stop", "lose_data", "lose_names", "lose_both")


class Office:
    """The office's side of a fetch: pieces of one file, and how often each byte was asked for."""

    def __init__(self, data: bytes = DATA) -> None:
        self.data = data
        self.sent = 0

    def release(self, _version: str, begin: int, _most: int) -> bytes | Later:
        piece = self.data[begin : begin + PIECE]
        self.sent += len(piece)
        return piece


WANTED = Release(version="0.3.0", digest=format_digest(hashlib.sha256(DATA).digest()), size_bytes=len(DATA))


class Life:
    """A booth's disk on which one call goes wrong."""

    def __init__(self, folder: Path, fate: str = "good") -> None:
        self.fate = fate
        folder.mkdir()
        Machine(folder)
        self.disk = DiskTwin(root=folder)
        self.machine = Machine(folder, disk=self.disk)
        self.photo = folder / "spool.envelope"
        self.photo.write_bytes(PHOTO)
        self.clock = VirtualClock(START)
        self.office = Office()
        self.machine.step()  # the updater has said that there are keys

    def fetch(self) -> None:
        """The uplink until it has nothing to do."""
        paths = BoothPaths(self.machine.folder)
        paths.update = self.machine.incoming
        running = RunningRelease(self.machine.programs)
        fetching = ReleaseFetch(cast("OfficeClient", self.office), self.clock, self.disk, paths, 0, running)
        for _ in range(4 * len(DATA) // PIECE):
            fetching.step(WANTED, lambda: TODAY)
            self.clock.advance(1_000_000)

    def live(self) -> None:
        """Fetch, install, start, prove, die or compare; as systemd would go on after a refused call."""
        machine = self.machine
        actions: list[Callable[[], object]] = [self.fetch, machine.step, machine.stop]
        proves: list[Callable[[], object]] = [machine.start, machine.saved_a_photo, machine.step, machine.step]
        if self.fate == "dies":
            actions += [*[self.start_and_die] * (decision.MOST_STARTS + 1), machine.step]
        elif self.fate == "lamp":
            ill: list[Callable[[], object]] = [machine.step] * decision.FAILING_MINUTES
            compares: list[Callable[[], object]] = [machine.step] * decision.FORMER_FAULTS_MINUTES
            actions += [machine.start, self.lose_the_lamp, *ill, machine.stop]
            actions += [machine.start, *compares, machine.stop, *proves]
        else:
            actions += proves
        for action in actions:
            try:
                action()
            except OSError:
                continue

    def lose_the_lamp(self) -> None:
        """From now on a lamp is dead, whichever version runs."""
        self.machine.failures = {LAMP}

    def start_and_die(self) -> None:
        """The release starts and ends; the package's own version goes on."""
        if self.machine.start() == "0.3.0":
            self.machine.crash()

    def check(self) -> None:
        """What starts now is whole, and the photo is there."""
        chosen = chosen_program(self.machine.programs)
        assert self.photo.read_bytes() == PHOTO
        if chosen == self.machine.programs:
            assert (chosen / "bin" / "kiosk").read_text().endswith("echo package\n")
            return
        assert {name: (chosen / name).read_bytes() for name in FILES} == FILES


def play(folder: Path, kind: str, at: int | None, fate: str) -> Life:
    """A life in which call `at` goes wrong, then one more without faults."""
    life = Life(folder, fate)
    begun = len(life.disk.calls)
    life.disk.fail_at = None if at is None else begun + at
    no_room = kind == "no_room"
    life.disk.failure = {
        "fail": OSError(errno.EIO, "Input/output error"),
        "no_room": OSError(errno.ENOSPC, "No space left on device"),
    }.get(kind) or PowerCut()
    with contextlib.suppress(PowerCut):
        life.live()
    if no_room:
        life.disk.full = True  # and stays so
        life.live()
        life.check()
        life.disk.full = False
    if isinstance(life.disk.failure, PowerCut):
        life.disk.lose_power(
            names_too=kind in ("lose_names", "lose_both"), bytes_too=kind in ("lose_data", "lose_both")
        )
    life.disk.fail_at = None
    life.check()
    life.machine.start()
    life.check()
    return life


@pytest.fixture(autouse=True)
def _short_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decision, "PROVED_MINUTES", 2)
    monkeypatch.setattr(decision, "FAILING_MINUTES", 2)
    monkeypatch.setattr(updater, "ROOM_BYTES", 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fate", ENDS)
def test_whatever_goes_wrong_what_starts_is_whole_and_the_right_version_runs_in_the_end(
    tmp_path: Path, fate: str, kind: str, stride: int, record_property: Callable[[str, object], None]
) -> None:
    life = Life(tmp_path / "counted", fate)
    begun = len(life.disk.calls)
    life.live()
    calls = len(life.disk.calls) - begun
    assert calls > 25
    assert (life.machine.state.proved == "0.3.0") == (fate != "dies")
    assert [one.went_back for one in life.machine.state.refusals] == [True] * (fate == "dies")
    swept = range(1, calls + 1) if LONG else range(1 + KINDS.index(kind), calls + 1, stride)
    for at in swept:
        life = play(tmp_path / str(at), kind, at, fate)
        assert life.machine.runs() in ("0.2.0", "0.3.0")
        for _ in range(3):  # the next minutes
            life.clock.advance(700_000_000_000)
            life.live()
        assert life.machine.runs() == ENDS[fate], f"call {at} ({life.disk.calls[at]})"
        life.check()
    record_property("faults", len(swept))


def test_the_sweep_passes_every_sync_and_rename_and_notices_bytes_that_were_not_synced(tmp_path: Path) -> None:
    own = {site for name in ("programs", "unpacking") for site in sites(f"kiosk/update/{name}.py")}
    life = Life(tmp_path / "counted")
    begun = len(life.disk.calls)
    life.live()
    assert own <= set(life.disk.sites)
    calls = len(life.disk.calls) - begun
    for number, site in enumerate(sorted(site for site in own if site[2] in ("sync_file_system", "fsync"))):
        assert any(_breaks(tmp_path / f"{number}-{at}", at, site) for at in range(1, calls + 1)), site


def _breaks(folder: Path, at: int, site: Site) -> bool:
    """Whether a power cut at this call breaks something when the sync at `site` is left out."""
    life = Life(folder)
    life.disk.forgets = site
    life.disk.fail_at = len(life.disk.calls) + at
    life.disk.failure = PowerCut()
    with contextlib.suppress(PowerCut):
        life.live()
    life.disk.forgets = None
    life.disk.lose_power(names_too=False)
    memory = life.machine.programs / "update.json"
    try:
        life.check()
    except AssertionError:
        return True
    return memory.exists() and memory.read_bytes() == b""


def test_what_was_fetched_is_not_fetched_again_after_a_stop(tmp_path: Path) -> None:
    life = Life(tmp_path / "booth")
    paths = BoothPaths(life.machine.folder)
    paths.update = life.machine.incoming
    for _ in range(2 * len(DATA) // PIECE):  # the uplink ends after each piece
        running = RunningRelease(life.machine.programs)
        fetching = ReleaseFetch(cast("OfficeClient", life.office), life.clock, life.disk, paths, 0, running)
        fetching.step(WANTED, lambda: TODAY)
    assert life.office.sent == len(DATA)
    assert life.machine.step().chosen == "0.3.0"


def test_without_the_offices_date_the_file_waits(tmp_path: Path) -> None:
    life = Life(tmp_path / "booth")
    paths = BoothPaths(life.machine.folder)
    paths.update = life.machine.incoming
    running = RunningRelease(life.machine.programs)
    fetching = ReleaseFetch(cast("OfficeClient", life.office), life.clock, life.disk, paths, 0, running)
    told: date | None = None
    for _ in range(2 * len(DATA) // PIECE):
        fetching.step(WANTED, lambda: told)
    assert life.machine.step().chosen is None
    told = TODAY
    fetching.step(WANTED, lambda: told)
    assert life.machine.step().chosen == "0.3.0"


@pytest.mark.parametrize("wrong", [DATA[:-1] + b"X", DATA + b"more", b"\x00" * len(DATA)])
def test_other_bytes_than_the_office_named_are_never_offered(tmp_path: Path, wrong: bytes) -> None:
    life = Life(tmp_path / "booth")
    life.office.data = wrong
    if wrong == DATA + b"more":
        life.fetch()
        assert life.machine.step().chosen == "0.3.0", "what is longer is cut at the length that was named"
        return
    life.fetch()
    assert not (life.machine.incoming / "offer.json").exists()
    life.office.data = DATA
    life.clock.advance(700_000_000_000)
    life.fetch()
    assert life.machine.step().chosen == "0.3.0"


def test_on_a_disk_that_is_really_full_the_booth_goes_on_and_the_photo_stays(tmp_path: Path) -> None:
    with small_disk(tmp_path / "image", tmp_path / "disk", 4) as disk:
        machine = Machine(disk, disk=Disk())
        photo = disk / "spool.envelope"
        photo.write_bytes(PHOTO)
        machine.step()
        machine.fetched(release(packed=archive({"bin/kiosk": b"#!/bin/sh\n", "lib/big": bytes(range(256)) * 40})))
        Filler(disk).fill()
        assert machine.step().chosen is None
        assert machine.start() == "0.2.0"
        assert photo.read_bytes() == PHOTO
        (disk / "somebody-elses.log").unlink()
        assert machine.step().chosen == "0.3.0"
        Filler(disk).fill()
        assert machine.start() in ("0.2.0", "0.3.0"), "the start can't be noted: what runs needs no trial"
        assert photo.read_bytes() == PHOTO
