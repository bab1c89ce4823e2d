"""Saves accepted shots: the booth's I/O worker.

The order matters: build and seal the envelope once, make the file durable, make the row durable, emit `Saved`. A shot
that cannot be saved stays in memory and is tried again until it is saved. So if the disk was full, the booth recovers
by itself when space is freed.
"""

import contextlib
import fcntl
import hashlib
import logging
import os
import queue
from dataclasses import dataclass, field

from common.disk import Disk
from kiosk.core.events import Device, DeviceFailed, DeviceRecovered, Saved, SaveFailed
from kiosk.ports.clock import Clock
from kiosk.ports.config import StorageConfig
from kiosk.ports.eye import Original
from kiosk.ports.faults import DeviceFault, PermanentFault
from kiosk.ports.roster import record_of
from kiosk.ports.worker import Emit
from kiosk.uplink.saving.decision_watcher import DecisionWatcher
from kiosk.uplink.saving.sealing import Seal, sealing_to
from kiosk.uplink.saving.storage_check import StorageCheck
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.storage import faults
from kiosk.uplink.storage.ballast import BALLAST_BYTES, Ballast
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.spool import Spool
from wire.envelope import build
from wire.manifest import Manifest

_Order = tuple[int, Manifest, bytes, Original | None]

log = logging.getLogger(__name__)

_LOOK_NS = 2_000_000_000
_TRIAL_NS = 60_000_000_000  # how often a trial writes to the disk: one block a minute does not wear out a memory card
_RETRY_NS = 2_000_000_000


@dataclass(slots=True)
class _Job:
    """A shot on its way to the disk. Its personal data are in the sealed bytes only; `person` and `record` are keyed
    hashes.

    `waiting`: the requests that were not yet answered with `Saved`.
    """

    shot_id: str
    receipt: str
    content: str
    sealed: bytes = field(repr=False)
    person: bytes | None = field(repr=False)
    record: bytes | None = field(repr=False)
    waiting: list[int] = field(default_factory=list)
    retry_ns: int = 0


