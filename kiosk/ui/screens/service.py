"""The screens of the service menu: large type and few words, for fingers and for the keypad."""

from collections.abc import Callable

from kiosk.core.service.menu import Page as MenuPage
from kiosk.ui.screens import icons, parts, theme
from kiosk.ui.screens.keep import take_slot
from kiosk.ui.screens.ops import Box, Circle, Crop, Picture, Point, RoundRect, Stroke, Text
from kiosk.ui.screens.parts import Page
from kiosk.ui.screens.photo import PREVIEW_SLOT
from kiosk.ui.viewmodel import Button, Row, StaffPage

TOP = 140.0  # the top of the title
BODY_TOP = 236.0
GAP = 14.0
ROW_H = 65.0
CARE_H = 3 * ROW_H
LOG_H = 92.0
FACES_HIGH = 0.62  # the share of the live picture's height that the test shot's preview shows
WIDE = 34.0


def menu(page: Page, staff: StaffPage) -> None:
    """Draw the page of the menu."""
    parts.header(page, help_too=False, sound_too=False)
    box = Box(theme.MARGIN, TOP, theme.CONTENT_W, 74)
    page.add(Text(box, page.say(page.view.title), theme.TITLE, theme.INK, bold=True, align="centre", least=36))
    _PAGES[staff.page](page, staff)
    if page.view.seconds_left is not None:
        words = page.catalog.text("service.closes", seconds=page.view.seconds_left)
        place = Box(theme.MARGIN, 1250, theme.CONTENT_W, 28)
        page.add(Text(place, words, theme.TINY, theme.SOFT_INK, align="centre"))


def _pin(page: Page, staff: StaffPage) -> None:
    view = page.view
    for i in range(12):
        at = Point(360 + (i - 5.5) * 46, 290)
        page.add(Circle(at, 13, theme.PRIMARY if i < staff.digits else None, theme.HAIRLINE, 3))
    note = Box(theme.MARGIN, 340, theme.CONTENT_W, 104)
    if view.note is not None:
        parts.note(page, note, view.note, care=not view.busy)
    else:
        line = page.catalog.text("service.pin_line")
        page.add(Text(note, line, theme.BODY, theme.SOFT_INK, align="centre", lines=2, least=24))
    width, height = (theme.CONTENT_W - 2 * GAP) / 3, 142.0
    for i, button in enumerate(view.buttons[:12]):
        column, row = i % 3, i // 3
        box = Box(theme.MARGIN + column * (width + GAP), 462 + row * (height + GAP), width, height)
        parts.action(page, button, box, size=44 if len(button.arg) == 1 else WIDE)
    parts.action(page, view.buttons[12], Box(theme.MARGIN, theme.ACTION_TOP, theme.CONTENT_W, theme.ACTION_H))


