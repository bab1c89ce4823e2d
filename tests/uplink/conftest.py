"""What the uplink's tests share: a clock that is moved by hand, and shots of nobody."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from sim.clock import VirtualClock
from wire.manifest import Manifest, Person, Times

START = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


def shot_id(number: int) -> str:
    return f"{number:032x}"


def make_manifest(number: int) -> Manifest:
    return Manifest(
        shot_id=shot_id(number),
        booth_id="booth-1",
        receipt=f"AB{number:04d}",
        profile="jiangsu-2019",
        consent_version="2026-1",
        person=Person(
            name="张三",
            id_number="11010519491231002X",
            student_no=f"2026{number:06d}",
            exam_no=None,
            school="示范大学",
            major=None,
            class_name=None,
            year="2026",
        ),
        identified_by="card",
        times=Times(consented=START, shot=START, accepted=START, clock_synced=True),
    )


@pytest.fixture
def manifest() -> Callable[[int], Manifest]:
    """A manifest of shot `number`: shot id `shot_id(number)`, a person who doesn't exist."""
    return make_manifest
