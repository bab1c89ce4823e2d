"""The screens before identification: closed, attract, consent."""

from typing import Literal

from kiosk.core.events import Action
from kiosk.core.identity import IdentificationRule
from kiosk.text.consent import CONSENT_ROWS
from kiosk.ui.screens import icons, parts, preparations, scenes, theme
from kiosk.ui.screens.decision import modules
from kiosk.ui.screens.ops import Box, Circle, Point, QrCode, RoundRect, Stroke, Text, TouchArea
from kiosk.ui.screens.parts import Page
from kiosk.ui.screens.pen import Icon
from kiosk.ui.viewmodel import NumbersShown, Say


def closed(page: Page) -> None:
    """Says why the booth is closed, and when it opens."""
    view = page.view
    parts.header(page, help_too=False)
    centre = Point(360, 330)
    page.add(Circle(centre, 120, theme.PRIMARY_TINT))
    if view.busy:
        parts.spinner(page, centre, 52, theme.PRIMARY, theme.PRIMARY_TINT)
    else:
        page.add(*icons.hours(Box(290, 260, 140, 140), theme.PRIMARY))
    parts.title(page, 490)
    for words in view.lines:
        parts.line(page, words, 574, height=84, lines=2)
    if view.busy:
        return
    _opening(page, Box(theme.MARGIN, 700, theme.CONTENT_W, 250 if view.facts.hours else 150))
    parts.line(page, Say("closed.desk"), 990 if view.buttons else 1080, height=80, lines=2)
    parts.actions(page, *view.buttons)


def opening_rows(page: Page) -> list[tuple[str, str, str]]:
    """Rows about when the booth is open: a label, the days or hours, a remark."""
    facts, say = page.view.facts, page.catalog.text
    first, last = (
        say("date.day", month=say(f"month.{month}"), day=day) for month, day in (facts.first_day, facts.last_day)
    )
    rows = [(say("closed.window"), say("date.range", first=first, last=last), say("closed.days"))]
    if facts.hours:
        rows.append((say("closed.hours"), "  ".join(facts.hours), ""))
    return rows


def _opening(page: Page, box: Box) -> None:
    rows = opening_rows(page)
    parts.card(page, box)
    height = box.h / len(rows)
    for i, (label, value, detail) in enumerate(rows):
        y = box.y + i * height
        if i:
            page.add(Stroke((Point(box.x + 32, y), Point(box.right - 32, y)), 2, theme.HAIRLINE))
        page.add(Text(Box(box.x + 36, y, 190, height), label, theme.SMALL, theme.SOFT_INK, lines=2))
        value_h = 46.0
        top = y + height / 2 - (42 if detail else 23)
        page.add(Text(Box(box.x + 236, top, 370, value_h), value, 38, theme.INK, bold=True, least=24))
        if detail:
            page.add(Text(Box(box.x + 236, top + 48, 370, 38), detail, theme.SMALL, theme.SOFT_INK))


def attract(page: Page) -> None:
    """Says what the booth does and what the graduate needs, and has one large button."""
    parts.header(page, help_too=False)
    page.add(Text(Box(40, 156, 640, 84), page.say(page.view.title), 64, theme.INK, bold=True, align="centre", least=44))
    parts.line(page, page.view.lines[0], 240)
    if page.view.numbers is not None:
        _numbers(page, Box(theme.MARGIN, 300, theme.CONTENT_W, 344), page.view.numbers)
    else:
        page.add(Circle(Point(360, 470), 178, theme.PRIMARY_TINT))
        white = "prepare.white_top" in page.view.facts.preparations
        page.add(*scenes.photo_print(Box(190, 300, 340, 340), page.view.facts.backdrop, white_top=white))
    for i, (icon, name) in enumerate(needs(page)):
        _need(page, Box(40 + i * 218, 668, 204, 214), icon, name)
    _modes(page)
    start = page.view.buttons[0]
    box = Box(40, 1052, 640, 184)
    pressed = page.is_pressed(Action.START)
    page.add(RoundRect(box, 40, theme.PRIMARY_PRESSED if pressed else theme.PRIMARY, shadow=not pressed))
    page.add(*icons.camera(Box(box.centre.x - 36, box.y + 18, 72, 72), theme.WHITE))
    place = Box(box.x + 30, box.y + 88, box.w - 60, 80)
    words = Text(place, page.say(start.text), 56, theme.WHITE, bold=True, align="centre")
    page.add(words, TouchArea(box, start.action))


def _numbers(page: Page, box: Box, numbers: NumbersShown) -> None:
    """Draw the queue of numbers in place of the picture: on the left the called numbers, on the right how to get a
    number."""
    parts.card(page, box)
    room = box.w - 60
    if numbers.qr:
        side = 212.0
        code = Box(box.right - 30 - side, box.y + 28, side, side)
        page.add(QrCode(code, modules(numbers.qr), theme.INK))
        room -= side + 30
    called_numbers(page, Box(box.x + 30, box.y + 22, room, 212), numbers, 88)
    line = Box(box.x + 30, box.y + 250, box.w - 60, 82)
    page.add(Text(line, page.say(numbers.line), theme.BODY, theme.INK, True, "centre", lines=2, least=24))


