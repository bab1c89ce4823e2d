"""Power cuts of the virtual machine: what its disk holds at any moment of its log, checked offline.

QEMU logs every write that the machine makes to the disk of the booth. `sim/faults/power_cuts.py` checks the disks that
can be made from such a log.
"""

import json
import random
from pathlib import Path

from center.platform.seal_keys import load_seal_keys
from sim.faults.logged_disk import LoggedDisk
from sim.faults.power_cuts import Figures, ReportedShot, at_office, checked
from sim.faults.write_log import disk_at, requests
from sim.office.real import RealOffice
from tests.vm.machine import VirtualMachine

_ROWS = (
    "import json, sqlite3; base = sqlite3.connect('file:/var/lib/kiosk/outbox.sqlite3?mode=ro', uri=True, timeout=60); "
    "print(json.dumps(base.execute('SELECT shot_id, content, state FROM shots').fetchall()))"
)


def shots(machine: VirtualMachine) -> list[tuple[str, str, str]]:
    """Each shot of the booth's outbox: its id, the digest of its content, its state. Reads the file itself, because the
    booth's own command takes several seconds to start in this machine.
    """
    found: list[tuple[str, str, str]] = json.loads(
        machine.run("setpriv", "--reuid=kiosk", "python3", "-S", "-c", _ROWS)
    )
    return found


class Reported:
    """The shots that the booth reported as saved, each with the size of the log when the screen said so."""

    def __init__(self, machine: VirtualMachine, disk: LoggedDisk) -> None:
        self._machine, self._disk = machine, disk
        self.said: list[ReportedShot] = []

    def note(self) -> None:
        """Call it as soon as the screen says that the photo is saved."""
        at = self._disk.now()
        known = {one.shot_id for one in self.said}
        self.said += [ReportedShot(shot, content, at) for shot, content, _ in shots(self._machine) if shot not in known]


def cut(
    disk: LoggedDisk,
    office: RealOffice,
    said: list[ReportedShot],
    folder: Path,
    since: int,
    cuts: int,
    kept: int,
    seed: int = 1,
) -> tuple[Figures, list[Path]]:
    """Cut the power `cuts` times at random moments of the log, from its byte `since` on, and check each disk.

    Returns the counts, and the disks of the first `kept` cuts, for machines that are to start from them.
    """
    luck, figures = random.Random(1), Figures()
    keys, there = load_seal_keys(office.config.seal_keys), at_office(office)
    # Right after a flush there is nothing to lose.
    moments = [one for one in requests(disk.log) if not one.flushes and one.end > since]
    folder.mkdir()
    images = []
    for number in range(cuts):
        at = luck.choice(moments).end
        image = folder / (f"{number}.img" if number < kept else "cut.img")
        figures.lost_blocks += disk_at(at, disk.log, disk.fresh, image, luck)
        before = [one for one in said if one.at <= at]
        if number < kept:
            images.append(image)
            work = folder / "work.img"  # the check mounts a disk, which replays its journal
            work.write_bytes(image.read_bytes())
            image = work
        wrong = checked(image, folder / "after", keys, there, before, figures)
        figures.wrong += [f"cut {number} at {at}: {what}" for what in wrong]
        figures.cuts += 1
        figures.accepted += len(before)
    return figures, images
