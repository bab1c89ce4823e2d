"""A small model of a booth's programs, on a disk that remembers what was not synced."""

from pathlib import Path

import pytest

from kiosk.update import updater
from sim.twins.disk import DiskTwin
from sim.twins.programs import Machine


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr(updater, "ROOM_BYTES", 0)  # the tests' disk need not be large
    return Machine(tmp_path, DiskTwin())  # the twin does not really sync: the tests run thousands of minutes


@pytest.fixture
def stride() -> int:
    """How far apart the calls are that go wrong; `make faults` tries all."""
    return 13
