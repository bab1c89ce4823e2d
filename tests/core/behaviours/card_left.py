"""A card left on the reader: its owner is reminded, and it never gets into another person's session."""

from behaviours.driver import LI, WU, Booth, booth_in
from kiosk.core import events as ev
from kiosk.core.events import Action, Device, SeasonState
from kiosk.core.session import effects as fx
from kiosk.core.session.state import Hint, Session, State


def left_in(state: State) -> Booth:
    """A session in `state` whose card still lies on the reader."""
    booth = booth_in(state)
    booth.card_found()
    return booth


def tick(booth: Booth) -> None:
    booth.do(ev.Tick(booth.now_ns))


def card_that_lies_there_is_known_in_every_state_of_a_session() -> None:
    for state in (State.IDENTIFY, State.CONFIRM, State.PREPARE, State.POSE, State.CHOOSE, State.DONE, State.REJECTED):
        booth = left_in(state)
        assert (booth.session.card_lies, booth.session.former_card) == (True, False), "it is this graduate's"
        booth.expect(state)
        booth.card_removed()
        assert (booth.session.card_lies, booth.session.former_card) == (False, False)
        booth.expect(state)


def whoever_leaves_without_the_card_leads_to_card_left_until_it_is_gone() -> None:
    for state, action in ((State.IDENTIFY, Action.CANCEL), (State.DONE, Action.FINISH), (State.PREPARE, Action.CANCEL)):
        booth = left_in(state)
        booth.touch(action)
        tick(booth)
        booth.expect(State.CARD_LEFT)
        booth.wait(600)
        booth.expect(State.CARD_LEFT)
        booth.card_removed()
        tick(booth)
        booth.expect(State.ATTRACT)
        booth.touch(Action.START)
        booth.expect(State.CONSENT)


def session_that_runs_out_leads_there_too() -> None:
    booth = left_in(State.IDENTIFY)
    booth.wait(45 + 20)
    tick(booth)
    booth.expect(State.CARD_LEFT)


def card_taken_in_time_is_no_matter() -> None:
    booth = left_in(State.IDENTIFY)
    booth.card_removed()
    booth.touch(Action.CANCEL)
    tick(booth)
    booth.expect(State.ATTRACT)


def season_is_asked_every_minute_while_a_card_is_left() -> None:
    booth = booth_in(State.CARD_LEFT)
    before = sum(isinstance(one, fx.AskSeason) for one in booth.asked)
    booth.wait(61)
    assert sum(isinstance(one, fx.AskSeason) for one in booth.asked) == before + 1


def minute_begins_anew_when_somebody_touches_the_screen_of_a_card_left() -> None:
    booth = booth_in(State.CARD_LEFT)
    before = sum(isinstance(one, fx.AskSeason) for one in booth.asked)
    booth.wait(30)
    booth.touch(Action.LANGUAGE)
    booth.wait(31)
    assert sum(isinstance(one, fx.AskSeason) for one in booth.asked) == before
    booth.wait(30)
    assert sum(isinstance(one, fx.AskSeason) for one in booth.asked) == before + 1


def screen_of_a_card_that_is_left_never_gives_way() -> None:
    booth = booth_in(State.CARD_LEFT)
    for _ in range(1_300):
        booth.wait(0.1)
        booth.expect(State.CARD_LEFT)


def card_of_the_one_before_is_told_where_the_school_is_asked() -> None:
    booth = booth_in(State.CARD_LEFT)
    booth.fail(Device.CARD_READER)
    booth.touch(Action.START)
    booth.touch(Action.AGREE)
    booth.recover(Device.CARD_READER)
    booth.scan()
    booth.answer(LI, WU)
    booth.expect(State.SCHOOL)
    booth.card_found()
    assert booth.lay_card("card-former") == ()
    assert (booth.session.card, booth.session.hint) == (None, Hint.TAKE_AWAY)
    booth.expect(State.SCHOOL)


def closing_time_takes_no_card_off_the_screen() -> None:
    booth = booth_in(State.CARD_LEFT)
    booth.tell_season(SeasonState.OUT_OF_HOURS)
    tick(booth)
    booth.expect(State.CARD_LEFT)
    booth.card_removed()
    tick(booth)
    booth.tell_season(SeasonState.OUT_OF_HOURS)
    booth.expect(State.CLOSED)


def card_left_in_a_booth_that_closes_at_the_end_of_the_session_is_told() -> None:
    booth = left_in(State.DONE)
    booth.touch(Action.FINISH)
    booth.tell_season(SeasonState.OUT_OF_HOURS)
    booth.expect(State.CLOSED)
    tick(booth)
    booth.expect(State.CARD_LEFT)


def reader_that_fails_holds_nobody_up() -> None:
    booth = booth_in(State.CARD_LEFT)
    booth.fail(Device.CARD_READER)
    booth.expect(State.ATTRACT)
    assert booth.session.former_card, "it may still lie there"


def other_devices_tell_nothing_of_the_card() -> None:
    booth = booth_in(State.CARD_LEFT)
    booth.fail(Device.SCANNER)
    booth.expect(State.CARD_LEFT)


def card_of_the_one_before_is_never_looked_up() -> None:
    """The reader failed while the card lay there, and works again in the next person's session."""
    for key, state in ((True, State.IDENTIFY), (False, State.CONFIRM)):
        booth = booth_in(State.CARD_LEFT)
        booth.fail(Device.CARD_READER)
        booth.touch(Action.START)
        booth.touch(Action.AGREE)
        booth.recover(Device.CARD_READER)
        if not key:
            booth.scan()
            booth.answer(LI)
        booth.expect(state)
        booth.card_found()
        asked = booth.lay_card("card-former")
        assert asked == ()
        assert (booth.session.card, booth.session.hint) == (None, Hint.TAKE_AWAY)
        booth.card_removed()
        booth.card_found()
        assert [type(one) for one in booth.lay_card("card-own")] == [fx.LookUp]
        assert booth.session.card == "card-own"


def nothing_of_the_person_is_left_with_the_card() -> None:
    booth = booth_in(State.CARD_LEFT)
    assert booth.session.person is None
    assert booth.session.card is None
    assert Session().card_lies is False
