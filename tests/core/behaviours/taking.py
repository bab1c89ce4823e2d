"""Capture and choose: the burst, the takes, the choice."""

from behaviours.driver import EITHER, Booth, booth_in, kinds
from kiosk.core import events as ev
from kiosk.core.events import Action, Device, FinishFault, ShootFault
from kiosk.core.session import effects as fx
from kiosk.core.session.state import HelpReason, SessionPolicy, State, Take

ONE_TAKE = SessionPolicy(EITHER.identification, EITHER.live_rules, max_takes=1)


def burst_becomes_a_take_and_is_finished_while_the_graduate_looks() -> None:
    booth = booth_in(State.CAPTURE)
    asked = booth.burst_taken()
    booth.expect(State.CHOOSE)
    assert booth.session.takes == (Take(1),)
    assert booth.session.waiting_for is None
    assert [effect.take for effect in asked if isinstance(effect, fx.Finish)] == [1]


def failed_burst_is_tried_again_with_its_reason() -> None:
    booth = booth_in(State.CAPTURE)
    booth.burst_fails(ShootFault.POSE_LOST)
    assert (booth.state, booth.session.shoot_fault) == (State.POSE, ShootFault.POSE_LOST)
    assert booth.session.waiting_for is None
    booth.pose(2)
    booth.burst_fails(ShootFault.NO_FACE)
    assert (booth.state, booth.session.shoot_fault) == (State.POSE, ShootFault.NO_FACE)
    booth.pose(2)
    booth.burst_taken()
    assert (booth.state, booth.session.shoot_fault, booth.session.failed_bursts) == (State.CHOOSE, None, 0)


def three_failed_bursts_lead_to_staff() -> None:
    booth = booth_in(State.CAPTURE)
    for _ in range(2):
        booth.burst_fails()
        booth.expect(State.POSE)
        booth.pose(2)
    booth.burst_fails()
    assert (booth.state, booth.session.help) == (State.STAFF_HELP, HelpReason.NO_LEGAL_PHOTO)


def excused(booth: Booth) -> bool:
    order = booth.newest(fx.Shoot)
    assert isinstance(order, fx.Shoot)
    return order.excused


def the_last_try_keeps_whatever_it_gets() -> None:
    booth = booth_in(State.CAPTURE)
    asked = [excused(booth)]
    for _ in range(2):
        booth.burst_fails()
        booth.pose(2)
        asked.append(excused(booth))
    assert asked == [False, False, True], "the third burst, after two that were lost"
    booth = booth_in(State.CHOOSE)
    for take in (1, 2):
        booth.refuse(take)
        booth.pose(10)
        assert excused(booth) is (take == 2), "the third take, after two without a legal crop"
        booth.burst_taken()
    one = Booth(ONE_TAKE).at_choose()
    assert not excused(one), "a profile's only take is no last try"


def with_a_photo_in_hand_no_try_is_the_last() -> None:
    booth = booth_in(State.CHOOSE)
    booth.finish(1)
    booth.touch(Action.RETAKE)
    for _ in range(2):
        booth.pose(2)
        booth.burst_fails()
    booth.pose(2)
    assert not excused(booth)


def three_failed_bursts_leave_the_earlier_take() -> None:
    for finished in (True, False):
        booth = booth_in(State.CHOOSE)
        if finished:
            booth.finish(1)
        booth.touch(Action.RETAKE)
        for fault in (ShootFault.NO_FACE, ShootFault.NO_FACE, ShootFault.POSE_LOST):
            booth.expect(State.POSE)
            booth.pose(2)
            booth.burst_fails(fault)
        assert (booth.state, booth.session.shoot_fault) == (State.CHOOSE, ShootFault.POSE_LOST)
        assert len(booth.session.takes) == 1


def outcome_of_another_order_is_not_taken_for_this_one() -> None:
    booth = booth_in(State.CAPTURE)
    order = booth.newest(fx.Shoot)
    before = booth.session
    for stale in (order.id - 1, order.id + 1):
        booth.do(ev.BurstTaken(booth.now_ns, stale, 1))
        booth.do(ev.BurstFailed(booth.now_ns, stale, ShootFault.NO_FACE))
    booth.session = before
    for _ in range(3):
        booth.do(ev.BurstFailed(booth.now_ns, order.id - 1, ShootFault.NO_FACE))
    assert booth.session == before


def camera_that_dies_takes_no_earlier_take_with_it() -> None:
    for state in (State.POSE, State.REASON, State.CAPTURE):
        booth = Booth().at_retake()
        if state is State.CAPTURE:
            booth.pose(2)
        if state is State.REASON:
            booth.pose(20.5, frame_ms=500, eyes_open=0)
            booth.touch(Action.BOOTH_WRONG)
        booth.expect(state)
        booth.fail(Device.CAMERA)
        booth.expect(State.CHOOSE)
        booth.touch(Action.ACCEPT)
        booth.saved()
        booth.expect(State.DONE)


