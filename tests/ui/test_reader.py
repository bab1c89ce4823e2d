"""The audio guide: every part of every screen has words, and keys and fingers reach it without sight."""

from dataclasses import replace

import pytest

from kiosk.core.events import Action
from kiosk.core.session.state import Session, State
from kiosk.text.catalog import LANGUAGES, load
from kiosk.text.speech import parts, prompts
from kiosk.ui.finger import LOST_NS
from kiosk.ui.focus import Focus, Key
from kiosk.ui.gestures import CORNER_HELD_NS, DOUBLE_NS, SLOW_NS, CornerHold, Explorer
from kiosk.ui.narration import Element, elements, script
from kiosk.ui.narration.guided import INSTEAD
from kiosk.ui.reader import Reader
from kiosk.ui.screens import draw
from kiosk.ui.screens.ops import Picture, Point, QrCode, Text, TouchArea
from kiosk.ui.viewmodel import Say, View, view
from sim.gallery import FACTS, POLICY, Known, Shown, gallery

GALLERY = list(gallery())
CATALOG = load("zh_CN")
every_screen = pytest.mark.parametrize("shown", GALLERY, ids=lambda shown: shown.name)

ON_THE_SCREEN_ONLY = frozenset(
    {
        *("attract.title", "attract.subtitle"),  # the welcome says it
        *("confirm.masked", "saving.line", "capture.line", "prepare.line", "closed.wait"),  # about what is seen
        *("done.leave", "done.wait"),  # seconds; the last ten are told
        *("school.title", "school.line", "school.card", "school.records", "school.records_line", "school.records_ask"),
        *("confirm.title", "staff_help.says", "staff_help.ringing", "staff_help.called", "card_left.closed"),
        "out_of_service.unsaved",  # for staff
        *("out_of_service.service", "prepare.looking", "consent.title", "pose.status"),
        *("guide.hold_still", "identify.no_card"),  # counted; among the choices
        *("number.waiting", "number.take", "number.at_desk"),  # how many; the guide sends to staff
        *("done.title", "identify.title_card", "identify.title_code", "identify.title_either"),
    }
)
"""Messages that are seen and not spoken as they stand: something else is said of each, or nothing is lost with it."""


SILENT = ("pose-waiting", "out-of-service-key", "card-left-closed")
"""The camera starts, staff work at the booth, or it is night."""


def guided_view(shown: Shown) -> View:
    session = replace(shown.session, audio_guide=True)
    return view(session, shown.policy, replace(shown.facts, voice=True), Known(), shown.now_ns)


def areas_of(seen: View) -> tuple[TouchArea, ...]:
    return tuple(op for op in draw(seen, CATALOG) if isinstance(op, TouchArea))


def elements_of(seen: View) -> tuple[Element, ...]:
    return elements(seen, script(seen), areas_of(seen))


@every_screen
def test_every_part_of_every_screen_is_spoken_and_every_button_is_found(shown: Shown) -> None:
    seen = guided_view(shown)
    found = elements_of(seen)
    for language in LANGUAGES:
        assert {part for one in found for prompt in one.prompts for part in parts(prompt)} <= set(prompts(language))
    assert {one.button for one in found} - {None} == {(area.action, area.arg) for area in areas_of(seen)}
    assert all("audio_guide.button" in one.prompts for one in found if one.button is not None)


@every_screen
def test_no_screen_is_silent_and_each_says_how_to_go_on(shown: Shown) -> None:
    seen = guided_view(shown)
    said = script(seen)
    assert said or shown.name in SILENT
    to_choose = [button for button in seen.buttons if button.enabled]
    if to_choose and seen.screen not in (State.POSE, State.STILL_THERE):
        names = said[said.index("audio_guide.choices") + 1 :]
        assert len(names) == len({*names}) > 0
        assert all(name.startswith(("button.", "choose.take_")) for name in names)


