"""What booth and office say to each other beside shots: the heartbeat, staff's verdicts, the roster's changes.

Each has its own time. A page that says there is more is followed by the next one at once. A failure that the next
shot would meet too goes back to the loop, which closes the line; any other only waits for the next time.
"""

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

from kiosk.ports.clock import Clock
from kiosk.ports.config import BoothConfig
from kiosk.ports.faults import DeviceFault
from kiosk.uplink.client import Alive, Later, OfficeClient
from kiosk.uplink.disk import Disk
from kiosk.uplink.outbox import Outbox
from kiosk.uplink.roster_cache import RosterCache
from wire.heartbeat import Heartbeat

log = logging.getLogger(__name__)

AWAITED_NS = 150_000_000_000
"""So long after a shot was kept its graduate may wait for the verdict: `WAIT_FOR_STAFF_MS`, and some for the way."""


@dataclass(slots=True)
class _Errand:
    """One kind of question: `ask` gives what went wrong, or whether there is more at once."""

    name: str
    every_ms: int
    ask: Callable[[Outbox], Later | bool]
    due_ns: int
    complained: bool = False


class Beside:
    """The errands, the most overdue first. For one thread.

    `learn`: hears the office's clock from the heartbeat's answer.
    """

    def __init__(
        self,
        config: BoothConfig,
        clock: Clock,
        random: random.Random,
        client: OfficeClient,
        disk: Disk,
        learn: Callable[[Alive], None],
    ) -> None:
        self._config = config
        self._clock = clock
        self._random = random
        self._client = client
        self._disk = disk
        self._learn = learn
        self._roster_file = RosterCache(config.storage, disk)
        self._began_ns = now = clock.now_ns()
        office = config.office
        self._feed = _Errand("verdicts", office.feeds_every_ms, self._verdicts, now)
        self._errands = (
            _Errand("roster", office.feeds_every_ms, self._roster, now),
            _Errand("heartbeat", office.heartbeat_every_ms, self._heartbeat, now),
            self._feed,
        )
        self._awaited: str | None = None  # the shot whose graduate may be waiting
        self._awaited_until_ns = now

    def due_ns(self) -> int:
        """The monotonic moment of the next errand."""
        return min(errand.due_ns for errand in self._errands)

    def run(self, outbox: Outbox) -> Later | None:
        """Run the most overdue errand; what went wrong if no shot would fare better."""
        errand = min(self._errands, key=lambda errand: errand.due_ns)
        answer = errand.ask(outbox)
        now_ns = self._clock.now_ns()
        if answer is True:
            errand.due_ns = now_ns
            return None
        errand.due_ns = now_ns + round(self._every_ms(errand) * self._random.uniform(0.8, 1.2) * 1e6)
        if not isinstance(answer, Later):
            errand.complained = False
            return None
        if answer.office_wide:
            errand.due_ns = now_ns  # again as soon as the line is open
            return answer
        if not errand.complained:
            log.warning("the %s did not get through (%s); it is tried again", errand.name, answer.reason)
        errand.complained = True
        return None

    def await_verdict(self, outbox: Outbox, shot_id: str) -> None:
        """The office has a shot. If it was kept just now, its graduate may be waiting: ask for verdicts often."""
        now_ns, wall_ms = self._clock.now_ns(), self._wall_ms()
        if outbox.kept_since(shot_id, wall_ms - AWAITED_NS // 1_000_000, wall_ms):
            self._awaited, self._awaited_until_ns = shot_id, now_ns + AWAITED_NS
            self._feed.due_ns = min(self._feed.due_ns, now_ns + self._config.office.awaited_every_ms * 1_000_000)

    def _every_ms(self, errand: _Errand) -> int:
        awaited = self._awaited is not None and self._clock.now_ns() < self._awaited_until_ns
        return self._config.office.awaited_every_ms if errand is self._feed and awaited else errand.every_ms

    def close(self) -> None:
        """Let go of the roster; again is harmless."""
        self._roster_file.close()

    @property
    def roster(self) -> RosterCache:
        """The booth's roster."""
        return self._roster_file

    def _heartbeat(self, outbox: Outbox) -> Later | bool:
        wall = self._clock.wall()
        waiting, oldest_ms = outbox.waiting()
        answer = self._client.heartbeat(
            Heartbeat(
                booth_id=self._config.office.booth_id,
                at=wall.moment,
                clock_synced=wall.synced,
                version=version("makeup-booth"),
                profile=self._config.profile,
                uptime_s=(self._clock.now_ns() - self._began_ns) // 1_000_000_000,
                waiting_envelopes=waiting,
                oldest_waiting_s=None if oldest_ms is None else max(0, self._wall_ms() - oldest_ms) // 1000,
                free_bytes=self._disk.free_bytes(self._config.storage.folder),
            )
        )
        if isinstance(answer, Later):
            return answer
        self._learn(answer)
        return False

    def _verdicts(self, outbox: Outbox) -> Later | bool:
        page = self._client.verdicts(outbox.verdict_place())
        if isinstance(page, Later):
            return page
        if page.verdicts:
            outbox.take_verdicts(page)
        if any(verdict.shot_id == self._awaited for verdict in page.verdicts):
            self._awaited = None
        return page.more

    def _roster(self, _outbox: Outbox) -> Later | bool:
        try:
            page = self._client.roster(self._roster_file.place())
            if isinstance(page, Later):
                return page
            self._roster_file.apply(page, self._wall_ms())
        except (OSError, ValueError) as error:
            # Not the message: it could quote a row. Shots must go on without a roster.
            return Later(f"the roster can't be kept here: {type(error).__name__}, see storage.secret_file")
        except DeviceFault as fault:  # a full disk too: what frees it is sending
            return Later(f"the roster can't be kept here: {fault.text_id}")
        return page.more

    def _wall_ms(self) -> int:
        return int(self._clock.wall().moment.timestamp() * 1000)
