"""What the uplink does with one shot: sends it, asks whether the office has verified it, deletes the booth's copy when
the booth may, or parks the shot for staff. The uplink's loop decides when.
"""

import hashlib
import logging
import random
from collections.abc import Callable

from kiosk.ports.clock import Clock, epoch_ms
from kiosk.ports.config import BoothConfig
from kiosk.uplink.office.circuit_breaker import CircuitBreaker, jitter_s
from kiosk.uplink.office.client import OfficeClient
from kiosk.uplink.office.office_answers import Accepted, Foreign, Later, Refused, Unknown
from kiosk.uplink.office.office_time import OfficeTime
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import Noted, ShotRow, ShotState
from kiosk.uplink.storage.spool import Spool
from wire.receipt import Receipt, ShotStatus

log = logging.getLogger(__name__)

_DAY_MS = 86_400_000
_LONGEST_ASK_MS = 3_600_000
_TOGETHER_NS = 1_000_000_000


class ShotTransfer:
    """Brings one shot a step further; each step makes at most one request. For one thread.

    `failed` is called with each failed request, and returns for how many seconds the circuit breaker is open;
    `await_decision` is called with each shot that the office has received. The methods raise `TemporaryFault` and
    `OSError` if the booth's disk fails.
    """

    def __init__(
        self,
        config: BoothConfig,
        clock: Clock,
        random: random.Random,
        client: OfficeClient,
        spool: Spool,
        breaker: CircuitBreaker,
        office_time: OfficeTime,
        failed: Callable[[Later], float],
        await_decision: Callable[[Outbox, str], None],
    ) -> None:
        self._office = config.office
        self._keep_days = config.storage.keep_days
        self._clock = clock
        self._random = random
        self._client = client
        self._spool = spool
        self._breaker = breaker
        self._office_time = office_time
        self._failed = failed
        self._await_decision = await_decision
        self._noted: dict[str, Noted] = {}  # by shot, the receipts that are not yet in the outbox
        self._noted_since_ns = 0

    def to_send(self, outbox: Outbox) -> ShotRow | None:
        """The shot that is to be sent now, if there is one."""
        return outbox.due(ShotState.KEPT, self._clock.wall().ms, self._noted)

    def send(self, outbox: Outbox, row: ShotRow) -> None:
        """Send a shot, and note the receipt (`store_receipts`)."""
        sealed = self._bytes(outbox, row)
        if sealed is None:
            return
        answer = self._client.send(row.shot_id, bytes.fromhex(row.digest), sealed)
        self._breaker.limit_rate(len(sealed))
        match answer:
            case Accepted(receipt):
                self._breaker.shot_answered()
                self._received(row, receipt)
                self._await_decision(outbox, row.shot_id)
            case Refused(reason):
                self._breaker.shot_answered()
                self._park(outbox, row, reason)
            case Later() as later:
                self._later(outbox, row, later)

    def ask(self, outbox: Outbox) -> bool:
        """Ask whether the office has verified the received shot whose turn it is; returns whether there is one."""
        row = outbox.due(ShotState.RECEIVED, self._clock.wall().ms)
        if row is not None:
            self._ask(outbox, row)
        return row is not None

    def store_receipts(self, outbox: Outbox, *, at_once: bool) -> bool:
        """Store the noted receipts in the outbox together, because a commit takes five syncs (ADR 069): a second after
        the first of them came, or `at_once`. Returns whether any were stored."""
        if not self._noted or not (at_once or self._clock.now_ns() - self._noted_since_ns >= _TOGETHER_NS):
            return False
        outbox.received(*self._noted.values())
        self._noted.clear()
        return True

    def delete_due_copy(self, outbox: Outbox) -> bool:
        """Delete one copy of a shot that the office still has and verified long enough ago (by the office's date). The
        booth asks first, because the office may have lost the shot, and this is the shot's last copy. Returns whether
        there was a shot to ask about."""
        office_ms = self._office_time.now_ms()
        if office_ms is None:
            return False
        row = outbox.copy_to_delete(office_ms - self._keep_days * _DAY_MS, self._clock.wall().ms)
        if row is None:
            return False
        if row.taken_by is None or row.taken_by.split(" ")[0] == self._office.url:
            self._ask(outbox, row)  # it also asks if this booth gave the shot to this office under a former name
        else:  # another office verified the shot, so this office can't be asked about it
            self._delete_copy(outbox, row)
        return True

    def _ask(self, outbox: Outbox, row: ShotRow) -> None:
        """Ask the office about a shot: whether it has verified a received shot, or whether it still has a verified
        shot. If it still has a verified shot, delete the booth's copy."""
        match self._client.status(row.shot_id, bytes.fromhex(row.digest)):
            case Accepted(receipt) if receipt.status is ShotStatus.VERIFIED:
                self._breaker.shot_answered()
                if row.state is ShotState.VERIFIED:
                    self._delete_copy(outbox, row)
                else:
                    outbox.verified(row.shot_id, self._verified_ms(receipt))
            case Accepted() if row.state is ShotState.VERIFIED:
                self._breaker.shot_answered()
                self._keep_copy(outbox, row, "the office no longer says that it has verified this shot")
            case Accepted():  # the office has the shot, but has not verified it
                self._breaker.shot_answered()
                self._ask_later(outbox, row)
            case Unknown():
                self._breaker.shot_answered()
                log.error("shot %s: the office gave a receipt and doesn't have it now; sending it again", row.shot_id)
                outbox.lost_by_office(row.shot_id)
            case Foreign() if row.state is ShotState.VERIFIED:
                # An office of version 0.2.0 does not read the digest, and may have lost the file: the copy stays until
                # the office is updated.
                self._breaker.shot_answered()
                self._keep_copy(
                    outbox,
                    row,
                    "the office says only that another booth, or this one under a former name, brought it: if its "
                    "version is 0.2.0, update the office",
                )
            case Foreign():
                self._breaker.shot_answered()
                self._park(outbox, row, "another booth, or this one under a former name, brought it to the office")
            case Refused(reason):
                self._breaker.shot_answered()
                self._park(outbox, row, reason)
            case Later() as later:
                self._later(outbox, row, later)

    def _ask_later(self, outbox: Outbox, row: ShotRow) -> None:
        now_ms = self._clock.wall().ms
        outbox.postpone(row.shot_id, now_ms, now_ms + self._ask_wait_ms(row.attempts + 1))

    def _keep_copy(self, outbox: Outbox, row: ShotRow, why: str) -> None:
        """Keep the copy of a verified shot of which the office does not say that it has it, and ask again after a day
        at most.
        """
        now_ms = self._clock.wall().ms
        outbox.postpone(row.shot_id, now_ms, now_ms + round(self._random.uniform(0.5, 1.0) * _DAY_MS), why)
        if row.stays != why:
            log.warning("shot %s: its copy stays on this booth: %s", row.shot_id, why)

    def _bytes(self, outbox: Outbox, row: ShotRow) -> bytes | None:
        """The saved bytes, checked against their digest; None if they can't be sent now, or can never be sent."""
        try:
            sealed = self._spool.read(row.shot_id)
        except FileNotFoundError:
            self._park(outbox, row, "the envelope is missing on the booth's disk")
            return None
        except OSError as error:  # a bad block in this file must not delay the other shots
            self._unreadable(outbox, row, error)
            return None
        if hashlib.sha256(sealed).hexdigest() != row.digest:
            self._park(outbox, row, "the envelope changed on the booth's disk")
            return None
        return sealed

    def _received(self, row: ShotRow, receipt: Receipt) -> None:
        now_ms = self._clock.wall().ms
        verified_ms = self._verified_ms(receipt) if receipt.status is ShotStatus.VERIFIED else None
        if not self._noted:
            self._noted_since_ns = self._clock.now_ns()
        self._noted[row.shot_id] = Noted(
            row.shot_id,
            receipt.encode().decode(),
            now_ms,
            now_ms + self._ask_wait_ms(0),
            verified_ms,
            self._office.identity,
        )

    def _verified_ms(self, receipt: Receipt) -> int:
        """When the office verified the shot, by the office's clock. From the receipt the booth also learns the office's
        time."""
        moment = receipt.verified_at or receipt.received_at
        self._office_time.learn(moment)
        return epoch_ms(moment)

    def _later(self, outbox: Outbox, row: ShotRow, later: Later) -> None:
        line_s = self._failed(later)
        own_s = jitter_s(self._office, row.attempts + 1, self._random) + (later.after_s or 0.0)
        now_ms = self._clock.wall().ms
        # If the whole office is unreachable, the shot waits only for the breaker, so that the oldest shot still goes
        # first. If the same shot then fails again although the office answered a probe, the cause may be this shot (for
        # instance, a proxy does not let it pass): the others go first.
        first = row.attempts == 0 or later.of_booth
        wait_s = own_s if not later.office_wide else line_s if first else line_s + own_s
        outbox.postpone(row.shot_id, now_ms, now_ms + round(wait_s * 1000))
        if not later.office_wide and row.attempts == 0:
            log.warning("shot %s: %s; it is tried again", row.shot_id, later.reason)

    def _unreadable(self, outbox: Outbox, row: ShotRow, error: OSError) -> None:
        now_ms = self._clock.wall().ms
        own_s = jitter_s(self._office, row.attempts + 1, self._random)
        outbox.postpone(row.shot_id, now_ms, now_ms + round(own_s * 1000))
        if row.attempts == 0:
            log.error("shot %s can't be read (%s): check the disk; it is tried again", row.shot_id, error.strerror)

    def _park(self, outbox: Outbox, row: ShotRow, reason: str) -> None:
        outbox.park(row.shot_id, reason)
        log.error(
            "shot %s needs staff: %s. Its envelope stays on this booth. Remove the cause, then: kiosk uplink --retry",
            row.shot_id,
            reason,
        )

    def _delete_copy(self, outbox: Outbox, row: ShotRow) -> None:
        self._spool.remove(row.shot_id)
        outbox.copy_deleted(row.shot_id, self._office_time.now_ms() or 0)
        log.info(
            "the booth's copy of shot %s is deleted: the office verified the shot %d days ago",
            row.shot_id,
            self._age(row),
        )

    def _age(self, row: ShotRow) -> int:
        return ((self._office_time.now_ms() or 0) - (row.verified_ms or 0)) // _DAY_MS

    def _ask_wait_ms(self, asked: int) -> int:
        longest = min(_LONGEST_ASK_MS, self._office.verify_every_ms << min(asked, 20))
        return round(self._random.uniform(0.5, 1.0) * longest)