@every_screen
def test_what_is_read_on_a_screen_is_spoken_with_the_guide_or_known_not_to_be(shown: Shown) -> None:
    seen = guided_view(shown)
    if seen.options or shown.name in SILENT:
        return
    numbers = () if seen.numbers is None else (seen.numbers.heading, seen.numbers.waiting, seen.numbers.line)
    read: list[Say] = [say for say in (seen.title, seen.note, *seen.lines, *seen.reasons, *numbers) if say is not None]
    spoken = {part for one in elements_of(seen) for prompt in one.prompts for part in parts(prompt)}
    shown_ids = {say.id for say in read} | ({seen.guide} if seen.guide else set())
    assert shown_ids - spoken - set(INSTEAD) - ON_THE_SCREEN_ONLY == set()


@every_screen
def test_nothing_that_is_spoken_sends_a_listener_to_the_screen_or_to_a_place_on_it(shown: Shown) -> None:
    said = script(guided_view(shown))
    assert set(said) & {prompt for prompt, other in INSTEAD.items() if prompt not in other} == set()
    for part in (part for prompt in said for part in parts(prompt)):
        text = prompts("zh_CN")[part]
        assert not any(words in text for words in ("右下方", "左下方", "右上角", "请看屏幕")), text


@every_screen
def test_the_dark_screen_shows_one_line_and_can_be_touched_where_it_could_before(shown: Shown) -> None:
    seen = guided_view(shown)
    ops = draw(seen, CATALOG)
    if not seen.dark:
        assert shown.session.curtain_open or seen.screen in (
            *(State.CLOSED, State.DONE, State.APPROVED, State.STAFF_HELP, State.CARD_LEFT, State.OUT_OF_SERVICE),
        )
        assert seen.person is None
        return
    assert [op.text for op in ops if isinstance(op, Text)] == [CATALOG.text("audio_guide.dark")]
    assert not [op for op in ops if isinstance(op, (Picture, QrCode))]
    lit = draw(replace(seen, dark=False), CATALOG)
    assert areas_of(seen) == tuple(op for op in lit if isinstance(op, TouchArea))


def test_a_booth_without_a_voice_is_never_dark() -> None:
    seen = view(Session(State.CONSENT, audio_guide=True), POLICY, replace(FACTS, voice=False), Known(), 1)
    assert (seen.audio_guide, seen.dark) == (False, False)


def test_the_audio_guide_says_which_state_a_button_has() -> None:
    by_name = {shown.name: elements_of(guided_view(shown)) for shown in GALLERY}
    choose = {one.button: one.prompts for one in by_name["choose-all-good"]}
    assert choose[Action.PICK_TAKE, "1"][:2] == ("choose.take_1", "audio_guide.button")
    proposed = [one for one in choose.values() if "audio_guide.proposed" in one]
    picked = [one for one in choose.values() if "audio_guide.picked" in one]
    assert (len(proposed), len(picked)) == (1, 1)
    sheet = {one.button: one.prompts for one in by_name["options"]}
    assert sheet[Action.AUDIO_GUIDE, ""] == (
        *("button.audio_guide", "audio_guide.button"),
        "audio_guide.switched_on",
    )
    assert "audio_guide.switched_off" in sheet[Action.LARGE, ""]
    rules = [one.prompts for one in by_name["prepare-unmet"] if one.prompts[0].startswith("prepare.")]
    assert ("prepare.glasses_off", "audio_guide.unmet") in rules
    assert ("prepare.no_makeup", "audio_guide.unseen") in rules
    saved = replace(guided_view(next(shown for shown in GALLERY if shown.name == "prepare")))
    waiting = replace(saved, buttons=tuple(replace(button, enabled=False) for button in saved.buttons))
    assert Element(("button.ready", "audio_guide.disabled")) in elements(waiting, script(waiting), ())


def test_the_called_numbers_are_spoken_as_one_part_digit_by_digit() -> None:
    shown = next(shown for shown in GALLERY if shown.name == "attract-numbers")
    spoken = [one.prompts for one in elements_of(guided_view(shown))]
    assert spoken[1:3] == [("number.called:118:119:121",), ("number.guided",)]
    assert parts("number.called:118") == ("number.called", "digit.1", "digit.1", "digit.8")
    ended = next(shown for shown in GALLERY if shown.name == "attract-numbers-ended")
    assert [one.prompts for one in elements_of(guided_view(ended))][2] == ("number.ended",)


