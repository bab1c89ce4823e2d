"""Prepare: the graduate is ready, and the storage answers."""

from behaviours.driver import EITHER, Booth, kinds
from kiosk.core import events as ev
from kiosk.core.events import Action
from kiosk.core.session import effects as fx
from kiosk.core.session.state import State


def quick_at_ready() -> Booth:
    """A graduate who touches "ready" before the storage has answered whether it can save a photo."""
    booth = Booth(EITHER).at_confirm()
    booth.touch(Action.CONFIRM)
    assert booth.touch(Action.READY) == ()
    booth.expect(State.PREPARE)
    return booth


def ready_graduate_sits_down_when_the_storage_has_answered() -> None:
    for decision in (None, ev.DecisionState.WITH_STAFF):
        booth = quick_at_ready()
        assert kinds(booth.recalled(decision)) == ["Light on", "Watch on"]
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
