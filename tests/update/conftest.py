"""A booth's programs in small, on a disk that remembers."""

from pathlib import Path

import pytest

from kiosk.update import updater
from sim.twins.disk import DiskTwin
from sim.twins.programs import Machine


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr(updater, "ROOM_BYTES", 0)  # the tests' disk need not be large
    return Machine(tmp_path, DiskTwin())  # which does not really sync: there are thousands of minutes


@pytest.fixture
def stride() -> int:
    """Every how many calls one goes wrong; `make faults` goes through all."""
    return 13
