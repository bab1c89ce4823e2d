"""A disk filled to the last byte, at any moment: nothing accepted is lost, the screen says why, room alone heals it."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from kiosk.core.events import Device, DeviceFailed, DeviceRecovered, Event, Saved, SaveFailed
from kiosk.core.session.state import State
from kiosk.ports.config import BoothConfig, OfficeConfig, StorageConfig
from kiosk.text.catalog import load_all
from kiosk.ui.screens import draw
from kiosk.ui.screens.ops import Text
from kiosk.ui.viewmodel import View
from kiosk.uplink.loop import UplinkLoop
from kiosk.uplink.saving.shot_saver import ShotSaverWorker
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import ShotState
from sim.office.served import ServedOffice
from sim.play import breakdown
from sim.play.record import in_order
from sim.play.scenario import Fault, Scenario, load
from sim.play.stage import Stage
from sim.play.world import World
from sim.twins.clock import VirtualClock
from tests.faults.conftest import Record
from tests.faults.sites import LONG
from tests.faults.small_disk import Filler, small_disk
from tests.uplink.conftest import make_manifest
from tests.uplink.worlds import open_office

SHOTS = 3
S = 1_000_000_000
HOUR_MS = 3_600_000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk.img", tmp_path / "disk", 16) as disk:
        yield disk


class Life:
    """A booth's saver and uplink on a small disk, one small step after another, so that it can be full at any."""

    def __init__(self, folder: Path, office: ServedOffice, photo: bytes, first: int) -> None:
        self.clock = VirtualClock(make_manifest(1).times.shot)
        clock = self.clock
        office.now = lambda: clock.wall().moment
        self.events: list[Event] = []
        self.numbers = range(first, first + SHOTS)
        config = BoothConfig(
            storage=StorageConfig(folder=folder, floor_bytes=2 << 20, keep_days=0, seal_to=office.seal_to),
            office=OfficeConfig(
                url=office.url,
                credential_file=office.credential,
                verify_every_ms=2_000,
                heartbeat_every_ms=HOUR_MS,
                feeds_every_ms=HOUR_MS,
            ),
        )
        self.saver = ShotSaverWorker(config.storage, self.events.append, self.clock)
        self.saver.open()
        self.loop = UplinkLoop(config, self.clock, random.Random(1))
        self._photo = photo

    def steps(self) -> list[Callable[[], object]]:
        """What happens, the pieces of it between which the disk may fill."""
        steps: list[Callable[[], object]] = [lambda: self.saver.poll(0)]
        for number in self.numbers:
            steps += [partial(self._accept, number), *[lambda: self.loop.poll(0)] * 3, self.rest]
        return steps

    def rest(self) -> None:
        """Two seconds, in which both processes do what is due."""
        self.clock.advance(2 * S)
        self.saver.poll(0)
        while self.loop.poll(0):
            pass

    @property
    def saved(self) -> set[int]:
        return {event.request for event in self.events if isinstance(event, Saved)}

    def close(self) -> None:
        self.loop.close()
        self.saver.close()

    def _accept(self, number: int) -> None:
        self.saver.save(number, make_manifest(number), self._photo)
        self.saver.poll(0)


def test_a_real_disk_full_at_any_moment_loses_nothing_and_room_alone_heals_it(
    tmp_path: Path, disk: Path, photo: bytes, record: Record
) -> None:
    """Every other time somebody else's log goes on growing, so that it also takes the ballast's room."""
    filled = refused = 0
    with closing(open_office(tmp_path / "office")) as office:
        moments = range(1 + 5 * SHOTS)
        for moment in moments if LONG else moments[::5]:
            life = Life(disk / f"booth-{moment}", office, photo, first=1 + moment * SHOTS)
            filler = Filler(disk)
            for place, step in enumerate([*life.steps(), life.rest]):
                if place == moment or (place > moment and moment % 2):
                    filler.fill()
                    filled += 1
                step()
            assert (Device.STORAGE, "fault.storage_full") in failures(life.events)
            refused += sum(isinstance(event, SaveFailed) for event in life.events)
            before = len(life.events)
            filler.free()
            for _ in range(30):
                life.rest()
            assert life.saved == set(life.numbers)
            assert any(isinstance(event, DeviceRecovered) for event in life.events[before:])
            life.close()
            check_drained(disk / f"booth-{moment}", office, life.numbers)
    assert refused > 0, "on a full disk nothing can be kept"
    record("real disk filled to the last byte", filled)


