"""Screens outside the normal sequence: still there, staff help, out of service, a card left behind."""

from kiosk.core.events import Action
from kiosk.ui.screens import icons, parts, scenes, theme
from kiosk.ui.screens.ops import Arc, Box, Circle, Op, Point, RoundRect, Text
from kiosk.ui.screens.parts import Page
from kiosk.ui.viewmodel import Say

MIDDLE = Point(360, 420)


def still_there(page: Page) -> None:
    """Draws a large countdown, and a button for each answer."""
    view = page.view
    parts.header(page, help_too=False)
    seconds = view.seconds_left or 0
    page.add(Circle(MIDDLE, 150, theme.CARD, theme.PRIMARY_TINT, 20))
    if seconds > 0:
        page.add(Arc(MIDDLE, 140, 20, 0.0, min(0.999, seconds / max(view.seconds_whole, 1)), theme.PRIMARY))
    page.add(Text(Box(260, 334, 200, 128), str(seconds), 108, theme.INK, bold=True, align="centre"))
    words = page.catalog.text("still_there.seconds")
    page.add(Text(Box(260, 462, 200, 40), words, theme.SMALL, theme.SOFT_INK, align="centre"))
    parts.title(page, 640, height=84)
    parts.line(page, view.lines[0], 740, height=140, lines=3)
    parts.actions(page, *view.buttons)


def staff_help(page: Page) -> None:
    """Says why the graduate needs staff, or what happens with the call for help. Below it, says where the desk is."""
    view = page.view
    parts.header(page, help_too=False)
    if view.stills is not None:
        _with_stills(page, view.stills)
        return
    page.add(Circle(Point(360, 290), 120, theme.PRIMARY_TINT))
    page.add(*icons.desk(Box(285, 215, 150, 150), theme.PRIMARY))
    parts.title(page, 440)
    _news(page, Box(theme.MARGIN, 544, theme.CONTENT_W, 190))
    _where(page, Box(theme.MARGIN, 770, theme.CONTENT_W, 168))
    parts.line(page, view.lines[1], 950, height=70, lines=2, colour=theme.INK)
    parts.line(page, view.lines[2], 1026, height=76, lines=2)
    parts.actions(page, *view.buttons)


def _with_stills(page: Page, stills: Say) -> None:
    """Draws what `staff_help` draws, but in less space, and a card that asks whether staff may see the graduate, or
    says that staff see the graduate now."""
    view = page.view
    parts.title(page, 140)
    _news(page, Box(theme.MARGIN, 226, theme.CONTENT_W, 166))
    _where(page, Box(theme.MARGIN, 404, theme.CONTENT_W, 150))
    parts.line(page, view.lines[1], 560, height=62, lines=2, colour=theme.INK)
    parts.line(page, view.lines[2], 626, height=62, lines=2)
    box = Box(theme.MARGIN, 700, theme.CONTENT_W, 392)
    parts.card(page, box, fill=theme.CARE_TINT if view.seen else theme.CARD)
    page.add(*icons.camera(Box(box.x + 26, box.y + 82, 64, 64), theme.CARE if view.seen else theme.PRIMARY))
    words = Box(box.x + 112, box.y + 16, box.w - 140, 196)
    page.add(Text(words, page.say(stills), theme.BODY, theme.INK, bold=True, lines=5, least=theme.SMALL))
    asked = [button for button in view.buttons if button.action in ABOUT_STILLS]
    width = (box.w - 48 - 20 * (len(asked) - 1)) / len(asked)
    for i, button in enumerate(asked):
        place = Box(box.x + 24 + i * (width + 20), box.bottom - 24 - theme.ACTION_H, width, theme.ACTION_H)
        parts.action(page, button, place, size=34)
    parts.actions(page, *(button for button in view.buttons if button.action not in ABOUT_STILLS))


ABOUT_STILLS = (Action.AGREE_STILLS, Action.END_STILLS)


