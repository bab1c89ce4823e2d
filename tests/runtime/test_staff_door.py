"""Whatever single device can't be opened, staff's key opens the menu: that is where they learn what is wrong."""

from pathlib import Path

import pytest

from kiosk.core.service.state import Page
from kiosk.ports.faults import PermanentFault
from sim.play.scenario import load
from sim.play.world import World

TURN_NS = 35_000_000


def page(world: World) -> Page | None:
    view = world.booth.loop.view
    return None if view is None or view.staff is None else view.staff.page


def turns(world: World) -> None:
    for _ in range(12):
        world.turn(TURN_NS)


def test_the_key_opens_the_menu_whatever_device_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(load("card-happy"), tmp_path)
    try:
        turns(world)
        shut = []
        devices = {name: one for name, one in world.booth._workers.items() if one._worker.device is not None}
        assert {"CameraWorker", "LampsDevice", "ShotSaverWorker", "EyeWorker"} <= set(devices)
        for name, supervisor in devices.items():
            if name == "StaffKey":
                continue
            device = supervisor._worker.device
            assert device is not None
            fault = PermanentFault(device, "fault.test", "is not there", "Plug it in")

            def failing(fault: PermanentFault = fault) -> None:
                raise fault

            with monkeypatch.context() as broken:
                broken.setattr(supervisor._worker, "open", failing)
                supervisor.close()
                world.pins.turn_key(True)
                turns(world)
                shut += [name] if page(world) is not Page.HOME else []
                world.pins.turn_key(False)
                turns(world)
                assert page(world) is None
        assert shut == []
    finally:
        world.close()
