"""Live help: after two failed bursts the booth calls staff, their line is shown on the pose screen, and they waive
one check.
"""

from behaviours.driver import Booth, booth_in, kinds
from kiosk.core import events as ev
from kiosk.core.events import Action, CallState
from kiosk.core.session import effects as fx
from kiosk.core.session.state import Flag, Reason, State
from rules.checks import NEVER_WAIVED, CheckId, Verdict


def rings(booth: Booth) -> list[str]:
    return [one.screen for one in booth.asked if isinstance(one, fx.CallStaff)]


def in_vain(booth: Booth) -> Booth:
    """Two bursts fail, and the graduate poses again."""
    booth.burst_fails()
    booth.pose(2)
    booth.burst_fails()
    booth.expect(State.POSE)
    return booth


def rung() -> Booth:
    return in_vain(booth_in(State.CAPTURE))


def direct(booth: Booth, release: CheckId | None, *, request: int | None = None) -> tuple[fx.Effect, ...]:
    open_call = booth.session.call or 0
    return booth.do(ev.HelpDirected(booth.now_ns, open_call if request is None else request, release))


def verdict_of(booth: Booth, check: CheckId) -> Verdict:
    assert booth.session.judgement is not None
    return next(one.verdict for one in booth.session.judgement.checks if one.check is check)


def desk_rings_after_two_failed_bursts_and_the_screen_stays() -> None:
    booth = booth_in(State.CAPTURE)
    booth.burst_fails()
    assert rings(booth) == []
    booth.pose(2)
    booth.burst_fails()
    booth.expect(State.POSE)
    assert rings(booth) == ["in_vain"]
    assert booth.session.call is not None


def desk_rings_after_two_takes_that_failed() -> None:
    booth = booth_in(State.CHOOSE)
    booth.finish(1, 0.5, (), (), ("neutral",))
    booth.touch(Action.RETAKE)
    assert rings(booth) == []
    booth.pose(12)
    booth.burst_taken()
    booth.finish(2, 0.5, (), (), ("neutral",))
    booth.touch(Action.RETAKE)
    assert rings(booth) == ["in_vain"]


def good_takes_ring_nobody() -> None:
    booth = booth_in(State.CHOOSE)
    booth.finish(1)
    booth.shoot_again()
    booth.finish(2)
    booth.touch(Action.RETAKE)
    assert rings(booth) == []


def who_gave_a_reason_is_not_rung_for() -> None:
    booth = booth_in(State.REASON)
    booth.touch(Action.GIVE_REASON, Reason.EYES.value)
    booth.pose(2)
    in_vain(booth)
    assert rings(booth) == []


def desk_is_rung_once_in_a_session() -> None:
    booth = rung()
    booth.touch(Action.HELP)
    booth.touch(Action.STILL_HERE)
    assert booth.session.call is None
    booth.touch(Action.HELP)
    booth.touch(Action.STILL_HERE)
    assert rings(booth).count("in_vain") == 1


def open_call_is_not_rung_again_by_the_booth() -> None:
    booth = rung()
    booth.pose(2)
    booth.burst_taken()
    booth.refuse(1)
    booth.expect(State.POSE)
    assert rings(booth) == ["in_vain"]


def line_of_staff_reaches_the_pose_and_postpones_nothing() -> None:
    booth = rung()
    active_ns = booth.session.active_ns
    booth.now_ns += 1_000_000_000
    assert booth.call_stands(CallState.ANSWERED, "line") == ()
    assert (booth.session.call_state, booth.session.answer) == (CallState.ANSWERED, "line")
    assert booth.session.active_ns == active_ns


def pressed_help_is_a_call_of_its_own() -> None:
    booth = rung()
    booth.call_stands(CallState.ANSWERED, "line")
    booth.touch(Action.HELP)
    booth.expect(State.STAFF_HELP)
    assert rings(booth) == ["in_vain", "pose"]
    assert (booth.session.call_state, booth.session.answer) == (None, None)


def call_that_staff_end_leaves_the_pose_as_it_is() -> None:
    booth = rung()
    booth.call_stands(CallState.ANSWERED, "line")
    before = booth.session
    assert kinds(booth.call_stands(CallState.ENDED)) == ["EndCall"]
    booth.expect(State.POSE)
    assert (booth.session.call, booth.session.call_state, booth.session.answer) == (None, None, None)
    assert (booth.session.since_ns, booth.session.active_ns) == (before.since_ns, before.active_ns)
    booth.pose(2)
    booth.burst_fails()
    assert rings(booth) == ["in_vain"], "staff have looked: the booth does not ring again"


