"""What the adapters' tests share: a clock moved by hand and a place for events."""

from datetime import datetime

import pytest

from kiosk.core.events import Event
from sim.twins.clock import VirtualClock


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime.fromisoformat("2026-09-01T09:30:00+08:00"))


@pytest.fixture
def events() -> list[Event]:
    return []
