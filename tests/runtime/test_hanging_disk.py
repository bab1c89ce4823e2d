"""A disk that hangs: the main loop goes on, and tells the watchdog so, because it makes no call that writes."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from common.disk import Disk
from kiosk.core.events import Action, Touched
from kiosk.core.session.state import State
from kiosk.runtime import machine_watch
from kiosk.runtime.journal_file import JournalFile
from kiosk.runtime.notify import Notifier
from sim.play.scenario import load
from sim.play.world import World
from sim.twins.disk import FailingDisk
from tests.uplink.conftest import make_manifest

SECOND_NS = 1_000_000_000
CHANGES = ("make_folder", "create", "write", "fsync", "rename", "unlink", "sync_folder", "sync_file_system")


class HangingDisk(FailingDisk):
    """A disk whose every change hangs once `hangs` is set, until `freed`; on the main thread it is noted instead."""

    def __init__(self) -> None:
        super().__init__()
        self.hangs = False
        self.freed = threading.Event()
        self.on_main: list[str] = []
        self.held: list[str] = []

    def hold(self, what: str) -> None:
        if not self.hangs:
            return
        if threading.current_thread() is threading.main_thread():
            self.on_main.append(what)
            return
        self.held.append(threading.current_thread().name)
        assert self.freed.wait(120), "the test frees it"


def _holding(name: str) -> Callable[..., Any]:
    real = getattr(FailingDisk, name)

    def call(self: HangingDisk, *given: Any) -> Any:
        self.hold(name)
        return real(self, *given)

    return call


for _name in CHANGES:
    assert hasattr(Disk, _name)
    setattr(HangingDisk, _name, _holding(_name))


def _held(disk: HangingDisk, real: Callable[..., Any]) -> Callable[..., Any]:
    def call(*given: Any) -> Any:
        disk.hold(real.__name__)
        return real(*given)

    return call


@pytest.fixture
def disk() -> HangingDisk:
    return HangingDisk()


@pytest.fixture
def world(tmp_path: Path, disk: HangingDisk, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for where, name in ((JournalFile, "_put"), (machine_watch, "write_unsynced")):  # they write without a `Disk`
        monkeypatch.setattr(where, name, _held(disk, getattr(where, name)))
    world = World(load("card-happy"), tmp_path, hurried=True, disk=disk)
    world.start()
    yield world
    disk.freed.set()
    world.close()


def test_the_main_loop_goes_on_while_the_disk_hangs(
    world: World, disk: HangingDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    monkeypatch.setattr(Notifier, "alive", lambda _self: told.append(world.clock.now_ns()))
    loop = world.booth.loop
    while loop.session.state is not State.ATTRACT:
        world.turn(SECOND_NS // 10)
    disk.hangs = True
    begun_ns = world.clock.now_ns()
    saver = world.booth._workers["ShotSaverWorker"]._worker
    saver.save(7, make_manifest(1), b"\xff\xd8")  # type: ignore[attr-defined]
    loop.take(Touched(world.clock.now_ns(), Action.START))
    loop.take(Touched(world.clock.now_ns(), Action.HELP))  # rings the desk by a file
    world.booth._release.look(State.DONE)
    world.booth._staff._deps.settings.change(volume=0.5)
    while world.clock.now_ns() < begun_ns + 60 * SECOND_NS:  # the silent storage is told after 45 s
        world.turn(SECOND_NS // 4)
    assert any("storage" in device.value for device, _ in loop.session.failed)
    assert disk.on_main == []
    assert disk.held, "the case happened"
    assert len(told) >= 50
    disk.freed.set()
