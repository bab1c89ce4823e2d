"""Calls for help on both databases: one row a call, whatever the order; silent ones are shown to nobody."""

import pytest
from sqlalchemy import select

from center.calls.tables import HelpCallRow
from center.platform.faults import Conflict, NotThere
from center.wiring.office import Office
from tests.center.factories import HandClock
from wire.help_call import HelpAnswer, HelpCall, HelpState


@pytest.fixture(autouse=True)
def _booths(office: Office) -> None:
    for name in ("booth-1", "booth-2"):
        office.booths.remember(name)


def ring(
    office: Office,
    clock: HandClock,
    number: int = 1,
    booth: str = "booth-1",
    *,
    ended: bool = False,
    screen: str = "pose",
) -> HelpAnswer:
    call = HelpCall(booth_id=booth, call_id=f"{number:032x}", at=clock.now, screen=screen, ended=ended)
    return office.help_calls.record_call(booth, call)


def test_a_call_is_one_call_however_often_it_is_sent(office: Office, clock: HandClock) -> None:
    for _ in range(3):
        assert ring(office, clock).state is HelpState.WAITING
        clock.move(seconds=3)
    (call,) = office.help_calls.open()
    assert (call.booth_id, call.screen, call.line) == ("booth-1", "pose", None)
    assert office.help_calls.waiting() == 1


def test_the_newest_answer_counts_and_is_deleted_with_the_call(office: Office, clock: HandClock) -> None:
    ring(office, clock)
    office.help_calls.answer("anna", f"{1:032x}", "one moment")
    office.help_calls.answer("bert", f"{1:032x}", "we are coming")
    assert ring(office, clock).line == "we are coming"
    assert office.help_calls.waiting() == 0
    assert ring(office, clock, ended=True).state is HelpState.ENDED
    assert ring(office, clock).state is HelpState.ENDED, "a late repetition opens nothing again"
    with office.database.read() as session:
        assert session.execute(select(HelpCallRow.line)).scalar_one() is None
    with pytest.raises(NotThere):
        office.help_calls.answer("anna", f"{1:032x}", "hello")


def test_the_end_may_come_without_the_beginning(office: Office, clock: HandClock) -> None:
    assert ring(office, clock, ended=True).state is HelpState.ENDED
    assert office.help_calls.open() == []


def test_a_silent_call_is_shown_to_nobody_and_comes_back_with_its_booth(office: Office, clock: HandClock) -> None:
    ring(office, clock)
    clock.move(seconds=121)
    assert office.help_calls.open() == []
    with pytest.raises(NotThere):
        office.help_calls.answer("anna", f"{1:032x}", "hello")
    ring(office, clock)
    assert len(office.help_calls.open()) == 1


def test_a_call_that_staff_end_stays_ended_and_the_audit_says_who_ended_it(office: Office, clock: HandClock) -> None:
    ring(office, clock)
    office.help_calls.answer("anna", f"{1:032x}", "one moment")
    office.help_calls.end("anna", f"{1:032x}")
    assert office.help_calls.open() == []
    assert not office.help_calls.is_open("booth-1", f"{1:032x}")
    assert ring(office, clock) == HelpAnswer(call_id=f"{1:032x}", state=HelpState.ENDED)
    with office.database.read() as session:
        assert session.execute(select(HelpCallRow.line)).scalar_one() is None
        entries = [one for one in office.audit.entries(session, f"{1:032x}") if one.action == "booth.call_ended"]
    assert [(one.actor, one.detail) for one in entries] == [("anna", {"booth": "booth-1"})]
    with pytest.raises(NotThere):
        office.help_calls.end("bert", f"{1:032x}")


def test_a_graduate_who_asks_after_the_booth_rang_makes_a_new_call_that_staff_find_from_the_former_one(
    office: Office, clock: HandClock
) -> None:
    ring(office, clock, screen="in_vain")
    office.help_calls.answer("anna", f"{1:032x}", "come to the desk")
    assert ring(office, clock, number=2).state is HelpState.WAITING
    assert office.help_calls.waiting() == 1
    (call,) = office.help_calls.open()
    assert (call.call_id, call.line) == (f"{2:032x}", None)
    assert office.help_calls.next_of_booth(f"{1:032x}") == call
    with pytest.raises(NotThere):
        office.help_calls.answer("anna", f"{1:032x}", "too late")
    ring(office, clock, number=2, ended=True)
    ring(office, clock, number=3, booth="booth-2")
    assert office.help_calls.next_of_booth(f"{1:032x}") is None, "only a call of the same booth follows"


def test_no_booth_gets_the_answer_to_another_booths_call(office: Office, clock: HandClock) -> None:
    ring(office, clock)
    office.help_calls.answer("anna", f"{1:032x}", "hello")
    with pytest.raises(Conflict):
        ring(office, clock, booth="booth-2")
