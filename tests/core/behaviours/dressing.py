"""Getting ready before the pose: the booth sees what people wear, and asks about a top that cannot be changed here."""

from behaviours.driver import LI, Booth, booth_in, kinds
from kiosk.core import events as ev
from kiosk.core.events import Action, CallState
from kiosk.core.inputs import Measures, Sight
from kiosk.core.session import effects as fx
from kiosk.core.session.quality import NOBODY, Judgement
from kiosk.core.session.state import Flag, HelpReason, State
from rules.checks import CheckId, Verdict

GREEN = 20.0  # a value of top_colour


def verdicts(looks: Judgement | None) -> dict[CheckId, Verdict]:
    assert looks is not None
    return {one.check: one.verdict for one in looks.checks}


def flags_of_the_shot(booth: Booth) -> tuple[Flag, ...]:
    """Pose, shoot and accept."""
    booth.lamps_tested()
    return booth.take_and_accept().flags


def what_is_worn_is_looked_at_while_the_graduate_gets_ready() -> None:
    booth = booth_in(State.PREPARE)
    assert booth.newest(fx.Watch) == fx.Watch(booth.newest(fx.Watch).id, on=True, sight=Sight.WORN)
    booth.dress(glasses=30.0)
    assert verdicts(booth.session.looks) == {CheckId.GLASSES: Verdict.FAIL, CheckId.TOP_COLOUR: Verdict.PASS}
    booth.dress()
    assert verdicts(booth.session.looks) == {CheckId.GLASSES: Verdict.PASS, CheckId.TOP_COLOUR: Verdict.PASS}
    booth.touch(Action.READY)
    assert booth.newest(fx.Watch) == fx.Watch(booth.newest(fx.Watch).id, on=True, sight=Sight.POSE)


def what_is_seen_in_the_light_of_the_self_test_is_not_judged() -> None:
    """With only one lamp, half of a white top is dark."""
    booth = booth_in(State.PREPARE)
    assert booth.session.lighting is not None
    early = Measures(booth.session.lighting.steady_ns - 1, 1, {CheckId.TOP_COLOUR: GREEN})
    booth.do(ev.LooksSeen(booth.now_ns, early))
    assert booth.session.looks is None
    booth.dress(top_colour=GREEN)
    booth.lamps_tested()
    assert booth.session.looks is None, "the test took longer than expected"
    booth.dress()
    booth.touch(Action.READY)
    booth.expect(State.POSE)


def who_turns_away_to_tidy_up_is_judged_as_before() -> None:
    booth = booth_in(State.PREPARE)
    booth.dress(glasses=30.0)
    before = booth.session.looks
    booth.now_ns += 1_000_000_000
    booth.do(ev.LooksSeen(booth.now_ns, Measures(booth.now_ns, 1)))
    assert booth.session.looks == before
    booth.do(ev.LooksSeen(booth.now_ns, Measures(booth.now_ns, 0)))
    assert booth.session.looks == NOBODY


def glasses_hold_nobody_up() -> None:
    """People who cannot do without glasses say so on the pose screen."""
    booth = booth_in(State.PREPARE)
    booth.dress(glasses=30.0)
    booth.touch(Action.READY)
    booth.expect(State.POSE)


def graduate_says_that_jewellery_is_off_as_long_as_they_get_ready() -> None:
    booth = booth_in(State.PREPARE)
    before = booth.session.jewellery_off
    assert booth.touch(Action.JEWELLERY_OFF) == ()
    assert (before, booth.session.jewellery_off) == (False, True)
    booth.expect(State.PREPARE)
    booth.touch(Action.READY)
    booth.expect(State.POSE, "it holds nobody up")
    booth = booth_in(State.WRONG_TOP)
    booth.touch(Action.STILL_HERE)
    booth.touch(Action.JEWELLERY_OFF)
    booth.touch(Action.HELP)
    booth.touch(Action.STILL_HERE)
    assert not booth.session.jewellery_off, "what was said before is asked anew"


def wrong_top_is_asked_about_before_the_pose() -> None:
    booth = booth_in(State.PREPARE)
    booth.dress(top_colour=GREEN)
    assert kinds(booth.touch(Action.READY)) == ["Watch on"]
    booth.expect(State.WRONG_TOP)


