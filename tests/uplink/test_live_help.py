"""Live help through booth, uplink and office: shown once a second, ended with the call, never stored."""

import math
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from center.calls.live import Live
from center.platform.faults import NotThere
from common.catalog import Catalog
from common.disk import Disk
from common.latest_slot import LatestSlot
from kiosk.core.events import Event, HelpDirected
from kiosk.core.inputs import Measures
from kiosk.core.session.guidance import Guidance
from kiosk.core.session.quality import judge_live
from kiosk.core.session.state import Session, State
from kiosk.ports.frames import Frame
from kiosk.runtime.live_help import LiveHelp
from kiosk.runtime.staff_call import StaffCall
from kiosk.runtime.vault import SessionVault
from kiosk.text.catalog import load_all
from kiosk.uplink.office.help_line import HelpLine
from kiosk.uplink.shared.local_socket import LocalSocket
from kiosk.uplink.shared.paths import HELP_DIRECTIONS, HELP_VIEWS, BoothPaths
from rules.checks import CheckId, CheckRule, Limit, Policy
from sim.office.fault_proxy import OfficeFault
from tests.uplink.worlds import World
from wire.live_help import HelpDirection, HelpView

RULES = (
    CheckRule(CheckId.ROLL, Policy.REQUIRED, Limit(min=-3, max=3), "deg"),
    CheckRule(CheckId.GLASSES, Policy.REQUIRED, Limit(max=15), "L*"),
)
SEEN = judge_live(Measures(0, 1, MappingProxyType({CheckId.ROLL: 0.5, CheckId.GLASSES: 21.5})), RULES, None)


class Booth:
    """The booth's side: a call that is open, and the session that it belongs to."""

    def __init__(self, world: World) -> None:
        self.world, self.events = world, list[Event]()
        paths = BoothPaths(world.config.storage.folder)
        paths.folder.mkdir(parents=True, exist_ok=True)
        self.call = StaffCall("booth-1", paths, Disk(), SessionVault(), self.events.append, world.clock)
        self.frames: LatestSlot[Frame] = LatestSlot()
        self.live = LiveHelp(
            "booth-1", paths.folder, self.call.open_call, load_all(), self.frames, self.events.append, world.clock
        )
        self.live.open()
        self.line = HelpLine(world.config, world.clock)
        self.line.poll(0.0)
        self.session = Session(State.POSE, call=5, judgement=SEEN, guidance=Guidance("guide.glasses"))

    def ask(self) -> str:
        """Ring the desk; returns the call's name once the office has it."""
        self.call.begin(5, "pose")
        self.live.follow(self.session)
        self.world.run(1)
        open_call = self.call.open_call()
        assert open_call is not None
        return open_call[1]

    def turn(self, seconds: float = 1.0) -> None:
        """Let time pass, everybody doing what is due."""
        for _ in range(round(seconds * 10)):
            self.live.poll(0.0)
            self.line.poll(0.0)
            self.live.poll(0.0)
            self.world.run(0.1)

    def directed(self) -> list[CheckId | None]:
        return [event.release for event in self.events if isinstance(event, HelpDirected)]

    def close(self) -> None:
        self.live.close()
        self.line.close()


@pytest.fixture
def booth(world: World) -> Iterator[Booth]:
    made = Booth(world)
    yield made
    made.close()


def posted(world: World) -> int:
    return sum(path == "/v2/help/view" for path, _ in world.network.posted)


def seen(world: World, call_id: str) -> Live | None:
    return world.office.office.live_help.of(call_id)


def release(world: World, call_id: str, check: str = "glasses") -> None:
    world.office.office.live_help.waive("anna", call_id, check, "measured_wrong")


def test_staff_see_instruction_and_measures_of_the_open_call(world: World, booth: Booth) -> None:
    call_id = booth.ask()
    booth.turn()
    live = seen(world, call_id)
    assert live is not None
    assert (live.view.screen, live.view.instruction) == ("pose", "请摘下眼镜")
    assert [(one.check, one.result, one.value, one.max) for one in live.view.checks] == [
        ("roll", "pass", 0.5, 3.0),
        ("glasses", "fail", 21.5, 15.0),
    ]


def test_a_release_that_meets_pressed_help_on_its_way_can_be_given_again(world: World, booth: Booth) -> None:
    """The booth hears it for the former call, which the session has left."""
    former = booth.ask()
    booth.turn()
    release(world, former)
    booth.call.begin(9, "pose")
    booth.session = replace(booth.session, call=9)
    booth.live.follow(booth.session)
    booth.turn(5)
    open_call = booth.call.open_call()
    assert open_call is not None
    live = seen(world, open_call[1])
    assert live is not None
    assert live.may_waive == ("glasses",)
    release(world, open_call[1])
    booth.turn(2)
    directed = [(one.request, one.release) for one in booth.events if isinstance(one, HelpDirected)]
    assert directed[-1] == (9, CheckId.GLASSES)


def test_no_more_than_one_view_a_second_is_sent(world: World, booth: Booth) -> None:
    booth.ask()
    booth.turn(10)
    assert 9 <= posted(world) <= 11


def test_without_an_open_call_nothing_is_shown(world: World, booth: Booth) -> None:
    booth.live.follow(booth.session)
    booth.turn(3)
    assert posted(world) == 0
    booth.ask()
    booth.live.follow(replace(booth.session, call=None))
    booth.turn(3)
    assert posted(world) == 0, "the session has ended the call"