def without_a_camera_no_other_take_is_begun() -> None:
    for service in (True, False):
        booth = booth_in(State.CHOOSE)
        booth.finish(1)
        if service:
            booth.turn_key(service=True)
        else:
            booth.fail(Device.CAMERA)
        assert booth.touch(Action.RETAKE) == ()
        booth.expect(State.CHOOSE)
        booth.touch(Action.ACCEPT)
        booth.expect(State.SAVING)


def camera_that_never_answers_leaves_the_earlier_take() -> None:
    booth = Booth().at_retake()
    booth.pose(2)
    booth.wait(55)
    booth.touch(Action.LANGUAGE)
    booth.wait(4.5)
    booth.expect(State.CAPTURE)
    booth.wait(0.5)
    booth.expect(State.CHOOSE)


def finished_take_is_proposed_and_can_be_accepted() -> None:
    booth = booth_in(State.CHOOSE)
    booth.touch(Action.ACCEPT)
    booth.expect(State.CHOOSE, "nothing is finished yet")
    since_ns, booth.now_ns = booth.session.since_ns, booth.now_ns + 1_000
    assert booth.finish(1, 0.7, ("glare",)) == ()
    assert booth.session.takes == (Take(1, 0.7, None, ("glare",)),)
    assert (booth.session.proposed, booth.session.picked) == (1, 1)
    assert (booth.state, booth.session.since_ns) == (State.CHOOSE, since_ns)
    booth.touch(Action.ACCEPT)
    booth.expect(State.SAVING)


def best_take_is_proposed() -> None:
    booth = booth_in(State.CHOOSE)
    booth.finish(1, 0.4)
    booth.shoot_again()
    booth.finish(2, 0.9)
    assert (booth.session.proposed, booth.session.picked) == (2, 2)
    booth.shoot_again()
    booth.finish(3, 0.5)
    assert (booth.session.proposed, booth.session.picked) == (2, 2)


def graduate_picks_any_finished_take() -> None:
    booth = booth_in(State.CHOOSE)
    booth.finish(1, 0.9)
    booth.shoot_again()
    since_ns, booth.now_ns = booth.session.since_ns, booth.now_ns + 1_000
    for nonsense in ("2", "3", "0", "", "one", "-1"):
        assert booth.touch(Action.PICK_TAKE, nonsense) == ()
        assert booth.session.picked == 1, f"take {nonsense} is not finished"
    booth.finish(2, 0.5)
    assert booth.touch(Action.PICK_TAKE, "2") == ()
    assert (booth.session.proposed, booth.session.picked) == (1, 2)
    assert (booth.state, booth.session.since_ns) == (State.CHOOSE, since_ns)
    booth.touch(Action.ACCEPT)
    order = booth.newest(fx.Save)
    assert isinstance(order, fx.Save)
    assert order.take == 2


def own_choice_is_not_changed_by_a_better_take_that_comes_late() -> None:
    booth = booth_in(State.CHOOSE)
    booth.finish(1, 0.3)
    booth.shoot_again()
    booth.touch(Action.PICK_TAKE, "1")
    booth.finish(2, 0.9)
    assert (booth.session.proposed, booth.session.picked) == (2, 1)
    booth.shoot_again()
    booth.finish(3, 0.8)
    assert booth.session.picked == 2, "a new shot asks anew"


def takes_are_limited() -> None:
    booth = booth_in(State.CHOOSE)
    booth.finish(1)
    booth.shoot_again()
    booth.finish(2)
    booth.shoot_again()
    booth.finish(3)
    assert len(booth.session.takes) == 3
    booth.touch(Action.RETAKE)
    booth.expect(State.CHOOSE)


def result_of_finishing_is_noted_in_every_state() -> None:
    for where in elsewhere():
        for refused in (False, True):
            booth = elsewhere()[where]
            state, since_ns = booth.state, booth.session.since_ns
            booth.now_ns += 1_000
            assert (booth.refuse(1, FinishFault.TOO_FAR) if refused else booth.finish(1, 0.6)) == ()
            assert (booth.state, booth.session.since_ns) == (state, since_ns)
            take = Take(1, None, FinishFault.TOO_FAR) if refused else Take(1, 0.6)
            assert booth.session.takes == (take,), f"told in {where}"
            before = booth.session
            booth.finish(1, 0.9)
            booth.refuse(1, FinishFault.FILE)
            booth.finish(7, 0.9)
            booth.refuse(7, FinishFault.FILE)
            assert booth.session == before, f"only the first answer about a take counts in {where}"


