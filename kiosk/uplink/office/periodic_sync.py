"""The periodic requests to the office, apart from shots: heartbeat, instructions, decisions, roster, the queue of
numbers, and a call for help.

Each request has its own interval. If a page says that there is more, the next page is requested at once. A failure that
shots would meet too is returned to the loop, which opens the circuit breaker; after any other failure the request waits
for its next interval. If a request fails twice in a row although the office answered a probe in between, the failure
counts as this request's own, and shots do not wait for it. For instance, the office may need longer for a page of the
roster than a proxy waits.
"""

import logging
import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

from pydantic import ValidationError

from common.disk import NO_LIMIT, Disk
from kiosk.ports.clock import Clock, WallTime
from kiosk.ports.config import BoothConfig
from kiosk.ports.faults import DeviceFault
from kiosk.uplink.office.client import OfficeClient
from kiosk.uplink.office.office_answers import Later
from kiosk.uplink.office.office_time import OfficeTime
from kiosk.uplink.roster.roster_cache import RosterCache
from kiosk.uplink.shared.link_state import LinkStateFile
from kiosk.uplink.shared.machine_state import MachineState, read_machine_state
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.shared.shared_files import (
    read_failures,
    read_instructions,
    read_message,
    replace_file,
    write_unsynced,
)
from kiosk.uplink.storage.outbox import Outbox
from wire.heartbeat import DeviceFailure, Heartbeat
from wire.help_call import HelpCall
from wire.instructions import Release

log = logging.getLogger(__name__)

AWAITED_NS = 150_000_000_000
"""How long after a shot was saved its graduate may be waiting for the decision: `WAIT_FOR_STAFF_MS`, and the time that
sending takes."""
_MOST_FAILURES = 100
HELP_EVERY_MS = 3_000
"""How often an open call for help is repeated; so the booth shows staff's answer within this time."""
QUEUE_EVERY_MS = 10_000
"""How often the uplink asks for the called numbers: as often as the office's public page reloads. While nobody has a
number, it asks as often as it sends a heartbeat."""


@dataclass(slots=True)
class _Task:
    """One periodic request. `ask` makes the request; it returns what went wrong, or whether more can be fetched at
    once."""

    name: str
    every_ms: int
    ask: Callable[[Outbox], Later | bool]
    due_ns: int
    complained: bool = False
    failed: bool = False  # the last request failed, and the cause seemed to be the whole office