# keys

ONE, TWO, THREE = Element(("a",)), Element(("b", "x"), (Action.DECLINE, "")), Element(("c", "x"), (Action.AGREE, ""))


def reader(*parts: Element) -> Reader:
    made = Reader()
    made.arrive(())
    made.follow(parts or (ONE, TWO, THREE))
    return made


def walked(*keys: Key) -> tuple[list[tuple[str, ...]], Focus | None]:
    made, said, chosen = reader(), [], None
    for key in keys:
        chosen = made.press(key, sheet=False)
        assert made.cursor is not None
        said.append(made.cursor.prompts)
    return said, chosen


def test_the_first_key_goes_to_the_button_that_goes_on_and_the_arrows_through_all_parts() -> None:
    for first in (Key.NEXT, Key.BACK, Key.ENTER):
        assert walked(first) == ([THREE.prompts], None)
    assert walked(*(Key.NEXT,) * 4)[0] == [THREE.prompts, ONE.prompts, TWO.prompts, THREE.prompts]
    assert walked(*(Key.BACK,) * 3)[0] == [THREE.prompts, TWO.prompts, ONE.prompts]


def test_enter_presses_a_button_and_says_words_once_more() -> None:
    assert walked(Key.NEXT, Key.ENTER)[1] == (Action.AGREE, "")
    assert walked(Key.NEXT, Key.NEXT, Key.ENTER) == ([THREE.prompts, ONE.prompts, ONE.prompts], None)


def test_escape_goes_to_the_way_out_and_space_is_silence() -> None:
    assert walked(Key.ESCAPE) == ([TWO.prompts], None)
    assert walked(Key.NEXT, Key.QUIET)[0][-1] == ()


def test_the_same_part_is_said_again_as_another_move() -> None:
    made = reader(THREE)
    made.press(Key.NEXT, sheet=False)
    before = made.cursor
    made.press(Key.NEXT, sheet=False)
    assert before is not None
    assert made.cursor is not None
    assert (made.cursor.prompts, made.cursor.moves) == (before.prompts, before.moves + 1)


def test_a_switch_that_was_pressed_tells_its_new_state_and_a_button_that_is_gone_is_left() -> None:
    off, on = (Element(("b", state), (Action.LARGE, "")) for state in ("off", "on"))
    made = reader(off)
    made.press(Key.NEXT, sheet=False)
    made.follow((on,))
    assert made.cursor is not None
    assert made.cursor.prompts == on.prompts
    made.follow((ONE,))
    assert made.focus is None


def test_an_empty_screen_has_nothing_to_go_to() -> None:
    made = Reader()
    assert made.press(Key.NEXT, sheet=False) is None
    assert made.press(Key.ESCAPE, sheet=False) is None
    assert made.cursor is None


# touch

HERE, THERE = Point(300, 600), Point(500, 600)
QUICK = 100_000_000


def test_a_finger_that_rests_or_slides_explores() -> None:
    explorer = Explorer()
    explorer.down(1, HERE, 0)
    assert explorer.look(SLOW_NS - 1) is None
    assert explorer.look(SLOW_NS) == HERE
    assert explorer.move(1, THERE, SLOW_NS + 1) == THERE
    assert explorer.up(1, THERE, SLOW_NS + 2) is None


@pytest.mark.parametrize(
    ("to", "key"),
    [((160, 0), Key.NEXT), ((-160, 0), Key.BACK), ((0, 160), Key.AGAIN), ((0, -160), Key.ESCAPE)],
)
def test_flicks_are_keys(to: tuple[int, int], key: Key) -> None:
    explorer = Explorer()
    explorer.down(1, HERE, 0)
    end = Point(HERE.x + to[0], HERE.y + to[1])
    assert explorer.move(1, end, QUICK) is None
    assert explorer.up(1, end, QUICK) is key


