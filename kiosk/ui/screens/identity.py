"""The screens of identification: card or code, the school, the confirmation."""

from kiosk.core.events import Action
from kiosk.ui.screens import icons, parts, scenes, theme
from kiosk.ui.screens.ops import Box, Circle, Op, Point, RoundRect, Stroke, Text
from kiosk.ui.screens.parts import Page
from kiosk.ui.screens.pen import Icon
from kiosk.ui.viewmodel import Button, Masked, Say

PLACE = Box(theme.MARGIN, 392, theme.CONTENT_W, 530)


def identify(page: Page) -> None:
    """Asks the graduate to lay the card on the reader, or to show a code."""
    view = page.view
    parts.header(page, help_too=True)
    parts.title(page, 240, height=132)
    drop = view.beat / 7 if view.busy else 0.55
    code_line = "code_line" if view.scanner_works else "code_line_camera"
    if view.card_wanted and view.code_wanted:
        left, right = _halves(PLACE)
        _way(page, left, "card", "card_line", scenes.card_on_reader(_picture(left), drop))
        _way(page, right, "code", code_line, scenes.code_at_scanner(_picture(right)))
        page.add(Circle(PLACE.centre, 34, theme.PAGE))
        size = Box(PLACE.centre.x - 34, PLACE.centre.y - 34, 68, 68)
        page.add(Text(size, page.catalog.text("identify.or"), 25, theme.SOFT_INK, bold=True, align="centre"))
    elif view.card_wanted:
        _way(page, PLACE, "card", "card_line", scenes.card_on_reader(_picture(PLACE), drop))
    else:
        _way(page, PLACE, "code", code_line, scenes.code_at_scanner(_picture(PLACE)))
    strip = Box(theme.MARGIN, 958, theme.CONTENT_W, 112)
    if view.note is not None:
        received = view.note.id in ("hint.card_also", "hint.code_also", "hint.qr_kept")
        parts.note(page, strip, view.note, care=not view.busy, good=received)
    else:
        parts.line(page, view.lines[0], strip.y, height=strip.h, lines=2)
    parts.actions(page, *view.buttons)


def _halves(box: Box) -> tuple[Box, Box]:
    width = (box.w - 20) / 2
    return Box(box.x, box.y, width, box.h), Box(box.right - width, box.y, width, box.h)


def _picture(box: Box) -> Box:
    side = min(box.w - 24, box.h - 130)
    return Box(box.centre.x - side / 2, box.y + (box.h - 120 - side) / 2, side, side)


def _way(page: Page, box: Box, name: str, line: str, scene: tuple[Op, ...]) -> None:
    parts.card(page, box)
    page.add(*scene)
    y = box.bottom - 128
    say = page.catalog.text
    page.add(Text(Box(box.x + 16, y, box.w - 32, 50), say(f"identify.{name}"), 36, theme.INK, True, "centre", least=26))
    page.add(
        Text(
            Box(box.x + 16, y + 50, box.w - 32, 66),
            say(f"identify.{line}"),
            26,
            theme.SOFT_INK,
            align="centre",
            lines=2,
        )
    )


PLACES = 4


def school(page: Page) -> None:
    """Asks for the school if several schools have this student number, or for the record if a person has several
    records."""
    parts.header(page, help_too=True)
    parts.title(page, 240, lines=1)
    parts.line(page, page.view.lines[0], 316)
    picks = (Action.PICK_SCHOOL, Action.PICK_RECORD)
    for i, button in enumerate(_in_places([one for one in page.view.buttons if one.action in picks], page.view.page)):
        box = Box(theme.MARGIN, 392 + i * 148, theme.CONTENT_W, 126)
        if button.action is Action.PICK_RECORD:
            _record(page, button, box)
        else:
            parts.action(page, button, box, size=34)
    parts.line(page, page.view.lines[1], 1012, height=70, lines=2)
    parts.actions(page, page.button(Action.HELP))


def _in_places(buttons: list[Button], turned: int) -> list[Button]:
    """The buttons of one page. `turned`: how often the graduate has turned the page. If there are several pages, the
    last button turns to the next page."""
    if len(buttons) <= PLACES:
        return buttons
    each = PLACES - 1
    pages = -(-len(buttons) // each)
    now = turned % pages
    more = Button(Action.MORE, Say("button.more", (("page", str(now + 1)), ("pages", str(pages)))))
    return [*buttons[now * each :][:each], more]


def _record(page: Page, button: Button, box: Box) -> None:
    """Draws a record: its school, and below it the details that distinguish it from the person's other records."""
    values = dict(button.text.values)
    ink = parts.button_ground(page, button, box)
    rows = (("school", 10, 48, 32, True), ("detail", 58, 58, 25, False))
    for name, y, height, size, bold in rows:
        place = Box(box.x + 22, box.y + y, box.w - 44, height)
        page.add(Text(place, values[name], size, ink, bold, "centre", lines=2 if name == "detail" else 1, least=22))


def confirm(page: Page) -> None:
    """Shows the masked data of the person who was found, and asks whether the graduate is this person."""
    view = page.view
    parts.header(page, help_too=True)
    parts.title(page, 252, height=80)
    box = Box(theme.MARGIN, 352, theme.CONTENT_W, 400)
    parts.card(page, box)
    blank = page.catalog.text("confirm.unknown")
    person = view.person or Masked("", "", "")
    rows: tuple[tuple[str, str, Icon, float], ...] = (
        ("name", person.name, icons.person, 54),
        ("number", person.number, icons.id_card, 38),
        ("school", person.school, icons.school, 36),
    )
    height = box.h / len(rows)
    for i, (label, value, icon, size) in enumerate(rows):
        y = box.y + i * height
        if i:
            page.add(Stroke((Point(box.x + 128, y), Point(box.right - 32, y)), 2, theme.HAIRLINE))
        page.add(RoundRect(Box(box.x + 32, y + height / 2 - 36, 72, 72), 22, theme.PRIMARY_TINT))
        page.add(*icon(Box(box.x + 47, y + height / 2 - 21, 42, 42), theme.PRIMARY))
        words = page.catalog.text(f"confirm.{label}")
        page.add(Text(Box(box.x + 132, y + 10, 470, 34), words, theme.SMALL, theme.SOFT_INK))
        place = Box(box.x + 132, y + 44, 476, height - 52)
        lines = 2 if label == "school" else 1
        page.add(Text(place, value or blank, size, theme.INK, bold=True, lines=lines, least=24))
    parts.line(page, view.lines[0], 764)
    wrong = page.button(Action.DATA_WRONG)
    if wrong is not None:
        parts.action(page, wrong, Box(theme.MARGIN, 816, theme.CONTENT_W, theme.TOUCH), size=32)
    if view.note is not None:
        good = view.note.id in ("confirm.allowed", "confirm.data_wrong", "confirm.takes_kept")
        parts.note(page, Box(theme.MARGIN, 954, theme.CONTENT_W, 148), view.note, good=good, lines=4)
    parts.actions(page, *(button for button in view.buttons if button is not wrong))
