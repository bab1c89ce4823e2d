"""What holds for every screen: words fit, fingers fit, colours can be told apart."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pygame
import pytest
import zxingcpp

from kiosk.core.events import Action
from kiosk.core.session.state import Session, State, Take
from kiosk.text.catalog import LANGUAGES, load_all
from kiosk.ui.painter import Painter
from kiosk.ui.painter.fonts import Fonts
from kiosk.ui.screens import draw, icons, theme
from kiosk.ui.screens.decision import modules
from kiosk.ui.screens.ops import (
    HEIGHT,
    WIDTH,
    Box,
    Op,
    Picture,
    Polygon,
    QrCode,
    RoundRect,
    Stroke,
    Text,
    TouchArea,
    Veil,
)
from kiosk.ui.screens.preparations import PREPARATIONS
from kiosk.ui.viewmodel import ADVICE, view
from rules.checks import CheckId
from rules.profile import load_profile, profile_names
from sim.gallery import FACTS, NOW_NS, POLICY, Known, Shown, gallery
from tests.ui.contrast import contrast

MM_15 = 122.7  # base units: the 7-inch panel is 88 mm wide
GALLERY = list(gallery())
CATALOGS = load_all()
FONTS = Fonts()

every_screen = pytest.mark.parametrize("shown", GALLERY, ids=[shown.name for shown in GALLERY])
every_language = pytest.mark.parametrize("language", LANGUAGES)


def ops_of(shown: Shown, language: str) -> tuple[Op, ...]:
    session = replace(shown.session, language=language)
    return draw(view(session, shown.policy, shown.facts, Known(), shown.now_ns), CATALOGS[language])


def areas_of(shown: Shown, language: str) -> list[TouchArea]:
    return [op for op in ops_of(shown, language) if isinstance(op, TouchArea)]


def inside(box: Box) -> bool:
    return box.x >= 0 and box.y >= 0 and box.right <= WIDTH and box.bottom <= HEIGHT


AREAS = [
    (f"{shown.name} {language}", area)
    for shown in GALLERY
    for language in LANGUAGES
    for area in areas_of(shown, language)
]


@every_language
@every_screen
def test_all_words_fit_their_place(shown: Shown, language: str) -> None:
    painter = Painter(pygame.Surface((720, 1280), depth=32), FONTS, strict=True)
    painter.paint(ops_of(shown, language), {})  # raises TextOverflow


@pytest.mark.parametrize("size", [(600, 1024), (800, 1280), (1080, 1920)])
@every_language
def test_words_fit_on_other_panels_too(size: tuple[int, int], language: str) -> None:
    painter = Painter(pygame.Surface(size, depth=32), FONTS, strict=True)
    for name in ("attract", "consent", "identify-use_code", "choose-three", "staff-help-card_damaged"):
        shown = next(one for one in GALLERY if one.name == name)
        painter.paint(ops_of(shown, language), {})


def test_touch_targets_measure_15_mm_and_lie_on_the_screen() -> None:
    for name, area in AREAS:
        assert min(area.box.w, area.box.h) >= MM_15, (name, area)
        assert inside(area.box), (name, area)


def test_touch_targets_never_overlap() -> None:
    def apart(one: Box, other: Box) -> bool:
        return one.right <= other.x or other.right <= one.x or one.bottom <= other.y or other.bottom <= one.y

    for (name, one), (other_name, other) in combinations(AREAS, 2):
        assert name != other_name or apart(one.box, other.box), (name, one, other)


MOST_PAGES = 3


@every_screen
def test_every_enabled_button_of_the_view_can_be_touched_on_some_page(shown: Shown) -> None:
    session = shown.session
    buttons = view(session, shown.policy, shown.facts, Known(), shown.now_ns).buttons
    wanted = {(button.action, button.arg) for button in buttons if button.enabled}
    if len(session.takes) == 1:
        wanted.discard((Action.PICK_TAKE, "1"))  # the only take is shown large and needs no picking
    pages = [replace(shown, session=replace(session, page=page)) for page in range(MOST_PAGES)]
    assert wanted <= {(area.action, area.arg) for page in pages for area in areas_of(page, "en")}


def test_while_the_picture_is_taken_or_saved_nothing_can_be_touched() -> None:
    busy = [shown for shown in GALLERY if shown.session.state in (State.CAPTURE, State.SAVING)]
    assert [areas_of(shown, "en") for shown in busy] == [[], []]


def test_words_lie_on_the_screen_and_are_large_enough() -> None:
    for shown in GALLERY:
        for op in (op for language in LANGUAGES for op in ops_of(shown, language) if isinstance(op, Text)):
            assert inside(op.box), (shown.name, op)
            assert op.size >= theme.TINY, (shown.name, op)


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        *((ink, ground) for ink in ("INK", "SOFT_INK", "PRIMARY", "GOOD", "CARE") for ground in ("PAGE", "CARD")),
        *(("WHITE", ground) for ground in ("PRIMARY", "PRIMARY_PRESSED", "GOOD")),
        *(("PRIMARY", ground) for ground in ("PRIMARY_TINT", "PRESSED_TINT")),
        ("GOOD", "GOOD_TINT"),
        ("CARE", "CARE_TINT"),
        ("DISABLED_INK", "DISABLED"),
    ],
)
def test_words_stand_out_from_their_ground(ink: str, ground: str) -> None:
    assert contrast(getattr(theme, ink), getattr(theme, ground)) >= 4.5


@pytest.mark.parametrize("line", ["WHITE", "GOOD_LIGHT"])
def test_the_outline_is_seen_on_any_backdrop(line: str) -> None:
    """Its casing contrasts with the line, so one of both contrasts with whatever lies behind."""
    shown = next(one for one in GALLERY if one.name == "pose-too_far")
    seen = view(shown.session, shown.policy, shown.facts, Known(), shown.now_ns)
    (veil,) = [op for op in draw(seen, CATALOGS["en"]) if isinstance(op, Veil)]
    assert veil.casing_width >= 2
    colour = getattr(theme, line)
    assert contrast(colour, veil.casing) >= 3
    for backdrop in ((100, 197, 255), (255, 255, 255), (240, 240, 240), (128, 128, 128), (20, 20, 20)):
        assert max(contrast(colour, backdrop), contrast(veil.casing, backdrop)) >= 3


@pytest.mark.parametrize(
    ("guide", "way"), [("move_left", (-1, 0)), ("move_right", (1, 0)), ("sit_higher", (0, -1)), ("sit_lower", (0, 1))]
)
def test_the_arrow_of_a_movement_stands_at_that_edge_of_the_picture_and_not_near_the_eyes(
    guide: str, way: tuple[int, int]
) -> None:
    shown = next(one for one in GALLERY if one.name == f"pose-{guide}")
    ops = ops_of(shown, "en")
    (live,) = [op.box for op in ops if isinstance(op, Picture)]
    lines = [op for op in ops[ops.index(next(op for op in ops if isinstance(op, Veil))) :] if isinstance(op, Stroke)]
    shaft = next(op.points for op in lines if len(op.points) == 2)
    moved = (shaft[1].x - shaft[0].x, shaft[1].y - shaft[0].y)
    assert (np.sign(moved[0]), np.sign(moved[1])) == way
    for point in (point for op in lines for point in op.points):
        assert abs(point.x - live.centre.x) > live.w * 0.28, "it would draw the eyes off the lens"
        assert live.x <= point.x <= live.right
        assert live.y <= point.y <= live.bottom


@every_language
def test_pose_and_capture_show_where_the_lens_is_and_the_shot_nothing_in_the_middle(language: str) -> None:
    words = CATALOGS[language].text("pose.lens")
    for shown in (one for one in GALLERY if one.session.state in (State.POSE, State.CAPTURE)):
        places = [op.box for op in ops_of(shown, language) if isinstance(op, Text) and op.text == words]
        assert [place.bottom < HEIGHT / 5 for place in places] == [True], shown.name
    (shot,) = [one for one in GALLERY if one.session.state is State.CAPTURE]
    texts = [op for op in ops_of(shot, language) if isinstance(op, Text)]
    assert max(op.box.bottom for op in texts) < HEIGHT * 0.42
    assert not any(isinstance(op, Picture) for op in ops_of(shot, language))


def test_take_again_and_accept_never_change_sides() -> None:
    sides = set()
    for shown in GALLERY:
        seen = view(shown.session, shown.policy, shown.facts, Known(), shown.now_ns)
        areas = {op.action: op.box for op in draw(seen, CATALOGS["zh_CN"]) if isinstance(op, TouchArea)}
        if {Action.RETAKE, Action.ACCEPT} <= areas.keys():
            sides.add(areas[Action.RETAKE].x < areas[Action.ACCEPT].x)
    assert sides == {True}


def test_every_reason_of_a_rejection_is_shown() -> None:
    reasons = tuple(check.value for check in list(CheckId)[:12])
    seen = view(Session(State.REJECTED, reasons=reasons), POLICY, FACTS, Known(), NOW_NS)
    words = {op.text for op in draw(seen, CATALOGS["zh_CN"]) if isinstance(op, Text)}
    assert {CATALOGS["zh_CN"].text(f"again.{reason}") for reason in reasons} <= words


def test_the_start_screen_shows_the_profiles_backdrop_and_papers() -> None:
    for both, words in ((True, "attract.need_both_detail"), (False, "attract.need_code_detail")):
        facts = replace(FACTS, bring_both=both, backdrop=(240, 240, 240))
        ops = draw(view(Session(State.ATTRACT), POLICY, facts, Known(), NOW_NS), CATALOGS["zh_CN"])
        assert any(isinstance(op, RoundRect) and op.fill == (240, 240, 240) for op in ops)
        assert CATALOGS["zh_CN"].text(words) in {op.text for op in ops if isinstance(op, Text)}


def test_the_person_on_the_start_screen_wears_what_the_profile_asks_for() -> None:
    for rule, top in (("prepare.white_top", icons.SHIRT), ("prepare.top_contrast", icons.DARK_SHIRT)):
        facts = replace(FACTS, preparations=(rule,))
        ops = draw(view(Session(State.ATTRACT), POLICY, facts, Known(), NOW_NS), CATALOGS["zh_CN"])
        worn = {op.fill for op in ops if isinstance(op, Polygon)} & {icons.SHIRT, icons.DARK_SHIRT}
        assert worn == {top}


def test_help_says_where_which_number_and_until_when() -> None:
    ops = draw(view(Session(State.STAFF_HELP), POLICY, FACTS, Known(), NOW_NS), CATALOGS["zh_CN"])
    words = {op.text for op in ops if isinstance(op, Text)}
    assert {FACTS.desk_place, FACTS.desk_phone, "  ".join(FACTS.hours)} <= words


def test_every_rule_of_every_profile_has_a_picture() -> None:
    assert {rule for name in profile_names() for rule in load_profile(name).prepare} == set(PREPARATIONS)


def test_the_receipt_is_a_qr_code_without_a_quiet_zone() -> None:
    code = modules("4T7QK2M9XR3WB8HNZC5VD6JPYA")
    assert len(code) == len(code[0]) == 25
    assert all(code[0][:7])


def test_the_receipts_qr_code_leads_to_the_offices_page_where_there_is_one() -> None:
    for name, words in (
        ("done", "4T7QK2M9XR3WB8HNZC5VD6JPYA"),
        ("done-with-staff", "https://photos.example.edu.cn/r/4T7QK2M9XR3WB8HNZC5VD6JPYA"),
        ("approved", "https://photos.example.edu.cn/r/4T7QK2M9XR3WB8HNZC5VD6JPYA"),
    ):
        shown = next(one for one in GALLERY if one.name == name)
        seen = view(shown.session, shown.policy, shown.facts, Known(), shown.now_ns)
        (code,) = [op for op in draw(seen, CATALOGS["en"]) if isinstance(op, QrCode)]
        dark = np.pad(np.array(code.modules), 4).repeat(6, axis=0).repeat(6, axis=1)
        found = zxingcpp.read_barcodes(np.where(dark, 0, 255).astype(np.uint8))
        assert [one.text for one in found] == [words]


def test_a_pressed_button_looks_pressed() -> None:
    shown = next(one for one in GALLERY if one.name == "consent")
    seen = view(shown.session, shown.policy, shown.facts, Known(), shown.now_ns)
    catalog = CATALOGS["zh_CN"]
    assert draw(seen, catalog, (Action.AGREE, "")) != draw(seen, catalog)


def test_an_unlisted_fault_is_shown_as_an_unknown_fault() -> None:
    shown = next(one for one in GALLERY if one.name == "out-of-service")
    seen = replace(
        view(shown.session, shown.policy, shown.facts, Known(), shown.now_ns), fault="fault.from_outer_space"
    )
    words = {op.text for op in draw(seen, CATALOGS["en"]) if isinstance(op, Text)}
    assert CATALOGS["en"].text("fault.unknown") in words


@every_language
@pytest.mark.parametrize("lack", ["failures", "doubts", "warnings"])
def test_every_failure_warning_and_doubt_of_a_take_fits_its_box(lack: str, language: str) -> None:
    painter = Painter(pygame.Surface((720, 1280), depth=32), FONTS, strict=True)
    for check in (*ADVICE, "other"):
        one = Take(1, 0.6, **{lack: (check,)})  # type: ignore[arg-type]  # each of the three takes names of checks
        for takes in ((one,), (one, replace(one, number=2)), (one, Take(2, 0.5))):
            session = Session(State.CHOOSE, since_ns=1, takes=takes, proposed=len(takes), picked=1)
            painter.paint(ops_of(Shown("", session), language), {})  # raises TextOverflow
