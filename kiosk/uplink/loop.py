"""The uplink's loop. Step by step it sends saved shots, asks whether they are verified, and deletes what it may delete.

The loop has no thread and never sleeps: `poll` makes at most one request, and waits no longer than its caller says. So
the same code runs in its own process and in lockstep on a virtual clock. Everything that it must remember is in the
outbox. When it stops, it loses only the state of the circuit breaker and the office's date; the first probe restores
both.

Nothing is decided by the booth's wall clock alone. Waits are stored as wall times and survive a restart, but setting
the clock back ends them (see `outbox`). Only the office's date decides when copies are deleted.
"""

import contextlib
import hashlib
import logging
import random
from collections.abc import Callable
from datetime import date, datetime

from common.disk import Disk
from kiosk.ports.clock import Clock
from kiosk.ports.config import BoothConfig
from kiosk.ports.faults import DeviceFault, TemporaryFault
from kiosk.update.programs import RunningRelease
from kiosk.uplink import faults
from kiosk.uplink.ballast import Ballast
from kiosk.uplink.circuit_breaker import CircuitBreaker, jitter_s
from kiosk.uplink.client import OfficeClient
from kiosk.uplink.link_state import LinkStateFile
from kiosk.uplink.office_answers import Accepted, Alive, Foreign, Later, Refused, Unknown
from kiosk.uplink.outbox import Outbox
from kiosk.uplink.outbox_rows import Noted, ShotRow, ShotState
from kiosk.uplink.paths import BoothPaths
from kiosk.uplink.periodic_sync import PeriodicSync
from kiosk.uplink.purge import EVERY_NS, Purge
from kiosk.uplink.release_fetch import ReleaseFetch
from kiosk.uplink.spool import Spool
from rules.season import CHINA
from wire.receipt import Receipt, ShotStatus

log = logging.getLogger(__name__)

Wait = Callable[[float], object]
"""Waits at most the given seconds; returns sooner if the process must stop."""

_HOUR_NS = 3_600_000_000_000
_DAY_MS = 86_400_000
_STORAGE_WAIT_NS = 5_000_000_000
_LONGEST_ASK_MS = 3_600_000
_TOGETHER_NS = 1_000_000_000


