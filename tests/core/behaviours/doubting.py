"""The booth is in doubt, or the graduate says that the booth is wrong: nobody has to go home because of that."""

from behaviours.driver import FRAME_MS, Booth, booth_in, kinds
from kiosk.core import events as ev
from kiosk.core.events import Action, SeasonState, ShootFault
from kiosk.core.session import effects as fx
from kiosk.core.session.state import Flag, Reason, State, Take
from rules.checks import CheckId, Verdict

FLAGS = {
    Reason.HEAD_COVER: Flag.EXCEPTION_HEAD_COVER,
    Reason.SKIN: Flag.EXCEPTION_SKIN,
    Reason.EYES: Flag.EXCEPTION_EYES,
    Reason.OTHER: Flag.EXCEPTION_OTHER,
}


def excused(reason: Reason = Reason.EYES) -> Booth:
    """A graduate whose eyes never open enough, and who said why."""
    booth = booth_in(State.REASON)
    booth.touch(Action.GIVE_REASON, reason.value)
    return booth


def saved_flags(booth: Booth) -> tuple[Flag, ...]:
    (_, order) = booth.touch(Action.ACCEPT)
    assert isinstance(order, fx.Save)
    return order.flags


# the booth could not tell


def take_that_could_not_be_judged_is_kept_and_flagged() -> None:
    booth = booth_in(State.CHOOSE)
    assert booth.finish(1, 0.7, (), ("glare",)) == ()
    assert booth.session.takes == (Take(1, 0.7, None, (), ("glare",)),)
    assert saved_flags(booth) == (Flag.COULD_NOT_TELL,)


def flag_belongs_to_the_take_that_is_accepted() -> None:
    for picked, flags in (("1", (Flag.COULD_NOT_TELL,)), ("2", ())):
        booth = booth_in(State.CHOOSE)
        booth.finish(1, 0.9, (), ("glare",))
        booth.shoot_again()
        booth.finish(2, 0.5)
        booth.touch(Action.PICK_TAKE, picked)
        assert saved_flags(booth) == flags


def unknown_live_answer_holds_up_no_shot() -> None:
    booth = booth_in(State.POSE)
    booth.pose(2, eyes_open=None)
    booth.expect(State.CAPTURE)


# a required check failed on the finished photo


def take_that_fails_a_required_check_is_kept_and_flagged() -> None:
    booth = booth_in(State.CHOOSE)
    assert booth.finish(1, 0.7, ("neutral",), (), ("neutral",)) == ()
    booth.expect(State.CHOOSE, "finishing never refuses for looks")
    assert booth.session.takes == (Take(1, 0.7, None, ("neutral",), (), ("neutral",)),)
    assert saved_flags(booth) == (Flag.REQUIRED_FAILED,)


def flag_of_a_failed_check_belongs_to_the_take_that_is_accepted() -> None:
    for picked, flags in (("1", (Flag.REQUIRED_FAILED,)), ("2", ())):
        booth = booth_in(State.CHOOSE)
        booth.finish(1, 0.9, ("neutral",), (), ("neutral",))
        booth.shoot_again(10)
        booth.finish(2, 0.5)
        booth.touch(Action.PICK_TAKE, picked)
        assert saved_flags(booth) == flags


def take_that_staff_would_refuse_is_proposed_last() -> None:
    booth = booth_in(State.CHOOSE)
    booth.finish(1, 0.9, ("neutral", "gaze"), (), ("neutral", "gaze"))
    booth.shoot_again(10)
    booth.finish(2, 0.8, ("neutral",), (), ("neutral",))
    assert booth.session.proposed == 2, "one failure is better than two"
    booth.shoot_again(10)
    booth.finish(3, 0.1, (), ("glare",))
    assert (booth.session.proposed, booth.session.picked) == (3, 3), "a doubt is better than a failure"


def take_that_could_be_judged_is_proposed_before_one_that_could_not() -> None:
    booth = booth_in(State.CHOOSE)
    booth.finish(1, 0.9, (), ("glare",))
    booth.shoot_again()
    booth.finish(2, 0.5)
    assert booth.session.proposed == 2


def after_a_failed_check_there_is_time_to_correct_it_before_the_next_take() -> None:
    booth = booth_in(State.CHOOSE)
    booth.finish(1, 0.9, ("hair_brows",), (), ("hair_brows",))
    booth.touch(Action.RETAKE)
    booth.pose(7.9)
    booth.expect(State.POSE, "eight seconds to read and to mend it")
    assert booth.session.guidance.text == ""
    booth.pose(2)
    booth.expect(State.CAPTURE)


