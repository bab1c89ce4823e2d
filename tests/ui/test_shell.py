"""The window: touches in, views out, under SDL's dummy driver."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pygame
import pytest

from kiosk.core.events import Action, EarphoneChanged, Event, FocusMoved, Touched
from kiosk.core.session.machine import step
from kiosk.core.session.state import Session, State
from kiosk.ports.clock import WallTime
from kiosk.ports.config import DisplayConfig
from kiosk.ports.faults import PermanentFault
from kiosk.ui.screens import theme
from kiosk.ui.shell import GUIDE_KEY, KEYS, VOLUME_KEYS, Shell
from kiosk.ui.viewmodel import View, view
from sim.gallery import FACTS, POLICY, Known

MS = 1_000_000


class HandClock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.ns = 1_000_000_000

    def now_ns(self) -> int:
        return self.ns

    def wall(self) -> WallTime:
        return WallTime(datetime(2026, 9, 1, tzinfo=UTC), synced=True)


class Panel:
    """A shell, and a finger on its panel."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.clock = HandClock()
        self.moved = 0  # how often the focus moved
        self.shell = Shell(DisplayConfig(), self._emit, self.clock, headless=True, strict=True)

    def _emit(self, event: Event) -> None:
        if isinstance(event, FocusMoved):
            self.moved += 1
        else:
            self.events.append(event)

    def show(self, session: Session) -> None:
        self.shell.show(view_of(session))

    def finger(self, kind: int, x: float, y: float) -> None:
        pygame.event.post(pygame.event.Event(kind, touch_id=1, finger_id=7, x=x, y=y, dx=0.0, dy=0.0, pressure=1.0))
        self.shell.pump()

    def press(self, action: Action, held_ms: int = 120) -> None:
        box = next(area.box for area in self.shell.areas if area.action is action)
        x, y = box.centre.x / 720, box.centre.y / 1280
        self.finger(pygame.FINGERDOWN, x, y)
        self.clock.ns += held_ms * MS
        self.finger(pygame.FINGERUP, x, y)


def view_of(session: Session) -> View:
    return view(session, POLICY, FACTS, Known(), 1_000_000_000)


@pytest.fixture
def panel() -> Iterator[Panel]:
    panel = Panel()
    yield panel
    panel.shell.close()


def test_a_press_is_an_event_stamped_when_the_finger_left(panel: Panel) -> None:
    panel.show(Session(State.ATTRACT))
    panel.press(Action.START)
    assert panel.events == [Touched(panel.clock.ns, Action.START)]


def test_a_phantom_touch_does_not_start_a_session(panel: Panel) -> None:
    panel.show(Session(State.ATTRACT))
    panel.press(Action.START, held_ms=16)
    assert panel.events == []


def test_a_school_is_named_by_its_token(panel: Panel) -> None:
    panel.show(Session(State.SCHOOL, schools=("s1", "s2")))
    panel.press(Action.PICK_SCHOOL)
    assert panel.events == [Touched(panel.clock.ns, Action.PICK_SCHOOL, "s1")]


def test_coordinates_outside_the_window_are_clamped_and_reported_once(
    panel: Panel, caplog: pytest.LogCaptureFixture
) -> None:
    panel.show(Session(State.CONSENT))
    for kind in (pygame.FINGERDOWN, pygame.FINGERUP) * 2:
        panel.finger(kind, 15.98, 0.9)
    assert panel.events == []
    (record,) = caplog.records
    assert "a finger at 15.98, 0.90 of the window (0 to 1 expected)" in record.getMessage()
    assert "SDL_VIDEODRIVER=wayland" in record.getMessage()


def test_the_finger_sees_its_button_pressed(panel: Panel) -> None:
    panel.show(Session(State.CONSENT))
    before = panel.shell.grab()
    box = next(area.box for area in panel.shell.areas if area.action is Action.AGREE)
    panel.finger(pygame.FINGERDOWN, box.centre.x / 720, box.centre.y / 1280)
    panel.show(Session(State.CONSENT))
    assert tuple(panel.shell.grab()[int(box.y) + 20, int(box.x) + 60]) == theme.PRIMARY_PRESSED
    panel.finger(pygame.FINGERUP, 0.0, 0.0)
    panel.show(Session(State.CONSENT))
    assert np.array_equal(panel.shell.grab(), before)