def wrong_top_is_asked_about_when_the_storage_answers_who_was_quick() -> None:
    booth = Booth().at_confirm()
    booth.touch(Action.CONFIRM)
    booth.dress(top_colour=GREEN)
    booth.touch(Action.READY)
    booth.expect(State.PREPARE, "the storage has not answered")
    booth.recalled(None)
    booth.expect(State.WRONG_TOP)
    assert booth.session.recalled


def answer_about_somebody_else_asks_nobody_about_the_top() -> None:
    booth = Booth().at_confirm()
    booth.touch(Action.CONFIRM)
    booth.dress(top_colour=GREEN)
    booth.touch(Action.READY)
    booth.do(ev.Recalled(booth.now_ns, booth.newest(fx.Recall).id + 100, None, ()))
    booth.expect(State.PREPARE)


def answer_of_the_storage_alone_asks_nobody_about_the_top() -> None:
    booth = Booth().at_confirm()
    booth.touch(Action.CONFIRM)
    booth.dress(top_colour=GREEN)
    booth.recalled(None)
    booth.expect(State.PREPARE)


def top_that_is_changed_in_time_is_not_asked_about() -> None:
    booth = booth_in(State.PREPARE)
    booth.dress(top_colour=GREEN)
    booth.dress()
    booth.touch(Action.READY)
    booth.expect(State.POSE)


def top_that_is_not_seen_is_not_asked_about() -> None:
    booth = booth_in(State.PREPARE)
    booth.dress(top_colour=None)
    booth.touch(Action.READY)
    booth.expect(State.POSE)


def who_has_no_other_top_goes_on_and_staff_see_it() -> None:
    booth = booth_in(State.WRONG_TOP)
    assert kinds(booth.touch(Action.KEEP_TOP)) == ["Light on", "Watch on"]
    booth.expect(State.POSE)
    assert Flag.TOP_KEPT in flags_of_the_shot(booth)


def who_wears_the_right_top_has_no_flag() -> None:
    booth = booth_in(State.PREPARE)
    booth.dress()
    booth.touch(Action.READY)
    assert Flag.TOP_KEPT not in flags_of_the_shot(booth)


def asking_for_a_top_rings_the_desk_and_leads_back_to_another_look() -> None:
    booth = booth_in(State.WRONG_TOP)
    asked = booth.touch(Action.ASK_TOP)
    call = next(one for one in asked if isinstance(one, fx.CallStaff))
    assert (call.screen, booth.session.call) == ("wrong_top", call.id)
    assert (booth.state, booth.session.help) == (State.STAFF_HELP, HelpReason.NO_TOP)
    booth.call_stands(CallState.ANSWERED, "line")
    booth.touch(Action.STILL_HERE)
    booth.expect(State.PREPARE)
    assert booth.session.looks is None
    booth.dress()
    booth.touch(Action.READY)
    booth.expect(State.POSE)


def changed_top_is_looked_at_anew() -> None:
    booth = booth_in(State.WRONG_TOP)
    assert kinds(booth.touch(Action.STILL_HERE)) == ["Listen off", "Light on", "Watch on"]
    booth.expect(State.PREPARE)
    assert booth.session.looks is None


def top_of_the_next_photo_is_asked_about_again() -> None:
    """Staff asked for another photo; by then the graduate may have another top."""
    booth = booth_in(State.WRONG_TOP)
    booth.touch(Action.KEEP_TOP)
    flags_of_the_shot(booth)
    booth.saved()
    booth.stands(ev.DecisionState.REJECTED, "top_colour")
    booth.touch(Action.RETAKE)
    booth.expect(State.PREPARE)
    assert Flag.TOP_KEPT not in booth.session.flags
    booth.dress(top_colour=GREEN)
    booth.touch(Action.READY)
    booth.expect(State.WRONG_TOP)


def looks_that_come_late_change_nothing() -> None:
    for state in State:
        if state is State.PREPARE:
            continue
        booth = booth_in(state)
        before = booth.session
        assert booth.dress(top_colour=GREEN) == ()
        assert booth.session == before


def wrong_top_has_what_it_needs_like_the_screen_before_it() -> None:
    booth = booth_in(State.WRONG_TOP)
    booth.fail(ev.Device.CARD_READER)
    booth.expect(State.WRONG_TOP)
    booth.answer_for("card-li", LI)
    booth.expect(State.WRONG_TOP)
