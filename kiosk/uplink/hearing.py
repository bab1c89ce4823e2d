"""What the booth hears of kept shots: the news of the one whose graduate waits, and a person's earlier ones.

The uplink's process notes in the ledger what the office says; here the booth reads it there. A person is found by a
keyed hash of the ID number (`RosterLock.person`): neither number nor name is kept, and without the device's secret
the ledger only tells that two shots are of one person.
"""

import logging
import queue
from dataclasses import dataclass

from kiosk.core.events import Recalled, ShotStands, Standing
from kiosk.ports.clock import Clock
from kiosk.ports.config import StorageConfig
from kiosk.ports.faults import DeviceFault
from kiosk.ports.worker import Emit
from kiosk.uplink.device_secret import device_secret
from kiosk.uplink.disk import Disk
from kiosk.uplink.outbox import Heard, Outbox, ShotState
from kiosk.uplink.roster_lock import RosterLock
from rules.checks import CheckId
from wire.verdict import Decision

log = logging.getLogger(__name__)

_LOOK_EVERY_NS = 500_000_000
_OTHER = "other"
_KNOWN = frozenset(check.value for check in CheckId)
_STANDING = {Decision.APPROVED: Standing.APPROVED, Decision.REJECTED: Standing.REJECTED}


@dataclass(slots=True)
class _Followed:
    request: int
    shot_id: str
    look_ns: int = 0
    told: Standing | None = None


class Hearing:
    """Orders come from any thread; `person` and `tell` are for the keeper's thread."""

    def __init__(self, config: StorageConfig, disk: Disk, emit: Emit, clock: Clock) -> None:
        self._config = config
        self._disk = disk
        self._emit = emit
        self._clock = clock
        self._followed: _Followed | None = None
        self._recalls: queue.SimpleQueue[tuple[int, str | None]] = queue.SimpleQueue()
        self._lock: RosterLock | None = None

    def follow(self, request: int, shot_id: str) -> None:
        """Tell the news of a shot from now on, instead of any other's."""
        self._followed = _Followed(request, shot_id)

    def recall(self, request: int, id_number: str | None) -> None:
        """Tell once what staff said of a person's earlier shots."""
        self._recalls.put((request, id_number))

    def forget(self) -> None:
        """Follow nothing any more; who was to be recalled isn't."""
        self._followed = None
        while self._next_recall() is not None:
            pass

    def open(self) -> None:
        """Get the device's secret. Without it photos are kept all the same, and nobody who comes again is known."""
        try:
            self._lock = RosterLock(device_secret(self._config, self._disk))
        except (OSError, ValueError) as error:
            log.error("the device's secret can't be used (%s): nobody who comes again is known", error)

    def person(self, id_number: str | None) -> bytes | None:
        """What the ledger calls a person; None without a number or a secret."""
        return None if self._lock is None or not id_number else self._lock.person(id_number)

    def tell(self, outbox: Outbox | None) -> None:
        """Answer what was asked and tell what is new; without a ledger nothing is known. May raise `DeviceFault`."""
        while (order := self._next_recall()) is not None:
            self._recall(outbox, *order)
        followed, now_ns = self._followed, self._clock.now_ns()
        if followed is None or outbox is None or now_ns < followed.look_ns:
            return
        followed.look_ns = now_ns + _LOOK_EVERY_NS
        heard = outbox.heard(followed.shot_id)
        standing = None if heard is None else _standing(heard)
        if heard is not None and standing is not None and standing is not followed.told:
            followed.told = standing
            self._emit(ShotStands(now_ns, followed.request, standing, _reasons(heard)))

    def _next_recall(self) -> tuple[int, str | None] | None:
        """Both threads may take the last one at once: never asked whether it is there before it is taken."""
        try:
            return self._recalls.get_nowait()
        except queue.Empty:
            return None

    def _recall(self, outbox: Outbox | None, request: int, id_number: str | None) -> None:
        standing, reasons = None, tuple[str, ...]()
        try:
            person = self.person(id_number)
            if outbox is not None and person is not None:
                standing, reasons = recalled(outbox.heard_of(person))
        except DeviceFault as fault:
            log.error("what staff said of earlier shots can't be read: %s", fault)
        self._emit(Recalled(self._clock.now_ns(), request, standing, reasons))


def recalled(heard: list[Heard]) -> tuple[Standing | None, tuple[str, ...]]:
    """What matters of a person's shots, the newest first: one that is approved stands, else the newest one counts."""
    if any(one.decision is Decision.APPROVED for one in heard):
        return Standing.APPROVED, ()
    if heard and heard[0].decision is Decision.REJECTED:
        return Standing.REJECTED, _reasons(heard[0])
    return None, ()


def _standing(heard: Heard) -> Standing | None:
    """How a shot stands; None as long as the office has not opened it."""
    if heard.decision is not None:
        return _STANDING[heard.decision]
    return Standing.WITH_STAFF if heard.state in (ShotState.VERIFIED, ShotState.RELEASED) else None


def _reasons(heard: Heard) -> tuple[str, ...]:
    """The reasons this booth has words for, each once, in the office's order; any other is `other`."""
    return tuple(dict.fromkeys(reason if reason in _KNOWN else _OTHER for reason in heard.reasons))