def called_numbers(page: Page, box: Box, numbers: NumbersShown, size: float) -> None:
    """Draw the called numbers, as large as the place allows, and how many numbers wait."""
    align: Literal["left", "centre"] = "left" if numbers.qr else "centre"
    heading, last = box.h * 0.24, box.h * 0.2 if numbers.called else 0.0
    place = Box(box.x, box.y, box.w, heading)
    page.add(Text(place, page.say(numbers.heading), size * 0.4, theme.PRIMARY, True, align, least=20))
    waiting = page.say(numbers.waiting)
    large = "  ".join(numbers.called) or waiting
    place = Box(box.x, box.y + heading, box.w, box.h - heading - last)
    page.add(Text(place, large, size, theme.INK, True, align, least=28))
    if numbers.called:
        place = Box(box.x, box.bottom - last, box.w, last)
        page.add(Text(place, waiting, size * 0.36, theme.INK, align=align, least=20))


def _modes(page: Page) -> None:
    """Draw the buttons of the accessibility settings low on the panel, large enough for fingers. A setting that is on
    has a filled button."""
    modes = [button for button in page.view.buttons if button.action in MODES]
    width = (theme.CONTENT_W - 16 * (len(modes) - 1)) / len(modes)
    for i, button in enumerate(modes):
        box = Box(theme.MARGIN + i * (width + 16), 908, width, 124)
        ink = parts.button_ground(page, button, box)
        page.add(*MODES[button.action](Box(box.centre.x - 26, box.y + 12, 52, 52), ink))
        page.add(Text(Box(box.x + 8, box.y + 68, box.w - 16, 46), page.say(button.text), 29, ink, True, "centre"))


def needs(page: Page) -> tuple[tuple[Icon, str], ...]:
    """What the graduate must bring: pictures, each with the id of its message."""
    view = page.view
    code = view.identification is IdentificationRule.EITHER
    top = "top" if "prepare.white_top" in view.facts.preparations else "top_contrast"
    shirt = preparations.shirt if top == "top" else preparations.top_contrast
    papers = "card" if not code else "both" if view.facts.bring_both else "code"
    return ((icons.id_card, papers), (shirt, top), (icons.clock, "time"))


def _need(page: Page, box: Box, icon: Icon, name: str) -> None:
    parts.card(page, box)
    page.add(*icon(Box(box.centre.x - 41, box.y + 20, 82, 82), theme.PRIMARY))
    say = page.catalog.text
    page.add(
        Text(
            Box(box.x + 8, box.y + 110, box.w - 16, 46),
            say(f"attract.need_{name}"),
            31,
            theme.INK,
            True,
            "centre",
            least=22,
        )
    )
    page.add(
        Text(
            Box(box.x + 8, box.y + 156, box.w - 16, 40),
            say(f"attract.need_{name}_detail"),
            25,
            theme.SOFT_INK,
            align="centre",
            least=20,
        )
    )


MODES: dict[Action, Icon] = {Action.LARGE: icons.letters, Action.CONTRAST: icons.half, Action.LOW: icons.seated}
"""The accessibility settings with their pictures."""

CONSENT_HEIGHTS = {"purpose": 96, "items": 186, "receiver": 80, "kept": 152, "contact": 86}
"""The heights of the consent page's rows."""


def consent(page: Page) -> None:
    """Says which data the booth reads, why it reads them, who gets them, and how long they are kept. The booth reads
    nothing before the graduate agrees."""
    parts.header(page, help_too=True)
    parts.title(page, 236, height=70, lines=1)
    parts.line(page, page.view.lines[0], 306, colour=theme.GOOD)
    box = Box(theme.MARGIN, 368, theme.CONTENT_W, sum(CONSENT_HEIGHTS.values()))
    parts.card(page, box)
    y = box.y
    facts = page.view.facts
    for row in CONSENT_ROWS:
        height = CONSENT_HEIGHTS[row]
        if y > box.y:
            page.add(Stroke((Point(box.x + 32, y), Point(box.right - 32, y)), 2, theme.HAIRLINE))
        label = page.catalog.text(f"consent.{row}")
        page.add(Text(Box(box.x + 32, y, 124, height), label, 28, theme.PRIMARY, bold=True, least=theme.TINY))
        words = page.catalog.text(f"consent.{row}_text", days=facts.retention_days, keep_days=facts.keep_days)
        place = Box(box.x + 172, y + 6, 448, height - 12)
        page.add(Text(place, words, theme.BODY, theme.INK, lines=5, least=24))
        y += height
    parts.line(page, Say("consent.never"), 986, colour=theme.INK)
    parts.line(page, Say("consent.no"), 1032)
    parts.actions(page, *page.view.buttons)
