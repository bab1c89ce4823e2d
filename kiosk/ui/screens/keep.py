"""Choosing a take, saving it, and the receipt."""

import segno

from kiosk.core.events import Action
from kiosk.ui.screens import icons, parts, theme
from kiosk.ui.screens.ops import Box, Circle, Picture, Point, QrCode, RoundRect, Text, TouchArea
from kiosk.ui.screens.parts import Page
from kiosk.ui.viewmodel import TakeShown


def take_slot(number: int) -> str:
    """Name the slot of a take's finished photo."""
    return f"take{number}"


def choose(page: Page) -> None:
    """The photo as it will be, large; the other takes beside it."""
    view = page.view
    parts.header(page, help_too=True)
    parts.title(page, 232, height=70, lines=1)
    several = len(view.takes) > 1
    large = Box(40, 318, 435, 580) if several else Box(142, 318, 435, 580) if view.note else Box(120, 314, 480, 640)
    shown = next((take for take in view.takes if take.picked), view.takes[-1])
    _photo(page, large, shown, 20)
    if several:
        for i, take in enumerate(view.takes):
            _tile(page, Box(495, 318 + i * 200, 185, 180), take)
    if view.note is not None:
        parts.note(page, Box(theme.MARGIN, 914, theme.CONTENT_W, 104), view.note)
    for words in view.lines:
        parts.line(page, words, 1040 if view.note else 996)
    parts.actions(page, page.button(Action.RETAKE), page.button(Action.ACCEPT))


def _photo(page: Page, box: Box, take: TakeShown, radius: float) -> None:
    """Draw a take: its photo, or why there is none yet. A photo is never mirrored."""
    page.add(RoundRect(box, radius, theme.DISABLED, shadow=radius > 10))
    if take.ready:
        page.add(Picture(take_slot(take.number), box, radius))
    elif take.fault is None:
        parts.spinner(page, box.centre, box.w * 0.11, theme.PRIMARY, theme.DISABLED)
    else:
        side = box.w * 0.3
        page.add(*icons.warning(Box(box.centre.x - side / 2, box.centre.y - side / 2, side, side), theme.CARE))


def _tile(page: Page, box: Box, take: TakeShown) -> None:
    button = page.button(Action.PICK_TAKE, str(take.number))
    if take.picked:
        page.add(RoundRect(box, 22, theme.PRIMARY_TINT, theme.PRIMARY, 4))
    else:
        pressed = page.is_pressed(Action.PICK_TAKE, str(take.number))
        page.add(RoundRect(box, 22, theme.PRESSED_TINT if pressed else theme.CARD, theme.HAIRLINE, 2))
    _photo(page, Box(box.x + 12, box.y + 14, 114, 152), take, 10)
    number = Box(box.x + 132, box.y + 14, 44, 48)
    page.add(Text(number, str(take.number), 36, theme.PRIMARY if take.picked else theme.SOFT_INK, True, "centre"))
    if take.picked:
        page.add(Circle(Point(box.x + 154, box.y + 142), 21, theme.PRIMARY))
        page.add(*icons.check(Box(box.x + 142, box.y + 130, 24, 24), theme.WHITE, 14))
    if take.proposed:
        badge = Box(box.x + 12, box.y + 130, 114, 36)
        page.add(RoundRect(badge, 10, theme.GOOD))
        page.add(
            Text(badge, page.catalog.text("choose.proposed"), 23, theme.WHITE, bold=True, align="centre", least=19)
        )
    if button is not None:
        page.add(TouchArea(box, button.action, button.arg))


def saving(page: Page) -> None:
    """The photo is being made durable."""
    parts.header(page, help_too=False, language_too=False)
    centre = Point(360, 560)
    page.add(Circle(centre, 130, theme.PRIMARY_TINT))
    parts.spinner(page, centre, 62, theme.PRIMARY, theme.PRIMARY_TINT)
    parts.title(page, 740)
    parts.line(page, page.view.lines[0], 824)


def done(page: Page) -> None:
    """Proof that one came: a code to photograph; and what happens next."""
    view = page.view
    parts.header(page, help_too=False)
    page.add(Circle(Point(360, 292), 56, theme.GOOD))
    page.add(*icons.check(Box(326, 258, 68, 68), theme.WHITE, 11))
    parts.title(page, 358, lines=1)
    box = Box(theme.MARGIN, 446, theme.CONTENT_W, 380)
    parts.card(page, box)
    qr = Box(box.right - 292, box.y + 62, 256, 256)
    page.add(QrCode(qr, modules(view.receipt), theme.INK))
    left = box.x + 36
    page.add(Text(Box(left, box.y + 44, 290, 40), page.catalog.text("done.receipt"), theme.BODY, theme.SOFT_INK))
    page.add(Text(Box(left, box.y + 92, 290, 130), grouped(view.receipt), 44, theme.INK, bold=True, lines=3, least=28))
    page.add(*icons.phone(Box(left - 4, box.y + 262, 56, 56), theme.PRIMARY))
    words = Box(left + 62, box.y + 236, 236, 110)
    page.add(Text(words, page.say(view.lines[0]), 26, theme.SOFT_INK, lines=3))
    for i, icon in enumerate((icons.school, icons.id_card)):
        y = 860 + i * 92
        page.add(RoundRect(Box(56, y, 64, 64), 20, theme.PRIMARY_TINT))
        page.add(*icon(Box(68, y + 12, 40, 40), theme.PRIMARY))
        place = Box(140, y - 8, 540, 80)
        page.add(Text(place, page.say(view.lines[1 + i]), 31, theme.INK, lines=2, least=24))
    leave = page.catalog.text("done.leave", seconds=view.seconds_left)
    page.add(Text(Box(40, 1054, 640, 40), leave, theme.SMALL, theme.SOFT_INK, align="centre"))
    parts.actions(page, *view.buttons)


def grouped(receipt: str) -> str:
    """Return a receipt code in groups of four, as people read codes aloud."""
    return " ".join(receipt[i : i + 4] for i in range(0, len(receipt), 4))


def modules(text: str) -> tuple[tuple[bool, ...], ...]:
    """Return the QR code of `text` without a quiet zone; nothing for an empty text."""
    if not text:
        return ((False,),)
    return tuple(tuple(bool(module) for module in row) for row in segno.make_qr(text, error="m").matrix)