class UplinkLoop:
    """Sends saved shots. It opens the outbox when this is first needed, and again after a fault of the disk.

    One `poll` takes at most as long as one request to the office, which calls `moved` as its bytes move (see
    `OfficeClient`): over a slow line this may be half an hour. Raises `PermanentFault` if the outbox cannot be used
    until a person or the booth has repaired it.
    """

    def __init__(
        self,
        config: BoothConfig,
        clock: Clock,
        random: random.Random,
        *,
        disk: Disk | None = None,
        vfs: str | None = None,
        running: RunningRelease | None = None,
        moved: Callable[[], None] = lambda: None,
    ) -> None:
        self._vfs = vfs
        self._office_config = config.office
        self._storage_config = config.storage
        self._clock = clock
        self._random = random
        self._paths = BoothPaths(config.storage.folder)
        disk = disk or Disk()
        self._spool = Spool(self._paths.spool, disk)
        self._ballast = Ballast(self._paths.ballast, disk)
        self._client = OfficeClient(config.office, moved)
        self._breaker = CircuitBreaker(config.office, clock, random)
        self._running = running or RunningRelease()
        self._link_state = LinkStateFile(self._paths.link_state, config.office.url)
        self._fetch = ReleaseFetch(self._client, clock, disk, self._paths, config.storage.floor_bytes, self._running)
        self._periodic = PeriodicSync(
            config,
            clock,
            random,
            self._client,
            disk,
            self._link_state,
            lambda answer: self._learn(answer.office_time),
            self._fetch.failures,
            self._office_ms,
        )
        self._purge = Purge(config.storage, clock, disk, self._periodic.roster)
        self._purge_due_ns = clock.now_ns()
        self._outbox: Outbox | None = None
        self._storage_until_ns = clock.now_ns()
        self._storage_complained = False
        # (the office's milliseconds, our monotonic ns at that moment)
        self._office_clock: tuple[int, int] | None = None
        self._date_due_ns = clock.now_ns()
        self._noted: dict[str, Noted] = {}  # by shot, the receipts that are not yet in the outbox
        self._noted_since_ns = 0

    def poll(self, timeout_s: float, wait: Wait | None = None) -> bool:
        """Do the most urgent step; returns whether there was one. If no step is due, first `wait` for at most
        `timeout_s` until one is."""
        if self._guarded_step():
            return True
        if timeout_s <= 0 or wait is None:
            return False
        wait(min(timeout_s, max(0.0, (self.next_due_ns() - self._clock.now_ns()) / 1e9)))
        return self._guarded_step()

    def next_due_ns(self) -> int:
        """The monotonic time of the next step, as far as it is known now; a new shot may come earlier."""
        if self._outbox is None:
            return self._storage_until_ns
        now_ns, wall_ms = self._clock.now_ns(), self._clock.wall().ms
        try:
            row_ms = self._outbox.next_due_ms(wall_ms)
        except TemporaryFault as fault:
            self._storage_failed(fault)
            return self._storage_until_ns
        row_ns = now_ns + (row_ms - wall_ms) * 1_000_000 if row_ms is not None else self._date_due_ns
        due_ns = min(row_ns, self._date_due_ns, self._periodic.due_ns())
        if (fetch_ns := self._fetch.due_ns(self._periodic.release)) is not None:
            due_ns = min(due_ns, fetch_ns)
        return max(due_ns, self._breaker.open_until_ns, self._storage_until_ns)

    def counts(self) -> dict[ShotState, int]:
        """How many shots are in each state. Raises `DeviceFault` if the outbox can't be read."""
        return self._open().counts()

    def close(self) -> None:
        """Close the connection and the outbox; a second call is harmless."""
        if self._outbox is not None:
            with contextlib.suppress(DeviceFault):  # if this fails, these shots are sent again, which is harmless
                self._keep_receipts(self._outbox)
        self._client.close()
        self._periodic.close()
        self._running.close()
        self._close_outbox()

    def _guarded_step(self) -> bool:
        """Do one step. After a failure of the disk the loop pauses, so that it does not ask for the same
        acknowledgement again and again."""
        if self._clock.now_ns() < self._storage_until_ns:
            return False
        try:
            done = self._step(self._open())
        except (TemporaryFault, OSError) as error:
            self._storage_failed(faults.of(error, self._paths.folder))
            return False
        if done and self._storage_complained:
            log.warning("storage works again")
            self._storage_complained = False
        return done

    def _storage_failed(self, fault: DeviceFault) -> None:
        self._close_outbox()
        self._storage_until_ns = self._clock.now_ns() + _STORAGE_WAIT_NS
        if not self._storage_complained:
            log.error("%s", fault)
        self._storage_complained = True
        if fault.text_id == faults.FULL:
            with contextlib.suppress(OSError):  # the loop can do nothing more here
                if self._ballast.throw():
                    log.warning("deleted the ballast so that the outbox can be written")

    def _step(self, outbox: Outbox) -> bool:
        now_ms = self._clock.wall().ms
        to_send = None if self._breaker.open else outbox.due(ShotState.KEPT, now_ms, self._noted)
        if self._noted and (to_send is None or self._clock.now_ns() - self._noted_since_ns >= _TOGETHER_NS):
            self._keep_receipts(outbox)
            return True
        if not self._breaker.open:
            if not self._breaker.proved or self._clock.now_ns() >= self._date_due_ns:
                self._probe()
                return True
            if self._clock.now_ns() >= self._periodic.due_ns():
                match self._periodic.run(outbox):
                    case Later() as later:
                        self._failed(later)
                    case True:
                        self._breaker.served()
                return True
            if to_send is not None:
                self._send(outbox, to_send)
                return True
            if (row := outbox.due(ShotState.RECEIVED, now_ms)) is not None:
                self._ask(outbox, row)
                return True
            if self._fetch_release():
                return True
        if self._clock.now_ns() >= self._purge_due_ns:
            # The time of the next purge is set before this purge begins. Otherwise a purge that fails would be tried
            # again in each step, and no copy would be released.
            self._purge_due_ns = self._clock.now_ns() + EVERY_NS
            self._purge.run(outbox, self._office_ms())
        return not self._breaker.open and self._release(outbox)

    def _fetch_release(self) -> bool:
        """Fetch a piece of the release that the office names; returns whether a piece came."""
        got = self._fetch.step(self._periodic.release, self._office_day)
        if isinstance(got, Later):
            self._failed(got)
            return True
        if got is None:
            return False
        self._breaker.spent(got)
        return True

    def _office_day(self) -> date | None:
        office_ms = self._office_ms()
        return None if office_ms is None else datetime.fromtimestamp(office_ms / 1000, CHINA).date()

    def _probe(self) -> None:
        answer = self._client.health()
        if isinstance(answer, Alive):
            self._learn(answer.office_time)
            self._date_due_ns = self._clock.now_ns() + _HOUR_NS
            self._breaker.alive()  # an answered probe alone does not show that the office accepts this booth's requests
        else:
            self._breaker.probe_failed(answer.reason, answer.after_s)
            self._link_state.note(self._clock.wall().moment, answer.reason)

    def _failed(self, later: Later, *, of_shot: bool = False) -> float:
        """Tell the breaker of a failed request, and also staff if every request would fail in this way. Returns for how
        many seconds the breaker is now open."""
        if later.office_wide:
            self._link_state.note(self._clock.wall().moment, later.reason)
        return self._breaker.failed(later.reason, later.after_s, office_wide=later.office_wide, of_shot=of_shot)

    def _send(self, outbox: Outbox, row: ShotRow) -> None:
        sealed = self._bytes(outbox, row)
        if sealed is None:
            return
        answer = self._client.send(row.shot_id, bytes.fromhex(row.digest), sealed)
        self._breaker.spent(len(sealed))
        match answer:
            case Accepted(receipt):
                self._breaker.works()
                self._received(row, receipt)
                self._periodic.await_decision(outbox, row.shot_id)
            case Refused(reason):
                self._breaker.works()
                self._park(outbox, row, reason)
            case Later() as later:
                self._later(outbox, row, later)

    def _ask(self, outbox: Outbox, row: ShotRow) -> None:
        """Ask the office about a shot: whether it has verified a received shot, or whether it still has a verified
        shot. If it still has a verified shot, delete the booth's copy."""
        match self._client.status(row.shot_id, bytes.fromhex(row.digest)):
            case Accepted(receipt) if receipt.status is ShotStatus.VERIFIED:
                self._breaker.works()
                if row.state is ShotState.VERIFIED:
                    self._delete_copy(outbox, row)
                else:
                    outbox.verified(row.shot_id, self._verified_ms(receipt))
            case Accepted() if row.state is ShotState.VERIFIED:
                self._breaker.works()
                self._keep_copy(outbox, row, "the office no longer says that it has verified this shot")
            case Accepted():  # the office has the shot, but has not verified it
                self._breaker.works()
                self._ask_later(outbox, row)
            case Unknown():
                self._breaker.works()
                log.error("shot %s: the office gave a receipt and doesn't have it now; sending it again", row.shot_id)
                outbox.lost_by_office(row.shot_id)
            case Foreign() if row.state is ShotState.VERIFIED:
                # An office of version 0.2.0 does not read the digest, and may have lost the file: the copy stays until
                # the office is updated.
                self._breaker.works()
                self._keep_copy(
                    outbox,
                    row,
                    "the office says only that another booth, or this one under a former name, brought it: if its "
                    "version is 0.2.0, update the office",
                )
            case Foreign():
                self._breaker.works()
                self._park(outbox, row, "another booth, or this one under a former name, brought it to the office")
            case Refused(reason):
                self._breaker.works()
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
            self._office_config.identity,
        )

    def _keep_receipts(self, outbox: Outbox) -> None:
        """Store the receipts of one second in the outbox together: a commit takes five syncs (ADR 069)."""
        outbox.received(*self._noted.values())
        self._noted.clear()

    def _verified_ms(self, receipt: Receipt) -> int:
        """When the office verified the shot, by the office's clock. From the receipt the loop also learns the office's
        time."""
        moment = receipt.verified_at or receipt.received_at
        self._learn(moment)
        return _ms(moment)

    def _later(self, outbox: Outbox, row: ShotRow, later: Later) -> None:
        line_s = self._failed(later, of_shot=True)
        own_s = jitter_s(self._office_config, row.attempts + 1, self._random) + (later.after_s or 0.0)
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
        own_s = jitter_s(self._office_config, row.attempts + 1, self._random)
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

    def _release(self, outbox: Outbox) -> bool:
        """Delete one copy of a shot that the office still has and verified long enough ago (by the office's date). The
        loop asks first, because the office may have lost the shot, and this is the shot's last copy. Returns whether
        there was a shot to ask about."""
        office_ms = self._office_ms()
        if office_ms is None:
            return False
        row = outbox.releasable(office_ms - self._storage_config.keep_days * _DAY_MS, self._clock.wall().ms)
        if row is None:
            return False
        if row.taken_by is None or row.taken_by.split(" ")[0] == self._office_config.url:
            self._ask(outbox, row)  # the loop also asks if this booth gave the shot to this office under a former name
        else:  # another office verified the shot, so this office can't be asked about it
            self._delete_copy(outbox, row)
        return True

    def _delete_copy(self, outbox: Outbox, row: ShotRow) -> None:
        self._spool.remove(row.shot_id)
        outbox.released(row.shot_id, self._office_ms() or 0)
        log.info("shot %s released: verified %d days ago, the booth's copy is deleted", row.shot_id, self._age(row))

    def _age(self, row: ShotRow) -> int:
        return ((self._office_ms() or 0) - (row.verified_ms or 0)) // _DAY_MS

    def _ask_wait_ms(self, asked: int) -> int:
        longest = min(_LONGEST_ASK_MS, self._office_config.verify_every_ms << min(asked, 20))
        return round(self._random.uniform(0.5, 1.0) * longest)

    def _learn(self, moment: datetime) -> None:
        """Note the office's time. It is never set back, because an older receipt has an older time than a later
        probe."""
        self._office_clock = (max(_ms(moment), self._office_ms() or 0), self._clock.now_ns())

    def _office_ms(self) -> int | None:
        if self._office_clock is None:
            return None
        office_ms, at_ns = self._office_clock
        return office_ms + (self._clock.now_ns() - at_ns) // 1_000_000

    def _open(self) -> Outbox:
        if self._outbox is not None and self._outbox.replaced():
            self._close_outbox()
        if self._outbox is None:
            self._paths.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._outbox = Outbox(self._paths.outbox, self._vfs)
        return self._outbox

    def _close_outbox(self) -> None:
        if self._outbox is not None:
            self._outbox.close()
            self._outbox = None


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