def test_waived_check_reaches_the_booth_once(world: World, booth: Booth) -> None:
    call_id = booth.ask()
    booth.turn()
    release(world, call_id)
    booth.turn(5)
    assert booth.directed() == [None, CheckId.GLASSES]


def test_end_of_the_call_ends_what_is_seen(world: World, booth: Booth) -> None:
    call_id = booth.ask()
    booth.turn()
    booth.call.end()
    booth.turn(2)
    assert seen(world, call_id) is None
    with pytest.raises(NotThere):
        release(world, call_id)
    before = posted(world)
    booth.turn(5)
    assert posted(world) == before


def test_lost_network_ends_what_is_seen_and_it_comes_back(world: World, booth: Booth) -> None:
    call_id = booth.ask()
    booth.turn()
    world.network.break_with(OfficeFault.DOWN)
    booth.turn(16)
    assert seen(world, call_id) is None, "old figures are shown to nobody"
    world.network.heal()
    booth.turn(30)
    assert seen(world, call_id) is not None


def test_office_without_live_help_is_asked_seldom(world: World, booth: Booth) -> None:
    world.network.unknown.add("/v2/help/view")
    booth.ask()
    booth.turn(20)
    assert posted(world) <= 5
    world.keep(1)
    world.run(2)
    assert world.arrived() == [1]


def test_nothing_that_is_shown_is_on_the_booths_disk(world: World, booth: Booth) -> None:
    booth.ask()
    booth.turn(3)
    folder = world.config.storage.folder
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert not [path for path in files if "请摘下眼镜".encode() in path.read_bytes() or b"21.5" in path.read_bytes()]
    sockets = {path.name for path in folder.iterdir() if stat.S_ISSOCK(os.lstat(path).st_mode)}
    assert sockets == {HELP_VIEWS, HELP_DIRECTIONS}


def test_direction_that_is_none_or_of_another_call_is_not_followed(world: World, booth: Booth) -> None:
    booth.ask()
    other = LocalSocket(world.config.storage.folder, "stranger", HELP_DIRECTIONS)
    for data in (b"{", HelpDirection(call_id="f" * 32, release="glasses").encode()):
        assert other.send(data)
        booth.live.poll(0.0)
    other.close()
    assert booth.directed() == []


def test_check_that_this_booth_does_not_know_is_no_check(world: World, booth: Booth) -> None:
    call_id = booth.ask()
    other = LocalSocket(world.config.storage.folder, "stranger", HELP_DIRECTIONS)
    assert other.send(HelpDirection(call_id=call_id, release="of_the_future").encode())
    booth.live.poll(0.0)
    other.close()
    assert booth.directed() == [None]


def test_view_is_lost_without_an_uplink_and_holds_nothing_up(world: World, booth: Booth) -> None:
    booth.ask()
    booth.line.close()
    booth.live.poll(0.0)
    assert booth.live.view(booth.session, "b" * 32).released is None


def test_only_the_newest_view_is_sent(world: World) -> None:
    folder = world.config.storage.folder
    folder.mkdir(parents=True, exist_ok=True)
    reader, writer = LocalSocket(folder, "a", "b"), LocalSocket(folder, "b", "a")
    for number in (1, 2, 3):
        assert writer.send(bytes([number]))
    assert reader.newest() == b"\x03"
    assert reader.newest() is None
    for _ in range(10_000):
        if not writer.send(bytes(1000)):
            break
    else:
        raise AssertionError("a process that does not read must not hold the other one up")
    reader.close()
    writer.close()
    assert not reader_takes(folder)


def reader_takes(folder: Path) -> bool:
    late = LocalSocket(folder, "c", "a")
    try:
        return late.send(b"late")
    finally:
        late.close()


def test_a_killed_process_leaves_a_name_that_the_next_one_replaces(world: World) -> None:
    folder = world.config.storage.folder
    folder.mkdir(parents=True, exist_ok=True)
    LocalSocket(folder, "a", "b").close()
    again, writer = LocalSocket(folder, "a", "b"), LocalSocket(folder, "b", "a")
    assert writer.send(b"x")
    assert again.newest() == b"x"
    again.close()
    writer.close()


def test_view_is_made_of_whatever_was_measured_and_written(booth: Booth) -> None:
    odd = judge_live(Measures(0, 1, MappingProxyType({CheckId.ROLL: math.nan, CheckId.GLASSES: math.inf})), RULES, None)
    texts = Catalog("zh_CN", {"guide.glasses": "请\n" + "摘" * 300}, "test")
    live = LiveHelp(
        "booth-1",
        Path("/nowhere"),
        booth.call.open_call,
        {"zh_CN": texts},
        booth.frames,
        booth.events.append,
        booth.world.clock,
    )
    view = live.view(replace(booth.session, judgement=odd), "b" * 32)
    assert [one.value for one in HelpView.decode(view.encode()).checks] == [None, None]
    assert view.instruction == "请" + "摘" * 119


def test_view_names_no_person(world: World, booth: Booth) -> None:
    named = set(HelpView.model_fields)
    told = {"schema_version", "booth_id", "call_id", "screen", "instruction", "checks", "released"}
    assert named == told | {"agreement", "still"}
