"""Fetches the release that the office names, piece by piece, into a file for the updater; installs nothing.

Each call makes one request, and only while no shot waits. Pieces that were fetched before a stop or a broken connection
are not fetched again. The digest only shows whether the transfer succeeded; the updater, which does not trust this
process, checks who signed the file.
"""

import contextlib
import hashlib
import logging
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

from common.disk import Disk
from kiosk.ports.clock import Clock
from kiosk.update.programs import RunningRelease
from kiosk.update.updater import Offer
from kiosk.uplink.office.client import OfficeClient
from kiosk.uplink.office.office_answers import Later
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.shared.shared_files import replace_file
from wire.digest import parse_digest
from wire.heartbeat import DeviceFailure
from wire.instructions import Release
from wire.release import MOST_ARCHIVE_BYTES, MOST_HEADER_BYTES

log = logging.getLogger(__name__)

PIECE_BYTES = 256 << 10
"""How many bytes the office sends in one piece."""
DEVICE = "update"
WENT_BACK, REFUSED = "fault.update_back", "fault.update_refused"
_AGAIN_NS = 600_000_000_000
"""How long to wait after a failure that concerns only this file."""
_LOOK_NS = 60_000_000_000


class _NotNow(Exception):
    """A failure that concerns only this file; the message says what failed."""


class ReleaseFetch:
    """Fetches the release that the newest instructions name, one at a time. For one thread."""

    def __init__(
        self,
        client: OfficeClient,
        clock: Clock,
        disk: Disk,
        paths: BoothPaths,
        floor_bytes: int,
        running: RunningRelease,
    ) -> None:
        self._client = client
        self._clock = clock
        self._disk = disk
        self._folder = paths.update
        self._floor_bytes = floor_bytes
        self._running = running
        self._due_ns = clock.now_ns()
        self._complained: str | None = None
        self._failed = False  # the last request failed, and the cause seemed to be the whole office

    def due_ns(self, wanted: Release | None) -> int | None:
        """The monotonic time of the next piece; None if there is nothing to fetch."""
        return None if wanted is None else self._due_ns

    def step(self, wanted: Release | None, today: Callable[[], date | None]) -> Later | int | None:
        """Fetch one piece. Returns how many bytes came; or a failure that shots would meet, too; or None if neither
        happened.

        `today`: the office's date.
        """
        if self._clock.now_ns() < self._due_ns:
            return None
        if wanted is None:
            self._due_ns = self._clock.now_ns() + _LOOK_NS
            self._drop_others(keep=None)
            return None
        digest = parse_digest(wanted.digest).hex()
        state = self._running.state()
        done = self._folder / f"{digest}.release"
        on_trial = state.tried is not None and state.tried.digest == digest
        if state.keys is None or wanted.version == state.chosen or on_trial or state.refused(digest):
            self._due_ns = self._clock.now_ns() + _LOOK_NS
            self._drop_others(keep=None)
            return None
        try:
            if not done.exists():
                return self._fetch(wanted, digest, done, today)
            self._due_ns = self._clock.now_ns() + _LOOK_NS
            self._offer(wanted, digest, today)
        except _NotNow as fault:
            self._wait(str(fault))
        except OSError as error:
            self._wait(f"it can't be kept here: {os.strerror(error.errno or 0)}")
        return None

    def failures(self, wanted: Release | None) -> tuple[DeviceFailure, ...]:
        """The failures for the heartbeat that say why the release named by the office does not run here."""
        if wanted is None:
            return ()
        state = self._running.state()
        refusal = state.refused(parse_digest(wanted.digest).hex())
        if refusal is not None:
            return (DeviceFailure(device=DEVICE, cause=WENT_BACK if refusal.went_back else REFUSED),)
        # The updater's text may be about another release, so it counts only if it names this one.
        held = state.held is not None and wanted.version in state.held.split()
        return (DeviceFailure(device=DEVICE, cause=REFUSED),) if held else ()

    def _fetch(self, wanted: Release, digest: str, done: Path, today: Callable[[], date | None]) -> Later | int | None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._drop_others(keep=digest)
        part = self._folder / f"{digest}.part"
        begin = part.stat().st_size if part.exists() else 0
        if wanted.size_bytes > MOST_ARCHIVE_BYTES + MOST_HEADER_BYTES:
            raise _NotNow("it is larger than any release")
        if self._disk.free_bytes(self._folder) < wanted.size_bytes - begin + 2 * self._floor_bytes:
            raise _NotNow("the disk has not enough room beside what photos need")
        if begin < wanted.size_bytes:
            piece = self._client.release(wanted.version, begin, PIECE_BYTES)
            if isinstance(piece, Later):
                # If this request fails again although the office answered the circuit breaker's probe, the cause is
                # probably the request itself; so it no longer opens the breaker, which holds shots back, too.
                if not piece.office_wide or (self._failed and not piece.of_booth):
                    raise _NotNow(piece.reason)
                self._failed = True
                return piece
            self._failed = False
            self._append(part, piece[: wanted.size_bytes - begin])
            return len(piece)
        self._sync()
        with part.open("rb") as file:
            whole = hashlib.file_digest(file, "sha256").hexdigest() == digest
        if not whole:
            part.unlink()
            raise _NotNow("what came is not what the office named: it is fetched anew")
        self._disk.rename(part, done)
        self._offer(wanted, digest, today)
        return None

    def _offer(self, wanted: Release, digest: str, today: Callable[[], date | None]) -> None:
        """Tell the updater about the file, with the office's present date."""
        office_day = today()
        path = self._folder / "offer.json"
        if office_day is None or path.exists():
            return
        offer = Offer(digest=digest, version=wanted.version, today=office_day)
        replace_file(self._disk, path, offer.model_dump_json().encode())
        log.info("release %s is fetched: the updater checks and installs it", wanted.version)
        self._complained = None

    def _append(self, part: Path, piece: bytes) -> None:
        """Append `piece`. After a power cut the end of the file may be missing or zero; the digest of the whole file
        then shows this."""
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            rest = memoryview(piece)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
        finally:
            os.close(descriptor)

    def _sync(self) -> None:
        """Make the content and the name durable, because a file that loses bytes later would count as damaged."""
        watch = self._disk.open_folder(self._folder)
        try:
            self._disk.sync_file_system(watch)
        finally:
            self._disk.close(watch)

    def _wait(self, why: str) -> None:
        self._due_ns = self._clock.now_ns() + _AGAIN_NS
        if why != self._complained:
            log.warning("the release of the office is not here yet: %s", why)
        self._complained = why

    def _drop_others(self, keep: str | None) -> None:
        """Delete releases that are no longer wanted: first the offer to the updater, then the files."""
        offer = self._folder / "offer.json"
        with contextlib.suppress(OSError):
            if keep is None or keep not in offer.read_text("utf-8", "replace"):
                offer.unlink()
        for path in (*self._folder.glob("*.part"), *self._folder.glob("*.release")):
            if path.stem != keep:
                with contextlib.suppress(OSError):
                    path.unlink()
