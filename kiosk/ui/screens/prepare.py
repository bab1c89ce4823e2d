"""The prepare screen: the person's live picture, and beside it the notice's rules, each with a tick as soon as it is
met. This module also has the screen about the top, because people can't change their top in the booth."""

from kiosk.core.events import Action
from kiosk.ui.screens import icons, parts, theme
from kiosk.ui.screens.guides import guide_icon
from kiosk.ui.screens.ops import Box, Circle, Crop, Picture, RoundRect, Text
from kiosk.ui.screens.parts import Page
from kiosk.ui.screens.photo import PREVIEW_SLOT
from kiosk.ui.screens.preparations import PREPARATIONS
from kiosk.ui.viewmodel import Preparation

MOST_RULES = 6
MIRROR = Box(theme.MARGIN, 364, 280, 424)
INSTRUCTION = Box(theme.MARGIN, 804, 280, 276)
RULES = Box(336, 364, 344, 716)
GAP = 12.0
SHOWN_FACES = 4.2  # height of the picture in face widths: from hair to chest, so that the top is seen
EYES_AT = 0.36  # the part of the picture above the eyes, as a share of its height


def prepare(page: Page) -> None:
    """Draws the rules, each with a mark that says whether the booth sees it met. Below the picture, says what the
    graduate still has to do."""
    view = page.view
    parts.header(page, help_too=True)
    parts.title(page, 230, height=66, lines=1)
    if view.note is not None:
        parts.note(page, Box(theme.MARGIN, 298, theme.CONTENT_W, 56), view.note, lines=1)
    else:
        parts.line(page, view.lines[0], 300)
    mirror(page, MIRROR)
    _instruction(page, INSTRUCTION)
    rules = view.preparing[:MOST_RULES]
    height = min(140.0, (RULES.h - GAP * (len(rules) - 1)) / max(1, len(rules)))
    for i, rule in enumerate(rules):
        _rule(page, rule, Box(RULES.x, RULES.y + i * (height + GAP), RULES.w, height))
    parts.actions(page, page.button(Action.CANCEL), page.button(Action.READY))


def mirror(page: Page, place: Box) -> None:
    """Draw the person's live picture, mirrored, from hair to chest."""
    framing = page.view.framing
    page.add(RoundRect(place, theme.RADIUS, theme.DISABLED))
    if framing is None:
        return
    height = min(1.0, SHOWN_FACES * framing.face_width)
    middle = min(max(framing.eye_y + (0.5 - EYES_AT) * height, height / 2), 1 - height / 2)
    page.add(Picture(PREVIEW_SLOT, place, theme.RADIUS, Crop(0.5, middle, height), mirrored=True, live=True))


def _instruction(page: Page, box: Box) -> None:
    """Draw one line. It says the next thing to do, asks a question (with a button for the answer), or says that all is
    well or that the booth is still looking."""
    guide = page.view.guide
    well, looking = guide == "prepare.met", guide == "prepare.looking"
    ink, fill = (theme.GOOD, theme.GOOD_TINT) if well else (theme.PRIMARY, theme.PRIMARY_TINT)
    page.add(RoundRect(box, theme.RADIUS, fill))
    answer = page.button(Action.JEWELLERY_OFF)
    if answer is not None:
        words = Box(box.x + 14, box.y + 8, box.w - 28, box.h - theme.ACTION_H - 24)
        page.add(Text(words, page.catalog.text(guide), 34, ink, True, "centre", lines=3, least=26))
        parts.action(page, answer, Box(box.x + 8, box.bottom - theme.ACTION_H - 8, box.w - 16, theme.ACTION_H))
        return
    mark = Box(box.centre.x - 38, box.y + 22, 76, 76)
    page.add(
        *(icons.check(mark, ink) if well else icons.person(mark, ink) if looking else guide_icon(guide, mark, ink))
    )
    words = Box(box.x + 14, box.y + 108, box.w - 28, box.h - 122)
    page.add(Text(words, page.catalog.text(guide), 34, ink, True, "centre", lines=4, least=26))


def _rule(page: Page, rule: Preparation, box: Box) -> None:
    unmet = rule.met is False
    parts.card(page, box, fill=theme.CARE_TINT if unmet else theme.CARD, edge=theme.CARE if unmet else None)
    side = min(76.0, box.h - 20)
    page.add(*PREPARATIONS[rule.rule](Box(box.x + 14, box.centre.y - side / 2, side, side), theme.PRIMARY))
    words = Box(box.x + 104, box.y + 6, box.w - 104 - 66, box.h - 12)
    page.add(Text(words, page.catalog.text(rule.rule), 30, theme.INK, bold=True, lines=3, least=23))
    rule_mark(page, rule, Box(box.right - 58, box.centre.y - 22, 44, 44))


def rule_mark(page: Page, rule: Preparation, mark: Box) -> None:
    """Draw the mark of a rule: met, not met, or not seen."""
    if rule.met:
        page.add(Circle(mark.centre, mark.w / 2, theme.GOOD), *icons.check(mark.inset(9), theme.WHITE, 14))
    elif rule.met is False:
        page.add(*icons.warning(mark, theme.CARE))
    else:
        page.add(Circle(mark.centre, mark.w / 2 - 2, None, theme.SOFT_INK, 3))


def wrong_top(page: Page) -> None:
    """Says that the top does not follow the notice. The graduate can ask the desk for another top, or continue and let
    staff decide."""
    view = page.view
    parts.header(page, help_too=True)
    parts.title(page, 232, height=84)
    mirror(page, Box(theme.MARGIN, 336, 260, 394))
    words = Box(328, 336, 352, 150)
    page.add(Text(words, page.say(view.lines[0]), 36, theme.INK, bold=True, valign="top", lines=4, least=28))
    page.add(
        Text(
            Box(328, 506, 352, 224),
            page.say(view.lines[1]),
            theme.BODY,
            theme.SOFT_INK,
            valign="top",
            lines=6,
            least=26,
        )
    )
    for i, act in enumerate((Action.ASK_TOP, Action.KEEP_TOP)):
        button = page.button(act)
        if button is not None:
            parts.action(page, button, Box(theme.MARGIN, 766 + i * 150, theme.CONTENT_W, theme.ACTION_H))
    parts.actions(page, page.button(Action.CANCEL), page.button(Action.STILL_HERE))
