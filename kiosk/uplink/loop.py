"""The uplink's loop. Step by step it sends saved shots, asks whether they are verified, and deletes what it may delete.

The loop has no thread and never sleeps: `poll` makes at most one request, and waits no longer than its caller says. So
the same code runs in its own process and in lockstep on a virtual clock. Everything that it must remember is in the
outbox. When it stops, it loses only the state of the circuit breaker and the office's date; the first probe restores
both.

Nothing is decided by the booth's wall clock alone. Waits are stored as wall times and survive a restart, but setting
the clock back ends them (see `outbox`). Only the office's date decides when copies are deleted.
"""

import contextlib
import logging
import random
from collections.abc import Callable

from common.disk import Disk
from kiosk.ports.clock import Clock
from kiosk.ports.config import BoothConfig
from kiosk.ports.faults import DeviceFault, TemporaryFault
from kiosk.update.programs import RunningRelease
from kiosk.uplink.office.circuit_breaker import CircuitBreaker
from kiosk.uplink.office.client import OfficeClient
from kiosk.uplink.office.office_answers import Alive, Later
from kiosk.uplink.office.office_time import OfficeTime
from kiosk.uplink.office.periodic_sync import PeriodicSync
from kiosk.uplink.office.release_fetch import ReleaseFetch
from kiosk.uplink.office.shot_transfer import ShotTransfer
from kiosk.uplink.purge import EVERY_NS, Purge
from kiosk.uplink.shared.link_state import LinkStateFile
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.storage import faults
from kiosk.uplink.storage.ballast import Ballast
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import ShotState
from kiosk.uplink.storage.spool import Spool

log = logging.getLogger(__name__)

Wait = Callable[[float], object]
"""Waits at most the given seconds; returns sooner if the process must stop."""

_HOUR_NS = 3_600_000_000_000
_STORAGE_WAIT_NS = 5_000_000_000


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
        self._clock = clock
        self._paths = BoothPaths(config.storage.folder)
        disk = disk or Disk()
        self._ballast = Ballast(self._paths.ballast, disk)
        self._client = OfficeClient(config.office, moved)
        self._breaker = CircuitBreaker(config.office, clock, random)
        self._office_time = OfficeTime(clock)
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
            self._fetch.failures,
            self._office_time,
        )
        self._transfer = ShotTransfer(
            config,
            clock,
            random,
            self._client,
            Spool(self._paths.spool, disk),
            self._breaker,
            self._office_time,
            lambda later: self._failed(later, of_shot=True),
            self._periodic.await_decision,
        )
        self._purge = Purge(config.storage, clock, disk, self._periodic.roster)
        self._purge_due_ns = clock.now_ns()
        self._outbox: Outbox | None = None
        self._storage_until_ns = clock.now_ns()
        self._storage_complained = False
        self._date_due_ns = clock.now_ns()

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
                self._transfer.store_receipts(self._outbox, at_once=True)
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
        to_send = None if self._breaker.open else self._transfer.to_send(outbox)
        if self._transfer.store_receipts(outbox, at_once=to_send is None):
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
                        self._breaker.periodic_answered()
                return True
            if to_send is not None:
                self._transfer.send(outbox, to_send)
                return True
            if self._transfer.ask(outbox) or self._fetch_release():
                return True
        if self._clock.now_ns() >= self._purge_due_ns:
            # The time of the next purge is set before this purge begins. Otherwise a purge that fails would be tried
            # again in each step, and no copy would be deleted.
            self._purge_due_ns = self._clock.now_ns() + EVERY_NS
            self._purge.run(outbox, self._office_time.now_ms())
        return not self._breaker.open and self._transfer.delete_due_copy(outbox)

    def _fetch_release(self) -> bool:
        """Fetch a piece of the release that the office names; returns whether a piece came."""
        got = self._fetch.step(self._periodic.release, self._office_time.today)
        if isinstance(got, Later):
            self._failed(got)
            return True
        if got is None:
            return False
        self._breaker.limit_rate(got)
        return True

    def _probe(self) -> None:
        answer = self._client.health()
        if isinstance(answer, Alive):
            self._office_time.learn(answer.office_time)
            self._date_due_ns = self._clock.now_ns() + _HOUR_NS
            # An answered probe alone does not show that the office accepts this booth's requests.
            self._breaker.probe_answered()
        else:
            self._breaker.probe_failed(answer.reason, answer.after_s)
            self._link_state.note(self._clock.wall().moment, answer.reason)

    def _failed(self, later: Later, *, of_shot: bool = False) -> float:
        """Tell the breaker of a failed request, and also staff if every request would fail in this way. Returns for how
        many seconds the breaker is now open."""
        if later.office_wide:
            self._link_state.note(self._clock.wall().moment, later.reason)
        return self._breaker.failed(later.reason, later.after_s, office_wide=later.office_wide, of_shot=of_shot)

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