def test_two_taps_anywhere_choose_and_one_says_what_is_there() -> None:
    explorer = Explorer()
    explorer.down(1, HERE, 0)
    assert explorer.up(1, HERE, QUICK) is None
    assert explorer.look(2 * QUICK) is None
    explorer.down(1, THERE, 3 * QUICK)
    assert explorer.up(1, THERE, 4 * QUICK) is Key.ENTER
    assert explorer.look(10 * DOUBLE_NS) is None, "both taps are used up"
    explorer.down(1, HERE, 20 * DOUBLE_NS)
    explorer.up(1, HERE, 20 * DOUBLE_NS + QUICK)
    assert explorer.look(20 * DOUBLE_NS + QUICK + DOUBLE_NS) == HERE


def test_a_second_finger_is_ignored() -> None:
    explorer = Explorer()
    explorer.down(1, HERE, 0)
    explorer.down(2, THERE, 1)
    assert explorer.up(2, THERE, 2) is None
    assert explorer.look(SLOW_NS) == HERE


CORNER, OTHER_CORNER = (True, True), (False, True)


def test_a_finger_whose_lifting_was_not_reported_blocks_no_other_for_long() -> None:
    explorer = Explorer()
    explorer.down(1, HERE, 0)
    explorer.move(1, HERE, LOST_NS)  # it is still there
    explorer.down(2, THERE, 2 * LOST_NS - 1)
    assert explorer.up(2, THERE, 2 * LOST_NS) is None
    assert explorer.look(2 * LOST_NS) is None
    explorer.down(2, THERE, 2 * LOST_NS)
    assert explorer.look(2 * LOST_NS + SLOW_NS) == THERE
    assert explorer.up(1, HERE, 2 * LOST_NS + SLOW_NS) is None, "the first one no longer counts"
    assert explorer.move(2, HERE, 2 * LOST_NS + SLOW_NS + 1) == HERE


def test_a_corner_held_for_three_seconds_counts_once_and_a_finger_that_leaves_it_does_not() -> None:
    hold = CornerHold()
    hold.down(1, CORNER, 0)
    assert [hold.is_over(ns) for ns in (CORNER_HELD_NS - 1, CORNER_HELD_NS, 2 * CORNER_HELD_NS)] == [False, True, False]
    for left in (None, OTHER_CORNER):
        hold.down(1, CORNER, 0)
        hold.move(1, left, 1)
        assert not hold.is_over(10 * CORNER_HELD_NS)
        hold.up(1)
    hold.down(1, CORNER, 0)
    hold.up(1)
    assert not hold.is_over(10 * CORNER_HELD_NS)
    hold.down(1, None, 0)
    assert not hold.is_over(10 * CORNER_HELD_NS)


def test_a_finger_that_goes_on_holding_a_corner_counts_once_until_it_is_lifted() -> None:
    """No finger rests without small motions, which the panel reports."""
    hold, counted = CornerHold(), 0
    for now_ns in range(0, 20 * CORNER_HELD_NS, CORNER_HELD_NS // 30):
        if now_ns == 0:
            hold.down(1, CORNER, now_ns)
        hold.move(1, None if now_ns % (7 * CORNER_HELD_NS) == 0 and now_ns else CORNER, now_ns)
        counted += hold.is_over(now_ns)
    assert counted == 1, "not even if it slid out of the corner and back"
    hold.up(1)
    hold.down(1, CORNER, 0)
    assert hold.is_over(CORNER_HELD_NS)
    hold.down(1, CORNER, 0)  # its lifting was not reported
    assert hold.is_over(CORNER_HELD_NS)


def test_a_finger_elsewhere_keeps_nobody_from_holding_a_corner_and_a_lost_one_not_for_long() -> None:
    hold = CornerHold()
    hold.down(1, None, 0)
    hold.down(2, CORNER, 0)
    assert hold.is_over(CORNER_HELD_NS)
    hold.down(3, OTHER_CORNER, LOST_NS)
    assert hold.is_over(LOST_NS + CORNER_HELD_NS)
