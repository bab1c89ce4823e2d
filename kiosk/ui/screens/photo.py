"""The screens of taking the photo: the mirrored preview with one instruction, and the capture."""

from kiosk.core.events import Action
from kiosk.core.session.guidance import HOLD_STILL
from kiosk.ui.screens import icons, parts, scenes, theme
from kiosk.ui.screens.guides import guide_icon
from kiosk.ui.screens.ops import Arc, Box, Circle, Crop, Picture, Point, RoundRect, Stroke, Text, Veil
from kiosk.ui.screens.parts import Page
from kiosk.ui.viewmodel import STAFF_SAY

PREVIEW_SLOT = "preview"
BANNER = Box(theme.MARGIN, 226, theme.CONTENT_W, 150)
PREVIEW = Box(theme.MARGIN, 394, theme.CONTENT_W, 776)
STATUS = Box(theme.MARGIN, 1184, theme.CONTENT_W, 80)
WRONG = Box(theme.MARGIN, 1138, theme.CONTENT_W, 124)
"""The place of the button "Can't pass? Tell us why". The button covers the status line and the lower edge of the
preview."""
PREVIEW_ABOVE_WRONG = Box(theme.MARGIN, 394, theme.CONTENT_W, 726)
STAFF = Box(theme.MARGIN, 1064, theme.CONTENT_W, 198)
"""The place of the line that staff wrote, of up to 120 characters. The line covers the status line and the button at
`WRONG`."""
PREVIEW_ABOVE_STAFF = Box(theme.MARGIN, 394, theme.CONTENT_W, 652)
EDGE_ARROWS = {
    "guide.move_left": (-1, 0),
    "guide.move_right": (1, 0),
    "guide.sit_higher": (0, -1),
    "guide.sit_lower": (0, 1),
}
"""For an instruction, the direction (x, y) of its arrow. The arrow lies at the edge to which it points. The graduate's
left is at the left of the mirrored picture."""
# The arrow over the live picture. This white differs from the white of cards, which strong colours turn into black.
ARROW = (254, 254, 254)
SHOWN_FACES = 3.1  # height of the preview in face widths: from hair to chest, as on the photo


def pose(page: Page) -> None:
    """Draws the one instruction, very large and near the lens, and below it the mirrored preview with the outline
    of a head."""
    view = page.view
    parts.header(page, help_too=True, steps_too=False)
    lens_above(page, theme.STEPS)
    holding = view.guide == HOLD_STILL
    advising = not view.guide and view.note is not None  # the graduate reads why the last take cannot be used
    _banner(page, page.say(view.note) if advising else page.catalog.text(view.guide or "pose.waiting"), good=holding)
    banner_mark(page, Box(BANNER.x + 24, BANNER.centre.y - 51, 102, 102), advising=advising)
    wrong = page.button(Action.BOOTH_WRONG)
    staff = view.note is not None and view.note.id == STAFF_SAY and not advising
    preview(page, PREVIEW_ABOVE_STAFF if staff else PREVIEW if wrong is None else PREVIEW_ABOVE_WRONG, good=holding)
    if staff:
        page.add(RoundRect(STAFF, 24, theme.GOOD_TINT))
        page.add(Text(STAFF.inset(20, 8), page.say(view.note), 34, theme.GOOD, True, "centre", lines=5, least=22))
    elif wrong is not None:
        parts.action(page, wrong, WRONG, size=34)
    elif view.note is not None and not advising:
        parts.note(page, STATUS, view.note, good=view.note.id == "pose.excused")
    else:
        parts.line(page, view.lines[0], STATUS.y, height=STATUS.h)


def banner_mark(page: Page, mark: Box, *, advising: bool) -> None:
    """Draw the instruction's picture, or the progress of "hold still"."""
    view = page.view
    if view.guide == HOLD_STILL:
        _hold(page, mark.centre, view.hold, mark.w / 102)
    else:
        shown = view.note.id if advising and view.note is not None else view.guide
        page.add(*guide_icon(shown, mark, theme.WHITE))


def _banner(page: Page, words: str, *, good: bool) -> None:
    page.add(RoundRect(BANNER, theme.RADIUS, theme.GOOD if good else theme.PRIMARY, shadow=True))
    place = Box(BANNER.x + 138, BANNER.y + 14, BANNER.w - 156, BANNER.h - 28)
    page.add(Text(place, words, 56, theme.WHITE, bold=True, lines=3, least=30))


