"""Reads staff's decisions from the outbox: on the shot of the waiting graduate, and on a person's earlier shots.

The uplink process writes the office's decisions into the outbox; the booth reads them there. A person is found by a
keyed hash of the ID number (`RosterLock.person`): neither number nor name is stored, and without the device's secret
the outbox reveals only that two shots show the same person.
"""

import logging
import queue
from dataclasses import dataclass

from common.disk import Disk
from kiosk.core.events import DecisionState, Recalled, ShotStands
from kiosk.ports.clock import Clock
from kiosk.ports.config import StorageConfig
from kiosk.ports.faults import DeviceFault
from kiosk.ports.worker import Emit
from kiosk.uplink.roster.device_secret import device_secret
from kiosk.uplink.roster.roster_lock import RosterLock
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import KnownDecision, ShotState
from rules.checks import CheckId
from wire.decision import Decision

log = logging.getLogger(__name__)

_LOOK_EVERY_NS = 500_000_000
_OTHER = "other"
_KNOWN = frozenset(check.value for check in CheckId)
_DECISION_STATE = {Decision.APPROVED: DecisionState.APPROVED, Decision.REJECTED: DecisionState.REJECTED}


@dataclass(slots=True)
class _Followed:
    request: int
    shot_id: str
    look_ns: int = 0
    reported: DecisionState | None = None


class DecisionWatcher:
    """Emits `ShotStands` and `Recalled`. Call `follow`, `recall` and `forget` on any thread, `person` and `report`
    on the saver's thread."""

    def __init__(self, config: StorageConfig, disk: Disk, emit: Emit, clock: Clock) -> None:
        self._config = config
        self._disk = disk
        self._emit = emit
        self._clock = clock
        self._followed: _Followed | None = None
        self._recalls: queue.SimpleQueue[tuple[int, str | None, str | None]] = queue.SimpleQueue()
        self._lock: RosterLock | None = None
        self._complained = False

    def follow(self, request: int, shot_id: str) -> None:
        """From now on report the decision on this shot, and on no other shot."""
        self._followed = _Followed(request, shot_id)

    def recall(self, request: int, id_number: str | None, record: str | None = None) -> None:
        """Report once what staff decided on a person's earlier shots. With `record`, only shots for this record
        count."""
        self._recalls.put((request, id_number, record))

    def forget(self) -> None:
        """Stop following and drop pending recalls."""
        self._followed = None
        while self._next_recall() is not None:
            pass

    def open(self) -> None:
        """Read the device's secret. Without the secret shots are still saved, but no returning person is recognised.
        Whenever the secret is needed and missing, the watcher reads it again."""
        try:
            self._lock = RosterLock(device_secret(self._config, self._disk))
        except (OSError, ValueError) as error:
            if not self._complained:
                log.error("the device's secret can't be used (%s): no returning person is recognised", error)
            self._complained = True

    def person_key(self, id_number: str | None) -> bytes | None:
        """The keyed hash of a person under which the outbox stores the person's shots; None if there is no ID number or
        no secret."""
        if not id_number:
            return None
        if self._lock is None:
            self.open()
        return None if self._lock is None else self._lock.person(id_number)

    def record_key(self, record: str | None) -> bytes | None:
        """The keyed hash, for the outbox, of one of a person's enrolments (学籍); None if there is no such record or no
        secret."""
        return None if self._lock is None or record is None else self._lock.record(record)

    def report(self, outbox: Outbox | None) -> None:
        """Answer pending recalls, and report news of the followed shot. Without an outbox nothing is known.

        Raises `DeviceFault` if the outbox can't be read.
        """
        while (order := self._next_recall()) is not None:
            self._recall(outbox, *order)
        followed, now_ns = self._followed, self._clock.now_ns()
        if followed is None or outbox is None or now_ns < followed.look_ns:
            return
        followed.look_ns = now_ns + _LOOK_EVERY_NS
        known = outbox.decision_of(followed.shot_id)
        state = None if known is None else _state_of(known)
        if known is not None and state is not None and state is not followed.reported:
            followed.reported = state
            self._emit(ShotStands(now_ns, followed.request, state, _reasons(known)))

    def _next_recall(self) -> tuple[int, str | None, str | None] | None:
        """The next pending recall, or None. Another thread may take the last recall at the same time, so the code never
        asks whether the queue is empty."""
        try:
            return self._recalls.get_nowait()
        except queue.Empty:
            return None

    def _recall(self, outbox: Outbox | None, request: int, id_number: str | None, record: str | None) -> None:
        state, reasons = None, tuple[str, ...]()
        try:
            person = self.person_key(id_number)
            if outbox is not None and person is not None:
                state, reasons = recalled(outbox.decisions_of(person, self.record_key(record)))
        except DeviceFault as fault:
            log.error("decisions on earlier shots can't be read: %s", fault)
        self._emit(Recalled(self._clock.now_ns(), request, state, reasons))


def recalled(known: list[KnownDecision]) -> tuple[DecisionState | None, tuple[str, ...]]:
    """Which of the decisions on a person's shots (newest first) counts: an approval if there is one, else a rejection
    of the newest shot."""
    if any(one.decision is Decision.APPROVED for one in known):
        return DecisionState.APPROVED, ()
    if known and known[0].decision is Decision.REJECTED:
        return DecisionState.REJECTED, _reasons(known[0])
    return None, ()


def _state_of(known: KnownDecision) -> DecisionState | None:
    """The state of the decision on a shot; None while the office has not verified the shot."""
    if known.decision is not None:
        return _DECISION_STATE[known.decision]
    return DecisionState.WITH_STAFF if known.state in (ShotState.VERIFIED, ShotState.COPY_DELETED) else None


def _reasons(known: KnownDecision) -> tuple[str, ...]:
    """The reasons of a rejection, each once, in the office's order; a reason for which this booth has no words becomes
    `other`."""
    return tuple(dict.fromkeys(reason if reason in _KNOWN else _OTHER for reason in known.reasons))
