"""`make vm`: one virtual machine for all tests of this folder, and the report of what was seen."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sim.faults.logged_disk import LoggedDisk
from tests.boot import report as pages
from tests.boot.conftest import NOT_RUN
from tests.boot.leftovers import scratch_folder
from tests.boot.root import ROOT, cache, cached_root
from tests.vm.cuts import Reported
from tests.vm.desk import Desk
from tests.vm.far_office import FarOffice, make_far_office
from tests.vm.image import ALSO, Image, make_image
from tests.vm.machine import VirtualMachine, booted, why_not
from tests.vm.state_disk import logged

OUT = ROOT / "out" / "vm"


@dataclass(frozen=True, slots=True)
class Here:
    """The running machine, its disks, its office and its desk."""

    machine: VirtualMachine
    image: Image
    disk: LoggedDisk
    office: FarOffice
    desk: Desk
    reported: Reported


@pytest.fixture(scope="session")
def package() -> Path:
    """The booth's package that make vm built."""
    reason = why_not()
    if reason is not None:
        pytest.exit(f"make vm: NOT RUN. It {reason}.", returncode=NOT_RUN)
    built = sorted((OUT / "deb").glob("makeup-booth_*.deb"))
    assert len(built) == 1, "make vm builds the package first"
    return built[0]


@pytest.fixture(scope="session")
def here(package: Path) -> Iterator[Here]:
    """The machine, switched on; the booth is not enrolled yet."""
    root, made_s = cached_root("vm", ALSO)
    pages.note("root file system by mmdebstrap", "kept from an earlier run" if made_s is None else f"{made_s:.0f} s")
    begun = time.monotonic()
    with scratch_folder(cache()) as scratch:
        office = make_far_office(scratch / "office")
        image = make_image(root, package, office, scratch / "image")
        pages.note("package installed, disk made", f"{time.monotonic() - begun:.0f} s")
        disk, arguments = logged(scratch / "state")
        desk = Desk()
        with office.served(), booted(image, arguments, OUT, desk) as machine:
            pages.note("machine", machine.run("sh", "-c", ". /etc/os-release; echo $PRETTY_NAME, $(uname -r)").strip())
            yield Here(machine, image, disk, office, desk, Reported(machine, disk))
            machine.order("cont")
            log = machine.run("journalctl", "--no-pager", "--output=short-monotonic", check=False)
            (OUT / "journal.txt").write_text(log, "utf-8")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep what each test saw for the report."""
    pages.take(report, "vm")


def pytest_sessionfinish() -> None:
    """Write the report of a run that did something."""
    pages.write(OUT / "report.md", "vm")
