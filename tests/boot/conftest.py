"""`make boot`: one machine for all tests of this folder, and the report of what was seen."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.boot import report as pages
from tests.boot.installed import Installed
from tests.boot.leftovers import scratch_folder
from tests.boot.machine import booted, why_not
from tests.boot.root import ROOT, cache, cached_root

NOT_RUN = 77
"""The exit status of a `make boot` that could not run; automake's protocol uses it for a skipped test."""


@pytest.fixture(scope="session")
def packages() -> list[Path]:
    """The packages that make boot built."""
    reason = why_not()
    if reason is not None:
        pytest.exit(f"make boot: NOT RUN. It {reason}.", returncode=NOT_RUN)
    built = sorted((ROOT / "out" / "boot" / "deb").glob("*.deb"))
    assert len(built) == 2, "make boot builds the packages first"
    return built


@pytest.fixture(scope="session")
def lintian(packages: list[Path]) -> Iterator["subprocess.Popen[str]"]:
    """Debian's checker of packages, which runs beside the other checks: it takes a minute of one core.

    `make boot` wants these packages uncompressed, so the checker ignores that.
    """
    unpacked = "uses-no-compression-for-control-tarball,uses-no-compression-for-data-tarball"
    command = [
        "nice",
        "lintian",
        "--allow-root",
        "--fail-on",
        "error",
        "--suppress-tags",
        unpacked,
        *map(str, packages),
    ]
    program = subprocess.Popen(
        [*command, *map(str, packages)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    yield program
    program.kill()
    program.communicate()


@pytest.fixture(scope="session")
def here(packages: list[Path], lintian: "subprocess.Popen[str]") -> Iterator[Installed]:
    """Booth and office, installed from their packages and configured; the units are not started yet. The packages are
    checked meanwhile.

    BOOT_UNITS: a folder with other units to try instead of the packages'.
    """
    begun = time.monotonic()
    root, made_s = cached_root()
    pages.note("root file system by mmdebstrap", "kept from an earlier run" if made_s is None else f"{made_s:.0f} s")
    with scratch_folder(cache()) as scratch, booted(root, scratch) as machine:
        pages.note("systemd as process 1", machine.run("systemctl", "--version").split("\n")[0])
        installed = Installed(machine, packages)
        if "BOOT_UNITS" in os.environ:
            installed.replace_units(Path(os.environ["BOOT_UNITS"]))
        installed.configure()
        pages.note("booted, installed, configured", f"{time.monotonic() - begun:.0f} s")
        machine.run("systemctl", "start", "--no-block", "uplink", "booth")
        yield installed
        log = machine.run("journalctl", "--no-pager", "--output=short-monotonic", check=False)
        (ROOT / "out" / "boot" / "journal.txt").write_text(log, "utf-8")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep what each test saw for the report."""
    pages.take(report)


def pytest_sessionfinish() -> None:
    """Write the report of a run that did something."""
    pages.write(ROOT / "out" / "boot" / "report.md")
    pages.write_failed(ROOT / "out" / "boot" / "old.md")
