"""The screens of the receipt and of staff's decision."""

from functools import lru_cache

import segno

from kiosk.core.session.guidance import WORDS
from kiosk.ui.screens import icons, parts, theme
from kiosk.ui.screens.guides import guide_icon
from kiosk.ui.screens.ops import Box, Circle, Colour, Op, Point, QrCode, RoundRect, Text
from kiosk.ui.screens.parts import Page
from kiosk.ui.screens.pen import Icon
from kiosk.ui.viewmodel import Say


def done(page: Page) -> None:
    """Draws the receipt as a code to photograph, and says what happens next and that staff are reviewing the photo."""
    view = page.view
    parts.header(page, help_too=False)
    _tick(page, 292)
    parts.title(page, 358, lines=1)
    _receipt(page, Box(theme.MARGIN, 446, theme.CONTENT_W, 380))
    if view.note is not None:
        parts.note(page, Box(theme.MARGIN, 848, theme.CONTENT_W, 92), view.note, care=not view.busy)
    else:
        _next(page, 852, icons.school, view.lines[1])
    _next(page, 958, icons.id_card, view.lines[2])
    parts.line(page, view.lines[0], 1054, height=40)
    parts.actions(page, *view.buttons)


def approved(page: Page) -> None:
    """Says that staff approved the photo: just now (then with the receipt), or before this session."""
    view = page.view
    parts.header(page, help_too=False)
    if view.receipt:
        _tick(page, 292)
        parts.title(page, 358, lines=1)
        _receipt(page, Box(theme.MARGIN, 446, theme.CONTENT_W, 380))
        _take_card_or(page, 852, view.lines[1])
        _next(page, 958, icons.id_card, view.lines[2])
    else:
        page.add(Circle(Point(360, 430), 130, theme.GOOD))
        page.add(*icons.check(Box(282, 352, 156, 156), theme.WHITE, 11))
        parts.title(page, 606, lines=2)
        _take_card_or(page, 744, view.lines[1])
        _next(page, 860, icons.desk, view.lines[2])
    parts.line(page, view.lines[0], 1054, height=40)
    parts.actions(page, *view.buttons)


def rejected(page: Page) -> None:
    """Draws what must be better on the next photo, one line for each instruction."""
    view = page.view
    parts.header(page, help_too=True)
    parts.title(page, 240, lines=1)
    parts.masked_name(page, Box(theme.MARGIN, 322, theme.CONTENT_W, 68))
    parts.line(page, view.lines[0], 398, height=78, lines=2)
    _reasons(page, Box(theme.MARGIN, 486, theme.CONTENT_W, 552))
    if not view.reasons:
        page.add(Circle(Point(360, 730), 130, theme.PRIMARY_TINT))
        page.add(*icons.camera(Box(285, 655, 150, 150), theme.PRIMARY))
    parts.line(page, view.lines[1], 1052)
    parts.actions(page, *view.buttons)


def _reasons(page: Page, place: Box) -> None:
    """Draws all reasons, one below the other. More than five reasons are drawn in two columns."""
    reasons, gap = page.view.reasons, 12.0
    columns = 1 if len(reasons) <= 5 else 2
    rows = max(1, -(-len(reasons) // columns))
    width = (place.w - gap * (columns - 1)) / columns
    height = min(98.0, (place.h - gap * (rows - 1)) / rows)
    side, edge = (68.0, 26.0) if columns == 1 else (min(52.0, height - 16), 14.0)
    for i, reason in enumerate(reasons):
        x, y = place.x + (i % columns) * (width + gap), place.y + (i // columns) * (height + gap)
        parts.card(page, Box(x, y, width, height))
        page.add(*reason_picture(reason, Box(x + edge, y + (height - side) / 2, side, side), theme.PRIMARY))
        left = edge + side + edge
        words = Box(x + left, y + 6, width - left - 14, height - 12)
        size = 36 if columns == 1 else 29
        page.add(Text(words, page.say(reason), size, theme.INK, bold=True, lines=2, least=20))


def _tick(page: Page, y: float) -> None:
    page.add(Circle(Point(360, y), 56, theme.GOOD))
    page.add(*icons.check(Box(326, y - 34, 68, 68), theme.WHITE, 11))


def _receipt(page: Page, box: Box) -> None:
    view, say = page.view, page.catalog.text
    parts.card(page, box)
    page.add(QrCode(Box(box.right - 292, box.y + 62, 256, 256), modules(view.receipt_qr), theme.INK))
    left = box.x + 36
    page.add(Text(Box(left, box.y + 44, 290, 40), say("done.receipt"), theme.BODY, theme.SOFT_INK))
    page.add(Text(Box(left, box.y + 92, 290, 130), grouped(view.receipt), 44, theme.INK, bold=True, lines=3, least=28))
    page.add(*icons.phone(Box(left - 4, box.y + 262, 56, 56), theme.PRIMARY))
    words = say("done.scan" if view.receipt_qr != view.receipt else "done.photograph")
    page.add(Text(Box(left + 62, box.y + 236, 236, 110), words, 26, theme.SOFT_INK, lines=3))


def _take_card_or(page: Page, y: float, words: Say) -> None:
    """If the card still lies on the reader, remind the graduate of the card. Otherwise draw `words`, which say what the
    school does next."""
    if page.view.note is not None:
        parts.note(page, Box(theme.MARGIN, y - 4, theme.CONTENT_W, 92), page.view.note)
    else:
        _next(page, y, icons.school, words)


def _next(page: Page, y: float, icon: Icon, words: Say) -> None:
    page.add(RoundRect(Box(56, y + 8, 64, 64), 20, theme.PRIMARY_TINT))
    page.add(*icon(Box(68, y + 20, 40, 40), theme.PRIMARY))
    page.add(Text(Box(140, y, 540, 80), page.say(words), 31, theme.INK, lines=2, least=24))


def reason_picture(reason: Say, box: Box, colour: Colour) -> tuple[Op, ...]:
    """The picture of the instruction that belongs to a reason. If a reason has several instructions, the picture of a
    person; if it has none, a question mark."""
    name = reason.id.removeprefix("again.")
    guides = {guide for (check, _), guide in WORDS.items() if check.value == name}
    if len(guides) == 1:
        return guide_icon(guides.pop(), box, colour)
    return (icons.person if guides else icons.question)(box, colour)


def grouped(receipt: str) -> str:
    """Return a receipt code in groups of four, as codes are read aloud."""
    return " ".join(receipt[i : i + 4] for i in range(0, len(receipt), 4))


@lru_cache(maxsize=1)  # this takes 10 ms on a PC, and the waiting screen is drawn eight times a second
def modules(text: str) -> tuple[tuple[bool, ...], ...]:
    """Return the modules of the QR code of `text`, without a quiet zone; one light module for an empty text."""
    if not text:
        return ((False,),)
    return tuple(tuple(bool(module) for module in row) for row in segno.make_qr(text, error="m").matrix)
