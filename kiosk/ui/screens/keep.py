"""The screens for choosing a take, and for saving it."""

from kiosk.core.events import Action
from kiosk.ui.screens import icons, parts, theme
from kiosk.ui.screens.ops import Box, Circle, Picture, Point, RoundRect, Text, TouchArea
from kiosk.ui.screens.parts import Page
from kiosk.ui.viewmodel import TakeShown


def take_slot(number: int) -> str:
    """Name the slot of a take's finished photo."""
    return f"take{number}"


def choose(page: Page) -> None:
    """Draws the finished photo of the picked take large, and the other takes next to it."""
    view = page.view
    parts.header(page, help_too=True)
    parts.title(page, 226, height=66, lines=1)
    parts.masked_name(page, Box(theme.MARGIN, 298, theme.CONTENT_W, 52))
    several = len(view.takes) > 1
    large = Box(40, 364, 405, 540) if several else Box(157, 364, 405, 540) if view.note else Box(120, 364, 465, 620)
    shown = next((take for take in view.takes if take.picked), view.takes[-1])
    photo(page, large, shown, 20)
    if several:
        for i, take in enumerate(view.takes):
            _tile(page, Box(475, 364 + i * 186, 205, 168), take)
    if view.note is not None:
        parts.note(page, Box(theme.MARGIN, 926, theme.CONTENT_W, 104), view.note, good=view.note.id == "choose.excused")
    for words in view.lines:
        parts.line(page, words, 1050 if view.note else 1024)
    parts.actions(page, page.button(Action.RETAKE), page.button(Action.ACCEPT))


def photo(page: Page, box: Box, take: TakeShown, radius: float) -> None:
    """Draw a take: its photo, dots while the photo is being made, or a warning if there is none. A photo is never
    mirrored."""
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
    photo(page, Box(box.x + 12, box.y + 12, 108, 144), take, 10)
    number = Box(box.x + 138, box.y + 14, 52, 48)
    page.add(Text(number, str(take.number), 36, theme.PRIMARY if take.picked else theme.SOFT_INK, True, "centre"))
    if take.picked:
        page.add(Circle(Point(box.x + 164, box.y + 134), 21, theme.PRIMARY))
        page.add(*icons.check(Box(box.x + 152, box.y + 122, 24, 24), theme.WHITE, 14))
    if take.proposed:
        badge = Box(box.x + 12, box.y + 120, 108, 36)
        page.add(RoundRect(badge, 10, theme.GOOD))
        page.add(
            Text(badge, page.catalog.text("choose.proposed"), 23, theme.WHITE, bold=True, align="centre", least=19)
        )
    if button is not None:
        page.add(TouchArea(box, button.action, button.arg))


def saving(page: Page) -> None:
    """Says that the photo is being saved."""
    parts.header(page, help_too=False, language_too=False)
    centre = Point(360, 560)
    page.add(Circle(centre, 130, theme.PRIMARY_TINT))
    parts.spinner(page, centre, 62, theme.PRIMARY, theme.PRIMARY_TINT)
    parts.title(page, 740)
    parts.line(page, page.view.lines[0], 824)
