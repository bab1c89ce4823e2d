"""Save and done: an accepted shot is durable before the screen says so."""

from behaviours.driver import BOTH, Booth, booth_in, kinds
from kiosk.core import events as ev
from kiosk.core.events import Action, CallState, FinishFault, SeasonState
from kiosk.core.identity import Identification
from kiosk.core.session import effects as fx
from kiosk.core.session.state import Flag, HelpReason, State


def accepted_take_is_saved_with_all_that_is_known() -> None:
    booth = Booth(BOTH).at_identify()
    booth.lay_card("card-li", valid=False)
    booth.scan("code-li")
    row = ev.RowTokens("row-li", "school-a")
    booth.answer_for("card-li", row)
    booth.answer_for("code-li", row)
    booth.touch(Action.CONFIRM)
    booth.recalled(None)
    booth.touch(Action.READY)
    booth.pose(2)
    booth.burst_taken()
    booth.finish(1)
    consent_ns = booth.session.consent_ns
    assert consent_ns is not None
    (_, order) = booth.touch(Action.ACCEPT)
    assert order == fx.Save(
        id=order.id,
        take=1,
        person="card-li",
        identified_by=Identification.BOTH,
        row="row-li",
        opaque_codes=(),
        flags=(Flag.CARD_EXPIRED,),
        consent_ns=consent_ns,
    )
    assert booth.session.waiting_for == order.id


def clock_and_calendar_that_are_unsure_are_flagged() -> None:
    for season, flags in (
        (SeasonState.OPEN, ()),
        (SeasonState.CLOCK_UNSYNCED, (Flag.CLOCK_UNSYNCED,)),
        (SeasonState.YEAR_UNCONFIRMED, (Flag.YEAR_UNCONFIRMED,)),
    ):
        booth = booth_in(State.CHOOSE)
        booth.finish(1)
        booth.tell_season(season)
        (_, order) = booth.touch(Action.ACCEPT)
        assert isinstance(order, fx.Save)
        assert order.flags == flags


def screen_says_done_only_when_the_shot_is_durable() -> None:
    booth = booth_in(State.SAVING)
    booth.wait(5)
    booth.expect(State.SAVING)
    booth.saved("AB12")
    assert (booth.state, booth.session.receipt) == (State.DONE, "AB12")
    assert booth.session.waiting_for is None


def failed_save_is_tried_again_twice() -> None:
    booth = booth_in(State.SAVING)
    for failures in (1, 2):
        since_ns, booth.now_ns = booth.session.since_ns, booth.now_ns + 1_000
        asked = booth.save_fails()
        assert kinds(asked) == ["Save"]
        assert (booth.state, booth.session.since_ns) == (State.SAVING, since_ns)
        assert booth.session.save_failures == failures
        assert booth.session.waiting_for == asked[0].id
    assert booth.save_fails()
    assert (booth.state, booth.session.help) == (State.STAFF_HELP, HelpReason.NOT_SAVED)
    booth.touch(Action.STILL_HERE)
    booth.expect(State.STAFF_HELP)


def save_that_works_at_the_second_try_is_done() -> None:
    booth = booth_in(State.SAVING)
    booth.save_fails()
    booth.saved()
    booth.expect(State.DONE)


def outcome_of_another_save_is_not_taken_for_this_one() -> None:
    booth = booth_in(State.SAVING)
    first = booth.newest(fx.Save).id
    booth.save_fails()
    before = booth.session
    for stale in (first, first + 7):
        booth.do(ev.Saved(booth.now_ns, stale, "ZZ99"))
        booth.expect(State.SAVING)
        for _ in range(3):
            booth.do(ev.SaveFailed(booth.now_ns, stale))
    assert booth.session == before


