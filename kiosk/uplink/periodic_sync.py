"""The periodic requests to the office beside shots: the heartbeat, instructions, staff's decisions, the roster.

Each request has its own interval. A page that says there is more is followed by the next one at once. A failure that
a shot would meet too is returned to the loop, which opens the circuit breaker; after any other failure the request
waits for its next interval.
"""

import logging
import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

from common.disk import NO_LIMIT, Disk
from kiosk.ports.clock import Clock
from kiosk.ports.config import BoothConfig
from kiosk.ports.faults import DeviceFault
from kiosk.uplink.client import Alive, Later, OfficeClient
from kiosk.uplink.outbox import Outbox
from kiosk.uplink.paths import BoothPaths
from kiosk.uplink.roster_cache import RosterCache
from kiosk.uplink.shared_files import read_failures, read_instructions, replace_file
from wire.heartbeat import Heartbeat

log = logging.getLogger(__name__)

AWAITED_NS = 150_000_000_000
"""How long after a shot was saved its graduate may wait for the decision: `WAIT_FOR_STAFF_MS`, plus transfer time."""


@dataclass(slots=True)
class _Task:
    """One periodic request: `ask` returns what went wrong, or whether there is more to fetch at once."""

    name: str
    every_ms: int
    ask: Callable[[Outbox], Later | bool]
    due_ns: int
    complained: bool = False


class PeriodicSync:
    """Runs the periodic requests, the most overdue first. For one thread.

    `learn`: gets the heartbeat's answer, which holds the office's time.
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
        self._roster_file = RosterCache(config.storage, disk, config.office.url or "")
        self._began_ns = now = clock.now_ns()
        self._paths = BoothPaths(config.storage.folder)
        self._in_force = read_instructions(self._paths.instructions)
        office = config.office
        self._feed = _Task("decisions", office.feeds_every_ms, self._decisions, now)
        self._tasks = (
            _Task("instructions", office.feeds_every_ms, self._instructions, now),
            _Task("roster", office.feeds_every_ms, self._roster, now),
            _Task("heartbeat", office.heartbeat_every_ms, self._heartbeat, now),
            self._feed,
        )
        self._awaited: str | None = None  # the shot whose graduate may be waiting
        self._awaited_until_ns = now

    def due_ns(self) -> int:
        """The monotonic moment of the next request."""
        return min(task.due_ns for task in self._tasks)

    def run(self, outbox: Outbox) -> Later | None:
        """Run the most overdue request; returns what went wrong if a shot would meet the same failure."""
        task = min(self._tasks, key=lambda task: task.due_ns)
        answer = task.ask(outbox)
        now_ns = self._clock.now_ns()
        if answer is True:
            task.due_ns = now_ns
            return None
        task.due_ns = now_ns + round(self._every_ms(task) * self._random.uniform(0.8, 1.2) * 1e6)
        if not isinstance(answer, Later):
            task.complained = False
            return None
        if answer.office_wide:
            task.due_ns = now_ns  # again as soon as the breaker is closed
            return answer
        if not task.complained:
            log.warning("the %s did not get through (%s); the booth retries", task.name, answer.reason)
        task.complained = True
        return None

    def await_decision(self, outbox: Outbox, shot_id: str) -> None:
        """The office has a shot. If it was saved just now, its graduate may be waiting: ask for decisions often."""
        now_ns, wall_ms = self._clock.now_ns(), self._clock.wall().ms
        if outbox.kept_since(shot_id, wall_ms - AWAITED_NS // 1_000_000, wall_ms):
            self._awaited, self._awaited_until_ns = shot_id, now_ns + AWAITED_NS
            self._feed.due_ns = min(self._feed.due_ns, now_ns + self._config.office.awaited_every_ms * 1_000_000)

    def _every_ms(self, task: _Task) -> int:
        awaited = self._awaited is not None and self._clock.now_ns() < self._awaited_until_ns
        return self._config.office.awaited_every_ms if task is self._feed and awaited else task.every_ms

    def close(self) -> None:
        """Close the roster; idempotent."""
        self._roster_file.close()

    @property
    def roster(self) -> RosterCache:
        """The booth's roster cache."""
        return self._roster_file

    def _heartbeat(self, outbox: Outbox) -> Later | bool:
        wall = self._clock.wall()
        waiting, oldest_ms = outbox.waiting()
        free_files = self._disk.free_files(self._paths.folder)
        answer = self._client.heartbeat(
            Heartbeat(
                booth_id=self._config.office.booth_id,
                at=wall.moment,
                clock_synced=wall.synced,
                version=version("makeup-booth"),
                profile=self._config.profile,
                uptime_s=(self._clock.now_ns() - self._began_ns) // 1_000_000_000,
                waiting_envelopes=waiting,
                oldest_waiting_s=None if oldest_ms is None else max(0, self._clock.wall().ms - oldest_ms) // 1000,
                free_bytes=self._disk.free_bytes(self._paths.folder),
                free_inodes=None if free_files >= NO_LIMIT else free_files,
                season_version=None if self._in_force is None else self._in_force.season.version,
                failures=read_failures(self._paths.health),
            )
        )
        if isinstance(answer, Later):
            return answer
        self._learn(answer)
        return False

    def _instructions(self, _outbox: Outbox) -> Later | bool:
        told = self._client.instructions()
        if isinstance(told, Later):
            return told
        if told != self._in_force:
            try:
                replace_file(self._disk, self._paths.instructions, told.encode())
            except OSError as error:
                return Later(f"the office's instructions can't be kept here: {os.strerror(error.errno or 0)}")
            self._in_force = told
        return False

    def _decisions(self, outbox: Outbox) -> Later | bool:
        office = self._config.office.url or ""
        place = outbox.decision_place(office)
        page = self._client.decisions(place)
        if isinstance(page, Later):
            return page
        if page.reset:
            log.warning("the office came back from a backup: its decisions replace those known, every shot is offered")
        if page.reset or page.next != place:
            outbox.take_decisions(page, office)
        if any(decision.shot_id == self._awaited for decision in page.decisions):
            self._awaited = None
        return page.more

    def _roster(self, _outbox: Outbox) -> Later | bool:
        try:
            page = self._client.roster(self._roster_file.place())
            if isinstance(page, Later):
                return page
            self._roster_file.apply(page, self._clock.wall().ms)
        except (OSError, ValueError) as error:
            # Not the message: it could quote a row. Shots must go on without a roster.
            return Later(f"the roster can't be kept here: {type(error).__name__}, see storage.secret_file")
        except DeviceFault as fault:  # a full disk too: what frees it is sending
            return Later(f"the roster can't be kept here: {fault.text_id}")
        return page.more
