"""The audio guide: a person without sight can start it, it gives time to listen, and it ends with the visit."""

from behaviours.driver import Booth, booth_in
from kiosk.core import events as ev
from kiosk.core.events import Action
from kiosk.core.session.state import State, Volume
from kiosk.core.session.transitions import AUDIO_GUIDE_FACTOR


def plug(booth: Booth, *, plugged: bool) -> None:
    booth.do(ev.EarphoneChanged(booth.now_ns, plugged))


def guide(booth: Booth) -> tuple[bool, bool]:
    return booth.session.audio_guide, booth.session.curtain_open


def an_earphone_brings_the_audio_guide_on_every_screen_and_takes_it_along() -> None:
    for state in State:
        booth = booth_in(state)
        seen = []
        for plugged in (True, True, False, False):
            plug(booth, plugged=plugged)
            seen.append(booth.session.audio_guide)
        assert seen == [True, True, False, False]
        booth.expect(state)


def a_key_or_a_corner_switches_the_audio_guide_on_and_off_and_each_time_the_screen_is_dark_first() -> None:
    booth = booth_in(State.CONSENT)
    seen = []
    for action in (Action.AUDIO_GUIDE, Action.CURTAIN, Action.CURTAIN, Action.CURTAIN, *(Action.AUDIO_GUIDE,) * 2):
        booth.touch(action)
        seen.append(guide(booth))
    on, shown, off = (True, False), (True, True), (False, False)
    assert seen == [on, shown, on, shown, off, on]


def audio_guide_closes_the_options_and_turns_a_muted_voice_on() -> None:
    booth = booth_in(State.CONSENT)
    for action in (Action.MUTE, Action.OPTIONS, Action.AUDIO_GUIDE):
        booth.touch(action)
    assert (booth.session.volume, booth.session.options, booth.session.page) == (Volume.NORMAL, False, 0)
    booth.touch(Action.LOUDER)
    plug(booth, plugged=True)
    heard = [booth.session.volume]
    booth.touch(Action.MUTE)
    plug(booth, plugged=False)
    heard.append(booth.session.volume)
    assert heard == [Volume.HIGH, Volume.OFF], "what was chosen stays, also when the guide ends"


def whoever_only_hears_whether_they_are_still_there_answers_by_any_key() -> None:
    """The key still does its own work: it moves, says the screen again, sets the loudness or ends the guide."""
    for action in (None, Action.REPEAT, Action.LOUDER, Action.SOFTER, Action.MUTE, Action.AUDIO_GUIDE):
        for guided in (True, False):
            for state in (State.CONSENT, State.IDENTIFY):
                booth = booth_in(state)
                plug(booth, plugged=guided)
                booth.wait(45 * (AUDIO_GUIDE_FACTOR if guided else 1))
                booth.expect(State.STILL_THERE)
                press(booth, action)
                booth.expect(state if guided else State.STILL_THERE, f"{action} by one who hears: {guided}")
                same = booth_in(state)
                plug(same, plugged=guided)
                press(same, action)
                assert booth.session.volume is same.session.volume
                assert booth.session.audio_guide is same.session.audio_guide


def press(booth: Booth, action: Action | None) -> None:
    """Press a key of the keypad; None: a key that moves."""
    if action is None:
        booth.do(ev.FocusMoved(booth.now_ns))
    else:
        booth.touch(action)


def the_audio_guide_ends_with_the_visit_though_the_earphone_is_still_there() -> None:
    booth = booth_in(State.ATTRACT)
    plug(booth, plugged=True)
    for action in (Action.CURTAIN, Action.START, Action.CANCEL):
        booth.touch(action)
    booth.expect(State.ATTRACT)
    assert guide(booth) == (False, False)


def audio_guide_triples_the_waits_for_a_person() -> None:
    for state, seconds in ((State.CONSENT, 45), (State.CONFIRM, 30), (State.STILL_THERE, 20), (State.APPROVED, 30)):
        booth = booth_in(state)
        booth.touch(Action.AUDIO_GUIDE)
        booth.wait(seconds * AUDIO_GUIDE_FACTOR - 1)
        booth.expect(state)
        booth.wait(2)
        assert booth.state is not state


def audio_guide_does_not_lengthen_waits_for_the_machine() -> None:
    for state in (State.CAPTURE, State.SAVING):
        booth = booth_in(state)
        booth.touch(Action.AUDIO_GUIDE)
        booth.wait(61)
        assert booth.state is not state


def moving_the_audio_guides_focus_postpones_the_question_still_there() -> None:
    booth = booth_in(State.CONSENT)
    for _ in range(5):
        booth.wait(30)
        booth.do(ev.FocusMoved(booth.now_ns))
    booth.expect(State.CONSENT)


def plugging_an_earphone_in_is_a_sign_of_life() -> None:
    booth = booth_in(State.CONSENT)
    booth.wait(40)
    plug(booth, plugged=False)
    booth.wait(40)
    booth.expect(State.CONSENT)


def any_key_answers_that_a_listener_is_still_there_and_others_must_choose() -> None:
    for listens in (True, False):
        booth = booth_in(State.STILL_THERE)
        came_from = booth.session.resume
        if listens:
            booth.touch(Action.AUDIO_GUIDE)
        booth.do(ev.FocusMoved(booth.now_ns))
        assert booth.state is (came_from if listens else State.STILL_THERE)
