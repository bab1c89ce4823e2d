"""The service menu at a booth with the simulator's twins: key, PIN, test shot, what is kept and what is told."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kiosk.core.events import (
    Action,
    CardFound,
    CardRemoved,
    Deed,
    Device,
    DeviceFailed,
    DeviceRecovered,
    Event,
    SeasonState,
    SeasonTold,
    StaffDid,
    Touched,
)
from kiosk.core.service.state import IDLE_S, Order, Page, Press
from kiosk.core.service.tries import LOCKED_S, SECOND_NS
from kiosk.core.session.state import State
from kiosk.ports.calibration import Calibration, LampLevels
from kiosk.ports.config import BoothConfig, OfficeConfig, StorageConfig
from kiosk.runtime.calibration import Calibrated, save
from kiosk.runtime.device_health import DeviceHealth
from kiosk.runtime.service.machine_orders import MachineOrders
from kiosk.runtime.service.pin import PinChecker, hash_pin
from kiosk.runtime.service.recent_log import RecentLog
from kiosk.runtime.service.service_menu import DOORS, TEST_TAKE
from kiosk.runtime.service.staff_settings import SettingsFile
from kiosk.runtime.service.station import Station
from kiosk.uplink.saving.shot_saver import ShotSaverWorker
from kiosk.uplink.shared.link_state import LinkStateFile
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.shared.shared_files import read_failures
from sim.people import Pose, drawn
from sim.play.scenario import load
from sim.play.world import World
from sim.twins.clock import VirtualClock
from sim.twins.disk import DiskTwin

TURN_NS = 35_000_000
PIN = "204938"
LAMPS = LampLevels(left=0.62, right=0.78)
CALIBRATED = datetime.fromisoformat("2026-08-30T09:30:00+08:00")


class Staffed:
    """A booth at rest, and staff before it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.known = 0  # deeds of the tests before
        self.turns(5)

    def turns(self, count: int = 1) -> None:
        for _ in range(count):
            self.world.turn(TURN_NS)

    def until(self, what: Callable[[], bool], seconds: float = 40.0) -> None:
        for _ in range(round(seconds * 1e9 / TURN_NS)):
            if what():
                return
            self.turns()
        raise AssertionError("it did not come")

    def press(self, *presses: str) -> None:
        for press in presses:
            clock = self.world.clock
            self.world.booth.loop.take(Touched(clock.now_ns(), Action.STAFF, press))
            self.turns()

    @property
    def page(self) -> Page | None:
        view = self.world.booth.loop.view
        assert view is not None
        return None if view.staff is None else view.staff.page

    @property
    def state(self) -> State:
        return self.world.booth.loop.session.state

    @property
    def shot(self) -> object:
        """The picture of the test shot on the screen; None: there is none."""
        view = self.world.booth.loop.view
        assert view is not None
        return self.world.booth.loop._deps.eye.photo(TEST_TAKE) if view.takes else None

    def take(self, *events: Event) -> None:
        for event in events:
            self.world.booth.loop.take(event)

    @property
    def paths(self) -> BoothPaths:
        return BoothPaths(self.world.config.storage.folder)

    def journal(self) -> list[dict[str, object]]:
        self.world.booth._workers["FileWriter"].poll(0)
        text = "".join(path.read_text("ascii") for path in sorted(self.paths.journal.iterdir()))
        return [json.loads(line) for line in text.splitlines()]

    def deeds(self) -> list[object]:
        return [line["deed"] for line in self.journal() if line.get("event") == StaffDid.__name__][self.known :]

    def told(self) -> set[str]:
        self.world.booth._workers["FileWriter"].poll(0)
        return {one.cause for one in read_failures(self.paths.health) if one.device == "staff"}


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staffed]:
    made = World._configured

    def with_pin(world: World, folder: Path) -> BoothConfig:
        config = made(world, folder)
        save(config.storage.folder, Calibrated(Calibration(moment=CALIBRATED, clock_synced=True, lamps=LAMPS)))
        return BoothConfig.model_validate({**dict(config), "service": {"pin_hash": hash_pin(PIN)}})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(World, "_configured", with_pin)
        patch.setattr("kiosk.runtime.service.pin.COST", 10)  # the least that a configuration takes
        world = World(load("card-happy"), tmp_path_factory.mktemp("world"))
        yield Staffed(world)
        world.close()


