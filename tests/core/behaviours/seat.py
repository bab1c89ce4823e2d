"""Somebody else who sits down in the middle of a session is asked who it is."""

from behaviours.driver import EITHER, Booth, booth_in, kinds
from kiosk.core.events import Action
from kiosk.core.session.state import Reason, State


def left(seconds: float, booth: Booth) -> Booth:
    """Somebody is seen, and then for so long nobody."""
    booth.look(eyes_open=0.0)
    booth.wait(0.1)
    booth.pose(seconds, faces=0)
    return booth


def whoever_sits_down_after_the_seat_was_empty_is_asked_who_it_is() -> None:
    booth = left(3.1, booth_in(State.POSE))
    assert kinds(booth.look()) == ["Watch off", "DropTakes", "Listen on"]
    booth.expect(State.CONFIRM)


def seat_that_was_empty_for_less_changes_nothing() -> None:
    booth = left(2.5, booth_in(State.POSE))
    booth.look()
    booth.expect(State.POSE)
    booth.pose(0.6, faces=0)
    booth.look()
    booth.expect(State.POSE, "it was the same person all the time")


def who_has_not_sat_down_yet_is_asked_nothing() -> None:
    booth = booth_in(State.POSE)
    booth.pose(6, faces=0)
    booth.look(eyes_open=0.0)
    booth.expect(State.POSE)


def frames_that_do_not_come_are_no_empty_seat() -> None:
    booth = booth_in(State.POSE)
    booth.look(eyes_open=0.0)
    booth.wait(6)
    booth.look(eyes_open=0.0)
    booth.expect(State.POSE)


def takes_and_excuses_of_the_one_before_are_gone() -> None:
    booth = booth_in(State.REASON)
    booth.touch(Action.GIVE_REASON, Reason.EYES.value)
    left(3.1, booth).look()
    assert booth.session.reason is None
    assert not booth.session.takes
    booth = left(3.1, Booth(EITHER).at_retake())
    assert booth.session.takes
    booth.look()
    booth.expect(State.CONFIRM)
    assert not booth.session.takes


def who_tried_in_vain_does_not_excuse_the_next_one() -> None:
    booth = booth_in(State.POSE)
    booth.pose(45.2, frame_ms=200, eyes_open=0.0)
    assert booth.session.tried_in_vain
    booth = left(3.1, booth)
    booth.look()
    assert not booth.session.tried_in_vain


def same_person_goes_on_with_two_touches() -> None:
    booth = left(3.1, booth_in(State.POSE))
    booth.look()
    booth.touch(Action.CONFIRM)
    booth.touch(Action.READY)
    booth.expect(State.POSE)
    assert booth.session.left_ns is None
    booth.pose(2)
    booth.expect(State.CAPTURE)
