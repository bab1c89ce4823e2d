"""The screens of the service menu, for fingers and for the keypad. They always have large type, and `flow` lays them
out like all large text. Rows that do not fit move to a further page.
"""

from collections.abc import Callable

from kiosk.core.service.state import Page as MenuPage
from kiosk.core.service.state import Press
from kiosk.ui.screens import icons, parts, theme
from kiosk.ui.screens.flow import BODY, EDGE, GAP, INNER, LEAST, LINE, SMALL, TOUCH, Flow, header, lines_of, width_of
from kiosk.ui.screens.keep import take_slot
from kiosk.ui.screens.ops import Box, Circle, Crop, Picture, Point, RoundRect, Stroke, Text
from kiosk.ui.screens.parts import Page
from kiosk.ui.screens.pen import Icon
from kiosk.ui.screens.photo import PREVIEW_SLOT
from kiosk.ui.viewmodel import Button, Row, StaffPage

FACES_HIGH = 0.62  # the preview of the test shot shows this share of the live picture's height
MARK_W = 44.0  # width of a row's mark
LABEL_W = 168.0


def menu(page: Page, staff: StaffPage) -> None:
    """Draw the page of the menu."""
    header(page, help_too=False, sound_too=False)
    if page.view.seconds_left is not None:
        words = page.catalog.text("service.closes", seconds=page.view.seconds_left)
        place = Box(EDGE + INNER / 3 + GAP, 2, INNER * 2 / 3 - GAP, TOUCH)
        page.add(Text(place, words, SMALL, theme.CARE, True, "centre", lines=2, least=20))
    flow = Flow(page)
    flow.title()
    _PAGES[staff.page](flow, staff)


def _pin(flow: Flow, staff: StaffPage) -> None:
    _digits(flow, staff, flow.page.catalog.text("service.pin_line"))


def _new_pin(flow: Flow, staff: StaffPage) -> None:
    _digits(flow, staff, flow.page.say(flow.page.view.lines[0]))


def _digits(flow: Flow, staff: StaffPage, line: str) -> None:
    """Lay out a page on which digits are typed."""
    page, view = flow.page, flow.page.view

    def dots(box: Box) -> None:
        for i in range(12):
            at = Point(box.centre.x + (i - 5.5) * 34, box.centre.y)
            page.add(Circle(at, 11, theme.PRIMARY if i < staff.digits else None, theme.SOFT_INK, 3))

    flow.add(30, dots)
    if view.note is not None:
        flow.note()
    else:
        flow.words(line, SMALL, theme.SOFT_INK)
    for row in range(0, 12, 3):
        flow.buttons(*view.buttons[row : row + 3])
    flow.lay(view.buttons[12])


def _home(flow: Flow, _staff: StaffPage) -> None:
    view = flow.page.view
    *pages, leave = view.buttons
    for i in range(0, len(pages), 2):
        _tiles(flow, pages[i : i + 2])
    flow.say(view.lines[0], SMALL, theme.SOFT_INK)
    flow.lay(leave)


def _tiles(flow: Flow, pair: list[Button]) -> None:
    """Add two buttons side by side, each with its picture."""

    def draw(box: Box) -> None:
        width = (box.w - GAP) / 2
        for i, button in enumerate(pair):
            place = Box(box.x + i * (width + GAP), box.y, width, box.h)
            ink = parts.button_ground(flow.page, button, place)
            flow.page.add(*ICONS[button.arg](Box(place.x + 12, place.centre.y - 20, 40, 40), ink))
            words = Box(place.x + 58, place.y + 6, place.w - 66, place.h - 12)
            flow.page.add(Text(words, flow.page.say(button.text), BODY, ink, True, lines=2, least=22))

    flow.add(TOUCH, draw)


def _setup(flow: Flow, staff: StaffPage) -> None:
    """Lay out the steps of the set-up side by side, each with its state."""
    view = flow.page.view
    *steps, back = view.buttons
    flow.say(view.lines[0], SMALL, theme.SOFT_INK)
    for i in range(0, len(steps), 2):
        _steps(flow, steps[i : i + 2], staff.rows[i : i + 2])
    flow.lay(back)