def failures(events: list[Event]) -> set[tuple[Device, str]]:
    return {(event.device, event.fault) for event in events if isinstance(event, DeviceFailed)}


def check_drained(folder: Path, office: ServedOffice, numbers: range) -> None:
    arrived = office.received([f"{number:032x}" for number in numbers])
    assert sorted(int(shot.manifest.shot_id, 16) for shot in arrived) == list(numbers)
    assert list((folder / "spool").iterdir()) == []
    with Outbox(folder / "outbox.sqlite3") as outbox:
        assert outbox.counts()[ShotState.COPY_DELETED] == SHOTS
        assert outbox.parked() == []


class Watcher(Stage):
    """A stage that notes every word each screen showed."""

    def __init__(self, scenario: Scenario, world: World, folder: Path) -> None:
        super().__init__(scenario, world, folder)
        self.words: defaultdict[State, set[str]] = defaultdict(set)
        self._seen: View | None = None

    def turn(self) -> None:
        """See `Stage`."""
        super().turn()
        view = self.world.booth.loop.view
        assert view is not None
        if view is not self._seen:
            self.words[view.screen] |= {op.text for op in draw(view, CATALOGS[view.language]) if isinstance(op, Text)}
            self._seen = view


AWAY = (State.STAFF_HELP, State.ATTRACT, State.OUT_OF_SERVICE)
MOMENTS = {
    "before anybody comes": (State.CLOSED, 8.0, (State.OUT_OF_SERVICE, State.ATTRACT, State.SAVING, State.DONE)),
    "while posing": (State.POSE, 20.0, (State.POSE, State.OUT_OF_SERVICE)),
    "while saving, freed soon": (State.SAVING, 8.0, (State.SAVING, State.STAFF_HELP, State.DONE)),
    "while saving, freed when the graduate is gone": (State.SAVING, 360.0, (State.SAVING, *AWAY)),
}
"""When the disk fills and for how many seconds it is full, and the screens that must come in this order."""


@pytest.mark.parametrize("moment", MOMENTS if LONG else ["while saving, freed soon"])
def test_a_booth_whose_real_disk_fills_says_so_keeps_what_was_accepted_and_serves_again(
    tmp_path: Path, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The booth's floor is 200 MB: its whole folder lies on a disk somewhat larger."""
    at, for_s, screens = MOMENTS[moment]
    graduate = load("card-happy").graduate[0].model_copy(update={"does": {State.STAFF_HELP: ("wait",)}})
    scenario = load("disk-full").model_copy(
        update={
            "graduate": (graduate,),
            "fault": (Fault(what="disk_full", at=at, for_s=for_s),),
            "after_s": for_s + 30.0,
            "limit_s": for_s + 210.0,
        }
    )
    with small_disk(tmp_path / "disk.img", tmp_path / "world" / "booth", 260) as booth:
        filler = Filler(booth)
        monkeypatch.setitem(breakdown.BREAKDOWNS, "disk_full", (lambda _: filler.fill(), lambda _: filler.free()))
        world = World(scenario, tmp_path / "world")
        try:
            stage = Watcher(scenario, world, tmp_path / "world")
            record = stage.play().record
        finally:
            world.close()
    assert in_order((*screens, State.ATTRACT), record.states), [state.value for state in record.states]
    assert record.faults == {"storage"}
    accepted = State.SAVING in record.states
    assert accepted or at is State.POSE
    assert len(record.received) == accepted, "an accepted shot is at the office once"
    if State.OUT_OF_SERVICE in screens:
        assert {"存储空间不足", "检查上传是否正常；传走以后空间会自己空出来。"} <= stage.words[State.OUT_OF_SERVICE]
    if at is State.SAVING:
        assert "照片还没有保存好。请先不要离开，告诉工作人员。" in stage.words[State.STAFF_HELP]


CATALOGS = load_all()