def after_a_mere_warning_or_doubt_the_next_take_is_not_held_up() -> None:
    for warnings, doubts in ((("ears",), ()), ((), ("glare",))):
        booth = booth_in(State.CHOOSE)
        booth.finish(1, 0.9, warnings, doubts)
        booth.touch(Action.RETAKE)
        booth.pose(2)
        booth.expect(State.CAPTURE)


def who_gave_a_reason_is_given_no_time_to_correct_it() -> None:
    booth = excused()
    booth.pose(2, eyes_open=0)
    booth.burst_taken()
    booth.finish(1, 0.4, ("eyes_open",), (), ("eyes_open",))
    booth.touch(Action.RETAKE)
    booth.pose(2, eyes_open=0)
    booth.expect(State.CAPTURE)


# the checks can't be met in time

NEARLY_S, IN_VAIN_S = 10, 45
TILTED, ASLANT = 3.5, 20.0  # tilts of the head in degrees: beyond the live limit but not beyond the shot's; beyond both


def tried(seconds: float, **values: float | None) -> Booth:
    """A graduate who sits right, but whose `values` never become right."""
    booth = booth_in(State.POSE)
    booth.pose(seconds, 1, FRAME_MS, **values)
    return booth


def check_that_the_shot_would_pass_delays_it_ten_seconds_at_most() -> None:
    booth = tried(NEARLY_S - 0.2, roll=TILTED)
    booth.expect(State.POSE, "asked for as long as it can help")
    assert booth.session.guidance.text == "guide.tilt_right"
    booth.pose(2, roll=TILTED)
    booth.expect(State.CAPTURE)
    assert not booth.session.tried_in_vain, "nothing is wrong with the shot"
    tried(NEARLY_S + 5, roll=ASLANT).expect(State.POSE)


def after_forty_five_seconds_in_vain_the_best_frame_is_taken() -> None:
    booth = tried(IN_VAIN_S - 0.2, eyes_open=0, roll=20)
    booth.expect(State.POSE, "too early")
    assert not booth.session.tried_in_vain
    booth.pose(2, eyes_open=0, roll=20)
    booth.expect(State.CAPTURE)
    order = booth.newest(fx.Shoot)
    assert isinstance(order, fx.Shoot)
    assert order.excused, "a burst is not lost for what was excused"


def take_after_trying_in_vain_is_flagged_with_what_failed() -> None:
    for failures, more in (((), ()), (("roll",), (Flag.REQUIRED_FAILED,))):
        booth = tried(IN_VAIN_S + 2, roll=20)
        booth.burst_taken()
        booth.finish(1, 0.4, failures, (), failures)
        assert saved_flags(booth) == (*more, Flag.TRIED_IN_VAIN)


def a_reason_says_more_than_having_tried_in_vain() -> None:
    booth = tried(30, roll=20)
    booth.touch(Action.BOOTH_WRONG)
    booth.touch(Action.GIVE_REASON, Reason.EYES.value)
    booth.pose(2, roll=20)
    booth.burst_taken()
    booth.finish(1, 0.4)
    assert saved_flags(booth) == (Flag.EXCEPTION_EYES,)


def who_is_not_alone_or_not_in_place_has_not_tried() -> None:
    for check, value in (("one_face", 0.5), ("distance", 0.1)):
        booth = booth_in(State.POSE)
        values: dict[str, float | None] = {"eyes_open": 0, check: value}
        booth.pose(IN_VAIN_S + 5, 1, FRAME_MS, **values)
        booth.expect(State.POSE)
        assert not booth.session.tried_in_vain
        booth.pose(2)
        booth.expect(State.CAPTURE, "in place at last, nothing failed: no frame is called the best of bad ones")
        assert not booth.session.tried_in_vain


def second_take_after_trying_in_vain_is_not_held_up_again() -> None:
    booth = tried(IN_VAIN_S + 2, roll=20)
    booth.burst_taken()
    booth.finish(1, 0.4)
    booth.touch(Action.RETAKE)
    booth.pose(2, roll=20)
    booth.expect(State.CAPTURE)


def next_graduate_has_not_tried_in_vain() -> None:
    booth = tried(IN_VAIN_S + 2, roll=20)
    booth.burst_taken()
    booth.finish(1, 0.4)
    saved_flags(booth)
    assert booth.session.tried_in_vain
    booth.wait(0.1)
    booth.saved()
    booth.wait(300)
    booth.expect(State.ATTRACT)
    assert not booth.session.tried_in_vain


# the graduate says that the booth is wrong


