"""Prepare, pose, capture, choose, save, done."""

from behaviours.driver import BOTH, EITHER, Booth, booth_in, kinds
from kiosk.core import events as ev
from kiosk.core.events import Action, CallState, Device, FinishFault, SeasonState, ShootFault
from kiosk.core.identity import Identification
from kiosk.core.session import effects as fx
from kiosk.core.session.state import Flag, HelpReason, SessionPolicy, State, Take
from rules.checks import CheckId

ONE_TAKE = SessionPolicy(EITHER.identification, EITHER.live_rules, max_takes=1)


def quick_at_ready() -> Booth:
    """Ready before the storage has answered whether it could save a photo."""
    booth = Booth(EITHER).at_confirm()
    booth.touch(Action.CONFIRM)
    assert booth.touch(Action.READY) == ()
    booth.expect(State.PREPARE)
    return booth


def ready_graduate_sits_down_when_the_storage_has_answered() -> None:
    for standing in (None, ev.DecisionState.WITH_STAFF):
        booth = quick_at_ready()
        assert kinds(booth.recalled(standing)) == ["Light on", "Watch on"]
        booth.expect(State.POSE)


def storage_that_never_answers_delays_the_ready_by_five_seconds() -> None:
    booth = quick_at_ready()
    booth.wait(4.8)
    booth.expect(State.PREPARE)
    booth.wait(0.4)
    booth.expect(State.POSE)


def five_seconds_for_the_storage_count_from_the_screen_and_not_from_the_touch() -> None:
    booth = Booth(EITHER).at_confirm()
    booth.touch(Action.CONFIRM)
    booth.wait(4)
    booth.touch(Action.READY)
    booth.expect(State.PREPARE)
    booth.wait(1.2)
    booth.expect(State.POSE)


def storage_that_answered_once_is_not_waited_for_at_the_next_photo() -> None:
    booth = quick_at_ready()
    booth.recalled(None)
    booth.lamps_tested()
    booth.take_and_accept()
    booth.saved()
    booth.stands(ev.DecisionState.REJECTED, "glasses")
    booth.touch(Action.RETAKE)
    booth.touch(Action.READY)
    booth.expect(State.POSE)


def answer_of_the_storage_leaves_the_time_to_get_ready_as_it_is() -> None:
    booth = Booth(EITHER).at_confirm()
    booth.touch(Action.CONFIRM)
    booth.wait(50)
    booth.recalled(None)
    booth.wait(11)
    booth.expect(State.STILL_THERE)


def storage_that_fails_its_trial_lets_nobody_sit_down() -> None:
    booth = quick_at_ready()
    booth.fail(ev.Device.STORAGE)
    booth.wait(0.1)
    booth.expect(State.OUT_OF_SERVICE)


def answer_of_the_storage_alone_makes_nobody_ready() -> None:
    booth = Booth(EITHER).at_confirm()
    booth.touch(Action.CONFIRM)
    booth.recalled(None)
    booth.wait(6)
    booth.expect(State.PREPARE)
    booth.touch(Action.READY)
    booth.expect(State.POSE)


def answer_about_somebody_else_makes_nobody_sit_down() -> None:
    booth = quick_at_ready()
    booth.do(ev.Recalled(booth.now_ns, booth.newest(fx.Recall).id + 100, None, ()))
    booth.expect(State.PREPARE)


def who_comes_back_to_prepare_says_ready_again() -> None:
    booth = quick_at_ready()
    booth.touch(Action.HELP)
    booth.touch(Action.STILL_HERE)
    booth.expect(State.PREPARE)
    booth.wait(6)
    booth.expect(State.PREPARE)


def ready_graduate_is_lit_and_watched() -> None:
    booth = booth_in(State.PREPARE)
    assert booth.lit
    assert kinds(booth.touch(Action.READY)) == ["Light on", "Watch on"]
    booth.expect(State.POSE)


# pose


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


def words_stand_still_while_the_booth_looks_away() -> None:
    booth = booth_in(State.POSE)
    booth.pose(0.5)
    booth.pose(15.5, faces=0)
    booth.expect(State.STILL_THERE)
    assert booth.session.held_since_ns is None


# capture


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


# choose


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


def finish_is_heard_wherever_the_graduate_is_meanwhile() -> None:
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


def refused_take_leaves_time_to_mend_what_was_wrong() -> None:
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


# save, done


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
    """Another take is offered, else another shot, else the desk; what is lost can't be accepted again."""
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