def test_a_panel_that_comes_as_a_mouse_works_and_what_sdl_makes_of_touches_is_ignored(panel: Panel) -> None:
    panel.show(Session(State.CONSENT))
    box = next(area.box for area in panel.shell.areas if area.action is Action.AGREE)
    place = (int(box.centre.x), int(box.centre.y))
    for touch, expected in ((True, 0), (False, 1)):
        for kind in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
            pygame.event.post(pygame.event.Event(kind, pos=place, button=1, touch=touch))
        panel.shell.pump()
        assert len(panel.events) == expected


def test_a_closed_window_ends_the_loop(panel: Panel) -> None:
    assert panel.shell.pump() is True
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert panel.shell.pump() is False


def test_the_last_frame_stays_until_a_newer_one_comes(panel: Panel) -> None:
    panel.shell.show(view_of(Session(State.POSE)), np.full((720, 1280, 3), 250, np.uint8))
    shown = panel.shell.grab()
    panel.shell.show(view_of(Session(State.POSE)), None)
    assert np.array_equal(panel.shell.grab(), shown)


def test_no_frame_of_the_last_pose_is_seen_in_the_next(panel: Panel) -> None:
    panel.shell.show(view_of(Session(State.POSE)), None)
    empty = panel.shell.grab()
    panel.shell.show(view_of(Session(State.POSE)), np.full((720, 1280, 3), 250, np.uint8))
    panel.shell.show(view_of(Session(State.CAPTURE)), np.full((720, 1280, 3), 250, np.uint8))
    panel.shell.show(view_of(Session(State.POSE)), None)
    assert np.array_equal(panel.shell.grab(), empty)


def test_forget_blanks_the_screen_and_the_next_view_is_whole(panel: Panel) -> None:
    panel.show(Session(State.CONSENT))
    before = panel.shell.grab()
    panel.shell.forget()
    assert (panel.shell.grab() == theme.PAGE).all()
    assert panel.shell.areas == ()
    panel.show(Session(State.CONSENT))
    assert np.array_equal(panel.shell.grab(), before)


def test_a_headless_shell_leaves_the_environment_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "wayland")
    panel = Panel()
    assert os.environ["SDL_VIDEODRIVER"] == "wayland"
    assert pygame.display.get_driver() == "dummy"
    panel.shell.close()


def test_a_driver_that_shows_nothing_is_no_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "offscreen")
    events: list[Event] = []
    with pytest.raises(PermanentFault, match="no window could be opened"):
        Shell(DisplayConfig(), events.append, HandClock())
    assert not pygame.display.get_init()


def test_closing_twice_is_harmless(panel: Panel) -> None:
    panel.shell.close()
    panel.shell.close()


def look_seldom(panel: Panel, action: Action, taps: int = 1) -> None:
    """The panel is tapped while the machine is busy with other things: the booth hears of all of it at one look."""
    box = next(area.box for area in panel.shell.areas if area.action is action)
    panel.shell.pump()
    panel.clock.ns += 2_000 * MS
    for kind in (pygame.FINGERDOWN, pygame.FINGERUP) * taps:
        x, y = box.centre.x / 720, box.centre.y / 1280
        pygame.event.post(pygame.event.Event(kind, touch_id=1, finger_id=7, x=x, y=y, dx=0.0, dy=0.0, pressure=1.0))
    panel.shell.pump()


def test_a_press_is_heard_by_a_machine_that_looks_seldom(panel: Panel) -> None:
    panel.show(Session(State.ATTRACT))
    look_seldom(panel, Action.START)
    assert [event.action for event in panel.events if isinstance(event, Touched)] == [Action.START]


