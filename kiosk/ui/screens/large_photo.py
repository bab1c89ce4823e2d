"""The screens of taking a photo in large text: prepare, pose, capture, choose, save."""

from kiosk.core.events import Action
from kiosk.core.session.guidance import HOLD_STILL
from kiosk.ui.screens import parts, theme
from kiosk.ui.screens.flow import EDGE, GAP, INNER, SMALL, TOP, TOUCH, Flow, H, action, header, lines_of
from kiosk.ui.screens.keep import photo
from kiosk.ui.screens.ops import Box, Circle, RoundRect, Text, TouchArea
from kiosk.ui.screens.parts import Page
from kiosk.ui.screens.photo import banner_mark, lens_above, preview
from kiosk.ui.screens.preparations import PREPARATIONS
from kiosk.ui.screens.prepare import MOST_RULES, mirror, rule_mark
from kiosk.ui.viewmodel import STAFF_SAY, Preparation, TakeShown
from kiosk.ui.viewmodel.preparing import JEWELLERY


def prepare(flow: Flow) -> None:
    """Draws the live picture, beside it the next thing to do, and the rules below."""
    page, view = flow.page, flow.page.view
    header(page, help_too=True)
    flow.title()
    if view.note is not None:
        flow.note()

    def seen(box: Box) -> None:
        mirror(page, Box(box.x, box.y, 150, box.h))
        well = view.guide == "prepare.met"
        ink, fill = (theme.GOOD, theme.GOOD_TINT) if well else (theme.PRIMARY, theme.PRIMARY_TINT)
        place = Box(box.x + 162, box.y, box.w - 162, box.h)
        page.add(RoundRect(place, 20, fill))
        words = page.catalog.text(view.guide)
        page.add(Text(place.inset(14, 10), words, 33, ink, True, "centre", lines=4, least=26))

    flow.add(150, seen, grows=100)
    asked = page.button(Action.JEWELLERY_OFF)
    for rule in view.preparing[:MOST_RULES]:
        if asked is not None and rule.rule == JEWELLERY:
            # the button with the answer replaces the rule that it is about, so that everything fits on one page
            flow.button(asked)
        else:
            _rule(flow, rule)
    flow.lay(page.button(Action.CANCEL), page.button(Action.READY))


def _rule(flow: Flow, rule: Preparation) -> None:
    page = flow.page
    words = page.catalog.text(rule.rule)
    lines = lines_of(words, 27, INNER - 124, bold=True)

    def draw(box: Box) -> None:
        unmet = rule.met is False
        page.add(RoundRect(box, 16, theme.CARE_TINT if unmet else theme.CARD, theme.CARE if unmet else None, 2.5))
        page.add(*PREPARATIONS[rule.rule](Box(box.x + 8, box.centre.y - 25, 50, 50), theme.PRIMARY))
        place = Box(box.x + 66, box.y, box.w - 124, box.h)
        page.add(Text(place, words, 27, theme.INK, True, lines=lines, least=22))
        rule_mark(page, rule, Box(box.right - 50, box.centre.y - 20, 40, 40))

    flow.add(max(54.0, lines * 27 * 1.36), draw)


def wrong_top(flow: Flow) -> None:
    """Says that the graduate's top does not follow the notice."""
    page, view = flow.page, flow.page.view
    header(page, help_too=True)
    flow.title()
    flow.say(view.lines[0], bold=True)
    flow.add(170, lambda box: mirror(page, Box(box.centre.x - 75, box.y, 150, box.h)), spare=True, grows=80)
    flow.say(view.lines[1], colour=theme.SOFT_INK)
    flow.button(page.button(Action.ASK_TOP))
    flow.button(page.button(Action.KEEP_TOP))
    flow.lay(page.button(Action.CANCEL), page.button(Action.STILL_HERE))


def pose(flow: Flow) -> None:
    """Draws the instruction, and below it the live picture, as large as possible."""
    page, view = flow.page, flow.page.view
    header(page, help_too=True)
    holding = view.guide == HOLD_STILL
    advising = not view.guide and view.note is not None
    words = page.say(view.note) if advising else page.catalog.text(view.guide or "pose.waiting")
    lines = min(4, lines_of(words, 36, INNER - 116, bold=True))
    lens_above(page, Box(EDGE, TOP, INNER, 82), SMALL)
    banner = Box(EDGE, TOP + 82 + GAP, INNER, max(92.0, lines * 36 * 1.36 + 14))
    page.add(RoundRect(banner, 24, theme.GOOD if holding else theme.PRIMARY))
    banner_mark(page, Box(banner.x + 12, banner.centre.y - 38, 76, 76), advising=advising)
    place = Box(banner.x + 100, banner.y + 6, banner.w - 112, banner.h - 12)
    page.add(Text(place, words, 40, theme.WHITE, bold=True, lines=4, least=29))
    bottom = H - EDGE
    wrong = page.button(Action.BOOTH_WRONG)
    if wrong is not None and (view.note is None or view.note.id != STAFF_SAY):
        bottom -= TOUCH
        action(page, wrong, Box(EDGE, bottom, INNER, TOUCH))
    else:
        bottom -= _status(page, advising=advising)
    preview(page, Box(EDGE, banner.bottom + GAP, INNER, bottom - GAP - banner.bottom - GAP), good=holding)