def _home(page: Page, _staff: StaffPage) -> None:
    buttons = page.view.buttons[:-1]
    width, height = (theme.CONTENT_W - GAP) / 2, 184.0
    for i, button in enumerate(buttons):
        box = Box(theme.MARGIN + i % 2 * (width + GAP), BODY_TOP + i // 2 * (height + GAP), width, height)
        ink = parts.button_ground(page, button, box)
        page.add(*ICONS[MenuPage(button.arg)](Box(box.centre.x - 38, box.y + 22, 76, 76), ink))
        words = Box(box.x + 12, box.y + 106, box.w - 24, 60)
        page.add(Text(words, page.say(button.text), 38, ink, True, "centre", least=26))
    parts.line(page, page.view.lines[0], 1038, height=66, lines=2)
    _bar(page, page.view.buttons[-1])


ICONS = {
    MenuPage.DOCTOR: icons.check,
    MenuPage.TEST_SHOT: icons.camera,
    MenuPage.CALIBRATE: icons.lamp,
    MenuPage.NETWORK: icons.network,
    MenuPage.VOLUME: icons.sound,
    MenuPage.LOGS: icons.lines,
    MenuPage.RESTART: icons.again,
    MenuPage.SHUT_DOWN: icons.power,
}


def _listed(page: Page, staff: StaffPage) -> None:
    """Draw rows, each with its mark; below them the buttons."""
    view = page.view
    y = BODY_TOP
    for row in staff.rows:
        height = CARE_H if row.good is False else ROW_H
        _row(page, row, Box(theme.MARGIN, y, theme.CONTENT_W, height))
        y += height
    _bar(page, *view.buttons)


def _row(page: Page, row: Row, box: Box) -> None:
    """Draw one row: one line, or three with a remedy."""
    if row.good is False:
        page.add(RoundRect(Box(box.x, box.y + 3, box.w, box.h - 8), 20, theme.CARE_TINT))
    else:
        page.add(Stroke((Point(box.x, box.bottom - 1), Point(box.right, box.bottom - 1)), 2, theme.HAIRLINE))
    mark = Box(box.x + 12, box.y + 16, 36, 36)
    if row.good:
        page.add(*icons.check(mark, theme.GOOD, 12))
    elif row.good is False:
        page.add(*icons.warning(mark, theme.CARE))
    ink = theme.CARE if row.good is False else theme.INK
    label = Box(box.x + 62, box.y + 4, 198, ROW_H - 8)
    page.add(Text(label, page.say(row.label), 28, theme.SOFT_INK, lines=2, least=theme.TINY))
    value = Box(box.x + 270, box.y + 4, box.w - 282, ROW_H - 8)
    page.add(Text(value, page.say(row.value), 28, ink, bold=True, lines=2, least=theme.TINY))
    if row.detail is not None and row.good is False:
        detail = Box(box.x + 62, box.y + ROW_H, box.w - 80, CARE_H - ROW_H - 18)
        page.add(Text(detail, page.say(row.detail), 28, theme.INK, lines=3, least=theme.TINY))


def _test_shot(page: Page, staff: StaffPage) -> None:
    view = page.view
    taken = view.takes[0] if view.takes else None
    place = Box(144, BODY_TOP, 432, 576)
    if taken is not None:
        page.add(Picture(take_slot(taken.number), place, 20))
    else:
        page.add(RoundRect(place, 20, theme.DISABLED))
        page.add(Picture(PREVIEW_SLOT, place, 20, Crop(0.5, 0.52, FACES_HIGH), mirrored=True, live=True))
    below = Box(theme.MARGIN, 828, theme.CONTENT_W, 104)
    if view.note is not None:
        parts.note(page, below, view.note, care=not view.busy)
    elif taken is not None:
        head = page.catalog.text("service.test_failed" if staff.failed_checks else "service.test_passed")
        ink = theme.CARE if staff.failed_checks else theme.GOOD
        page.add(Text(Box(below.x, 828, below.w, 48), head, 34, ink, bold=True, align="centre"))
    if view.note is None:
        top = 880 if taken is not None else 832
        for i, line in enumerate(view.lines):
            parts.line(page, line, top + i * 74, height=72, lines=2, colour=theme.INK)
    _bar(page, *view.buttons)


def _told(page: Page, _staff: StaffPage) -> None:
    """Draw lines to read, and buttons one below the other."""
    view = page.view
    if view.busy or len(view.lines) == 1:
        _one_thing(page)
        return
    y = BODY_TOP + 10
    room = min(170.0, 680.0 / len(view.lines))
    for line in view.lines:
        box = Box(theme.MARGIN, y, theme.CONTENT_W, room - 10)
        page.add(Text(box, page.say(line), 32, theme.INK, lines=4, least=24))
        y += room
    _bar(page, *view.buttons)


def _one_thing(page: Page) -> None:
    """Draw one step of the calibration, in large type below its sign."""
    view, centre = page.view, Point(360, 440)
    page.add(Circle(centre, 120, theme.PRIMARY_TINT))
    if view.busy:
        parts.spinner(page, centre, 56, theme.PRIMARY, theme.PRIMARY_TINT)
    else:
        page.add(*icons.lamp(Box(centre.x - 62, centre.y - 62, 124, 124), theme.PRIMARY))
    box = Box(theme.MARGIN, 610, theme.CONTENT_W, 300)
    page.add(Text(box, page.say(view.lines[0]), 40, theme.INK, bold=True, align="centre", lines=5, least=30))
    _bar(page, *view.buttons)


def _volume(page: Page, staff: StaffPage) -> None:
    view = page.view
    parts.line(page, view.lines[0], BODY_TOP + 4, height=84, lines=2)
    bars = 10
    for i in range(bars):
        height = 40.0 + 12 * i
        bar = Box(theme.MARGIN + 20 + i * 61, 560 - height, 44, height)
        page.add(RoundRect(bar, 10, theme.PRIMARY if staff.share * bars >= i + 0.5 else theme.DISABLED))
    words = page.catalog.text("service.volume_now", percent=round(staff.share * 100))
    page.add(Text(Box(theme.MARGIN, 580, theme.CONTENT_W, 56), words, 38, theme.INK, bold=True, align="centre"))
    softer, louder, play, back = view.buttons
    half = (theme.CONTENT_W - GAP) / 2
    parts.action(page, softer, Box(theme.MARGIN, 670, half, 150))
    parts.action(page, louder, Box(theme.MARGIN + half + GAP, 670, half, 150))
    parts.action(page, play, Box(theme.MARGIN, 840, theme.CONTENT_W, 128))
    _bar(page, back)


def _logs(page: Page, staff: StaffPage) -> None:
    view = page.view
    parts.line(page, view.lines[0], BODY_TOP - 6, height=36)
    for i, row in enumerate(staff.rows):
        y = BODY_TOP + 36 + i * LOG_H
        page.add(Text(Box(theme.MARGIN, y, 150, LOG_H - 8), page.say(row.label), 22, theme.SOFT_INK, lines=2))
        words = Box(theme.MARGIN + 160, y, theme.CONTENT_W - 160, LOG_H - 8)
        page.add(Text(words, page.say(row.value), 24, theme.INK, lines=3, least=16))
        page.add(Stroke((Point(40, y + LOG_H - 4), Point(680, y + LOG_H - 4)), 2, theme.HAIRLINE))
    _bar(page, *view.buttons)


def _orders(page: Page, _staff: StaffPage) -> None:
    """Draw the orders to the machine: one large button each."""
    view = page.view
    box = Box(theme.MARGIN, BODY_TOP + 10, theme.CONTENT_W, 190)
    page.add(Text(box, page.say(view.lines[0]), 34, theme.INK, lines=4, least=26))
    if view.note is not None:
        parts.note(page, Box(theme.MARGIN, 470, theme.CONTENT_W, 130), view.note, care=not view.busy, lines=3)
    *orders, back = view.buttons
    for i, button in enumerate(orders):
        parts.action(page, button, Box(theme.MARGIN, 640 + i * 190, theme.CONTENT_W, 164), size=42)
    _bar(page, back)


def _bar(page: Page, *buttons: Button) -> None:
    """Draw the buttons at the bottom; the primary button is twice as wide."""
    if not buttons:
        return
    weights = [1.7 if button.primary else 1.0 for button in buttons]
    unit = (theme.CONTENT_W - GAP * (len(buttons) - 1)) / sum(weights)
    x = theme.MARGIN
    for button, weight in zip(buttons, weights, strict=True):
        parts.action(page, button, Box(x, theme.ACTION_TOP, unit * weight, theme.ACTION_H), size=WIDE)
        x += unit * weight + GAP


_PAGES: dict[MenuPage, Callable[[Page, StaffPage], None]] = {
    MenuPage.PIN: _pin,
    MenuPage.HOME: _home,
    MenuPage.DOCTOR: _listed,
    MenuPage.TEST_SHOT: _test_shot,
    MenuPage.CALIBRATE: _told,
    MenuPage.NETWORK: _listed,
    MenuPage.VOLUME: _volume,
    MenuPage.LOGS: _logs,
    MenuPage.RESTART: _orders,
    MenuPage.SHUT_DOWN: _orders,
}
