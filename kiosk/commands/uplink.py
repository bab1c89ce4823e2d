"""`kiosk uplink`: send saved shots to the office until a stop signal, or print the state of the shots."""

import argparse
import contextlib
import json
import logging
import os
import random
import signal
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from kiosk.ports.clock import Clock, epoch_ms
from kiosk.ports.config import BoothConfig
from kiosk.ports.faults import DeviceFault, TemporaryFault
from kiosk.runtime.load import ConfigFault, load_config
from kiosk.runtime.notify import Notifier
from kiosk.runtime.stop import StopSignal, stop_signal
from kiosk.runtime.system_clock import SystemClock
from kiosk.update.programs import RunningRelease
from kiosk.uplink.loop import UplinkLoop
from kiosk.uplink.office.help_line import HelpLine
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import ShotState
from rules.half_day import HALF_DAY, read_half

log = logging.getLogger(__name__)

_NAP_S = 0.1
LAST_REQUEST_S = 60.0  # after a stop signal, a running request may continue for so long; systemd kills after 180 s
_ROUND_S = 1.0  # how often an idle loop looks for newly saved shots and notifies the watchdog


EXAMPLES = (
    "kiosk uplink --config /etc/kiosk/booth.toml",
    "kiosk uplink --config booth.toml --status --json",
    "kiosk uplink --config booth.toml --half-day 2026-09-01-am",
    "kiosk uplink --config booth.toml --retry",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--config", type=Path, required=True, help="the booth's configuration")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--status", action="store_true", help="print how many shots are in each state, and end")
    what.add_argument(
        "--half-day",
        metavar="DAY",
        help="print the shots saved in a half day, like 2026-09-01-am: the office compares them",
    )
    what.add_argument("--retry", action="store_true", help="put parked shots back into the queue, and end")
    what.add_argument("--deletions", action="store_true", help="print what was deleted by its age, and end")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input is closed")
    parser.add_argument("--json", action="store_true", help="with one of these: one JSON object")


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 0 after a stop signal or when done, 1 with the reason if it cannot work."""
    try:
        config = load_config(options.config)
        if options.half_day is not None:
            return _tell_half_day(config, options.half_day, as_json=options.json)
        if options.deletions:
            return _tell_deletions(config, as_json=options.json)
        if options.status or options.retry:
            return _tell(config, retry=options.retry, as_json=options.json)
        return _send_for_ever(config, with_parent=options.with_parent)
    except ConfigFault as fault:
        sys.stderr.write(f"kiosk uplink: {fault}\n")
        return fault.exit_code
    except DeviceFault as fault:
        sys.stderr.write(f"kiosk uplink: {fault}\n")
        return 1


def _send_for_ever(config: BoothConfig, *, with_parent: bool) -> int:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    notifier = Notifier.of_environment(os.environ)
    clock = SystemClock()
    running = RunningRelease()
    with stop_signal() as stop:
        under_way = RequestUnderWay(notifier.alive, lambda: stop.wait(0), clock)
        loop = UplinkLoop(config, clock, random.SystemRandom(), running=running, moved=under_way.moved)
        with contextlib.closing(loop):
            if with_parent:
                threading.Thread(target=_watch_parent, daemon=True).start()
            threading.Thread(target=_help_live, args=(HelpLine(config, clock),), name="help", daemon=True).start()
            notifier.ready()
            with contextlib.suppress(BrokenOff):
                _send_until(stop, loop, running, notifier, clock)
            notifier.stopping()
    return 0


def _send_until(stop: StopSignal, loop: UplinkLoop, running: RunningRelease, notifier: Notifier, clock: Clock) -> None:
    """Send until a stop signal, or until another release was chosen; systemd then starts that release."""
    changed, tell_ns = False, clock.now_ns()
    while not stop.wait(0) and running.is_chosen():
        changed |= loop.poll(_ROUND_S, stop.wait)
        # The status is not written after each shot, because counting 20 000 rows takes longer than sending a shot.
        if changed and clock.now_ns() >= tell_ns:
            with contextlib.suppress(TemporaryFault):  # a status line that fails must not end the uplink
                notifier.status(_line(loop.counts()))
            changed, tell_ns = False, clock.now_ns() + round(_ROUND_S * 1e9)
        notifier.alive()


class RequestUnderWay:
    """What the uplink does while the bytes of a request move: it feeds the watchdog, because a slow line is no hang.

    If the request still runs `LAST_REQUEST_S` after a stop signal, the uplink breaks it off. If systemd killed the
    process instead, the updater would take this version for one that does not work; after three such ends in a trial it
    would give up a good release. A request that was broken off is sent again later.
    """

    def __init__(self, alive: Callable[[], None], stopped: Callable[[], bool], clock: Clock) -> None:
        self._alive = alive
        self._stopped = stopped
        self._clock = clock
        self._stopped_ns: int | None = None

    def moved(self) -> None:
        """Called when bytes have moved. Raises an exception if the request must end."""
        self._alive()
        if not self._stopped():
            return
        now_ns = self._clock.now_ns()
        if self._stopped_ns is None:
            self._stopped_ns = now_ns
        if now_ns - self._stopped_ns > LAST_REQUEST_S * 1e9:
            log.warning("stopped: the request under way is broken off and made again after the next start")
            raise BrokenOff


class BrokenOff(Exception):
    """The running request was ended because the process must stop."""


def _help_live(line: HelpLine) -> None:
    """Show staff the sessions of open calls until the process ends."""
    rest = threading.Event()
    while True:
        if not line.poll(_ROUND_S):
            rest.wait(_NAP_S)


def _watch_parent() -> None:
    """Wait until the desk's process has ended: the pipe at our standard input is then closed, even if the process was
    killed."""
    # `sys.stdin` is not used: if a thread waited in that object, the interpreter would abort at its exit
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _tell(config: BoothConfig, *, retry: bool, as_json: bool) -> int:
    path = _outbox_path(config)
    if path is None:
        return 1
    with Outbox(path) as outbox:
        retried = outbox.unpark() if retry else 0
        counts, parked, decided, staying = outbox.counts(), outbox.parked(), outbox.decided(), outbox.kept_copies()
    if as_json:
        found: dict[str, object] = {state.value: count for state, count in counts.items()}
        found |= decided
        found["parked"] = [{"shot_id": row.shot_id, "reason": row.parked} for row in parked]
        found["staying"] = [{"reason": one.why, "count": one.count, "bytes": one.size} for one in staying]
        if retry:
            found["retried"] = retried
        sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
        return 0
    words = ", ".join(f"{count} {decision}" for decision, count in decided.items())
    sys.stdout.write(f"{_line(counts)}, {len(parked)} parked; {words}\n")
    for row in parked:
        sys.stdout.write(f"{row.shot_id} needs staff: {row.parked}\n")
    for one in staying:
        sys.stdout.write(f"{one.count} copies ({one.size / 1e6:.0f} MB) stay on this booth: {one.why}\n")
    if retry:
        sys.stderr.write(f"kiosk uplink: {retried} parked shots are in the queue again\n")
    return 0


def _tell_half_day(config: BoothConfig, name: str, *, as_json: bool) -> int:
    """Print the shots of a half day, one on each line. Half days are split at noon in China, as at the office."""
    try:
        day, half = read_half(name)
    except ValueError:
        sys.stderr.write(f"kiosk uplink: {name[:40]!r} is no half day: write 2026-09-01-am or 2026-09-01-pm\n")
        return 2
    begin = half.begin(day)
    path = _outbox_path(config)
    if path is None:
        return 1
    with Outbox(path) as outbox:
        shots = outbox.kept_between(epoch_ms(begin), epoch_ms(begin + HALF_DAY))
    if as_json:
        sys.stdout.write(json.dumps({"half_day": name, "shots": shots}) + "\n")
    else:
        sys.stdout.writelines(f"{shot_id}\n" for shot_id in shots)
        sys.stderr.write(f"kiosk uplink: {len(shots)} shots saved in {name}\n")
    return 0


def _tell_deletions(config: BoothConfig, *, as_json: bool) -> int:
    path = _outbox_path(config)
    if path is None:
        return 1
    with Outbox(path) as outbox:
        log = outbox.deletions()
    if as_json:
        lines = [{"at": _moment(entry.at_ms), "what": entry.what, "count": entry.count} for entry in log]
        sys.stdout.write(json.dumps({"deletions": lines}) + "\n")
        return 0
    for entry in log:
        sys.stdout.write(f"{_moment(entry.at_ms)}  {entry.count} {entry.what}\n")
    return 0


def _outbox_path(config: BoothConfig) -> Path | None:
    path = BoothPaths(config.storage.folder).outbox
    if path.exists():
        return path
    sys.stderr.write(f"kiosk uplink: {path} does not exist: no shot was kept here yet\n")
    return None


def _moment(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds")


def _line(counts: dict[ShotState, int]) -> str:
    return ", ".join(f"{count} {state.value}" for state, count in counts.items())