@pytest.fixture
def booth(staffed: Staffed) -> Staffed:
    """The booth of this module, at rest: making one takes longer than each test."""
    staffed.world.pins.turn_key(False)
    staffed.until(lambda: staffed.state is State.ATTRACT and staffed.page is None)
    staffed.turns()
    staffed.known = 0
    staffed.known = len(staffed.deeds())
    return staffed


def test_the_key_opens_the_menu_over_a_booth_that_is_out_of_service_and_back_it_serves(booth: Staffed) -> None:
    booth.world.pins.turn_key(True)
    booth.until(lambda: booth.page is Page.HOME)
    assert booth.state is State.OUT_OF_SERVICE
    booth.world.pins.turn_key(False)
    booth.until(lambda: booth.state is State.ATTRACT)
    assert booth.page is None
    booth.turns()
    assert booth.deeds() == [Deed.OPENED_BY_KEY, Deed.CLOSED]


def test_the_pin_opens_it_and_leaving_gives_the_booth_back(booth: Staffed) -> None:
    booth.press(Press.OPEN, *PIN, Press.ENTER)
    booth.until(lambda: booth.page is Page.HOME)
    booth.until(lambda: booth.state is State.OUT_OF_SERVICE)
    booth.press(Press.BACK)
    booth.until(lambda: booth.state is State.ATTRACT)
    assert booth.page is None


def closed(booth: Staffed) -> None:
    booth.take(SeasonTold(booth.world.clock.now_ns(), SeasonState.AFTER_SEASON))


def card_left(booth: Staffed) -> None:
    now_ns = booth.world.clock.now_ns()
    booth.take(Touched(now_ns, Action.START), CardFound(now_ns), Touched(now_ns, Action.CANCEL))


def failing(booth: Staffed) -> None:
    booth.take(DeviceFailed(booth.world.clock.now_ns(), Device.EYE, "fault.test"))


OVER: dict[State, Callable[[Staffed], None]] = {
    State.ATTRACT: lambda _: None,
    State.CLOSED: closed,
    State.CARD_LEFT: card_left,
    State.OUT_OF_SERVICE: failing,
}


