"""A booth reduced to two child processes of a test: one saves shots and the other sends them, both without end.

The children are forked, not started anew, so that they work most of the time instead of importing.
"""

import argparse
import hashlib
import logging
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from common.disk import Disk
from kiosk.commands import uplink
from kiosk.core.events import Event, Saved
from kiosk.ports.config import BoothConfig, OfficeConfig, StorageConfig
from kiosk.runtime.load import dump_config
from kiosk.runtime.system_clock import SystemClock
from kiosk.uplink.saving.shot_saver import ShotSaverWorker
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import ShotState
from sim.office.real import BOOTH, RealOffice
from wire.envelope import build
from wire.manifest import Manifest, Person, Times

_STUCK_S = 30.0  # if the outbox has not changed for this long, nothing is sent any more


def fork(task: Callable[[], object]) -> int:
    """Run `task` in a child process; returns its process id."""
    # SIGTERM stays blocked in the child, so that the child can wait for it.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    pid = os.fork()
    if pid == 0:
        try:
            task()
        except BaseException:
            logging.getLogger(__name__).exception("a child ended")
            os._exit(1)
        os._exit(0)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return pid


def kill(pid: int) -> None:
    """Kill a child at once, whatever it is doing."""
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def config_of(folder: Path, url: str, office: RealOffice) -> BoothConfig:
    """The configuration of a booth in `folder/booth` that sends to `url` without long waits, and deletes its copy of a
    shot as soon as the office has verified it.
    """
    return BoothConfig(
        office=OfficeConfig(
            url=url,
            booth_id=BOOTH,
            credential_file=office.credential,
            connect_timeout_ms=1_000,
            read_timeout_ms=1_000,
            retry_first_ms=100,
            retry_most_ms=1_000,
            verify_every_ms=100,
        ),
        storage=StorageConfig(folder=folder / "booth", floor_bytes=0, keep_days=0, seal_to=office.seal_to),
    )


def keep_for_ever(
    config: BoothConfig, photo: bytes, said: Path, moment: Callable[[], int] | None = None, disk: Disk | None = None
) -> None:
    """The booth's process: save one shot after another. For each shot that was reported as saved, write a line to
    `said`: its id, the digest of its content and, if `moment` is given, the number that `moment` returned. `disk`
    replaces the booth's own disk.
    """
    clock = SystemClock()
    pending: dict[int, tuple[str, str]] = {}
    with said.open("a", encoding="ascii") as log:

        def hear(event: Event) -> None:
            if isinstance(event, Saved):
                when = "" if moment is None else f" {moment()}"
                log.write(" ".join(pending.pop(event.request)) + when + "\n")
                log.flush()

        saver = ShotSaverWorker(config.storage, hear, clock, disk=disk or Disk())
        saver.open()
        request = 0
        while True:
            request += 1
            manifest = _manifest(clock)
            pending[request] = (manifest.shot_id, hashlib.sha256(build(manifest, photo)).hexdigest())
            saver.save(request, manifest, photo)
            saver.poll(0.0)
            time.sleep(0.1)


def send_for_ever(config: BoothConfig, file: Path) -> None:
    """The uplink's process. `file`: where the booth's configuration is written."""
    file.write_text(dump_config(config), encoding="utf-8")
    parser = argparse.ArgumentParser()
    uplink.configure(parser)
    uplink.run(parser.parse_args(["--config", str(file)]))


def adopt(config: BoothConfig) -> None:
    """Start and end the booth's saver, which takes over the files that a kill left without a row in the outbox."""
    saver = ShotSaverWorker(config.storage, lambda _: None, SystemClock())
    saver.open()
    saver.close()


def wait_until_drained(config: BoothConfig) -> None:
    """Wait until nothing is left to send, or until nothing is sent any more."""
    before, end = None, 0.0
    while before is None or time.monotonic() < end:
        with Outbox(config.storage.folder / "outbox.sqlite3") as outbox:
            counts = outbox.counts()
        if counts[ShotState.COPY_DELETED] == sum(counts.values()):
            return
        if counts != before:  # something was sent or saved, so nothing is stuck
            before, end = counts, time.monotonic() + _STUCK_S
        time.sleep(0.2)


def _manifest(clock: SystemClock) -> Manifest:
    now = clock.wall().moment
    return Manifest(
        shot_id=os.urandom(16).hex(),
        booth_id=BOOTH,
        receipt=os.urandom(8).hex(),
        profile="jiangsu-2019",
        consent_version="1",
        person=Person.without_row("无名", None, None),
        identified_by="code",
        times=Times(consented=now, shot=now, accepted=now, clock_synced=True),
    )