def _steps(flow: Flow, pair: list[Button], states: tuple[Row, ...]) -> None:
    def draw(box: Box) -> None:
        width = (box.w - GAP) / 2
        for i, (button, state) in enumerate(zip(pair, states, strict=True)):
            place = Box(box.x + i * (width + GAP), box.y, width, box.h)
            ink = parts.button_ground(flow.page, button, place)
            mark = Box(place.x + 12, place.centre.y - 18, 36, 36)
            if state.good is not None:
                flow.page.add(*(icons.check(mark, theme.GOOD, 12) if state.good else icons.warning(mark, theme.CARE)))
            words = Box(place.x + 56, place.y + 6, place.w - 64, place.h - 12)
            flow.page.add(Text(words, flow.page.say(button.text), BODY, ink, True, lines=2, least=22))

    flow.add(TOUCH, draw)


def _seen(flow: Flow, staff: StaffPage) -> None:
    """Lay out the page of the lamps or the page of the office's invitation; both show the live picture."""
    page, view = flow.page, flow.page.view
    *lamps, back = view.buttons
    if view.framing is not None:

        def picture(box: Box) -> None:
            width = min(box.w, box.h * 4 / 3)
            place = Box(box.centre.x - width / 2, box.y, width, box.h)
            page.add(RoundRect(place, 20, theme.DISABLED))
            page.add(Picture(PREVIEW_SLOT, place, 20, mirrored=True, live=True))

        flow.add(250, picture, grows=100)
    flow.note()
    for row in staff.rows:
        _row(flow, row)
    for line in view.lines:
        flow.say(line, SMALL)
    flow.buttons(*lamps)
    flow.lay(back)


def _plugged(flow: Flow, staff: StaffPage) -> None:
    """Lay out a page with the ports of a device, and whether the device works."""
    *ports, back = flow.page.view.buttons
    for row in staff.rows:
        _row(flow, row)
    flow.note()
    for line in flow.page.view.lines:
        flow.say(line, SMALL, theme.SOFT_INK)
    for port in ports:
        flow.button(port)
    flow.lay(back)


ICONS: dict[str, Icon] = {
    MenuPage.DOCTOR: icons.check,
    MenuPage.TEST_SHOT: icons.camera,
    MenuPage.CALIBRATE: icons.lamp,
    MenuPage.NETWORK: icons.network,
    MenuPage.VOLUME: icons.sound,
    MenuPage.LOGS: icons.lines,
    MenuPage.RESTART: icons.again,
    MenuPage.SHUT_DOWN: icons.power,
    MenuPage.SETUP: icons.desk,
    Press.CONTRAST: icons.half,
    Press.LOW: icons.seated,
}


def _listed(flow: Flow, staff: StaffPage) -> None:
    """Lay out a page of rows, each with its mark, and below them the buttons."""
    for row in staff.rows:
        _row(flow, row)
    flow.lay(*flow.page.view.buttons, at_top=True)


def _row(flow: Flow, row: Row) -> None:
    """Add one row: its label and its value side by side, or one below the other if they are long, and then what to
    do."""
    page, care = flow.page, row.good is False
    label, value, detail = page.say(row.label), page.say(row.value), page.say(row.detail) if care else ""
    whole, line = INNER - MARK_W - 8, SMALL * LINE
    value_w = whole - LABEL_W
    beside = width_of(label, SMALL) <= LABEL_W - 8 and width_of(value, SMALL, bold=True) <= value_w
    value_lines = lines_of(value, SMALL, whole, bold=True)
    head = line if beside else line * (1 + value_lines)
    detail_lines = lines_of(detail, SMALL, whole) if detail else 0

    def draw(box: Box) -> None:
        if care:
            page.add(RoundRect(box, 18, theme.CARE_TINT))
        else:
            page.add(Stroke((Point(box.x, box.bottom + 4), Point(box.right, box.bottom + 4)), 2, theme.HAIRLINE))
        mark = Box(box.x + 6, box.y + 3, 30, 30)
        if care:
            page.add(*icons.warning(mark, theme.CARE))
        elif row.good:
            page.add(*icons.check(mark, theme.GOOD, 12))
        x, least, ink = box.x + MARK_W, SMALL * LEAST, theme.CARE if care else theme.INK
        label_w = LABEL_W - 8 if beside else whole
        page.add(Text(Box(x, box.y, label_w, line), label, SMALL, theme.SOFT_INK, least=least))
        place = Box(x + LABEL_W, box.y, value_w, line) if beside else Box(x, box.y + line, whole, head - line)
        page.add(Text(place, value, SMALL, ink, True, lines=value_lines, least=least))
        place = Box(x, box.y + head + 2, whole, detail_lines * line)
        if detail:
            page.add(Text(place, detail, SMALL, theme.INK, lines=detail_lines, least=least))

    flow.add(head + detail_lines * line + (10 if detail else 0), draw)


