"""Passes from the office, and people who were photographed on campus."""

from dataclasses import replace

from behaviours.driver import LI, Booth, booth_in
from kiosk.core import events as ev
from kiosk.core.events import Action, DecisionState, RowTokens, SeasonState
from kiosk.core.session import effects as fx
from kiosk.core.session.state import Flag, HelpReason, State

AFTER = SeasonState.AFTER_SEASON
HAS_PASS = replace(LI, allowed=True)
ON_CAMPUS = replace(LI, photographed=True)
ON_CAMPUS_WITH_PASS = replace(LI, photographed=True, allowed=True)


def closed(*, appointments: bool, season: SeasonState = AFTER) -> Booth:
    booth = booth_in(State.CLOSED)
    booth.do(ev.SeasonTold(booth.now_ns, season, appointments))
    booth.expect(State.CLOSED)
    return booth


def confirming(booth: Booth, row: RowTokens) -> Booth:
    """A booth in which somebody whose card leads to `row` has confirmed being that person."""
    booth.touch(Action.START)
    booth.touch(Action.AGREE)
    booth.lay_card()
    booth.answer(row)
    booth.recalled(None)
    booth.touch(Action.CONFIRM)
    return booth


def flags_of_the_shot(booth: Booth) -> tuple[Flag, ...]:
    booth.touch(Action.READY)
    booth.lamps_tested()
    return booth.take_and_accept().flags


def closed_booth_begins_only_where_some_pass_is_in_force() -> None:
    booth = closed(appointments=False)
    booth.touch(Action.START)
    booth.expect(State.CLOSED)
    booth = closed(appointments=True)
    booth.touch(Action.START)
    booth.expect(State.CONSENT)


def pass_opens_the_booth_for_exactly_its_person_and_staff_see_it() -> None:
    booth = confirming(closed(appointments=True), HAS_PASS)
    booth.expect(State.PREPARE)
    assert Flag.BY_APPOINTMENT in flags_of_the_shot(booth)
    booth = confirming(closed(appointments=True), LI)
    assert (booth.state, booth.session.help) == (State.STAFF_HELP, HelpReason.NO_APPOINTMENT)
    booth.touch(Action.STILL_HERE)
    booth.expect(State.STAFF_HELP, "there is no way back into the session")


def pass_asks_for_another_photo_of_who_has_an_approved_one_and_staff_see_it() -> None:
    for early in (True, False):
        booth = booth_in(State.ATTRACT)
        booth.touch(Action.START)
        booth.touch(Action.AGREE)
        booth.lay_card()
        booth.answer(HAS_PASS)
        if early:
            booth.recalled(DecisionState.APPROVED)
        booth.touch(Action.CONFIRM)
        if not early:
            booth.recalled(DecisionState.APPROVED)
        booth.expect(State.PREPARE)
        assert Flag.BY_APPOINTMENT in flags_of_the_shot(booth)


def somebody_without_a_row_has_no_appointment() -> None:
    booth = closed(appointments=True)
    booth.touch(Action.START)
    booth.touch(Action.AGREE)
    booth.lay_card()
    booth.answer()
    booth.touch(Action.CONFIRM)
    assert (booth.state, booth.session.help) == (State.STAFF_HELP, HelpReason.NO_APPOINTMENT)


def nobody_is_sent_away_while_a_key_is_looked_up() -> None:
    booth = closed(appointments=True)
    booth.touch(Action.START)
    booth.touch(Action.AGREE)
    booth.lay_card()
    booth.answer(LI)
    booth.scan("code-late")
    booth.touch(Action.CONFIRM)
    booth.expect(State.CONFIRM)


def in_season_a_pass_changes_nothing() -> None:
    booth = confirming(booth_in(State.ATTRACT), HAS_PASS)
    booth.expect(State.PREPARE)
    assert Flag.BY_APPOINTMENT not in flags_of_the_shot(booth)


def booth_that_opens_needs_no_pass_any_more() -> None:
    booth = closed(appointments=True)
    booth.do(ev.SeasonTold(booth.now_ns, SeasonState.OPEN, True))
    booth.expect(State.ATTRACT)


def whoever_was_photographed_on_campus_does_not_go_on_without_staff() -> None:
    booth = confirming(booth_in(State.ATTRACT), ON_CAMPUS)
    booth.expect(State.CONFIRM)
    look = booth.asked[-1]
    assert isinstance(look, fx.LookUp), "another touch asks whether staff have opened the booth meanwhile"
    booth.touch(Action.CONFIRM)
    assert booth.asked[-1] is look, "it is asked for once"
    booth.answer(ON_CAMPUS)
    booth.touch(Action.CONFIRM)
    booth.expect(State.CONFIRM)


def staff_open_the_booth_while_the_graduate_waits() -> None:
    for by_code in (False, True):
        booth = booth_in(State.IDENTIFY)
        if by_code:
            booth.scan()
        else:
            booth.lay_card()
        booth.answer(ON_CAMPUS)
        booth.touch(Action.CONFIRM)
        booth.answer(ON_CAMPUS_WITH_PASS)
        booth.recalled(None)
        booth.touch(Action.CONFIRM)
        booth.expect(State.PREPARE)
        assert Flag.BY_APPOINTMENT in flags_of_the_shot(booth)


def another_person_is_judged_by_their_own_row() -> None:
    booth = confirming(booth_in(State.ATTRACT), ON_CAMPUS)
    booth.answer(ON_CAMPUS)
    booth.touch(Action.NOT_ME)
    assert (booth.session.photographed, booth.session.allowed) == (False, False)
    booth.lay_card("card-wu")
    booth.answer(LI)
    booth.recalled(None)
    booth.touch(Action.CONFIRM)
    booth.expect(State.PREPARE)


def graduate_may_say_that_the_data_are_wrong_and_take_it_back() -> None:
    booth = booth_in(State.CONFIRM)
    since_ns, booth.now_ns = booth.session.since_ns, booth.now_ns + 1_000
    booth.touch(Action.DATA_WRONG)
    assert Flag.DATA_WRONG in booth.session.flags
    assert booth.session.since_ns == since_ns, "the screen stays"
    booth.touch(Action.DATA_WRONG)
    assert Flag.DATA_WRONG not in booth.session.flags
    booth.touch(Action.DATA_WRONG)
    booth.recalled(None)
    booth.touch(Action.CONFIRM)
    booth.expect(State.PREPARE)
    assert Flag.DATA_WRONG in flags_of_the_shot(booth)


def data_of_somebody_else_are_not_called_wrong() -> None:
    booth = booth_in(State.CONFIRM)
    booth.touch(Action.DATA_WRONG)
    booth.touch(Action.NOT_ME)
    assert Flag.DATA_WRONG not in booth.session.flags
