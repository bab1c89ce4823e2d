"""A call for help: it rings the desk, tells what staff answer, and ends with the screen."""

from behaviours.driver import Booth, booth_in, kinds
from kiosk.core import events as ev
from kiosk.core.events import Action, CallState
from kiosk.core.session import effects as fx
from kiosk.core.session.state import State

ASKING = (
    State.CONSENT,
    State.IDENTIFY,
    State.SCHOOL,
    State.CONFIRM,
    State.PREPARE,
    State.WRONG_TOP,
    State.POSE,
    State.REASON,
    State.CHOOSE,
    State.APPROVED,
    State.REJECTED,
)


def calling() -> Booth:
    booth = booth_in(State.POSE)
    booth.touch(Action.HELP)
    return booth


def told(booth: Booth) -> tuple[CallState | None, str | None]:
    return booth.session.call_state, booth.session.answer


def pressed_help_rings_the_desk_and_says_on_which_screen() -> None:
    for state in ASKING:
        booth = booth_in(state)
        booth.touch(Action.HELP)
        (call,) = [one for one in booth.asked if isinstance(one, fx.CallStaff)]
        assert (call.screen, booth.session.call) == (state.value, call.id)
    booth = booth_in(State.CONSENT)
    booth.touch(Action.DECLINE)
    booth.expect(State.STAFF_HELP)
    assert not any(isinstance(one, fx.CallStaff) for one in booth.asked), "who is sent to the desk goes there"


def going_on_ends_the_call() -> None:
    booth = calling()
    booth.call_stands(CallState.ANSWERED, "line")
    assert kinds(booth.touch(Action.STILL_HERE))[0] == "EndCall"
    booth.expect(State.POSE)
    assert (booth.session.call, booth.session.call_state, booth.session.answer) == (None, None, None)


def call_that_staff_end_leads_back_to_where_help_was_asked_for() -> None:
    for state in ASKING:
        booth = booth_in(state)
        booth.touch(Action.HELP)
        booth.call_stands(CallState.ANSWERED, "line")
        assert kinds(booth.call_stands(CallState.ENDED))[0] == "EndCall"
        booth.expect(state)
        assert (booth.session.call, *told(booth)) == (None, None, None)
        assert booth.session.active_ns == booth.now_ns, "the time on the screen begins anew"


def end_of_another_call_leads_nowhere() -> None:
    booth = calling()
    booth.call_stands(CallState.WAITING)
    assert booth.do(ev.CallStands(booth.now_ns, 1, CallState.ENDED)) == ()
    booth.expect(State.STAFF_HELP)
    assert told(booth) == (CallState.WAITING, None)


def help_can_be_pressed_again_after_staff_ended_the_call() -> None:
    booth = calling()
    booth.call_stands(CallState.ENDED)
    booth.touch(Action.HELP)
    booth.expect(State.STAFF_HELP)
    assert booth.session.call is not None


def going_on_without_a_call_ends_none() -> None:
    booth = booth_in(State.POSE)
    booth.pose(181, frame_ms=500, distance=0.1)
    booth.expect(State.STAFF_HELP)
    assert not any(isinstance(one, fx.EndCall) for one in booth.touch(Action.STILL_HERE))


def leaving_ends_the_call_with_all_else() -> None:
    booth = calling()
    booth.call_stands(CallState.WAITING)
    assert any(isinstance(one, fx.Forget) for one in booth.touch(Action.CANCEL))
    assert booth.session.call is None


def news_of_the_call_is_kept_and_of_another_one_is_not() -> None:
    booth = calling()
    booth.call_stands(CallState.WAITING)
    assert told(booth) == (CallState.WAITING, None)
    booth.do(ev.CallStands(booth.now_ns, 1, CallState.ANSWERED, "for-somebody-else"))
    assert told(booth) == (CallState.WAITING, None)
    booth.call_stands(CallState.ANSWERED, "line-1")
    booth.call_stands(CallState.ANSWERED, "line-2")
    assert told(booth) == (CallState.ANSWERED, "line-2")


def second_call_does_not_show_the_first_ones_answer() -> None:
    booth = calling()
    booth.call_stands(CallState.ANSWERED, "line-1")
    booth.touch(Action.STILL_HERE)
    booth.touch(Action.HELP)
    assert told(booth) == (None, None)


def late_answer_is_foreseen_everywhere() -> None:
    for state in State:
        booth = booth_in(state)
        before = booth.session
        assert booth.do(ev.CallStands(booth.now_ns, 1, CallState.WAITING)) == ()
        assert booth.session == before


def call_that_staff_have_seen_is_waited_for_three_minutes_and_its_answer_as_long() -> None:
    booth = calling()
    booth.wait(59)
    booth.call_stands(CallState.WAITING)
    booth.wait(179)
    booth.expect(State.STAFF_HELP)
    booth.call_stands(CallState.ANSWERED, "line")
    booth.wait(179)
    booth.expect(State.STAFF_HELP)
    booth.wait(1)
    booth.expect(State.ATTRACT)


def news_of_a_call_asks_no_device_for_anything() -> None:
    booth = calling()
    assert booth.call_stands(CallState.ANSWERED, "line") == ()