def shot_that_becomes_durable_late_still_gets_its_receipt() -> None:
    booth = booth_in(State.SAVING)
    order = booth.newest(fx.Save).id
    booth.wait(20)
    assert (booth.state, booth.session.help) == (State.STAFF_HELP, HelpReason.NOT_SAVED)
    booth.do(ev.Saved(booth.now_ns, order + 1, "ZZ99"))
    booth.expect(State.STAFF_HELP)
    booth.do(ev.Saved(booth.now_ns, order, "AB12"))
    assert (booth.state, booth.session.receipt) == (State.DONE, "AB12")


def nothing_is_saved_for_who_waits_for_no_photo() -> None:
    booth = booth_in(State.CAPTURE)
    order = booth.newest(fx.Shoot).id
    booth.wait(60)
    assert (booth.state, booth.session.waiting_for) == (State.STAFF_HELP, order)
    booth.do(ev.Saved(booth.now_ns, order, "AB12"))
    booth.expect(State.STAFF_HELP)


def call_for_help_before_shortens_no_wait_for_a_photo_that_is_not_saved_yet() -> None:
    booth = booth_in(State.CAPTURE)
    booth.burst_fails()
    booth.pose(2)
    booth.burst_fails()
    booth.call_stands(CallState.WAITING)
    booth.take_and_accept()
    booth.wait(20)
    assert booth.session.help is HelpReason.NOT_SAVED
    booth.wait(299)
    booth.expect(State.STAFF_HELP)


def photo_that_is_not_saved_yet_is_waited_for_until_staff_have_come() -> None:
    booth = booth_in(State.SAVING)
    booth.wait(20)
    assert booth.session.help is HelpReason.NOT_SAVED
    booth.wait(299)
    booth.expect(State.STAFF_HELP)
    booth.do(ev.Saved(booth.now_ns, booth.newest(fx.Save).id, "AB12"))
    booth.expect(State.DONE, "a late receipt is one")
    booth = booth_in(State.SAVING)
    booth.wait(321)
    booth.expect(State.ATTRACT)


def photo_that_is_lost_is_never_promised_to_be_saved() -> None:
    """The booth offers another take, else another shot, else the desk; a lost photo can't be accepted again."""
    booth = booth_in(State.CHOOSE)
    booth.shoot_again()
    booth.finish(1, 0.5)
    booth.finish(2, 0.9)
    booth.touch(Action.ACCEPT)
    booth.lose_photo()
    assert (booth.state, booth.session.picked) == (State.CHOOSE, 1)
    assert booth.session.takes[1].fault is FinishFault.FILE
    booth.touch(Action.ACCEPT)
    booth.lose_photo()
    assert (booth.state, booth.session.picked, booth.session.proposed) == (State.POSE, None, None)
    booth.pose(10)
    booth.burst_taken()
    booth.finish(3)
    booth.touch(Action.ACCEPT)
    booth.lose_photo()
    assert (booth.state, booth.session.help) == (State.STAFF_HELP, HelpReason.NO_LEGAL_PHOTO)
    assert (booth.session.picked, booth.session.proposed) == (None, None)


def photo_of_another_save_that_is_lost_changes_nothing() -> None:
    booth = booth_in(State.SAVING)
    before = booth.session
    booth.do(ev.PhotoLost(booth.now_ns, booth.newest(fx.Save).id + 7))
    assert booth.session == before


def finished_graduate_leaves_nothing_behind() -> None:
    booth = booth_in(State.DONE)
    assert kinds(booth.touch(Action.FINISH)) == ["Forget", "Listen off", "Watch off", "Light off", "AskSeason"]
    booth.expect(State.ATTRACT)


def next_graduate_starts_from_nothing() -> None:
    booth = booth_in(State.DONE)
    booth.touch(Action.FINISH)
    booth.touch(Action.START)
    assert booth.session.consent_ns is None
    booth.touch(Action.AGREE)
    booth.lay_card("card-wu")
    booth.answer(ev.RowTokens("row-wu", "school-b"))
    booth.touch(Action.CONFIRM)
    booth.recalled(None)
    booth.touch(Action.READY)
    booth.pose(2)
    order = booth.newest(fx.Shoot)
    assert isinstance(order, fx.Shoot)
    assert order.take == 1