def _status(page: Page, *, advising: bool) -> float:
    """Draw the view's note, or its status line, at the lower edge; returns the height of the drawn text."""
    view = page.view
    note = view.note is not None and not advising
    words = page.say(view.note if note else view.lines[0])
    lines = lines_of(words, SMALL, INNER - 24, bold=note)
    height = lines * SMALL * 1.36 + (14 if note else 0)
    box = Box(EDGE, H - EDGE - height, INNER, height)
    ink = theme.SOFT_INK
    if note:
        good = view.note is not None and view.note.id in ("pose.excused", STAFF_SAY)
        ink = theme.GOOD if good else theme.CARE
        page.add(RoundRect(box, 16, theme.GOOD_TINT if good else theme.CARE_TINT))
    page.add(Text(box.inset(12, 0), words, SMALL, ink, note, "centre", lines=lines, least=22))
    return height


def capture(flow: Flow) -> None:
    """Asks the graduate to look into the lens and keep still."""
    page, view = flow.page, flow.page.view
    flow.add(82, lambda box: lens_above(page, box, SMALL))
    flow.words(page.say(view.title), 44, theme.WHITE, bold=True, fill=theme.GOOD)
    flow.say(view.lines[0], 36, bold=True)
    flow.lay(at_top=True)  # nothing is drawn further down, because the graduate would look down at it


def choose(flow: Flow) -> None:
    """Draws the picked take, the advice about it, and the other takes below."""
    page, view = flow.page, flow.page.view
    header(page, help_too=True)
    flow.title()
    person = view.person
    if person is not None:
        flow.words("  ".join(part for part in (person.name, person.number) if part), SMALL, theme.SOFT_INK, bold=True)
    shown = next((take for take in view.takes if take.picked), view.takes[-1])
    several = len(view.takes) > 1

    def takes(box: Box) -> None:
        width = min(box.h * 0.75, INNER - (112 if several else 0))
        x = box.x if several else box.centre.x - width / 2
        photo(page, Box(x, box.y, width, width / 0.75), shown, 16)
        if not several:
            return
        height = (box.h - GAP * 2) / 3
        for i, take in enumerate(view.takes):
            left = box.x + width + GAP
            _tile(page, Box(left, box.y + i * (height + GAP), box.right - left, height), take)

    flow.add(TOUCH * 3 + GAP * 2, takes, grows=110)
    if view.note is not None:
        flow.note(good=view.note.id == "choose.excused")
    for words in view.lines:
        flow.say(words, SMALL, theme.SOFT_INK)
    flow.lay(page.button(Action.RETAKE), page.button(Action.ACCEPT))


def _tile(page: Page, box: Box, take: TakeShown) -> None:
    button = page.button(Action.PICK_TAKE, str(take.number))
    fill, edge = (theme.PRIMARY_TINT, theme.PRIMARY) if take.picked else (theme.CARD, theme.HAIRLINE)
    page.add(RoundRect(box, 16, fill, edge, 4 if take.picked else 2))
    high = box.h - 12
    photo(page, Box(box.x + 6, box.y + 6, high * 0.75, high), take, 8)
    left = box.x + 12 + high * 0.75
    words = page.catalog.text("choose.proposed") if take.proposed else ""
    number = Box(left, box.y + 4, box.right - left - 6, box.h / 2 - 4)
    page.add(Text(number, str(take.number), 34, theme.PRIMARY if take.picked else theme.SOFT_INK, True, "centre"))
    if words:
        badge = Box(left, box.y + box.h / 2, box.right - left - 6, box.h / 2 - 8)
        page.add(RoundRect(badge, 8, theme.GOOD))
        page.add(Text(badge.inset(4, 0), words, 24, theme.WHITE, True, "centre", least=18))
    if button is not None:
        page.add(TouchArea(box, button.action, button.arg))


def saving(flow: Flow) -> None:
    """Says that the photo is being saved."""
    page = flow.page

    def draw(box: Box) -> None:
        page.add(Circle(box.centre, 96, theme.PRIMARY_TINT))
        parts.spinner(page, box.centre, 46, theme.PRIMARY, theme.PRIMARY_TINT)

    flow.add(220, draw)
    flow.title()
    flow.say(page.view.lines[0])
    flow.lay()
