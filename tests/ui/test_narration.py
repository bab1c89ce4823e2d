"""What is said when: never two things at once, nothing twice in a row, nothing that is no longer true."""

from dataclasses import replace

import pytest

from kiosk.core.events import Action
from kiosk.core.session.guidance import Guidance
from kiosk.core.session.state import Session, State, Take, Volume
from kiosk.ports.display import Cursor
from kiosk.text.catalog import LANGUAGES
from kiosk.text.speech import SOUNDS, prompts
from kiosk.ui.narration import Narration, Order, narrate, script
from kiosk.ui.viewmodel import View, view
from sim.gallery import FACTS, NOW_NS, POLICY, Known, Shown, gallery

S = 1_000_000_000


def view_of(session: Session, now_ns: int = NOW_NS) -> View:
    return view(session, POLICY, FACTS, Known(), now_ns)


def posing(guide: str, **changes: object) -> View:
    return replace(view_of(Session(State.POSE, guidance=Guidance(guide))), **changes)  # type: ignore[arg-type]


class Listener:
    """Follows views, and plays nothing: what is pending is given."""

    def __init__(self) -> None:
        self.narration = Narration()

    def see(
        self,
        shown: View,
        at_s: float = 0.0,
        pending: tuple[str, ...] = (),
        chosen: Action | None = None,
        cursor: Cursor | None = None,
    ) -> Order | None:
        self.narration, order = narrate(self.narration, shown, chosen, pending, int(at_s * S), cursor)
        return order


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("shown", list(gallery()), ids=lambda shown: shown.name)
def test_whatever_a_screen_says_is_a_prompt(shown: Shown, language: str) -> None:
    session = replace(shown.session, language=language)
    said = script(view(session, shown.policy, shown.facts, Known(), shown.now_ns))
    assert set(said) <= set(prompts(language)), said


@pytest.mark.parametrize("state", [state for state in State if state not in (State.CLOSED, State.ATTRACT)])
def test_every_screen_of_a_session_says_something(state: State) -> None:
    shown = next(one for one in gallery() if one.session.state is state and one.name != "pose-waiting")
    assert script(view(shown.session, shown.policy, shown.facts, Known(), shown.now_ns))


def test_an_idle_booth_is_silent(listener: Listener) -> None:
    for at_s in range(100):
        order = listener.see(view_of(Session(State.ATTRACT)), at_s)
        assert order is None or order.prompts == ()


@pytest.mark.parametrize("before", [State.ATTRACT, State.CLOSED])
def test_a_booth_that_fails_while_nobody_uses_it_is_silent(listener: Listener, before: State) -> None:
    fails = replace(view_of(Session(State.OUT_OF_SERVICE)), fault="fault.camera_missing")
    listener.see(view_of(Session(before)))
    assert [listener.see(fails, at_s) for at_s in range(1, 100)] == [None] * 99


def test_a_booth_that_fails_before_somebody_with_the_audio_guide_says_so(listener: Listener) -> None:
    listener.see(view_of(Session(State.ATTRACT, audio_guide=True)))
    order = listener.see(view_of(Session(State.OUT_OF_SERVICE, service=True, audio_guide=True)), 1)
    assert order is not None
    assert order.prompts[-2:] == ("out_of_service.title", "out_of_service.service")


def test_a_new_screen_speaks_at_once(listener: Listener) -> None:
    listener.see(view_of(Session(State.CONSENT)))
    order = listener.see(view_of(Session(State.IDENTIFY)), 1, pending=("consent.title",))
    assert order is not None
    assert order.at_once
    assert order.prompts[0] == "identify.title_either"


def test_the_end_of_a_session_is_silence_at_once(listener: Listener) -> None:
    listener.see(view_of(Session(State.CONSENT)))
    order = listener.see(view_of(Session(State.ATTRACT)), 1, pending=("consent.title",))
    assert order == Order((), "zh_CN", at_once=True)


def test_a_changed_instruction_waits_for_the_one_that_runs(listener: Listener) -> None:
    listener.see(posing("guide.too_far"))
    assert listener.see(posing("guide.move_left"), 1, pending=("guide.too_far",)) == Order(
        ("guide.move_left",), "zh_CN", at_once=False
    )


def test_keep_still_waits_for_nothing(listener: Listener) -> None:
    listener.see(posing("guide.too_far"))
    assert listener.see(posing("guide.hold_still"), 1, pending=("guide.too_far",)) == Order(
        ("guide.hold_still",), "zh_CN", at_once=True
    )


def held(**changes: object) -> View:
    return posing("guide.hold_still", counting=True, near=4, **changes)


