"""Low reach: the whole screen is drawn smaller, within reach of a seated person. Above this smaller screen, near the
lens, its title or instruction is drawn once more."""

from kiosk.core.session.state import State
from kiosk.ui.screens import theme
from kiosk.ui.screens.moved import moved
from kiosk.ui.screens.ops import WIDTH, Box, Op, Point, Stroke, Text
from kiosk.ui.screens.parts import Page
from kiosk.ui.viewmodel import Low

UP = frozenset({State.POSE, State.CAPTURE})
"""Screens on which the graduate should look into the lens, which is above the panel."""


def lowered(page: Page, ops: tuple[Op, ...], low: Low) -> tuple[Op, ...]:
    """`ops` drawn smaller, in the part of the panel that is within reach (`low`); above this part, the title or
    instruction in large type."""
    dx = WIDTH / 2 * (1 - low.scale)
    top = low.bottom - 1280 * low.scale
    return (*_above(page, top), *moved(ops, low.scale, dx, top))


def _above(page: Page, room: float) -> tuple[Op, ...]:
    """The instruction or the title, if there is room for it. Nothing in it can be touched."""
    view = page.view
    words = _instruction(page)
    if room < 120 or not words:
        return ()
    up = view.screen in UP and room >= 260
    ops: list[Op] = []
    if up:
        for i in range(2):
            y = 60.0 + i * 42
            points = (Point(WIDTH / 2 - 60, y + 38), Point(WIDTH / 2, y), Point(WIDTH / 2 + 60, y + 38))
            ops.append(Stroke(points, 13, theme.PRIMARY))
    y = 160.0 if up else 24.0
    place = Box(theme.MARGIN, y, theme.CONTENT_W, room - y - 24)
    ops.append(Text(place, words, min(76.0, place.h), theme.INK, True, "centre", lines=3, least=24))
    return tuple(ops)


def _instruction(page: Page) -> str:
    view = page.view
    if view.options:
        return page.catalog.text("options.title")
    return page.catalog.text(view.guide) if view.screen is State.POSE and view.guide else page.say(view.title)
