"""However the booth's process ends: an accepted photo is durable afterwards, or staff saw that it is only in memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.core.events import Action, Touched
from kiosk.core.service.state import Page
from kiosk.core.session.state import State
from kiosk.runtime.supervise import Supervisor
from kiosk.ui.viewmodel import Say, View
from kiosk.uplink.saving.shot_saver import ShotSaverWorker
from sim.play.scenario import load
from sim.play.world import World
from sim.twins.disk import FailingDisk
from tests.uplink.conftest import make_manifest

TURN_NS = 35_000_000
PHOTO = b"\xff\xd8 a photo \xff\xd9"
WARNING = Say("out_of_service.unsaved", (("count", "1"),))


@pytest.fixture
def disk() -> FailingDisk:
    return FailingDisk()


@pytest.fixture
def world(tmp_path: Path, disk: FailingDisk) -> Iterator[World]:
    world = World(load("card-happy"), tmp_path, disk=disk)
    turns(world, 10)
    assert world.booth.loop.session.state is State.ATTRACT
    yield world
    world.close()


def turns(world: World, number: int) -> None:
    for _ in range(number):
        world.turn(TURN_NS)


def saver_of(world: World) -> ShotSaverWorker:
    saver = world.booth._workers["ShotSaverWorker"]._worker
    assert isinstance(saver, ShotSaverWorker)
    return saver


def shown(world: World) -> View:
    view = world.booth.loop.view
    assert view is not None
    return view


def ends(world: World) -> tuple[bool, bool]:
    return world.booth.must_restart, world.booth.must_make_room


def envelopes(world: World) -> list[str]:
    return [path.stem for path in (world.config.storage.folder / "spool").glob("*.envelope")]


def test_a_full_disk_keeps_the_process_and_warns_staff_until_the_photo_is_saved(
    world: World, disk: FailingDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    booth = world.booth
    disk.full = True
    saver_of(world).save(7, make_manifest(1), PHOTO)
    turns(world, 3)
    assert booth.loop.session.state is State.OUT_OF_SERVICE
    assert shown(world).note == WARNING
    monkeypatch.setattr(Supervisor, "is_hung", True)
    monkeypatch.setattr(booth._release, "is_chosen", lambda: False)
    assert ends(world) == (False, False)
    world.pins.turn_key(True)
    turns(world, 5)
    for page in (Page.RESTART, Page.SHUT_DOWN, Page.CALIBRATE):
        booth._staff.takes(press(world, page))
        turns(world, 1)
        assert shown(world).title == Say(f"service.{page.value}")
        assert shown(world).note == WARNING
        booth._staff.takes(press(world, "back"))
    disk.full = False
    turns(world, 100)
    assert len(envelopes(world)) == 1
    assert shown(world).note is None
    assert ends(world) == (True, True)


def press(world: World, what: str) -> Touched:
    return Touched(world.clock.now_ns(), Action.STAFF, what)


@pytest.mark.parametrize("tried", [False, True])
def test_a_stop_saves_what_is_ordered_and_what_could_not_be_saved_before(
    tried: bool, world: World, disk: FailingDisk
) -> None:
    disk.full = tried
    saver_of(world).save(7, make_manifest(1), PHOTO)
    if tried:
        turns(world, 1)
    disk.full = False
    assert envelopes(world) == []
    world.booth.close()
    assert len(envelopes(world)) == 1
    assert saver_of(world).unsaved == 0
