"""Cancel, help, still there, walking away: every way out of a session, and back."""

from collections.abc import Callable

from behaviours.driver import LI, Booth, booth_in, kinds
from kiosk.core import events as ev
from kiosk.core.events import Action, DecisionState
from kiosk.core.session.state import HelpReason, State

CAN_ASK = (
    State.CONSENT,
    State.IDENTIFY,
    State.SCHOOL,
    State.CONFIRM,
    State.PREPARE,
    State.WRONG_TOP,
    State.POSE,
    State.REASON,
    State.CHOOSE,
    State.REJECTED,
)
LIGHTS_OUT = ["Listen off", "Watch off", "Light off"]


def with_photo() -> Booth:
    booth = booth_in(State.CHOOSE)
    booth.finish(1)
    return booth


def not_saved_yet() -> Booth:
    booth = booth_in(State.SAVING)
    booth.wait(20)
    return booth


def waiting_for_staff() -> Booth:
    booth = booth_in(State.DONE)
    booth.stands(DecisionState.WITH_STAFF)
    return booth


def cancelling_ends_the_session_wherever_it_is_offered() -> None:
    for state in (*CAN_ASK, State.STILL_THERE, State.STAFF_HELP):
        booth = booth_in(state)
        booth.touch(Action.CANCEL)
        booth.expect(State.ATTRACT, f"cancelled in {state}")


def help_leads_to_staff_and_back_wherever_it_is_offered() -> None:
    for state in CAN_ASK:
        booth = booth_in(state)
        before = booth.session
        booth.now_ns += 1_000
        seat = ["Watch on"] if before.person is not None else []
        assert kinds(booth.touch(Action.HELP)) == ["CallStaff", *LIGHTS_OUT, *seat]
        assert (booth.state, booth.session.help) == (State.STAFF_HELP, HelpReason.ASKED)
        booth.touch(Action.STILL_HERE)
        booth.expect(state)
        assert booth.session.since_ns == booth.now_ns
        assert booth.session.takes == before.takes
        if state is not State.IDENTIFY:
            assert (booth.session.person, booth.session.schools) == (before.person, before.schools)


def finishing_at_the_staff_desk_ends_the_session() -> None:
    booth = booth_in(State.STAFF_HELP)
    booth.touch(Action.FINISH)
    booth.expect(State.ATTRACT)


def graduate_who_is_still_there_goes_on() -> None:
    seconds = {
        State.CONSENT: 45,
        State.IDENTIFY: 45,
        State.SCHOOL: 45,
        State.CONFIRM: 30,
        State.PREPARE: 60,
        State.WRONG_TOP: 60,
        State.POSE: 15,
        State.REASON: 45,
        State.CHOOSE: 45,
        State.REJECTED: 60,
    }
    for state, wait_s in seconds.items():
        booth = with_photo() if state is State.CHOOSE else booth_in(state)
        before = booth.session
        booth.wait(wait_s)
        booth.expect(State.STILL_THERE)
        booth.touch(Action.STILL_HERE)
        booth.expect(state)
        assert booth.session.since_ns == booth.now_ns
        assert (booth.session.person, booth.session.takes) == (before.person, before.takes)


def still_there_reads_no_card_or_code_and_only_watches_the_seat() -> None:
    for state, wait_s in ((State.CONFIRM, 30), (State.POSE, 15), (State.REASON, 45)):
        booth = booth_in(state)
        booth.wait(wait_s)
        booth.expect(State.STILL_THERE)
        assert kinds(booth.asked[-2:]) == ["Listen off", "Watch on"]
    booth = booth_in(State.STILL_THERE)
    assert kinds(booth.asked[-1:]) == ["Listen off"]
    assert not booth.watching


def keys_that_are_still_looked_up_are_asked_for_again() -> None:
    for key in ("card", "code"):
        for state in (State.IDENTIFY, State.CONFIRM):
            booth = booth_in(state)
            if key == "card":
                booth.lay_card("card-late")
            else:
                booth.scan("code-late")
            booth.touch(Action.HELP)
            booth.answer_for(f"{key}-late", LI)
            booth.expect(State.STAFF_HELP)
            booth.touch(Action.STILL_HERE)
            booth.expect(State.IDENTIFY)
            assert (booth.session.card, booth.session.code, booth.session.person) == (None, None, None)


# deadlines: state, how the state is reached, seconds, the next state, whether a touch extends the deadline

Way = Callable[[], Booth]
DEADLINES: tuple[tuple[State, Way, float, State, bool], ...] = (
    (State.CONSENT, lambda: booth_in(State.CONSENT), 45, State.STILL_THERE, True),
    (State.IDENTIFY, lambda: booth_in(State.IDENTIFY), 45, State.STILL_THERE, True),
    (State.SCHOOL, lambda: booth_in(State.SCHOOL), 45, State.STILL_THERE, True),
    (State.CONFIRM, lambda: booth_in(State.CONFIRM), 30, State.STILL_THERE, True),
    (State.PREPARE, lambda: booth_in(State.PREPARE), 60, State.STILL_THERE, True),
    (State.WRONG_TOP, lambda: booth_in(State.WRONG_TOP), 60, State.STILL_THERE, True),
    (State.POSE, lambda: booth_in(State.POSE), 15, State.STILL_THERE, True),
    (State.REASON, lambda: booth_in(State.REASON), 45, State.STILL_THERE, True),
    (State.CAPTURE, lambda: booth_in(State.CAPTURE), 60, State.STAFF_HELP, False),
    (State.CHOOSE, lambda: booth_in(State.CHOOSE), 20, State.STAFF_HELP, False),
    (State.CHOOSE, with_photo, 45, State.STILL_THERE, True),
    (State.SAVING, lambda: booth_in(State.SAVING), 20, State.STAFF_HELP, False),
    (State.DONE, lambda: booth_in(State.DONE), 60, State.ATTRACT, True),
    (State.DONE, waiting_for_staff, 120, State.ATTRACT, False),
    (State.APPROVED, lambda: booth_in(State.APPROVED), 30, State.ATTRACT, True),
    (State.REJECTED, lambda: booth_in(State.REJECTED), 60, State.STILL_THERE, True),
    (State.STILL_THERE, lambda: booth_in(State.STILL_THERE), 20, State.ATTRACT, False),
    (State.STAFF_HELP, lambda: booth_in(State.STAFF_HELP), 60, State.ATTRACT, True),
    (State.STAFF_HELP, not_saved_yet, 300, State.ATTRACT, True),
)