def _hold(page: Page, centre: Point, share: float, scale: float) -> None:
    """Draw the progress of "hold still"."""
    page.add(Circle(centre, 46 * scale, None, (92, 168, 130), 11 * scale))
    if share > 0:
        page.add(Arc(centre, 40.5 * scale, 11 * scale, 0.0, min(share, 0.999), theme.WHITE))
    side = 44 * scale
    page.add(*icons.check(Box(centre.x - side / 2, centre.y - side / 2, side, side), theme.WHITE, 13))


def preview(page: Page, place: Box, *, good: bool) -> None:
    """Draw the live picture, with an outline that shows where the face should be."""
    framing = page.view.framing
    page.add(RoundRect(place, theme.RADIUS, theme.DISABLED))
    if framing is None:
        return
    height = min(1.0, SHOWN_FACES * framing.face_width)
    # The eyes are at 0.41 of the preview's height, so that the space above the hair is the same as on a finished photo.
    middle = min(max(framing.eye_y + 0.09 * height, height / 2), 1 - height / 2)
    page.add(Picture(PREVIEW_SLOT, place, theme.RADIUS, Crop(0.5, middle, height), mirrored=True, live=True))
    eyes = Point(place.centre.x, place.y + ((framing.eye_y - middle) / height + 0.5) * place.h)
    points = scenes.outline(eyes, framing.face_width / height * place.h, place.bottom + 12)
    line = theme.GOOD_LIGHT if good else theme.WHITE
    page.add(Veil(place, theme.RADIUS, points, theme.BLACK, 0.24, line, 6, theme.BLACK, 3))
    _edge_arrow(page, place)


def _edge_arrow(page: Page, place: Box) -> None:
    """If the instruction says to which side the graduate should move, draw an arrow at that edge of the mirrored
    picture."""
    way = EDGE_ARROWS.get(page.view.guide)
    if way is None:
        return
    x = place.centre.x + (way[0] or 1) * (place.w / 2 - 66)
    y = place.centre.y + way[1] * (place.h / 2 - 66)

    def at(along: float, across: float) -> Point:
        return Point(x + way[0] * along + way[1] * across, y + way[1] * along + way[0] * across)

    for width, colour in ((26.0, theme.BLACK), (15.0, ARROW)):
        page.add(Stroke((at(-44, 0), at(40, 0)), width, colour))
        page.add(Stroke((at(4, -38), at(42, 0), at(4, 38)), width, colour))


def reason(page: Page) -> None:
    """Draws the reasons why a check of the booth may be wrong. If the graduate touches one of the reasons, the photo is
    taken in spite of the check."""
    view = page.view
    parts.header(page, help_too=True)
    parts.title(page, 236, lines=1)
    parts.line(page, view.lines[0], 312, height=76, lines=2, colour=theme.INK)
    reasons = [button for button in view.buttons if button.action is Action.GIVE_REASON]
    for i, button in enumerate(reasons):
        parts.action(page, button, Box(theme.MARGIN, 412 + i * 144, theme.CONTENT_W, 126), size=36)
    parts.line(page, view.lines[1], 1000, height=76, lines=2)
    parts.actions(page, page.button(Action.STILL_HERE))


def capture(page: Page) -> None:
    """Asks the graduate to look into the lens and keep still. The screen has no white flash. It also has no picture,
    which would draw the eyes away from the lens."""
    parts.header(page, help_too=False, language_too=False, steps_too=False)
    lens_above(page, theme.STEPS)
    _banner(page, page.say(page.view.title), good=True)
    parts.spinner(page, Point(BANNER.x + 75, BANNER.centre.y), 36, theme.WHITE, theme.GOOD)
    words = Box(theme.MARGIN, BANNER.bottom + 24, theme.CONTENT_W, 110)
    page.add(Text(words, page.say(page.view.lines[0]), 44, theme.INK, True, "centre", lines=2, least=32))


def lens_above(page: Page, box: Box, size: float = 30) -> None:
    """Draw a strip with a lens and arrows. It says where the real lens is: above the middle of the panel."""
    words = page.catalog.text("pose.lens")
    page.add(RoundRect(box, 24, theme.PRIMARY_TINT))
    page.add(*scenes.lens(Box(box.centre.x - 20, box.y + 4, 40, 40)))
    for side in (-1, 1):
        for i in range(3):
            x, y = box.centre.x + side * (62 + 46 * i), box.y + 16
            arms = (Point(x - 15, y + 16), Point(x, y), Point(x + 15, y + 16))
            page.add(Stroke(arms, 6, theme.PRIMARY))
    place = Box(box.x + 16, box.y + 46, box.w - 32, box.h - 48)
    page.add(Text(place, words, size, theme.PRIMARY, True, "centre", least=22))
