"""Stills: staff who answer a call see the graduate only while the graduate agrees, on the help screen of that call."""

from behaviours.driver import Booth, booth_in
from kiosk.core import events as ev
from kiosk.core.events import Action, Agreement, CallState
from kiosk.core.session import effects as fx
from kiosk.core.session.state import State
from kiosk.core.session.stills import offers_stills, shows_stills


def heard() -> Booth:
    """Staff know of the call, and the graduate sits before the camera."""
    booth = booth_in(State.POSE)
    booth.look()
    booth.touch(Action.HELP)
    booth.call_stands(CallState.WAITING)
    booth.see_seat()
    return booth


def agreeing() -> Booth:
    booth = heard()
    booth.touch(Action.AGREE_STILLS)
    assert shows_stills(booth.session)
    return booth


def lose(booth: Booth, request: int | None = None) -> None:
    open_call = booth.newest(fx.CallStaff).id if request is None else request
    assert booth.do(ev.HelpLost(booth.now_ns, open_call)) == ()


def nobody_is_shown_who_has_not_agreed() -> None:
    booth = heard()
    assert offers_stills(booth.session)
    assert not shows_stills(booth.session)
    booth.wait(60)
    assert not shows_stills(booth.session)
    booth.see_seat()
    assert booth.session.agreed_seen_ns is None


def who_agrees_is_shown_and_nothing_else_is_asked_for() -> None:
    booth = heard()
    assert booth.touch(Action.AGREE_STILLS) == ()
    booth.expect(State.STAFF_HELP)
    assert booth.session.agreement is Agreement.GIVEN
    assert shows_stills(booth.session)


def who_refuses_is_not_shown_and_can_still_agree() -> None:
    booth = heard()
    assert booth.touch(Action.END_STILLS) == ()
    assert booth.session.agreement is Agreement.REFUSED
    assert not shows_stills(booth.session)
    booth.touch(Action.END_STILLS)
    assert booth.session.agreement is Agreement.REFUSED
    booth.touch(Action.AGREE_STILLS)
    assert shows_stills(booth.session)


def agreement_is_taken_back_at_once_and_a_second_press_gives_none() -> None:
    booth = agreeing()
    assert booth.touch(Action.END_STILLS) == ()
    assert (booth.session.agreement, booth.session.agreed_seen_ns) == (Agreement.ENDED, None)
    booth.touch(Action.END_STILLS)
    assert booth.session.agreement is Agreement.ENDED
    booth.touch(Action.AGREE_STILLS)
    assert shows_stills(booth.session), "who changes their mind may agree again"


def second_press_on_agree_prolongs_nothing() -> None:
    booth = agreeing()
    booth.wait(2)
    booth.touch(Action.AGREE_STILLS)
    booth.wait(1)
    assert booth.session.agreement is Agreement.ENDED


def nobody_is_asked_before_staff_know_of_the_call() -> None:
    booth = booth_in(State.POSE)
    booth.look()
    booth.touch(Action.HELP)
    assert not offers_stills(booth.session)
    for press in (Action.AGREE_STILLS, Action.END_STILLS):
        booth.touch(press)
        assert booth.session.agreement is Agreement.NONE


def stills_are_not_offered_before_the_booth_watches_the_seat() -> None:
    booth = booth_in(State.IDENTIFY)
    booth.touch(Action.HELP)
    booth.call_stands(CallState.WAITING)
    booth.touch(Action.AGREE_STILLS)
    assert not offers_stills(booth.session)
    assert booth.session.agreement is Agreement.NONE


def nobody_is_asked_outside_the_help_screen() -> None:
    booth = booth_in(State.CAPTURE)
    booth.burst_fails()
    booth.pose(2)
    booth.burst_fails()
    booth.call_stands(CallState.WAITING)
    assert booth.session.call is not None, "two checks in vain rang the desk"
    booth.expect(State.POSE)
    assert not offers_stills(booth.session)
    booth.touch(Action.AGREE_STILLS, foreseen=False)
    booth.touch(Action.HELP)
    booth.call_stands(CallState.WAITING)
    assert offers_stills(booth.session), "who comes from the pose to the help screen is asked there"


def nobody_is_asked_who_is_at_the_desk_without_a_call() -> None:
    booth = booth_in(State.POSE)
    booth.pose(181, frame_ms=500, distance=0.1)
    booth.expect(State.STAFF_HELP)
    booth.touch(Action.AGREE_STILLS)
    assert not offers_stills(booth.session)
    assert booth.session.agreement is Agreement.NONE