def test_the_shot_is_counted_down_at_once_and_the_capture_does_not_cut_it_off(listener: Listener) -> None:
    listener.see(posing("guide.too_far"))
    assert listener.see(held(), 1, pending=("guide.too_far",)) == Order(("pose.count",), "zh_CN", at_once=True)
    order = listener.see(view_of(Session(State.CAPTURE)), 1.8, pending=("pose.count",))
    assert order is not None
    assert not order.at_once


def test_the_count_ends_at_once_where_the_pose_is_lost_and_not_for_a_blink(listener: Listener) -> None:
    listener.see(posing("guide.too_far"))
    listener.see(held(), 1, pending=("guide.too_far",))
    blinks = listener.see(posing("guide.hold_still"), 1.2, pending=("pose.count",))
    assert blinks == Order(("guide.hold_still",), "zh_CN", at_once=False)
    assert listener.see(held(), 1.4, pending=("pose.count", "guide.hold_still")) == Order((), "zh_CN", at_once=False)
    order = listener.see(posing("guide.move_left"), 1.6, pending=("pose.count",))
    assert order == Order(("guide.move_left",), "zh_CN", at_once=True)
    assert listener.see(posing("guide.move_left"), 3.2) is None
    assert listener.see(held(), 4) == Order(("pose.count",), "zh_CN", at_once=True), "another try is counted anew"


def test_a_tone_rises_as_the_pose_gets_right_between_the_words(listener: Listener) -> None:
    listener.see(posing("guide.too_far", near=1))
    steps = [(2, 1, ("guide.too_far",)), (2, 2, ()), (2, 3, ()), (3, 3.2, ()), (4, 3.4, ()), (4, 3.8, ()), (1, 4.4, ())]
    heard = []
    for near, at_s, pending in steps:
        order = listener.see(posing("guide.too_far", near=near), at_s, pending=pending)
        heard += [] if order is None else [(at_s, *order.prompts)]
        assert order is None or not order.at_once
    assert heard == [(2, "sound.near_2"), (3.2, "sound.near_3"), (3.8, "sound.near_4"), (4.4, "sound.near_1")]


def test_no_tone_where_nobody_is_seen_or_the_voice_is_off(listener: Listener) -> None:
    listener.see(posing("guide.face_none", near=0))
    assert listener.see(posing("guide.face_none", near=0), 2) is None
    off = posing("guide.too_far", near=2, volume=Volume.OFF)
    listener.see(off, 3)
    assert listener.see(replace(off, near=3), 4) is None


def test_a_waiting_prompt_that_is_no_longer_true_is_not_spoken(listener: Listener) -> None:
    listener.see(posing("guide.too_far"))
    listener.see(posing("guide.move_left"), 1, pending=("guide.too_far",))
    order = listener.see(posing("guide.too_far"), 1.5, pending=("guide.too_far", "guide.move_left"))
    assert order == Order((), "zh_CN", at_once=False)


def test_an_instruction_that_stays_is_said_again_only_after_some_seconds(listener: Listener) -> None:
    listener.see(posing("guide.too_far"))
    said = [at_s for at_s in range(1, 20) if listener.see(posing("guide.too_far"), at_s) is not None]
    assert said == [6, 12, 18]


def test_an_instruction_that_flickers_is_no_chatter(listener: Listener) -> None:
    listener.see(posing("guide.too_far"))
    said = 0
    for at_s in range(1, 12):
        guide = ("guide.too_far", "guide.move_left")[at_s % 2]
        said += listener.see(posing(guide), at_s / 2) is not None
    assert said == 1  # the second instruction once


def test_nothing_is_said_again_while_something_is_being_said(listener: Listener) -> None:
    listener.see(posing("guide.too_far"))
    assert listener.see(posing("guide.too_far"), 30, pending=("guide.too_far",)) is None


def test_what_was_chosen_stops_what_is_said_and_only_what_is_new_follows(listener: Listener) -> None:
    one = Session(State.CHOOSE, takes=(Take(1, 0.8), Take(2, 0.9)), proposed=2, picked=2)
    listener.see(view_of(one))
    other = replace(one, takes=(replace(one.takes[0], warnings=("roll",)), one.takes[1]), picked=1)
    order = listener.see(view_of(other), 1, pending=("choose.title",), chosen=Action.PICK_TAKE)
    assert order == Order(("warn.roll",), "zh_CN", at_once=True)


def test_what_waited_when_something_was_chosen_is_said_if_the_screen_stays(listener: Listener) -> None:
    """Somebody who presses before the voice comes to why nothing will happen is told nevertheless."""
    shown = view_of(Session(State.CONFIRM, photographed=True))
    listener.see(shown)
    order = listener.see(shown, 1, pending=("confirm.title", "confirm.photographed"), chosen=Action.CONFIRM)
    assert order == Order(("confirm.photographed",), "zh_CN", at_once=True)


