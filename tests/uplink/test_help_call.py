"""A call for help through files and uplink: sent soon, repeated, ended, and never in the way of shots."""

import pytest

from common.disk import Disk
from kiosk.core.events import CallStands, CallState, Event
from kiosk.runtime.staff_call import StaffCall
from kiosk.runtime.vault import SessionVault
from kiosk.uplink.shared.paths import BoothPaths
from sim.office.fault_proxy import OfficeFault
from tests.uplink.worlds import World
from wire.help_call import HelpCall

LINE = "我们马上过来"


class Booth:
    """The booth's side of the files."""

    def __init__(self, world: World) -> None:
        self.vault, self.events = SessionVault(), list[Event]()
        paths = BoothPaths(world.config.storage.folder)
        paths.folder.mkdir(parents=True, exist_ok=True)
        self.call = StaffCall("booth-1", paths, Disk(), self.vault, self.events.append, world.clock)

    def heard(self) -> list[tuple[CallState, str | None]]:
        """What the booth was told so far."""
        self.call.look()
        told = [event for event in self.events if isinstance(event, CallStands)]
        lines = [None if one.line is None else self.vault.get(one.line, tuple) for one in told]
        return [(one.state, None if line is None else line[1]) for one, line in zip(told, lines, strict=True)]


def calls(world: World) -> list[HelpCall]:
    return [HelpCall.decode(body) for path, body in world.network.posted if path == "/v2/help"]


def answer(world: World) -> None:
    """Staff answer the call that the booth sent last."""
    world.office.office.help_calls.answer("anna", calls(world)[-1].call_id, LINE)


def test_a_call_is_sent_at_once_repeated_and_answered(world: World) -> None:
    booth = Booth(world)
    world.run(1)
    booth.call.begin(5, "pose")
    world.run(1)
    (first,) = calls(world)
    assert (first.booth_id, first.screen, first.ended) == ("booth-1", "pose", False)
    assert booth.heard() == [(CallState.WAITING, None)]
    world.run(10)
    assert len(calls(world)) >= 3
    assert booth.heard() == [(CallState.WAITING, None)], "what is not new is not told again"
    answer(world)
    world.run(5)
    assert booth.heard() == [(CallState.WAITING, None), (CallState.ANSWERED, LINE)]
    assert LINE not in repr(booth.events), "staff may write a name: events hold tokens only"


def test_the_end_of_a_call_is_sent_once(world: World) -> None:
    booth = Booth(world)
    booth.call.begin(5, "pose")
    world.run(1)
    booth.call.end()
    world.run(60)
    assert [one.ended for one in calls(world)][-1] is True
    assert sum(one.ended for one in calls(world)) == 1
    assert world.office.office.help_calls.open() == []
    world.run(10)
    assert booth.heard() == [], "nobody waits for it any more"


def test_an_answer_to_the_former_call_is_not_shown_to_the_next(world: World) -> None:
    booth = Booth(world)
    booth.call.begin(5, "pose")
    world.run(1)
    answer(world)
    world.run(5)
    booth.call.end()
    booth.call.begin(9, "choose")
    assert booth.heard() == []
    world.run(1)
    answer(world)
    world.run(5)
    told = [event for event in booth.events if isinstance(event, CallStands)]
    booth.call.look()
    assert all(one.request == 9 for one in told)
    assert booth.heard()[-1] == (CallState.ANSWERED, LINE)


def test_the_booth_hears_that_staff_ended_the_call_and_takes_it_back(world: World) -> None:
    booth = Booth(world)
    booth.call.begin(5, "pose")
    world.run(1)
    answer(world)
    world.run(5)
    world.office.office.help_calls.end("anna", calls(world)[-1].call_id)
    world.run(5)
    assert booth.heard() == [(CallState.ENDED, None)]
    booth.call.end()
    world.run(5)
    sent = len(calls(world))
    assert calls(world)[-1].ended
    world.run(30)
    assert len(calls(world)) == sent, "an ended call is repeated no more"
    booth.call.begin(9, "pose")
    world.run(1)
    assert len(world.office.office.help_calls.open()) == 1, "help can be asked for again"


def of_request(booth: Booth, request: int) -> list[CallState]:
    booth.call.look()
    return [one.state for one in booth.events if isinstance(one, CallStands) and one.request == request]


def test_nothing_that_staff_said_before_is_told_to_a_graduate_who_asks_after_the_booth_rang(world: World) -> None:
    booth = Booth(world)
    booth.call.begin(5, "in_vain")
    world.run(1)
    answer(world)
    world.run(5)
    assert booth.heard()[-1] == (CallState.ANSWERED, LINE)
    booth.call.begin(9, "pose")
    assert of_request(booth, 9) == [], "the office does not know yet that the graduate asks"
    world.run(5)
    assert of_request(booth, 9) == [CallState.WAITING]
    (open_call,) = world.office.office.help_calls.open()
    assert (open_call.screen, open_call.line) == ("pose", None)


def test_help_that_is_pressed_while_the_end_by_staff_is_on_its_way_reaches_staff(world: World) -> None:
    booth = Booth(world)
    booth.call.begin(5, "in_vain")
    world.run(1)
    (rang,) = world.office.office.help_calls.open()
    world.office.office.help_calls.end("anna", rang.call_id)
    booth.call.begin(9, "pose")
    world.run(5)
    assert of_request(booth, 9) == [CallState.WAITING]
    assert [one.screen for one in world.office.office.help_calls.open()] == ["pose"]


def test_a_booth_that_was_switched_off_takes_its_call_back(world: World) -> None:
    Booth(world).call.begin(5, "pose")
    world.run(1)
    Booth(world)
    world.run(5)
    assert calls(world)[-1].ended


@pytest.mark.parametrize("fault", [OfficeFault.DOWN, OfficeFault.ERROR])
def test_a_call_gets_through_when_the_office_is_back(world: World, fault: OfficeFault) -> None:
    booth = Booth(world)
    world.run(1)
    world.break_with(fault)
    booth.call.begin(5, "pose")
    world.run(5)
    assert booth.heard() == []
    world.network.heal()
    world.run(400)
    assert booth.heard() == [(CallState.WAITING, None)]


def test_an_office_that_takes_no_calls_holds_no_photo_up(world: World) -> None:
    booth = Booth(world)
    world.network.unknown.add("/v2/help")
    booth.call.begin(5, "pose")
    world.run(5)
    world.keep(1)
    world.run(5)
    assert world.arrived() == [1]
    assert booth.heard() == []