def nobody_is_waited_for_longer_than_the_deadline() -> None:
    for state, way, wait_s, leads_to, _ in DEADLINES:
        booth = way()
        booth.wait(wait_s - 0.5)
        booth.expect(state, f"{state} ends too early")
        booth.wait(0.5)
        booth.expect(leads_to, f"{state} leads to {booth.state}")


def touch_puts_a_deadline_off_except_where_the_machine_works() -> None:
    for state, way, wait_s, leads_to, put_off in DEADLINES:
        booth = way()
        booth.wait(wait_s - 5)
        booth.touch(Action.LANGUAGE)
        booth.wait(5)
        assert booth.state is (state if put_off else leads_to), f"a touch in {state}"
        if put_off:
            booth.wait(wait_s - 5.5)
            booth.expect(state)
            booth.wait(0.5)
            booth.expect(leads_to)


def touch_stamped_before_the_last_one_ends_nothing_sooner() -> None:
    booth = booth_in(State.STAFF_HELP)
    booth.wait(59)
    booth.touch(Action.LANGUAGE)
    booth.wait(2)
    booth.do(ev.Touched(0, Action.LANGUAGE))
    booth.wait(1)
    booth.expect(State.STAFF_HELP)


def touch_that_is_not_offered_puts_nothing_off() -> None:
    booth = booth_in(State.CONSENT)
    booth.wait(44)
    booth.touch(Action.ACCEPT, foreseen=False)
    booth.wait(1)
    booth.expect(State.STILL_THERE)


def card_and_code_put_the_deadline_off_as_a_touch_does() -> None:
    signs: tuple[Callable[[Booth], object], ...] = (
        Booth.card_found,
        Booth.card_removed,
        Booth.card_fails,
        Booth.lay_card,
        Booth.scan,
        Booth.show_qr,
    )
    for sign in signs:
        booth = booth_in(State.IDENTIFY)
        booth.wait(44)
        sign(booth)
        booth.wait(44)
        booth.expect(State.IDENTIFY)
        booth.wait(1)
        booth.expect(State.STILL_THERE)


def face_puts_the_deadline_of_pose_off() -> None:
    booth = booth_in(State.POSE)
    booth.pose(60, frame_ms=500, distance=0.1)
    booth.expect(State.POSE)
    booth.pose(14, faces=0)
    booth.expect(State.POSE)
    booth.pose(2, faces=0)
    booth.expect(State.STILL_THERE)


def three_minutes_without_a_shot_offer_help() -> None:
    booth = booth_in(State.POSE)
    booth.pose(179, frame_ms=500, distance=0.1)
    booth.expect(State.POSE)
    booth.pose(2, distance=0.1)
    assert (booth.state, booth.session.help) == (State.STAFF_HELP, HelpReason.NO_LEGAL_PHOTO)
    booth.touch(Action.STILL_HERE)
    booth.expect(State.POSE)


def three_minutes_without_a_better_take_lead_back_to_those_there_are() -> None:
    booth = booth_in(State.CHOOSE)
    booth.finish(1)
    booth.touch(Action.RETAKE)
    booth.pose(179, frame_ms=500, distance=0.1)
    booth.expect(State.POSE)
    booth.pose(2, frame_ms=500, distance=0.1)
    booth.expect(State.CHOOSE)
    assert (booth.session.help, booth.session.picked) == (None, 1)
    booth = booth_in(State.CHOOSE)
    booth.refuse(1)
    booth.expect(State.POSE)
    booth.pose(181, frame_ms=500, distance=0.1)
    assert (booth.state, booth.session.help) == (State.STAFF_HELP, HelpReason.NO_LEGAL_PHOTO)


def graduate_who_walks_away_is_forgotten() -> None:
    booth = booth_in(State.POSE)
    booth.pose(3, roll=20)
    booth.pose(16, faces=0)
    booth.expect(State.STILL_THERE)
    booth.wait(20)
    booth.expect(State.ATTRACT)


def warning_is_answered_as_often_as_it_comes() -> None:
    booth = booth_in(State.CONSENT)
    for _ in range(12):
        booth.wait(45)
        booth.expect(State.STILL_THERE)
        booth.wait(19)
        booth.touch(Action.STILL_HERE)
        booth.expect(State.CONSENT)


def deadlines_of_the_machine_lead_to_staff_with_their_reason() -> None:
    for state, reason in ((State.CAPTURE, HelpReason.NO_LEGAL_PHOTO), (State.SAVING, HelpReason.NOT_SAVED)):
        booth = booth_in(state)
        booth.wait(60)
        assert (booth.state, booth.session.help) == (State.STAFF_HELP, reason)
        booth.touch(Action.STILL_HERE)
        booth.expect(State.STAFF_HELP, "there is no way back")