@pytest.mark.parametrize("by", ["key", "pin"])
@pytest.mark.parametrize("state", sorted(DOORS))
def test_over_every_screen_the_lamps_shine_and_the_test_shot_stays_for_minutes(
    booth: Staffed, state: State, by: str
) -> None:
    world = booth.world
    world.seated = ((drawn(42), lambda _: Pose()),)
    OVER[state](booth)
    booth.until(lambda: booth.state is state)
    if by == "key":
        world.pins.turn_key(True)
    else:
        booth.press(Press.OPEN, *PIN, Press.ENTER)
    booth.until(lambda: booth.page is Page.HOME)
    booth.turns(2)
    booth.press(Page.TEST_SHOT)
    booth.until(lambda: min(world.pins.left, world.pins.right) > 0)
    booth.turns(20)
    booth.press(Press.SHOOT)
    booth.until(lambda: booth.shot is not None, 20)
    for _ in range(IDLE_S // 5 - 1):
        world.turn(5 * SECOND_NS)
        assert min(world.pins.left, world.pins.right) > 0
        assert booth.shot is not None
    booth.press(Press.BACK, Press.BACK)
    world.pins.turn_key(False)
    now_ns = world.clock.now_ns()
    booth.take(CardRemoved(now_ns), DeviceRecovered(now_ns, Device.EYE, "fault.test"))
    booth.until(lambda: booth.state is State.ATTRACT)


@given(st.lists(st.sampled_from(["key", "key back", "pin", "leave", "wait"]), max_size=9))
@example(["key", "leave", "pin", "leave"])
@example(["key", "leave", "pin", "wait"])
@example(["pin", "key", "leave"])
@settings(max_examples=12)
def test_the_booth_serves_again_only_when_the_key_is_turned_back_and_no_pin_keeps_it(
    staffed: Staffed, done: list[str]
) -> None:
    world, key, by_pin = staffed.world, False, False
    world.pins.turn_key(False)
    staffed.until(lambda: staffed.state is State.ATTRACT and staffed.page is None)
    for what in done:
        before = staffed.page
        if what in ("key", "key back"):
            turned, key = key, what == "key"
            world.pins.turn_key(key)
            by_pin = by_pin and (key or not turned)
        elif what == "pin" and before is None:
            staffed.press(Press.OPEN, *PIN, Press.ENTER)
            staffed.until(lambda: staffed.page is Page.HOME)
            by_pin = True
        elif what != "pin" and before is not None:
            if what == "leave":
                staffed.press(Press.BACK)
            else:
                world.turn(IDLE_S * SECOND_NS)
            by_pin = False
        staffed.turns(5)
        assert world.booth.loop.session.taken_out is (key or by_pin), f"after {what}"
    if staffed.page is not None:
        staffed.press(Press.BACK)


def test_no_digit_of_a_pin_stands_in_journal_or_files(booth: Staffed) -> None:
    booth.press(Press.OPEN, *PIN, Press.ENTER)
    booth.until(lambda: booth.page is Page.HOME)
    assert all(line.get("action") != "staff" for line in booth.journal())
    booth.press(Press.BACK)
    for path in booth.paths.folder.rglob("*"):
        if path.is_file():
            assert PIN.encode() not in path.read_bytes(), path


def test_the_office_is_told_that_the_menu_is_open_and_also_after_it_was_closed(booth: Staffed) -> None:
    booth.world.pins.turn_key(True)
    booth.until(lambda: booth.told() == {"fault.staff_menu"})
    booth.world.pins.turn_key(False)
    booth.until(lambda: booth.page is None)
    booth.turns(30)
    assert booth.told() == {"fault.staff_menu"}, "a heartbeat may not have come meanwhile"


def test_what_staff_did_is_told_for_two_heartbeats_also_of_a_booth_that_started_anew(tmp_path: Path) -> None:
    paths, clock = BoothPaths(tmp_path), VirtualClock(datetime.fromisoformat("2026-09-01T09:30:00+08:00"))

    def told() -> list[str]:
        return [one.cause for one in read_failures(paths.health)]

    health = DeviceHealth(paths, DiskTwin(), clock, 120 * SECOND_NS)
    health.staff_did(Deed.OPENED_BY_KEY)
    clock.advance(600 * SECOND_NS)
    health.look()
    health.note(((Device.CAMERA, "fault.camera_missing"),))
    health.staff_did(Deed.CLOSED)
    clock.advance(119 * SECOND_NS)
    anew = DeviceHealth(paths, DiskTwin(), clock, 120 * SECOND_NS)
    assert told() == ["fault.staff_menu"], "what a device lacks is found anew"
    clock.advance(119 * SECOND_NS)
    anew.look()
    assert told() == ["fault.staff_menu"]
    clock.advance(1 * SECOND_NS)
    anew.look()
    assert told() == []
    anew.staff_did(Deed.LOCKED_OUT)
    clock.advance((LOCKED_S - 1) * SECOND_NS)
    anew.look()
    assert told() == ["fault.staff_locked"]


def test_a_key_turned_in_a_session_ends_it_where_no_photo_was_taken(booth: Staffed) -> None:
    clock = booth.world.clock
    booth.world.booth.loop.take(Touched(clock.now_ns(), Action.START))
    booth.until(lambda: booth.state is State.CONSENT)
    booth.world.pins.turn_key(True)
    booth.until(lambda: booth.page is Page.HOME)
    assert booth.state is State.OUT_OF_SERVICE


def test_a_test_shot_is_shown_and_never_kept_or_sent(booth: Staffed) -> None:
    world = booth.world
    world.seated = ((drawn(42), lambda _: Pose()),)
    before = {path for path in booth.paths.folder.rglob("*") if "journal" not in path.parts}
    world.pins.turn_key(True)
    booth.until(lambda: booth.page is Page.HOME)
    booth.press(Page.TEST_SHOT)
    booth.until(lambda: min(world.pins.left, world.pins.right) > 0)
    booth.turns(20)
    booth.press(Press.SHOOT)

    def shown() -> bool:
        view = world.booth.loop.view
        return view is not None and bool(view.takes)

    booth.until(shown, 20)
    booth.press(Press.BACK)
    booth.until(lambda: world.pins.left == world.pins.right == 0)
    world.pins.turn_key(False)
    booth.until(lambda: booth.state is State.ATTRACT)
    booth.turns(30)
    after = {path for path in booth.paths.folder.rglob("*") if "journal" not in path.parts}
    assert {path.name for path in after - before} <= {"link.json", "waiting.json", "health.json", "staff.json", "probe"}
    assert world.office.received() == []
    assert len(world.booth.vault) == 0
    assert Deed.TOOK_TEST_SHOT in booth.deeds()


def test_the_menu_has_the_contrast_of_the_first_screen_and_gives_it_back_without(booth: Staffed) -> None:
    loop = booth.world.booth.loop

    def is_strong() -> bool:
        assert loop.view is not None
        return loop.view.contrast

    booth.until(lambda: booth.state is State.ATTRACT)
    loop.take(Touched(booth.world.clock.now_ns(), Action.CONTRAST))
    booth.until(is_strong)
    booth.world.pins.turn_key(True)
    booth.until(lambda: booth.page is Page.HOME)
    booth.turns()
    assert is_strong()
    booth.press(Press.CONTRAST)
    booth.turns()
    assert not is_strong()
    booth.press(Press.CONTRAST)
    booth.world.pins.turn_key(False)
    booth.until(lambda: booth.state is State.ATTRACT)
    booth.turns()
    assert not is_strong(), "the modes end with the menu"


def test_what_staff_set_as_loudness_stays(booth: Staffed) -> None:
    booth.world.pins.turn_key(True)
    booth.until(lambda: booth.page is Page.HOME)
    booth.press(Page.VOLUME, Press.LOUDER, Press.LOUDER)
    assert SettingsFile(booth.paths.staff_settings, DiskTwin()).now.volume == pytest.approx(0.8)
    booth.until(lambda: "attract.title" in [prompt for prompt, _ in booth.world.speaker.played])


def test_a_calibration_ends_this_booth_so_that_it_has_the_devices_and_the_journal_tells(booth: Staffed) -> None:
    booth.world.pins.turn_key(True)
    booth.until(lambda: booth.page is Page.HOME)
    assert not booth.world.booth.must_calibrate
    booth.press(Page.CALIBRATE)
    booth.take(Touched(booth.world.clock.now_ns(), Action.STAFF, Press.BEGIN))
    booth.until(lambda: booth.world.booth.must_calibrate)  # and then the booth ends at once
    assert booth.deeds()[-1] == Deed.CALIBRATED


@pytest.mark.parametrize(
    ("page", "press", "deed"),
    [
        (Page.RESTART, Press.RESTART_BOOTH, Deed.RESTARTED_BOOTH),
        (Page.RESTART, Press.REBOOT, Deed.REBOOTED),
        (Page.SHUT_DOWN, Press.POWER_OFF, Deed.POWERED_OFF),
    ],
)
def test_the_journal_has_an_order_before_the_machine_gets_it(
    booth: Staffed, monkeypatch: pytest.MonkeyPatch, page: Page, press: Press, deed: Deed
) -> None:
    told: list[object] = []
    monkeypatch.setattr(MachineOrders, "give", lambda *_: told.append(booth.deeds()[-1]))
    booth.world.pins.turn_key(True)
    booth.until(lambda: booth.page is Page.HOME)
    booth.press(page, press)
    booth.until(lambda: told == [deed], 2)


def test_the_machine_gets_an_order_only_when_every_accepted_photo_is_saved(
    booth: Staffed, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, unsaved = [], [1]
    monkeypatch.setattr(MachineOrders, "give", lambda _, order: told.append(order))
    monkeypatch.setattr(ShotSaverWorker, "unsaved", property(lambda _: unsaved[0]))
    booth.world.pins.turn_key(True)
    booth.until(lambda: booth.page is Page.HOME)
    booth.press(Page.SHUT_DOWN, Press.POWER_OFF)
    booth.turns(60)
    assert told == []
    unsaved[0] = 0
    booth.until(lambda: told == [Order.POWER_OFF], 3)


def test_the_lamps_shine_for_a_test_shot_as_they_do_for_a_graduate(booth: Staffed) -> None:
    booth.world.pins.turn_key(True)
    booth.until(lambda: booth.page is Page.HOME)
    booth.press(Page.TEST_SHOT)
    booth.until(lambda: (booth.world.pins.left, booth.world.pins.right) == (LAMPS.left, LAMPS.right))


@pytest.mark.parametrize(
    ("every_ms", "ago_s", "reached"),
    [
        *((60_000, ago_s, ago_s < 180) for ago_s in (30, 179, 180)),
        *((300_000, ago_s, ago_s < 900) for ago_s in (400, 899, 900)),
        *((1_000, ago_s, ago_s < 60) for ago_s in (20, 59, 60)),
    ],
)
def test_the_office_counts_as_not_reached_after_three_heartbeats(
    tmp_path: Path, every_ms: int, ago_s: int, reached: bool
) -> None:
    clock = VirtualClock(CALIBRATED)
    config = BoothConfig(
        office=OfficeConfig(heartbeat_every_ms=every_ms), storage=StorageConfig(folder=tmp_path, seal_to=())
    )
    LinkStateFile(BoothPaths(tmp_path).link_state, "").note(clock.wall().moment)
    station = Station(config, None, RecentLog(), DiskTwin(), clock, "1")
    clock.advance(ago_s * SECOND_NS)
    assert station.facts(clock.now_ns()).reached is reached


@pytest.mark.parametrize("worker", ["LiveHelp", "PinChecker"])
def test_the_booth_serves_on_whatever_fails_in_live_help_or_in_the_comparison_of_a_pin(
    booth: Staffed, worker: str
) -> None:
    booth.world.booth._workers[worker].crashed(RuntimeError("nobody foresaw this"))
    booth.turns(30)
    assert (booth.state, booth.world.booth.loop.session.failed) == (State.ATTRACT, ())


def test_a_pin_that_can_not_be_compared_counts_as_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: str) -> bool:
        raise MemoryError

    monkeypatch.setattr("kiosk.runtime.service.pin.is_pin", fails)
    checker = PinChecker("nothing")
    checker.check(PIN)
    with pytest.raises(MemoryError):
        checker.poll(0)
    assert checker.answer() is False, "the menu does not wait for ever"


def test_a_wrong_pin_is_counted_also_when_the_booth_is_switched_off(booth: Staffed) -> None:
    booth.press(Press.OPEN, *"111111", Press.ENTER)
    booth.until(lambda: SettingsFile(booth.paths.staff_settings, DiskTwin()).now.wrong_pins == 1)
    booth.turns()
    assert (booth.page, booth.deeds()) == (Page.PIN, [Deed.WRONG_PIN])
    booth.press(Press.BACK)