def test_a_second_tap_is_not_for_the_next_screen_when_the_machine_looks_seldom(panel: Panel) -> None:
    panel.show(Session(State.CONSENT))
    look_seldom(panel, Action.AGREE)
    panel.show(Session(State.IDENTIFY))
    cancel = next(area.action for area in panel.shell.areas if area.action is Action.CANCEL)
    look_seldom(panel, cancel)  # tapped at some moment between two looks: perhaps right after the first tap
    assert [event.action for event in panel.events if isinstance(event, Touched)] == [Action.AGREE]


def said_at(panel: Panel) -> tuple[str, ...]:
    """What the audio guide says of where the person went last."""
    assert panel.shell.cursor is not None
    return panel.shell.cursor.prompts


def key(panel: Panel, number: int) -> None:
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=number, mod=0, unicode="", scancode=0))
    panel.shell.pump()


def test_enter_shows_the_focus_first_and_then_chooses_it(panel: Panel) -> None:
    panel.show(Session(State.CONSENT))
    key(panel, pygame.K_RETURN)
    assert (panel.events, panel.shell.focus) == ([], (Action.AGREE, ""))
    key(panel, pygame.K_LEFT)
    key(panel, pygame.K_RETURN)
    assert panel.events == [Touched(panel.clock.ns, Action.DECLINE)]


def test_a_second_enter_chooses_nothing_on_the_next_screen(panel: Panel) -> None:
    panel.show(Session(State.CONSENT))
    for _ in range(2):
        key(panel, pygame.K_RETURN)
    panel.show(Session(State.PREPARE))
    key(panel, pygame.K_RETURN)
    assert panel.events == [Touched(panel.clock.ns, Action.AGREE)]


def test_a_finger_takes_the_focus_away(panel: Panel) -> None:
    panel.show(Session(State.CONSENT))
    key(panel, pygame.K_RIGHT)
    panel.press(Action.AGREE)
    assert panel.shell.focus is None


def test_other_keys_do_nothing(panel: Panel) -> None:
    panel.show(Session(State.CONSENT))
    key(panel, pygame.K_a)
    assert (panel.events, panel.shell.focus) == ([], None)


@pytest.mark.parametrize(("scancode", "action"), [(127, Action.MUTE), (128, Action.LOUDER), (129, Action.SOFTER)])
def test_keys_for_loudness_work_on_every_screen_and_take_no_focus(panel: Panel, scancode: int, action: Action) -> None:
    for state in (State.ATTRACT, State.POSE, State.SAVING):
        panel.show(Session(state))
        key(panel, 1 << 30 | scancode)
        assert (panel.events[-1], panel.shell.focus) == (Touched(panel.clock.ns, action), None)


def test_with_the_audio_guide_the_same_keys_go_through_all_that_is_said(panel: Panel) -> None:
    panel.show(Session(State.CONSENT, audio_guide=True))
    key(panel, pygame.K_RIGHT)
    assert said_at(panel) == ("button.agree", "audio_guide.button")
    assert (panel.events, panel.moved) == ([], 1)
    key(panel, pygame.K_RIGHT)
    assert said_at(panel) == ("consent.title",)
    key(panel, pygame.K_LEFT)
    key(panel, pygame.K_RETURN)
    assert panel.events == [Touched(panel.clock.ns, Action.AGREE)]


def test_with_the_audio_guide_one_tap_says_what_is_there_and_two_anywhere_choose(panel: Panel) -> None:
    panel.show(Session(State.CONSENT, audio_guide=True))
    panel.press(Action.DECLINE)
    panel.clock.ns += 600 * MS
    panel.shell.pump()
    assert said_at(panel) == ("button.decline", "audio_guide.button")
    assert panel.events == []
    for _ in range(2):
        panel.press(Action.AGREE)
        panel.clock.ns += 100 * MS
    assert panel.events == [Touched(panel.clock.ns - 100 * MS, Action.DECLINE)]


