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
    office: Office, clock: HandClock, number: int = 1, booth: str = "booth-1", *, ended: bool = False
) -> HelpAnswer:
    call = HelpCall(booth_id=booth, call_id=f"{number:032x}", at=clock.now, screen="pose", ended=ended)
    return office.help_calls.heard(booth, call)


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


def test_no_booth_hears_what_another_was_told(office: Office, clock: HandClock) -> None:
    ring(office, clock)
    office.help_calls.answer("anna", f"{1:032x}", "hello")
    with pytest.raises(Conflict):
        ring(office, clock, booth="booth-2")
