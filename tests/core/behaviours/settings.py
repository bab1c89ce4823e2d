"""Sound and display: what a person sets for this visit."""

from dataclasses import replace

from behaviours.driver import EITHER, LI, LIVE_RULES, Booth, booth_in
from kiosk.core.events import Action
from kiosk.core.session.state import State, Volume
from rules.checks import CheckId, CheckRule, Limit
from rules.checks import Policy as CheckPolicy

AT_A_HEIGHT = replace(
    EITHER, live_rules=(*LIVE_RULES, CheckRule(CheckId.CENTRE_Y, CheckPolicy.REQUIRED, Limit(-0.25, 0.25), "faces"))
)

SETTINGS = frozenset(
    {
        *(Action.OPTIONS, Action.REPEAT, Action.LOUDER, Action.SOFTER, Action.MUTE),
        *(Action.CONTRAST, Action.LARGE, Action.LOW, Action.MORE, Action.AUDIO_GUIDE, Action.CURTAIN),
    }
)


def every_setting_can_be_touched_on_every_screen_and_leaves_it_as_it_is() -> None:
    for state in State:
        for action in SETTINGS:
            booth = booth_in(state)
            assert booth.touch(action) == ()
            booth.expect(state)


def loudness_has_three_steps_and_off() -> None:
    booth = booth_in(State.CONSENT)
    seen = []
    for action in (Action.LOUDER, Action.LOUDER, Action.SOFTER, Action.SOFTER, Action.SOFTER, Action.SOFTER):
        booth.touch(action)
        seen.append(booth.session.volume)
    assert seen == [Volume.HIGH, Volume.HIGH, Volume.NORMAL, Volume.LOW, Volume.OFF, Volume.OFF]
    booth.touch(Action.LOUDER)
    assert booth.session.volume is Volume.LOW


def muting_twice_brings_the_normal_loudness_back() -> None:
    booth = booth_in(State.CONSENT)
    seen = []
    for _ in range(2):
        booth.touch(Action.MUTE)
        seen.append(booth.session.volume)
    assert seen == [Volume.OFF, Volume.NORMAL]


def sheet_of_settings_opens_and_closes_and_every_new_screen_closes_it() -> None:
    booth = booth_in(State.CONSENT)
    seen = []
    for action in (Action.OPTIONS, Action.OPTIONS, Action.OPTIONS, Action.AGREE):
        booth.touch(action)
        seen.append(booth.session.options)
    assert seen == [True, False, True, False]


def asking_to_hear_it_again_closes_the_sheet() -> None:
    booth = booth_in(State.CONSENT)
    booth.touch(Action.OPTIONS)
    booth.touch(Action.REPEAT)
    assert not booth.session.options


def settings_of_the_start_screen_hold_for_the_visit_and_end_with_it() -> None:
    booth = booth_in(State.ATTRACT)
    booth.touch(Action.LOUDER)
    booth.touch(Action.CONTRAST)
    booth.touch(Action.START)
    seen = [(booth.session.volume, booth.session.contrast)]
    for action in (Action.CONTRAST, Action.CONTRAST, Action.CANCEL):
        booth.touch(action)
        seen.append((booth.session.volume, booth.session.contrast))
    assert seen == [(Volume.HIGH, True), (Volume.HIGH, False), (Volume.HIGH, True), (Volume.NORMAL, False)]


def modes_of_access_combine_and_end_with_the_visit() -> None:
    booth = booth_in(State.ATTRACT)
    for action in (Action.LARGE, Action.LOW, Action.CONTRAST, Action.START, Action.AGREE):
        booth.touch(action)
    booth.expect(State.IDENTIFY)
    assert modes(booth) == (True, True, True)
    booth.touch(Action.LARGE)
    assert modes(booth) == (False, True, True)
    booth.touch(Action.LOW)
    assert modes(booth) == (False, False, True)
    booth.touch(Action.LARGE)
    booth.touch(Action.LOW)
    booth.touch(Action.CANCEL)
    assert modes(booth) == (False, False, False)


def panel_with_small_type_begins_each_visit_with_large_text() -> None:
    booth = Booth(replace(EITHER, large=True)).at_attract()
    assert modes(booth) == (True, False, False)
    booth.touch(Action.LARGE)
    assert modes(booth) == (False, False, False), "who wants it smaller has it so"
    booth.touch(Action.START)
    booth.touch(Action.CANCEL)
    assert modes(booth) == (True, False, False)


def modes(booth: Booth) -> tuple[bool, bool, bool]:
    session = booth.session
    return session.large, session.low, session.contrast


def pages_are_turned_and_every_screen_begins_with_its_first() -> None:
    booth = booth_in(State.CONSENT)
    pages = []
    turned = (Action.MORE, Action.MORE, Action.OPTIONS, Action.MORE, Action.LARGE, Action.MORE, Action.AGREE)
    for action in turned:
        booth.touch(action)
        pages.append(booth.session.page)
    assert pages == [1, 2, 0, 1, 0, 1, 0]


def who_chose_low_reach_is_photographed_at_their_height() -> None:
    """Eyes 14 cm below the lens, in a wheelchair: nobody is told to sit higher."""
    for low, state in ((True, State.CAPTURE), (False, State.POSE)):
        booth = booth_in(State.ATTRACT, AT_A_HEIGHT)
        if low:
            booth.touch(Action.LOW)
        booth.touch(Action.START)
        booth.touch(Action.AGREE)
        booth.show_keys(LI)
        booth.recalled(None)
        booth.touch(Action.CONFIRM)
        booth.touch(Action.READY)
        booth.lamps_tested()
        booth.pose(2, centre_y=1.0)
        booth.expect(state)


def settings_of_somebody_who_walked_away_are_gone_after_a_minute() -> None:
    booth = booth_in(State.ATTRACT)
    booth.touch(Action.MUTE)
    booth.touch(Action.OPTIONS)
    booth.wait(61)
    assert (booth.session.volume, booth.session.options) == (Volume.NORMAL, False)