def who_was_sent_to_the_desk_is_still_told_to_go_there_when_staff_end_the_call() -> None:
    booth = rung()
    booth.pose(2)
    booth.burst_fails()
    booth.expect(State.STAFF_HELP)
    booth.call_stands(CallState.WAITING)
    assert kinds(booth.call_stands(CallState.ENDED)) == ["EndCall"]
    booth.expect(State.STAFF_HELP)
    assert (booth.session.call, booth.session.call_state) == (None, None)
    booth.wait(60)
    booth.expect(State.ATTRACT)


def who_was_sent_to_the_desk_after_three_minutes_of_posing_stays_there_when_staff_end_the_call() -> None:
    booth = rung()
    booth.pose(181, frame_ms=500, distance=0.1)
    booth.expect(State.STAFF_HELP)
    assert kinds(booth.call_stands(CallState.ENDED)) == ["EndCall"]
    booth.expect(State.STAFF_HELP)
    booth.touch(Action.STILL_HERE)
    booth.expect(State.POSE, "the way back is open")


def call_ends_when_the_photo_is_saved() -> None:
    booth = rung()
    booth.take_and_accept()
    assert booth.session.call is not None
    assert "EndCall" in kinds(booth.saved())
    assert booth.session.call is None


def call_ends_when_somebody_else_may_sit_there() -> None:
    booth = rung()
    direct(booth, CheckId.EYES_OPEN)
    booth.pose(4, faces=0)
    assert "EndCall" in kinds(booth.look())
    booth.expect(State.CONFIRM)
    assert (booth.session.call, booth.session.rung, booth.session.waived) == (None, False, None)


def waived_check_only_warns() -> None:
    booth = rung()
    booth.pose(1, eyes_open=0)
    assert verdict_of(booth, CheckId.EYES_OPEN) is Verdict.FAIL
    assert direct(booth, CheckId.EYES_OPEN) == ()
    assert booth.session.failed_bursts == 0
    booth.pose(2, eyes_open=0)
    booth.expect(State.CAPTURE)
    order = booth.newest(fx.Shoot)
    assert isinstance(order, fx.Shoot)
    assert order.waived is CheckId.EYES_OPEN, "else the burst would be lost by it"
    assert not order.excused, "all other checks count as before"


def other_checks_hold_the_shot_as_before() -> None:
    booth = rung()
    direct(booth, CheckId.EYES_OPEN)
    booth.pose(3, roll=20, eyes_open=0)
    booth.expect(State.POSE)
    assert verdict_of(booth, CheckId.ROLL) is Verdict.FAIL


def one_check_is_waived_and_no_second_one() -> None:
    booth = rung()
    direct(booth, CheckId.EYES_OPEN)
    direct(booth, CheckId.GLASSES)
    direct(booth, None)
    assert booth.session.waived is CheckId.EYES_OPEN


def what_makes_a_legal_photo_is_never_waived() -> None:
    booth = rung()
    for check in (*NEVER_WAIVED, CheckId.SHOULDERS, CheckId.HAIR_EYES):
        direct(booth, check)
        assert booth.session.waived is None, f"{check} is never waived, or holds nobody up here"


def direction_for_another_call_is_foreseen_and_changes_nothing() -> None:
    booth = rung()
    direct(booth, CheckId.EYES_OPEN, request=1)
    assert booth.session.waived is None
    for state in State:
        other = booth_in(state)
        before = other.session
        assert other.do(ev.HelpDirected(other.now_ns, 1, CheckId.EYES_OPEN)) == ()
        assert other.session == before


def flags(booth: Booth, *failures: str) -> tuple[Flag, ...]:
    booth.pose(2, eyes_open=0)
    booth.burst_taken()
    booth.finish(1, 0.5, failures, (), failures)
    effects = booth.touch(Action.ACCEPT)
    return next(one.flags for one in effects if isinstance(one, fx.Save))


def waived_check_is_on_the_shot_and_says_more_than_a_failed_one() -> None:
    booth = rung()
    direct(booth, CheckId.EYES_OPEN)
    assert flags(booth, "eyes_open") == (Flag.CHECK_WAIVED,)


def another_failed_check_is_flagged_beside_the_waived_one() -> None:
    booth = rung()
    direct(booth, CheckId.EYES_OPEN)
    assert flags(booth, "eyes_open", "glasses") == (Flag.REQUIRED_FAILED, Flag.CHECK_WAIVED)


def next_graduate_has_nothing_waived() -> None:
    booth = rung()
    direct(booth, CheckId.EYES_OPEN)
    booth.touch(Action.HELP)
    booth.touch(Action.CANCEL)
    assert (booth.session.waived, booth.session.rung) == (None, False)
