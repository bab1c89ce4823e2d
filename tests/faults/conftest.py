"""What the fault tests share. FAULTS=long tries every call with every kind of fault; otherwise a part of them, spread
evenly.
"""

from collections.abc import Callable

import pytest

from tests.faults.sites import LONG
from tests.uplink.conftest import clock, manifest, photo, world  # noqa: F401 - fixtures

Record = Callable[[str, int], None]
"""Notes how often a fault was really injected, for the counts at the end of the run."""

_COUNTS = "fault-count"


@pytest.fixture
def stride() -> int:
    """How far apart the calls are that go wrong: every `stride`-th call."""
    return 1 if LONG else 13


@pytest.fixture
def record(record_property: Callable[[str, object], None]) -> Record:
    """Put the count into the test's report, which also reaches the process that collects the reports."""
    return lambda what, count: record_property(_COUNTS, f"{what}: {count}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the counts."""
    reports = terminalreporter.stats.get("passed", [])
    lines = [str(value) for report in reports for key, value in report.user_properties if key == _COUNTS]
    if lines:
        terminalreporter.section("faults injected")
        for line in sorted(lines):
            terminalreporter.write_line(line)
