"""What the fault tests share. FAULTS=long goes through every call and kind; else a part of them, spread out."""

from collections.abc import Callable

import pytest

from tests.faults.sites import LONG
from tests.uplink.conftest import clock, manifest, photo, world  # noqa: F401 - fixtures

Record = Callable[[str, int], None]
"""Notes how often a fault was really injected, for the counts at the end of the run."""

_COUNTS = "fault-count"


@pytest.fixture
def stride() -> int:
    """Every how many calls one goes wrong."""
    return 1 if LONG else 13


@pytest.fixture
def record(record_property: Callable[[str, object], None]) -> Record:
    """Travels with the test's report, also from another process of the same run."""
    return lambda what, count: record_property(_COUNTS, f"{what}: {count}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the counts."""
    reports = terminalreporter.stats.get("passed", [])
    lines = [str(value) for report in reports for key, value in report.user_properties if key == _COUNTS]
    if lines:
        terminalreporter.section("faults injected")
        for line in sorted(lines):
            terminalreporter.write_line(line)