@pytest.mark.parametrize(("x", "y"), [(0.01, 0.01), (0.99, 0.01), (0.01, 0.99), (0.99, 0.99)])
@pytest.mark.parametrize("guided", [False, True])
def test_any_corner_held_for_three_seconds_switches_the_audio_guide_and_presses_nothing(
    panel: Panel, x: float, y: float, guided: bool
) -> None:
    panel.show(Session(State.CONSENT, audio_guide=guided))
    panel.finger(pygame.FINGERDOWN, x, y)
    for turn in range(20):
        panel.clock.ns += 500 * MS
        panel.finger(pygame.FINGERMOTION, x + 0.003 * (turn % 2), y)  # no finger rests without a motion
        panel.show(Session(State.CONSENT, audio_guide=guided is not bool(panel.events)))
    panel.finger(pygame.FINGERUP, x, y)
    assert panel.events == [Touched(1_000_000_000 + 3_000 * MS, Action.AUDIO_GUIDE)]


def test_a_finger_elsewhere_switches_nothing_however_long_it_rests(panel: Panel) -> None:
    panel.show(Session(State.CONSENT))
    panel.finger(pygame.FINGERDOWN, 0.5, 0.5)
    panel.clock.ns += 9_000 * MS
    panel.shell.pump()
    assert panel.events == []


@pytest.mark.parametrize(
    ("number", "event"),
    [
        (pygame.K_F1, lambda ns: Touched(ns, Action.AUDIO_GUIDE)),
        (pygame.K_HOME, lambda ns: Touched(ns, Action.REPEAT)),
        *((code, lambda ns, action=action: Touched(ns, action)) for code, action in VOLUME_KEYS.items()),
    ],
)
def test_keys_of_the_voice_work_where_there_is_one(panel: Panel, number: int, event: Callable[[int], Event]) -> None:
    panel.show(Session(State.ATTRACT))
    key(panel, number)
    assert panel.events == [event(panel.clock.ns)]
    panel.shell.show(replace(view_of(Session(State.ATTRACT)), facts=replace(FACTS, voice=False)))
    key(panel, number)
    assert len(panel.events) == 1


@pytest.mark.parametrize("voice", [True, False])
def test_a_keypad_tells_of_its_earphone_also_while_no_voice_is_there(panel: Panel, voice: bool) -> None:
    panel.shell.show(replace(view_of(Session(State.ATTRACT)), facts=replace(FACTS, voice=voice)))
    for number in (pygame.K_F13, pygame.K_F14):
        key(panel, number)
    assert panel.events == [EarphoneChanged(panel.clock.ns, plugged=plugged) for plugged in (True, False)]


@pytest.mark.parametrize("number", [*KEYS, *VOLUME_KEYS, GUIDE_KEY])
def test_any_key_tells_that_somebody_who_only_hears_is_still_there(panel: Panel, number: int) -> None:
    session = Session(State.STILL_THERE, audio_guide=True, resume=State.CONSENT)
    panel.show(session)
    key(panel, number)
    (event,) = panel.events or [FocusMoved(panel.clock.ns)] * panel.moved
    assert step(session, event, POLICY).session.state is State.CONSENT


def test_space_is_silence_for_who_listens_and_nothing_for_others(panel: Panel) -> None:
    panel.show(Session(State.CONSENT))
    key(panel, pygame.K_SPACE)
    assert (panel.events, panel.moved, panel.shell.cursor) == ([], 0, None)
    panel.show(Session(State.CONSENT, audio_guide=True))
    key(panel, pygame.K_SPACE)
    assert said_at(panel) == ()


def test_the_dark_screen_is_black_to_the_edges_of_every_panel() -> None:
    for size in ((720, 1280), (800, 1280), (1200, 1920)):
        shell = Shell(DisplayConfig(size=size), lambda _event: None, HandClock(), headless=True, strict=True)
        shell.show(view_of(Session(State.CONSENT, audio_guide=True)))
        picture = shell.grab()
        shell.close()
        assert (picture.max(axis=2) > 20).mean() < 0.05
        assert picture[0].max() == picture[-1].max() == picture[:, 0].max() == picture[:, -1].max() == 0
