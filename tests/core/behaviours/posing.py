"""Pose: what the booth measures, and when it orders the shot."""

from behaviours.driver import booth_in, kinds
from kiosk.core.events import Action
from kiosk.core.session import effects as fx
from kiosk.core.session.state import State
from rules.checks import CheckId


def ready_graduate_is_lit_and_watched() -> None:
    booth = booth_in(State.PREPARE)
    assert booth.lit
    assert kinds(booth.touch(Action.READY)) == ["Light on", "Watch on"]
    booth.expect(State.POSE)


def shot_is_ordered_when_all_checks_held_for_a_moment() -> None:
    booth = booth_in(State.POSE)
    booth.look()
    booth.now_ns += 799_000_000
    assert booth.look() == ()
    booth.expect(State.POSE)
    booth.now_ns += 1_000_000
    asked = booth.look(roll=1.5)
    booth.expect(State.CAPTURE)
    assert kinds(asked) == ["Watch off", "Shoot"]
    order = asked[-1]
    assert isinstance(order, fx.Shoot)
    assert (order.take, order.decided_ns) == (1, booth.now_ns)
    assert booth.session.waiting_for == order.id
    assert booth.session.held_since_ns is None
    assert booth.session.judgement is not None
    assert 1.5 in [judged.value for judged in booth.session.judgement.checks], "the frame that decided is kept"


def one_failing_frame_starts_the_hold_again() -> None:
    booth = booth_in(State.POSE)
    booth.pose(0.7)
    assert booth.session.hold_ms(booth.now_ns) == 630
    booth.pose(0.07, roll=20)
    assert booth.session.hold_ms(booth.now_ns) == 0
    booth.pose(0.7)
    booth.expect(State.POSE)


def frame_is_judged_and_turned_into_one_instruction() -> None:
    booth = booth_in(State.POSE)
    since_ns = booth.session.since_ns
    booth.now_ns += 1_000
    assert booth.look(roll=20, eyes_open=0) == ()
    judgement = booth.session.judgement
    assert judgement is not None
    assert [judged.check for judged in judgement.failing()] == [CheckId.ROLL, CheckId.EYES_OPEN]
    assert booth.session.guidance.text == "guide.tilt_right"
    assert (booth.state, booth.session.since_ns) == (State.POSE, since_ns)


def pose_begins_without_yesterdays_words() -> None:
    booth = booth_in(State.POSE)
    booth.pose(0.5, roll=20)
    booth.touch(Action.HELP)
    booth.touch(Action.STILL_HERE)
    booth.expect(State.POSE)
    assert (booth.session.judgement, booth.session.guidance.text) == (None, "")
    assert booth.lit


def hold_before_the_shot_ends_with_still_there() -> None:
    booth = booth_in(State.POSE)
    booth.pose(0.5)
    booth.pose(15.5, faces=0)
    booth.expect(State.STILL_THERE)
    assert booth.session.held_since_ns is None