class PeriodicSync:
    """Runs the periodic requests, the most overdue first. For one thread.

    `link_state` gets the result of each heartbeat; `office_time` learns the office's time from the answer to it.
    `failures` returns why a release does not run.
    """

    def __init__(
        self,
        config: BoothConfig,
        clock: Clock,
        random: random.Random,
        client: OfficeClient,
        disk: Disk,
        link_state: LinkStateFile,
        failures: Callable[[Release | None], tuple[DeviceFailure, ...]],
        office_time: OfficeTime,
    ) -> None:
        self._config = config
        self._clock = clock
        self._random = random
        self._client = client
        self._disk = disk
        self._update_failures = failures
        self._office_time = office_time
        self._roster_file = RosterCache(config.storage, disk, config.office.identity)
        self._began_ns = now = clock.now_ns()
        self._paths = BoothPaths(config.storage.folder)
        self._in_force = read_instructions(self._paths.instructions)
        office = config.office
        self._link_state = link_state
        self._feed = _Task("decisions", office.feeds_every_ms, self._decisions, now)
        self._queue = _Task("queue of numbers", office.heartbeat_every_ms, self._number_queue, now)
        self._tasks = (
            _Task("instructions", office.feeds_every_ms, self._instructions, now),
            _Task("roster", office.feeds_every_ms, self._roster, now),
            _Task("heartbeat", office.heartbeat_every_ms, self._heartbeat, now),
            self._feed,
            self._queue,
        )
        self._help = _Task("call for help", HELP_EVERY_MS, self._help_call, now)
        self._help_seen: tuple[int, int] | None = None  # the time and the inode of the file when it was last read
        self._call: HelpCall | None = None  # the booth's newest call, until the office knows that it has ended
        self._awaited: str | None = None  # the shot whose graduate may be waiting
        self._awaited_until_ns = now

    def due_ns(self) -> int:
        """The monotonic time of the next request."""
        return min(task.due_ns for task in self._present())

    def run(self, outbox: Outbox) -> Later | bool:
        """Make the most overdue request. Returns the failure if a shot would meet it, too; otherwise returns whether
        the office answered."""
        task = min(self._present(), key=lambda task: task.due_ns)
        answer = task.ask(outbox)
        now_ns = self._clock.now_ns()
        if not isinstance(answer, Later):
            task.complained = task.failed = False
            task.due_ns = now_ns if answer else self._next_ns(task)
            return True
        if answer.office_wide and (answer.of_booth or not task.failed):
            task.failed = True
            task.due_ns = now_ns  # due again as soon as the breaker is closed
            return answer
        task.due_ns = max(self._next_ns(task), now_ns + round((answer.after_s or 0.0) * 1e9))
        if not task.complained:
            log.warning("the %s did not get through (%s); the booth retries", task.name, answer.reason)
        task.complained = True
        return False

    def await_decision(self, outbox: Outbox, shot_id: str) -> None:
        """Note that the office has a shot. If it was saved just now, its graduate may be waiting: then ask for
        decisions often."""
        now_ns, wall_ms = self._clock.now_ns(), self._clock.wall().ms
        if outbox.kept_since(shot_id, wall_ms - AWAITED_NS // 1_000_000, wall_ms):
            self._awaited, self._awaited_until_ns = shot_id, now_ns + AWAITED_NS
            self._feed.due_ns = min(self._feed.due_ns, now_ns + self._config.office.awaited_every_ms * 1_000_000)

    def _present(self) -> tuple[_Task, ...]:
        """The requests to be made at present. A call for help is among them while it is open, and once more after its
        end."""
        try:
            status = self._paths.help_call.stat()
        except OSError:
            return self._tasks
        seen = (status.st_mtime_ns, status.st_ino)
        if seen != self._help_seen:
            self._help_seen, self._help.due_ns = seen, self._clock.now_ns()
            self._call = read_message(self._paths.help_call, HelpCall)
        return self._tasks if self._call is None else (self._help, *self._tasks)

    def _next_ns(self, task: _Task) -> int:
        return self._clock.now_ns() + round(self._every_ms(task) * self._random.uniform(0.8, 1.2) * 1e6)

    def _every_ms(self, task: _Task) -> int:
        awaited = self._awaited is not None and self._clock.now_ns() < self._awaited_until_ns
        return self._config.office.awaited_every_ms if task is self._feed and awaited else task.every_ms

    def close(self) -> None:
        """Close the roster; a second call is harmless."""
        self._roster_file.close()

    @property
    def release(self) -> Release | None:
        """The release that this booth is to run, according to the newest instructions; None if they name none."""
        return None if self._in_force is None else self._in_force.release

    @property
    def roster(self) -> RosterCache:
        """The booth's roster cache."""
        return self._roster_file

    def _heartbeat(self, outbox: Outbox) -> Later | bool:
        wall = self._clock.wall()
        unknown = MachineState(at=wall.moment)
        try:
            heartbeat = self._condition(outbox, wall, read_machine_state(self._paths.machine, wall.moment) or unknown)
        except ValidationError:  # another version of the booth wrote the file; no shot may wait for its values
            heartbeat = self._condition(outbox, wall, unknown)
        answer = self._client.heartbeat(heartbeat)
        if isinstance(answer, Later):
            self._link_state.note(wall.moment, answer.reason)
            return answer
        self._link_state.note(wall.moment)
        self._office_time.learn(answer.office_time)
        return False

    def _condition(self, outbox: Outbox, wall: WallTime, machine: MachineState) -> Heartbeat:
        waiting, oldest_ms = outbox.waiting()
        free_files = self._disk.free_files(self._paths.folder)
        return Heartbeat(
            booth_id=self._config.office.booth_id,
            at=wall.moment,
            clock_synced=wall.synced,
            version=version("makeup-booth"),
            profile=self._config.profile,
            uptime_s=(self._clock.now_ns() - self._began_ns) // 1_000_000_000,
            waiting_envelopes=waiting,
            oldest_waiting_s=None if oldest_ms is None else max(0, wall.ms - oldest_ms) // 1000,
            free_bytes=self._disk.free_bytes(self._paths.folder),
            free_inodes=None if free_files >= NO_LIMIT else free_files,
            season_version=None if self._in_force is None else self._in_force.season.version,
            memory_available_bytes=machine.memory_available_bytes,
            temperature_c=machine.temperature_c,
            under_voltage=machine.under_voltage,
            throttled=machine.throttled,
            calibrated_at=machine.calibrated_at,
            failures=self._failures(machine),
        )

    def _failures(self, machine: MachineState) -> tuple[DeviceFailure, ...]:
        """The failures for a heartbeat: each cause of each device only once, even if the booth's files name it several
        times."""
        told = (*read_failures(self._paths.health), *machine.failures, *self._update_failures(self.release))
        once = {(one.device, one.cause): one for one in reversed(told)}
        return tuple(reversed(once.values()))[:_MOST_FAILURES]

    def _help_call(self, _outbox: Outbox) -> Later | bool:
        assert self._call is not None, "it is asked for while there is a call"
        answer = self._client.help_call(self._call)
        if isinstance(answer, Later):
            return answer
        try:
            replace_file(self._disk, self._paths.help_answer, answer.encode())
        except OSError as error:
            return Later(f"the answer to a call can't be kept here: {os.strerror(error.errno or 0)}")
        if self._call.ended:
            self._call = None
        return False

    def _number_queue(self, _outbox: Outbox) -> Later | bool:
        queue = self._client.number_queue()
        if isinstance(queue, Later):
            return queue
        write_unsynced(self._paths.waiting, queue.encode())
        is_empty = not (queue.called or queue.waiting)
        self._queue.every_ms = self._config.office.heartbeat_every_ms if is_empty else QUEUE_EVERY_MS
        return False

    def _instructions(self, _outbox: Outbox) -> Later | bool:
        instructions = self._client.instructions()
        if isinstance(instructions, Later):
            return instructions
        if instructions != self._in_force:
            try:
                replace_file(self._disk, self._paths.instructions, instructions.encode())
            except OSError as error:
                return Later(f"the office's instructions can't be kept here: {os.strerror(error.errno or 0)}")
            self._in_force = instructions
        return False

    def _decisions(self, outbox: Outbox) -> Later | bool:
        office = self._config.office.identity
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
            # The time is the office's: if the booth's clock were wrong, a new roster could later count as months old.
            heard_ms = self._office_time.now_ms()
            self._roster_file.apply(page, self._clock.wall().ms if heard_ms is None else heard_ms)
        except (OSError, ValueError) as error:
            # The error's message is left out, because it could quote a row. Shots are sent even without a roster.
            return Later(f"the roster can't be kept here: {type(error).__name__}, see storage.secret_file")
        except DeviceFault as fault:  # for instance if the disk is full: then only sending shots can free space
            return Later(f"the roster can't be kept here: {fault.text_id}")
        return page.more