def test_repeat_speaks_the_same_prompts_again(listener: Listener) -> None:
    shown = view_of(Session(State.CONFIRM))
    first = listener.see(shown)
    assert first is not None
    again = listener.see(shown, 3, chosen=Action.REPEAT)
    assert again == first


def test_another_language_says_all_of_it_anew(listener: Listener) -> None:
    listener.see(view_of(Session(State.CONFIRM)))
    order = listener.see(view_of(Session(State.CONFIRM, language="en")), 1, chosen=Action.LANGUAGE)
    assert order is not None
    assert (order.language, order.prompts[0]) == ("en", "confirm.title")


def test_a_voice_that_is_off_is_stopped_once_and_says_all_when_it_comes_back(listener: Listener) -> None:
    shown = view_of(Session(State.CONFIRM))
    listener.see(shown)
    off = replace(shown, volume=Volume.OFF)
    assert listener.see(off, 1, pending=("confirm.title",)) == Order((), "zh_CN", at_once=True)
    assert listener.see(off, 40) is None
    order = listener.see(shown, 41)
    assert order is not None
    assert "confirm.title" in order.prompts


def test_the_last_seconds_are_counted(listener: Listener) -> None:
    begun = Session(State.STILL_THERE, resume=State.POSE, since_ns=S)
    said = []
    for at_s in range(1, 17):
        order = listener.see(view_of(begun, at_s * S), at_s)
        said += [] if order is None else list(order.prompts)
    assert said == [
        *("sound.attention", "still_there.title", "still_there.line", "still_there.ask"),
        *("still_there.ten", "still_there.five"),
    ]


def test_a_burst_that_was_taken_is_heard_as_a_shutter(listener: Listener) -> None:
    listener.see(view_of(Session(State.CAPTURE)))
    order = listener.see(view_of(Session(State.CHOOSE, takes=(Take(1),))), 1)
    assert order is not None
    assert order.prompts[0] == "sound.shutter"


def test_a_booth_that_fails_with_nobody_in_it_does_not_speak(listener: Listener) -> None:
    listener.see(view_of(Session(State.ATTRACT)))
    failed = next(one for one in gallery() if one.name == "out-of-service")
    assert listener.see(view_of(failed.session), 1) is None


def test_nothing_personal_is_ever_spoken() -> None:
    values = {value for one in gallery() for value in _values(one)}
    for language in LANGUAGES:
        spoken = " ".join(prompts(language).values())
        assert not any(value in spoken for value in values if value)
        assert not any(sign.isdigit() or sign in "{}*" for sign in spoken)


def _values(shown: Shown) -> tuple[str, ...]:
    person = view(shown.session, shown.policy, shown.facts, Known(), shown.now_ns).person
    facts = (shown.facts.desk_place, shown.facts.desk_phone)
    return facts if person is None else (person.name, person.number, person.school, *facts)


def test_sounds_are_no_prompts() -> None:
    assert not set(SOUNDS) & set(prompts("en"))


GUIDED = Session(State.CONSENT, audio_guide=True)


def test_the_audio_guide_says_that_it_begins_and_ends(listener: Listener) -> None:
    listener.see(view_of(Session(State.CONSENT)))
    begun = listener.see(view_of(GUIDED), 1, pending=("consent.title",))
    assert begun is not None
    assert (begun.prompts[:2], begun.at_once) == (("audio_guide.on", "consent.title"), True)
    assert listener.see(view_of(Session(State.ATTRACT)), 2) == Order(("audio_guide.off",), "zh_CN", at_once=True)


def test_where_somebody_goes_by_ear_is_said_at_once_and_to_its_end(listener: Listener) -> None:
    there = Cursor(1, ("button.agree", "audio_guide.button"))
    listener.see(view_of(GUIDED))
    order = listener.see(view_of(GUIDED), 1, pending=("consent.title", "consent.before"), cursor=there)
    assert order == Order(there.prompts, "zh_CN", at_once=True)
    assert listener.see(view_of(GUIDED), 1.1, pending=there.prompts, cursor=there) is None, "the role is not dropped"
    again = Cursor(2, there.prompts)
    assert listener.see(view_of(GUIDED), 5, cursor=again) == Order(there.prompts, "zh_CN", at_once=True)


def test_what_can_be_chosen_is_what_a_listener_is_reminded_of(listener: Listener) -> None:
    listener.see(view_of(GUIDED))
    order = listener.see(view_of(GUIDED), 25)
    assert order is not None
    assert order.prompts == ("audio_guide.choices", "button.decline", "button.agree")
