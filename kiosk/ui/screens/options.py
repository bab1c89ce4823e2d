"""The sheet of settings, which can cover any screen. This module also changes the colours of a screen to strong
colours."""

from dataclasses import replace

from kiosk.core.events import Action
from kiosk.core.session.state import Volume
from kiosk.ui.screens import parts, theme
from kiosk.ui.screens.ops import HEIGHT, WIDTH, Arc, Box, Circle, Colour, Op, Polygon, QrCode, RoundRect, Stroke, Text
from kiosk.ui.screens.parts import Page

LEVELS = (Volume.OFF, Volume.LOW, Volume.NORMAL, Volume.HIGH)
ROWS = ((Action.LARGE, Action.CONTRAST, Action.LOW), (Action.AUDIO_GUIDE, Action.CURTAIN))
"""The buttons of the accessibility settings, row by row."""
SHEET_TOP = 236.0


def options(page: Page) -> None:
    """Draws buttons that repeat the prompts, change the loudness, switch the accessibility settings, and close the
    sheet."""
    view = page.view
    parts.header(page, help_too=False)
    box = Box(theme.MARGIN, SHEET_TOP, theme.CONTENT_W, 74)
    page.add(Text(box, page.catalog.text("options.title"), theme.TITLE, theme.INK, True, "centre", least=36))
    line = Box(theme.MARGIN, SHEET_TOP + 74, theme.CONTENT_W, 44)
    page.add(Text(line, page.catalog.text("options.line"), theme.BODY, theme.SOFT_INK, align="centre"))
    top = 376.0
    if view.facts.voice:
        _level(page, Box(theme.MARGIN, top, theme.CONTENT_W, 110))
        half = (theme.CONTENT_W - 20) / 2
        for i, action in enumerate((Action.SOFTER, Action.LOUDER, Action.MUTE, Action.REPEAT)):
            place = Box(theme.MARGIN + (i % 2) * (half + 20), top + 130 + (i // 2) * 148, half, theme.ACTION_H)
            _button(page, action, place)
        top += 130 + 2 * 148
    for row in ROWS:
        shown = [button for button in view.buttons if button.action in row]
        width = (theme.CONTENT_W - 20 * (len(shown) - 1)) / max(len(shown), 1)
        for i, button in enumerate(shown):
            parts.action(page, button, Box(theme.MARGIN + i * (width + 20), top, width, theme.ACTION_H), size=34)
        top += 148 if shown else 0
    _button(page, Action.OPTIONS, Box(theme.MARGIN, theme.ACTION_TOP, theme.CONTENT_W, theme.ACTION_H))


def _button(page: Page, action: Action, box: Box) -> None:
    button = page.button(action)
    if button is not None:
        parts.action(page, button, box)


def _level(page: Page, box: Box) -> None:
    """Draws the loudness in words and as bars."""
    parts.card(page, box)
    say, volume = page.catalog.text, page.view.volume
    words = f"{say('options.sound')}  {say(f'options.{volume.value}')}"
    page.add(Text(Box(box.x + 36, box.y, 330, box.h), words, 38, theme.INK, bold=True, least=26))
    for i, level in enumerate(LEVELS[1:]):
        height = 26.0 + 20 * i
        bar = Box(box.right - 190 + i * 52, box.bottom - 22 - height, 36, height)
        on = LEVELS.index(volume) >= LEVELS.index(level)
        page.add(RoundRect(bar, 8, theme.PRIMARY if on else theme.DISABLED))


STRONG: dict[Colour, Colour] = {
    theme.PAGE: (0, 0, 0),
    theme.CARD: (0, 0, 0),
    theme.INK: (255, 255, 255),
    theme.SOFT_INK: (255, 255, 255),
    theme.HAIRLINE: (190, 190, 190),
    theme.PRIMARY: (255, 222, 0),
    theme.PRIMARY_PRESSED: (255, 250, 190),
    theme.PRIMARY_TINT: (46, 42, 0),
    theme.PRESSED_TINT: (60, 56, 0),
    theme.DISABLED: (44, 44, 44),
    theme.DISABLED_INK: (214, 214, 214),
    theme.GOOD: (120, 240, 150),
    theme.GOOD_TINT: (0, 44, 18),
    theme.CARE: (255, 190, 70),
    theme.CARE_TINT: (56, 34, 0),
    theme.NO: (255, 110, 110),
    theme.BLACK: (0, 0, 0),
}
"""A colour of the theme -> its strong colour: yellow and white on black. Words have a contrast of at least 9 : 1, lines
and marks of at least 7 : 1."""
EDGE: Colour = (190, 190, 190)
# the white margin around a QR code in strong colours, in base units: four sevenths of it are inside the box of the
# code, which becomes smaller, and the rest is outside
QUIET_ZONE = 28.0


def strong(ops: tuple[Op, ...]) -> tuple[Op, ...]:
    """The same screen in strong colours. Photos keep their colours. QR codes stay dark on white, so that phones can
    read them."""
    page = RoundRect(Box(0, 0, WIDTH, HEIGHT), 0, STRONG[theme.PAGE])
    return (page, *(made for op in ops for made in _strong(op)))


def _strong(op: Op) -> tuple[Op, ...]:
    match op:
        case RoundRect():
            fill, line = _of(op.fill), _of(op.line)
            edge = line is None and fill == STRONG[theme.CARD] and op.shadow
            width = 3.0 if edge else op.line_width
            return (replace(op, fill=fill, line=EDGE if edge else line, line_width=width, shadow=False),)
        case Circle():
            return (replace(op, fill=_of(op.fill), line=_of(op.line)),)
        case Polygon():
            return (replace(op, fill=STRONG.get(op.fill, op.fill)),)
        case Arc() | Stroke() | Text():
            return (replace(op, colour=STRONG.get(op.colour, op.colour)),)
        case QrCode():
            code = op.box.inset(QUIET_ZONE * 4 / 7)
            return (RoundRect(op.box.inset(-QUIET_ZONE * 3 / 7), 12, (255, 255, 255)), replace(op, box=code))
        case _:
            return (op,)


def _of(colour: Colour | None) -> Colour | None:
    return None if colour is None else STRONG.get(colour, colour)
