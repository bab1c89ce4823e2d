"""What the uplink's tests share: a clock that is moved by hand, shots of nobody, and a booth with its office."""

import io
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from kiosk.ports.config import StorageConfig
from rules.filecheck import check_file
from rules.profile import load_profile
from sim.twins.clock import VirtualClock
from wire.manifest import Manifest, Person, Times
from wire.seal import new_identity, recipient_of

if TYPE_CHECKING:
    from tests.uplink.worlds import World

START = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
IDENTITIES = (new_identity(), new_identity())
"""The keys of an office and its escrow."""
SEAL_TO = tuple(recipient_of(identity) for identity in IDENTITIES)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


def storage_of(folder: Path) -> StorageConfig:
    """A booth's storage in `folder`, which never refuses a shot for lack of space."""
    return StorageConfig(folder=folder, floor_bytes=0, seal_to=SEAL_TO)


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


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A file that obeys the register's rules for files; nobody is on it."""
    spec = load_profile("jiangsu-2019").photo
    noise = random.Random(1)
    tile = Image.frombytes("L", (30, 40), bytes(noise.randrange(256) for _ in range(30 * 40)))
    picture = tile.resize((spec.width_px, spec.height_px), Image.Resampling.BICUBIC).convert("RGB")
    for quality in range(spec.jpeg_quality_min, 101):
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality, dpi=(spec.dpi, spec.dpi))
        if not check_file(file.getvalue(), spec):
            return file.getvalue()
    raise AssertionError("no quality gives a legal file: change the picture")


@pytest.fixture
def manifest() -> Callable[[int], Manifest]:
    """A manifest of shot `number`: shot id `shot_id(number)`, a person who doesn't exist."""
    return make_manifest


@pytest.fixture
def world(tmp_path: Path, clock: VirtualClock, manifest: Callable[[int], Manifest], photo: bytes) -> Iterator["World"]:
    """A booth and its office."""
    from tests.uplink.worlds import World  # the module `worlds` itself imports this file

    world = World(tmp_path, clock, manifest, photo)
    yield world
    world.close()