def _test_shot(flow: Flow, staff: StaffPage) -> None:
    page, view = flow.page, flow.page.view
    taken = view.takes[0] if view.takes else None

    def picture(box: Box) -> None:
        width = box.h * 3 / 4
        place = Box(box.centre.x - width / 2, box.y, width, box.h)
        if taken is not None:
            page.add(Picture(take_slot(taken.number), place, 20))
            return
        page.add(RoundRect(place, 20, theme.DISABLED))
        page.add(Picture(PREVIEW_SLOT, place, 20, Crop(0.5, 0.52, FACES_HIGH), mirrored=True, live=True))

    flow.add(300, picture, grows=140)
    if view.note is not None:
        flow.note()
    else:
        if taken is not None:
            head = page.catalog.text("service.test_failed" if staff.failed_checks else "service.test_passed")
            flow.words(head, BODY, theme.CARE if staff.failed_checks else theme.GOOD, bold=True)
        for line in view.lines:
            flow.say(line, SMALL)
    flow.lay(*view.buttons)


def _lines_to_read(flow: Flow, _staff: StaffPage) -> None:
    """Lay out a page of lines to read, or one step of the calibration in larger type below its picture."""
    page, view = flow.page, flow.page.view
    if view.busy or len(view.lines) == 1:

        def sign(box: Box) -> None:
            page.add(Circle(box.centre, 80, theme.PRIMARY_TINT))
            if view.busy:
                parts.spinner(page, box.centre, 40, theme.PRIMARY, theme.PRIMARY_TINT)
            else:
                page.add(*icons.lamp(Box(box.centre.x - 42, box.centre.y - 42, 84, 84), theme.PRIMARY))

        flow.add(170, sign)
        flow.say(view.lines[0], 32, bold=True)
    else:
        flow.note()
        for line in view.lines:
            flow.words(page.say(line), BODY, centred=False)
    flow.lay(*view.buttons)


def _volume(flow: Flow, staff: StaffPage) -> None:
    page, view = flow.page, flow.page.view
    flow.say(view.lines[0], SMALL, theme.SOFT_INK)
    bars = 10

    def draw(box: Box) -> None:
        for i in range(bars):
            height = box.h * (i + 3) / (bars + 2)
            bar = Box(box.x + 10 + i * 45, box.bottom - height, 34, height)
            on = staff.share * bars >= i + 0.5
            page.add(RoundRect(bar, 8, theme.PRIMARY if on else theme.DISABLED, None if on else theme.SOFT_INK, 2))

    flow.add(120, draw, grows=40)
    flow.words(page.catalog.text("service.volume_now", percent=round(staff.share * 100)), BODY, bold=True)
    softer, louder, play, back = view.buttons
    flow.buttons(softer, louder)
    flow.button(play)
    flow.lay(back)


def _logs(flow: Flow, staff: StaffPage) -> None:
    page, view = flow.page, flow.page.view
    flow.say(view.lines[0], SMALL, theme.SOFT_INK)
    for row in staff.rows:
        flow.pair(page.say(row.label), page.say(row.value), size=SMALL)
    flow.lay(*view.buttons, at_top=True)


def _orders(flow: Flow, _staff: StaffPage) -> None:
    """Lay out the page of orders to the machine, with one large button for each order."""
    view = flow.page.view
    flow.say(view.lines[0])
    flow.note()
    *orders, back = view.buttons
    for button in orders:
        flow.button(button, 110)
    flow.lay(back)


_PAGES: dict[MenuPage, Callable[[Flow, StaffPage], None]] = {
    MenuPage.PIN: _pin,
    MenuPage.HOME: _home,
    MenuPage.DOCTOR: _listed,
    MenuPage.TEST_SHOT: _test_shot,
    MenuPage.CALIBRATE: _lines_to_read,
    MenuPage.NETWORK: _listed,
    MenuPage.VOLUME: _volume,
    MenuPage.LOGS: _logs,
    MenuPage.RESTART: _orders,
    MenuPage.SHUT_DOWN: _orders,
    MenuPage.SETUP: _setup,
    MenuPage.OFFICE: _seen,
    MenuPage.LIGHT: _seen,
    MenuPage.READER: _plugged,
    MenuPage.SCANNER: _plugged,
    MenuPage.NEW_PIN: _new_pin,
    MenuPage.ACCEPT: _seen,
}