def sign(page: Page) -> tuple[Op, ...]:
    """Says that staff can see the graduate. This sign is at the lower edge, which is empty on every screen."""
    box = Box(0, 1248, 720, 32)
    size, least = (26, 26) if page.view.large else (24, theme.TINY)
    words = Text(box, page.catalog.text("staff_help.sign"), size, theme.CARE, True, "centre", least=least)
    return (RoundRect(box, 0, theme.CARE_TINT), words)


def _news(page: Page, box: Box) -> None:
    """Draws why the graduate needs staff, or what happens with the call for help."""
    view = page.view
    if view.note is None:
        parts.card(page, box)
        page.add(Text(box.inset(36, 16), page.say(view.lines[0]), 38, theme.INK, True, "centre", lines=3, least=26))
    elif view.busy:
        parts.note(page, box, view.note, care=False)
    else:
        page.add(RoundRect(box, 24, theme.GOOD_TINT))
        page.add(Text(box.inset(30, 14), page.say(view.note), 38, theme.GOOD, True, "centre", lines=4, least=24))


def _where(page: Page, box: Box) -> None:
    """Says where the desk is, until when it is open, and its phone number."""
    facts, say = page.view.facts, page.catalog.text
    rows = [("where", facts.desk_place or say("staff_help.place_default"))]
    rows += [("phone", facts.desk_phone)] if facts.desk_phone else []
    rows += [("until", "  ".join(facts.hours))] if facts.hours else []
    height = box.h / len(rows)
    for i, (label, words) in enumerate(rows):
        y = box.y + i * height
        name = Box(box.x + 36, y, 110, height)
        page.add(Text(name, say(f"staff_help.{label}"), theme.SMALL, theme.SOFT_INK, least=theme.TINY))
        place = Box(box.x + 156, y, box.w - 192, height)
        page.add(Text(place, words, theme.BODY, theme.INK, bold=True, least=theme.TINY))


def out_of_service(page: Page) -> None:
    """Draws a plain sentence for the graduate and, in small type for staff, the first cause and its remedy."""
    view = page.view
    parts.header(page, help_too=False)
    page.add(Circle(Point(360, 370), 130, theme.DISABLED))
    page.add(*icons.power(Box(290, 300, 140, 140), theme.SOFT_INK))
    parts.title(page, 560)
    page.add(Text(Box(60, 646, 600, 120), page.say(view.lines[0]), 36, theme.INK, align="centre", lines=2))
    if view.note is not None:
        place = Box(theme.MARGIN, 800, theme.CONTENT_W, 130)
        page.add(RoundRect(place, theme.RADIUS, theme.CARE_TINT))
        words = Box(place.x + 30, place.y + 15, place.w - 60, 100)
        page.add(Text(words, page.say(view.note), 27, theme.CARE, bold=True, align="centre", lines=3, least=20))
    if not view.fault:
        return
    fault = view.fault if view.fault in page.catalog else "fault.unknown"
    box = Box(theme.MARGIN, 960, theme.CONTENT_W, 224)
    page.add(RoundRect(box, theme.RADIUS, theme.CARD, theme.HAIRLINE, 2))
    say = page.catalog.text
    page.add(Text(Box(box.x + 30, box.y + 18, 580, 36), say("out_of_service.staff"), 24, theme.SOFT_INK, bold=True))
    page.add(Text(Box(box.x + 30, box.y + 58, 580, 70), say(fault), 27, theme.INK, bold=True, lines=2))
    remedy = say(fault.replace("fault.", "remedy.", 1))
    page.add(Text(Box(box.x + 30, box.y + 130, 580, 78), remedy, 24, theme.SOFT_INK, lines=2, least=20))


def card_left(page: Page) -> None:
    """Says that the last graduate's card still lies on the reader. The screen shows nothing about the person, and has
    no buttons."""
    parts.header(page, help_too=False)
    page.add(Circle(Point(360, 470), 232, theme.CARE_TINT))
    page.add(*scenes.card_on_reader(Box(180, 296, 360, 360), 0.0))
    parts.title(page, 750, height=90)
    page.add(
        Text(Box(60, 860, 600, 160), page.say(page.view.lines[0]), 36, theme.INK, align="centre", lines=3, least=28)
    )
