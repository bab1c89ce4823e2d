"""The queue of numbers on its way to the booth's start screen: fresh, or not shown; and never in the way of photos."""

import os
from datetime import datetime

import pytest

from kiosk.ports.config import OfficeConfig
from kiosk.runtime.number_board import FRESH_NS, NumberBoard
from kiosk.ui.viewmodel import NumberQueue
from kiosk.uplink.shared.paths import BoothPaths
from rules.season import CHINA
from sim.office.fault_proxy import OfficeFault
from tests.uplink.worlds import World

GET = "GET /v2/waiting"
HEARTBEAT_MS = OfficeConfig().heartbeat_every_ms
FRESH_S = FRESH_NS // 1_000_000_000
OPEN = datetime(2026, 9, 1, 10, tzinfo=CHINA)


class Screen:
    """What the start screen was given, and the board that gives it."""

    def __init__(self, world: World, heartbeat_ms: int = HEARTBEAT_MS) -> None:
        self.world, self.shown = world, list[NumberQueue | None]()
        world.configure(heartbeat_every_ms=heartbeat_ms)
        world.clock.jump_wall((OPEN - world.clock.wall().moment).total_seconds())
        self.paths = BoothPaths(world.config.storage.folder)
        self.paths.folder.mkdir(parents=True, exist_ok=True)
        self.board = NumberBoard(self.paths, world.clock, 2 * heartbeat_ms * 1_000_000, self.shown.append)

    def run(self, seconds: int) -> None:
        """The uplink works, and the booth looks once a second."""
        for _ in range(seconds):
            self.world.run(1)
            self.board.look()


@pytest.fixture
def screen(world: World) -> Screen:
    return Screen(world)


def call(world: World, numbers: int = 1) -> None:
    """`numbers` people take a number, and staff call the next one."""
    queue = world.office.office.waiting_numbers
    for _ in range(numbers):
        queue.take()
    queue.call_next()


def test_a_called_number_is_on_the_screen_within_some_seconds(world: World, screen: Screen) -> None:
    screen.run(15)
    assert screen.shown == [NumberQueue((), 0, given=True)]
    call(world, 3)
    screen.run(75)  # nobody had a number, so the booth asked seldom
    assert screen.shown[1:] == [NumberQueue((1,), 2, given=True)]
    asked = world.network.requests.count(GET)
    screen.run(60)
    assert 4 <= world.network.requests.count(GET) - asked <= 8
    assert len(screen.shown) == 2, "what is not new is not told again"


@pytest.mark.parametrize("fault", [OfficeFault.DOWN, OfficeFault.ERROR, OfficeFault.PORTAL])
def test_numbers_vanish_when_the_office_is_silent_and_come_back(
    world: World, screen: Screen, fault: OfficeFault
) -> None:
    call(world)
    screen.run(15)
    world.break_with(fault)
    screen.run(FRESH_S + 15)
    assert screen.shown[-1] is None
    world.network.heal()
    screen.run(400)
    assert screen.shown[-1] == NumberQueue((1,), 0, given=True)


@pytest.mark.parametrize("heartbeat_ms", [1_000, 60_000, 300_000])
def test_however_often_heartbeats_are_sent_numbers_stay_while_they_are_told_and_a_minute_longer(
    world: World, heartbeat_ms: int
) -> None:
    screen = Screen(world, heartbeat_ms)
    call(world)
    screen.run(90)
    assert screen.shown == [NumberQueue((1,), 0, given=True)], "they do not blink"
    world.break_with(OfficeFault.DOWN)
    screen.run(FRESH_S - 15)
    assert len(screen.shown) == 1
    screen.run(15)
    assert screen.shown[1:] == [None]


def test_numbers_in_the_file_when_the_booth_starts_are_not_shown(world: World, screen: Screen) -> None:
    call(world)
    screen.run(15)
    again = Screen(world)
    again.board.look()
    assert again.shown == [], "the file may be from yesterday"
    again.run(15)
    assert again.shown == [NumberQueue((1,), 0, given=True)]


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"schema_version":3,"called":[],"waiting":0,"given":true}'])
def test_a_file_that_makes_no_sense_shows_nothing(screen: Screen, content: bytes) -> None:
    call(screen.world)
    screen.run(15)
    new = screen.paths.waiting.with_suffix(".other")
    new.write_bytes(content)
    os.replace(new, screen.paths.waiting)
    screen.board.look()
    assert screen.shown[-1] is None
    screen.paths.waiting.unlink()
    screen.board.look()
    assert screen.shown[-1] is None


def test_an_office_without_a_queue_holds_no_photo_up(world: World, screen: Screen) -> None:
    world.network.unknown.add("/v2/waiting")
    screen.run(15)
    world.keep(1)
    screen.run(15)
    assert world.arrived() == [1]
    assert screen.shown == []