def reason_is_asked_for_after_twenty_seconds_in_vain() -> None:
    booth = booth_in(State.POSE)
    booth.pose(19.9, eyes_open=0)
    booth.touch(Action.BOOTH_WRONG)
    booth.expect(State.POSE, "too early")
    booth.pose(0.2, eyes_open=0)
    assert kinds(booth.touch(Action.BOOTH_WRONG)) == ["Watch on"]
    booth.expect(State.REASON)
    assert booth.lit


def reason_is_asked_for_after_two_lost_bursts() -> None:
    booth = booth_in(State.CAPTURE)
    booth.burst_fails()
    booth.touch(Action.BOOTH_WRONG)
    booth.expect(State.POSE)
    booth.pose(2)
    booth.burst_fails()
    booth.touch(Action.BOOTH_WRONG)
    booth.expect(State.REASON)


def with_a_reason_the_shot_is_taken_all_the_same() -> None:
    booth = excused()
    booth.expect(State.POSE)
    assert (booth.session.reason, booth.session.judgement) == (Reason.EYES, None)
    booth.pose(2, eyes_open=0, roll=20)
    booth.expect(State.CAPTURE)
    order = booth.newest(fx.Shoot)
    assert isinstance(order, fx.Shoot)
    assert order.excused
    judgement = booth.session.judgement
    assert judgement is not None
    warned = {judged.check for judged in judgement.checks if judged.verdict is Verdict.WARN}
    assert warned == {CheckId.EYES_OPEN, CheckId.ROLL}


def without_a_reason_no_burst_is_excused() -> None:
    order = booth_in(State.CAPTURE).newest(fx.Shoot)
    assert isinstance(order, fx.Shoot)
    assert not order.excused


def even_with_a_reason_the_face_must_be_alone_and_in_its_place() -> None:
    for check, value in (("one_face", 0.5), ("distance", 0.1)):
        booth = excused()
        booth.pose(2, 1, FRAME_MS, eyes_open=0, **{check: value})
        booth.expect(State.POSE)
    booth = excused()
    booth.pose(2, faces=0)
    booth.expect(State.POSE)


def every_reason_is_flagged() -> None:
    for reason, flag in FLAGS.items():
        booth = excused(reason)
        booth.pose(2, eyes_open=0)
        booth.burst_taken()
        booth.finish(1, 0.4, ("eyes_open",), ("gaze",), ("eyes_open",))  # a reason stands for what failed
        booth.tell_season(SeasonState.CLOCK_UNSYNCED)
        assert saved_flags(booth) == (Flag.CLOCK_UNSYNCED, Flag.COULD_NOT_TELL, flag)


def only_reasons_on_the_screen_count() -> None:
    for nonsense in ("", "1", "lazy", "EYES"):
        booth = booth_in(State.REASON)
        assert booth.touch(Action.GIVE_REASON, nonsense) == ()
        assert (booth.state, booth.session.reason) == (State.REASON, None)


def who_gives_no_reason_goes_on_posing_by_the_rules() -> None:
    booth = booth_in(State.REASON)
    assert kinds(booth.touch(Action.STILL_HERE)) == ["Light on", "Watch on"]
    assert (booth.state, booth.session.reason) == (State.POSE, None)
    booth.pose(2, eyes_open=0)
    booth.expect(State.POSE)


def reason_is_given_once_and_counts_until_the_end() -> None:
    booth = excused()
    booth.pose(21, frame_ms=500, eyes_open=0, distance=0.1)
    booth.touch(Action.BOOTH_WRONG)
    booth.expect(State.POSE, "it is known already")
    booth.pose(2, eyes_open=0)
    booth.burst_taken()
    booth.finish(1)
    booth.touch(Action.RETAKE)
    booth.pose(2, eyes_open=0)
    booth.expect(State.CAPTURE)


def with_a_reason_the_bursts_are_counted_anew() -> None:
    booth = booth_in(State.CAPTURE)
    for _ in range(2):
        booth.burst_fails(ShootFault.POSE_LOST)
        booth.pose(2)
    booth.do(ev.BurstFailed(booth.now_ns, booth.newest(fx.Shoot).id - 1, ShootFault.POSE_LOST))
    booth.expect(State.CAPTURE)
    booth = booth_in(State.CAPTURE)
    booth.burst_fails()
    booth.pose(2)
    booth.burst_fails()
    booth.touch(Action.BOOTH_WRONG)
    booth.touch(Action.GIVE_REASON, "other")
    assert (booth.session.failed_bursts, booth.session.shoot_fault) == (0, None)


def reason_is_forgotten_with_the_person() -> None:
    booth = excused()
    booth.touch(Action.CANCEL)
    assert booth.session.reason is None