def going_on_and_leaving_end_the_agreement() -> None:
    for way in (Action.STILL_HERE, Action.CANCEL, Action.FINISH):
        booth = agreeing()
        booth.touch(way)
        assert (booth.session.agreement, booth.session.agreed_seen_ns) == (Agreement.NONE, None)
        assert not shows_stills(booth.session)


def end_of_the_call_by_staff_ends_the_agreement() -> None:
    booth = agreeing()
    booth.call_stands(CallState.ENDED)
    booth.expect(State.POSE)
    assert (booth.session.agreement, booth.session.agreed_seen_ns) == (Agreement.NONE, None)
    assert not shows_stills(booth.session)


def agreement_is_for_one_call() -> None:
    booth = agreeing()
    booth.touch(Action.STILL_HERE)
    booth.touch(Action.HELP)
    booth.call_stands(CallState.WAITING)
    assert offers_stills(booth.session)
    assert not shows_stills(booth.session)


def end_of_the_time_on_the_screen_ends_the_agreement() -> None:
    booth = agreeing()
    for _ in range(180):
        booth.wait(1)
        if booth.state is State.STAFF_HELP:
            booth.see_seat()
    booth.expect(State.ATTRACT)
    assert booth.session.agreement is Agreement.NONE


def photo_that_is_saved_late_ends_the_agreement() -> None:
    booth = heard_with_a_shot()
    booth.touch(Action.AGREE_STILLS)
    booth.saved()
    booth.expect(State.DONE)
    assert booth.session.agreement is Agreement.NONE


def heard_with_a_shot() -> Booth:
    """The desk rang by itself, and the photo that followed is not saved yet."""
    booth = booth_in(State.CAPTURE)
    for _ in range(2):
        booth.burst_fails()
        booth.pose(2)
    booth.burst_taken()
    booth.finish(1)
    booth.touch(Action.ACCEPT)
    booth.call_stands(CallState.WAITING)
    for _ in range(3):
        if booth.state is State.SAVING:
            booth.save_fails()
    booth.expect(State.STAFF_HELP)
    return booth


def seat_that_is_empty_for_three_seconds_ends_the_agreement() -> None:
    booth = agreeing()
    booth.now_ns += 500_000_000
    booth.see_seat(0)
    assert booth.session.agreement is Agreement.GIVEN
    assert not shows_stills(booth.session), "what may be an empty seat is not shown"
    booth.wait(2.4)
    assert booth.session.agreement is Agreement.GIVEN
    asked = len(booth.asked)
    booth.wait(0.5)
    assert (booth.session.agreement, booth.session.agreed_seen_ns) == (Agreement.ENDED, None)
    booth.expect(State.STAFF_HELP)
    assert len(booth.asked) == asked, "the graduate is still helped as before"


def who_sits_down_after_three_seconds_is_not_shown() -> None:
    booth = agreeing()
    booth.see_seat(0)
    booth.now_ns += 3_000_000_000
    assert booth.see_seat() == ()
    assert booth.session.agreement is Agreement.ENDED
    booth.expect(State.STAFF_HELP)
    assert booth.session.seated, "the look at the seat counts as ever"
    assert booth.session.changed


def who_is_away_for_a_moment_is_shown_again() -> None:
    booth = agreeing()
    booth.see_seat(0)
    booth.wait(2)
    booth.see_seat()
    assert shows_stills(booth.session)
    booth.wait(2)
    assert shows_stills(booth.session), "the three seconds begin with the last look that saw a face"


def camera_that_shows_nothing_ends_the_agreement() -> None:
    booth = agreeing()
    booth.wait(3)
    assert booth.session.agreement is Agreement.ENDED


def who_sits_still_is_shown_as_long_as_the_call_is_open() -> None:
    booth = agreeing()
    for _ in range(100):
        booth.wait(0.5)
        booth.see_seat()
    assert shows_stills(booth.session)


def lost_link_ends_the_agreement() -> None:
    booth = agreeing()
    lose(booth)
    assert (booth.session.agreement, booth.session.agreed_seen_ns) == (Agreement.ENDED, None)


def lost_link_of_another_call_or_without_agreement_changes_nothing() -> None:
    booth = agreeing()
    lose(booth, request=1)
    assert booth.session.agreement is Agreement.GIVEN
    booth = heard()
    lose(booth)
    assert booth.session.agreement is Agreement.NONE
    for state in State:
        other = booth_in(state)
        before = other.session
        assert other.do(ev.HelpLost(other.now_ns, 1)) == ()
        assert other.session == before