class ShotSaverWorker:
    """Implements `ShotSaver` and `Worker` for the storage.

    Emits `Saved` and `SaveFailed`, and on a change of health `DeviceFailed` (fault.storage_full, fault.storage_write)
    or `DeviceRecovered`. `open` raises if the folder cannot be used at all. One `poll` takes at most as long as one
    save. The bytes of a failed save survive `close` and `open`, but not the end of the process. So `close` tries each
    save once more. Two booths cannot share a folder, because it is locked.
    """

    device = Device.STORAGE

    def __init__(
        self,
        config: StorageConfig,
        emit: Emit,
        clock: Clock,
        *,
        seal: Seal | None = None,
        disk: Disk | None = None,
        vfs: str | None = None,
    ) -> None:
        self._config = config
        self._emit = emit
        self._clock = clock
        self._seal = seal or sealing_to(config.seal_to)
        self._vfs = vfs
        self._disk = disk or Disk()
        self._paths = BoothPaths(config.folder)
        self._spool = Spool(self._paths.spool, self._disk)
        self._ballast = Ballast(self._paths.ballast, self._disk)
        self._watcher = DecisionWatcher(config, self._disk, emit, clock)
        self._outbox: Outbox | None = None
        self._reopen_ns = 0  # when an outbox that was closed after a fault may be opened again
        self._decisions_unread = False
        self._lock: int | None = None
        self._orders: queue.SimpleQueue[_Order] = queue.SimpleQueue()
        self._jobs: dict[str, _Job] = {}
        self._unsaved: set[str] = set()  # the ids of the shots that are only in memory
        self._trouble: str | None = None
        self._write_trouble: str | None = None
        self._check = StorageCheck(config, self._disk)
        self._disk_trouble: str | None = None  # the fault that the last look at the disk found
        self._look_ns = 0
        self._trial_trouble: str | None = None  # the fault that the last trial found
        self._trial_ns = 0
        self._try_now = False

    def open(self) -> None:
        """Open the folder: lock it, delete half-written files of a crash, and add rows for envelopes without one."""
        if self._seal is None:
            raise faults.no_keys()
        try:
            self._spool.make()
            self._take_lock()
            self._spool.sweep_parts()
            self._open_outbox()
            self._look_at_disk()
            self._watcher.open()
        except DeviceFault:
            self.close()
            raise
        except OSError as error:
            self.close()
            raise faults.of(error, self._config.folder) from error

    def poll(self, timeout_s: float) -> None:
        """Save one shot, waiting at most `timeout_s` seconds for a request. Then retry failed saves, and check the free
        space."""
        order = self._next_order(timeout_s)
        if order is not None:
            self._take_order(*order)
        now = self._clock.now_ns()
        for job in [job for job in self._jobs.values() if job.retry_ns <= now]:
            self._try(job)
        if now >= self._look_ns:
            self._look_at_disk()
        if self._try_now or now >= self._trial_ns:
            self._try_disk()
        # health is reported first, because a session must learn of a failed trial before the answer to its recall comes
        self._report_health()
        self._report_decisions()

    def close(self) -> None:
        """Try once more to save what is in memory, and release the folder. Shots that still can't be saved stay in
        memory for the next `open`."""
        try:
            if self._lock is not None:
                self._try_everything()
        finally:
            self._close_outbox()
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None

    @property
    def unsaved(self) -> int:
        """How many accepted shots are only in memory; they would be lost if the process ended. Any thread may call
        this."""
        return len(self._unsaved)

    def save(self, request: int, manifest: Manifest, photo_jpeg: bytes, original: Original | None = None) -> None:
        """Request that a shot be saved; `poll` saves it and makes its original. Any thread may call this."""
        self._unsaved.add(manifest.shot_id)
        self._orders.put((request, manifest, photo_jpeg, original))

    def try_out(self) -> None:
        """Request that `poll` test, before a graduate sits down, whether a shot could be saved. Any thread may call
        this."""
        self._try_now = True

    def follow(self, request: int, shot_id: str) -> None:
        """From now on report the state of a saved shot; `poll` does this. Any thread may call this."""
        self._watcher.follow(request, shot_id)

    def recall(self, request: int, id_number: str | None, record: str | None = None) -> None:
        """Report once what staff decided on a person's earlier shots; `poll` does this. Any thread may call this."""
        self._watcher.recall(request, id_number, record)

    def forget(self) -> None:
        """Stop following, and drop pending recalls. Any thread may call this."""
        self._watcher.forget()

    def _try_everything(self) -> None:
        waiting = list(self._jobs.values())
        while (order := self._next_order(0)) is not None:
            self._take_order(*order)
        for job in waiting:
            if job.shot_id in self._jobs:
                self._try(job)

    def _next_order(self, timeout_s: float) -> _Order | None:
        try:
            return self._orders.get(timeout=timeout_s) if timeout_s > 0 else self._orders.get_nowait()
        except queue.Empty:
            return None

    def _take_order(self, request: int, manifest: Manifest, photo: bytes, original: Original | None) -> None:
        saved = False
        try:
            job = self._job(manifest, photo, _made(manifest.shot_id, original))
            job.waiting.append(request)
            saved = self._try(job)
        finally:  # the request is answered whatever happens; the supervisor then sees the cause
            if manifest.shot_id not in self._jobs:
                self._unsaved.discard(manifest.shot_id)  # the shot is durable, or can never be saved
            if not saved:
                self._emit(SaveFailed(self._clock.now_ns(), request))

    def _job(self, manifest: Manifest, photo: bytes, original: bytes | None) -> _Job:
        """The job of a shot. If the shot has a job already, which waits for its retry, that job is used again, so
        that a shot is sealed once."""
        assert self._seal is not None, "a saver without keys doesn't open"
        envelope = build(manifest, photo, original)
        content = hashlib.sha256(envelope).hexdigest()
        job = self._jobs.get(manifest.shot_id)
        if job is None:
            person = self._watcher.person_key(manifest.person.id_number)
            record = self._watcher.record_key(record_of(manifest.person))
            job = _Job(manifest.shot_id, manifest.receipt, content, self._seal(envelope), person, record)
            self._jobs[job.shot_id] = job
        elif job.content != content:
            raise _used_twice(job.shot_id)
        return job

    def _try(self, job: _Job) -> bool:
        """Make a job's shot durable and report that; returns False if the shot could not be saved and waits for another
        try."""
        try:
            self._make_durable(job)
        except (OSError, DeviceFault) as error:
            fault = faults.of(error, self._config.folder)
            self._close_outbox()
            job.retry_ns = self._clock.now_ns() + _RETRY_NS
            if self._write_trouble is None:
                log.error("shot %s is not kept yet: %s", job.shot_id, fault)
            self._write_trouble = fault.text_id
            return False
        del self._jobs[job.shot_id]
        self._unsaved.discard(job.shot_id)
        self._written()
        if self._write_trouble is not None and not self._jobs:
            log.warning("storage works again, every accepted shot is kept")
            self._write_trouble = None
        for request in job.waiting:
            self._emit(Saved(self._clock.now_ns(), request, job.receipt))
        return True

    def _make_durable(self, job: _Job) -> None:
        """Make the file durable first, then the row."""
        outbox = self._outbox or self._open_outbox()
        digest = hashlib.sha256(job.sealed).hexdigest()
        row = outbox.row(job.shot_id)
        if row is None:
            kept_ms = self._clock.wall().ms
            self._spool.put(job.shot_id, job.sealed, kept_ms)
            row = outbox.add(job.shot_id, digest, job.content, len(job.sealed), kept_ms, job.person, job.record)
        elif row.digest == digest and row.content is None:
            # An earlier attempt wrote the file and failed at the row. The row was then made again from the file alone.
            outbox.complete(job.shot_id, job.content, job.person, job.record)
        if row.digest != digest and row.content != job.content:
            del self._jobs[job.shot_id]
            self._unsaved.discard(job.shot_id)
            raise _used_twice(job.shot_id)

    def _report_decisions(self) -> None:
        """Report decisions. If the outbox can't be read, only log this, and open it again a little later; the fault is
        reported when a save needs the outbox."""
        try:
            if self._outbox is None and self._lock is not None and self._clock.now_ns() >= self._reopen_ns:
                self._open_outbox()
            self._watcher.report(self._outbox)
        except (OSError, DeviceFault) as error:
            if not self._decisions_unread:
                log.warning("no news of kept shots: %s", faults.of(error, self._config.folder))
            self._decisions_unread = True
            self._close_outbox()
        else:
            self._decisions_unread &= self._outbox is None

    def _adopt(self, outbox: Outbox) -> None:
        """Add rows for envelopes without one, oldest first. An envelope has no row if the power failed between file and
        row, if the outbox was lost, or if the envelope comes from a booth that broke.

        Each envelope is written again: if only the program crashed, the file's bytes may be readable without being on
        the medium. An envelope that can't be read gets its row at a later start, so that no other envelope waits for
        it.
        """
        for shot_id in self._spool.shot_ids():
            if outbox.row(shot_id) is not None:
                continue
            try:
                sealed = self._spool.read(shot_id)
            except OSError as error:
                log.error("shot %s has no row and can't be read (%s): check the disk", shot_id, error.strerror)
                continue
            kept_ms, wall = self._spool.kept_ms(shot_id), self._clock.wall()
            if wall.synced:  # right after the start the clock may be behind; then the file's time is better
                kept_ms = min(kept_ms, wall.ms)
            self._spool.put(shot_id, sealed, kept_ms)
            outbox.add(shot_id, hashlib.sha256(sealed).hexdigest(), None, len(sealed), kept_ms)
            log.warning("shot %s had an envelope and no row: entered again", shot_id)

    def _open_outbox(self) -> Outbox:
        try:
            self._outbox = Outbox(self._paths.outbox, self._vfs)
        except PermanentFault as fault:
            if fault.text_id != faults.DAMAGED:
                raise
            aside = self._paths.set_aside(self._disk, self._clock.wall().ms)
            log.error("%s The damaged file is now %s.", fault, aside)
            self._outbox = Outbox(self._paths.outbox, self._vfs)
        self._adopt(self._outbox)
        return self._outbox

    def _close_outbox(self) -> None:
        self._reopen_ns = self._clock.now_ns() + _RETRY_NS
        if self._outbox is not None:
            self._outbox.close()
            self._outbox = None

    def _take_lock(self) -> None:
        lock = os.open(self._paths.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(lock)
            if isinstance(error, BlockingIOError):
                raise faults.in_use(self._config.folder) from error
            raise
        self._lock = lock

    def _look_at_disk(self) -> None:
        self._look_ns = self._clock.now_ns() + _LOOK_NS
        try:
            trouble = self._check.look()
        except OSError as error:
            trouble = faults.of(error, self._config.folder).text_id
        if trouble is not None and trouble != self._disk_trouble:
            log.error("%s: %d bytes free in %s", trouble, self._check.free_bytes, self._config.folder)
        self._disk_trouble = trouble
        if trouble is None and self._check.free_bytes >= self._config.floor_bytes + BALLAST_BYTES:
            with contextlib.suppress(OSError):  # if the disk fails here, it also fails in the trial, which reports this
                self._ballast.write_if_missing()

    def _try_disk(self) -> None:
        """Test whether bytes reach the medium; repeat soon while they do not."""
        self._try_now = False
        try:
            self._check.try_out()
        except OSError as error:
            fault = faults.of(error, self._config.folder)
            if self._trial_trouble is None:
                log.error("%s", fault)
            self._trial_trouble = fault.text_id
            self._trial_ns = self._clock.now_ns() + _RETRY_NS
        else:
            self._written()

    def _written(self) -> None:
        self._trial_trouble = None
        self._trial_ns = self._clock.now_ns() + _TRIAL_NS

    def _report_health(self) -> None:
        trouble = self._write_trouble or self._disk_trouble or self._trial_trouble
        if trouble == self._trouble:
            return
        now, former, self._trouble = self._clock.now_ns(), self._trouble, trouble
        if trouble is not None:
            self._emit(DeviceFailed(now, self.device, trouble))
        if former is not None:
            self._emit(DeviceRecovered(now, self.device, former))


def _made(shot_id: str, original: Original | None) -> bytes | None:
    """The original's file; None if anything goes wrong with it, because the accepted photo must still be saved."""
    if original is None:
        return None
    try:
        return original()
    except Exception as fault:
        # This is an unforeseen error in making a file that only serves a later recrop. Its message is not logged: it
        # comes from a library that was given the picture.
        log.error("shot %s is kept without its original (%s)", shot_id, type(fault).__name__)
        return None


def _used_twice(shot_id: str) -> ValueError:
    return ValueError(f"shot {shot_id} is already kept with another content: make a new shot id for every shot")