def elsewhere() -> dict[str, Booth]:
    """Where a graduate can be while the first take is being finished."""
    posing = booth_in(State.CHOOSE)
    posing.touch(Action.RETAKE)
    shooting = booth_in(State.CHOOSE)
    shooting.touch(Action.RETAKE)
    shooting.pose(2)
    away = booth_in(State.CHOOSE)
    away.touch(Action.RETAKE)
    away.wait(15)
    asking = booth_in(State.CHOOSE)
    asking.touch(Action.HELP)
    wronged = booth_in(State.CHOOSE)
    wronged.touch(Action.RETAKE)
    wronged.pose(20.5, frame_ms=500, eyes_open=0)
    wronged.touch(Action.BOOTH_WRONG)
    booths = {"pose": posing, "reason": wronged, "capture": shooting, "still_there": away, "staff_help": asking}
    assert [booth.state.value for booth in booths.values()] == list(booths)
    return booths


def finish_told_twice_is_heard_once() -> None:
    booth = booth_in(State.CHOOSE)
    booth.finish(1, 0.6)
    booth.shoot_again()
    before = booth.session
    booth.finish(1, 0.9)
    booth.refuse(1)
    booth.finish(7)
    booth.refuse(7)
    assert booth.session == before


def refused_take_leads_back_to_pose_with_its_reason() -> None:
    booth = booth_in(State.CHOOSE)
    assert kinds(booth.refuse(1, FinishFault.TOO_LITTLE_ROOM_ABOVE)) == ["Light on", "Watch on"]
    booth.expect(State.POSE)
    assert booth.session.takes == (Take(1, None, FinishFault.TOO_LITTLE_ROOM_ABOVE),)


def refused_take_beside_a_better_one_only_drops_out() -> None:
    booth = booth_in(State.CHOOSE)
    booth.finish(1)
    booth.shoot_again()
    since_ns, booth.now_ns = booth.session.since_ns, booth.now_ns + 1_000
    assert booth.refuse(2, FinishFault.FILE) == ()
    assert (booth.state, booth.session.since_ns) == (State.CHOOSE, since_ns)
    assert booth.session.takes == (Take(1, 0.5), Take(2, None, FinishFault.FILE))
    assert booth.session.picked == 1


def refused_take_beside_an_unfinished_one_waits_for_that() -> None:
    booth = booth_in(State.CHOOSE)
    booth.shoot_again()
    booth.refuse(1)
    booth.expect(State.CHOOSE)
    booth.refuse(2)
    booth.expect(State.POSE)


def refused_take_leaves_time_to_correct_what_was_wrong() -> None:
    booth = booth_in(State.CHOOSE)
    booth.refuse(1, FinishFault.HAIR_TOO_HIGH)
    booth.pose(7.9)
    booth.expect(State.POSE, "the reason can be read, and the hair let down")
    assert booth.session.guidance.text == "", "no other words beside the reason"
    booth.pose(2)
    booth.expect(State.CAPTURE)


def no_legal_photo_in_all_takes_leads_to_staff() -> None:
    booth = booth_in(State.CHOOSE)
    for take in (1, 2):
        booth.refuse(take)
        booth.expect(State.POSE)
        booth.pose(10)
        booth.burst_taken()
    booth.expect(State.CHOOSE)
    booth.refuse(3, FinishFault.HAIR_TOO_HIGH)
    assert (booth.state, booth.session.help) == (State.STAFF_HELP, HelpReason.NO_LEGAL_PHOTO)
    assert booth.session.takes[-1].fault is FinishFault.HAIR_TOO_HIGH
    booth.touch(Action.STILL_HERE)
    booth.expect(State.STAFF_HELP, "there is no further take")


def last_take_refused_while_help_is_asked_for_ends_the_session_there() -> None:
    booth = Booth(ONE_TAKE).at_choose()
    booth.touch(Action.HELP)
    booth.now_ns += 1_000
    since_ns = booth.session.since_ns
    booth.refuse(1, FinishFault.TOO_FAR)
    assert (booth.state, booth.session.help) == (State.STAFF_HELP, HelpReason.NO_LEGAL_PHOTO)
    assert (booth.session.takes[0].fault, booth.session.since_ns) == (FinishFault.TOO_FAR, since_ns)
    booth.touch(Action.STILL_HERE)
    booth.expect(State.STAFF_HELP)


def take_refused_while_help_is_asked_for_leads_back_to_pose() -> None:
    booth = booth_in(State.CHOOSE)
    booth.touch(Action.HELP)
    booth.refuse(1)
    assert booth.session.help is HelpReason.ASKED
    booth.touch(Action.STILL_HERE)
    booth.expect(State.POSE)


def take_that_is_never_finished_leads_to_staff() -> None:
    booth = booth_in(State.CHOOSE)
    booth.wait(10)
    booth.touch(Action.LANGUAGE)
    booth.wait(9.5)
    booth.expect(State.CHOOSE)
    booth.wait(0.5)
    assert (booth.state, booth.session.help) == (State.STAFF_HELP, HelpReason.NO_LEGAL_PHOTO)
