"""Parts of screens: header, steps, title, buttons, cards, notes, waiting dots."""

from dataclasses import dataclass, field
from math import cos, pi, sin

from common.catalog import Catalog
from kiosk.core.events import Action
from kiosk.core.service.state import Press
from kiosk.core.session.state import State
from kiosk.ui.screens import icons, theme
from kiosk.ui.screens.ops import Box, Circle, Colour, Op, Point, RoundRect, Stroke, Text, TouchArea
from kiosk.ui.screens.pen import Icon
from kiosk.ui.viewmodel import BEATS, Button, Say, Step, View

Pressed = tuple[Action, str]


@dataclass(frozen=True, slots=True)
class Page:
    """The inputs of a screen, and its output: the operations `ops`, bottom first."""

    view: View
    catalog: Catalog
    pressed: Pressed | None
    ops: list[Op] = field(default_factory=list)

    def say(self, message: Say | None) -> str:
        """Return the text of a message; "" for None. A value that is the id of a message is replaced by that
        message's text."""
        if message is None:
            return ""
        said = {name: self.catalog.text(value) if value in self.catalog else value for name, value in message.values}
        return self.catalog.text(message.id, **said)

    def add(self, *ops: Op) -> None:
        """Add operations on top."""
        self.ops.extend(ops)

    def button(self, action: Action, arg: str = "") -> Button | None:
        """Return the view's button for an action, or None."""
        return next((one for one in self.view.buttons if one.action is action and one.arg == arg), None)

    def is_pressed(self, action: Action, arg: str = "") -> bool:
        """Return whether a finger is now on the button for an action."""
        return self.pressed == (action, arg)


AT_DOOR = frozenset({State.ATTRACT, State.CLOSED, State.OUT_OF_SERVICE, State.CARD_LEFT})
"""Screens without a session. If a PIN is configured, they have the button with which staff open the service menu."""


def has_door(view: View) -> bool:
    """Whether the header has a button for staff."""
    return view.facts.staff_door and view.screen in AT_DOOR and view.staff is None and not view.options


def header(
    page: Page, *, help_too: bool, language_too: bool = True, steps_too: bool = True, sound_too: bool = True
) -> None:
    """Draw the booth's name and, on its right, the buttons for sound, language and help; without a session, the button
    for staff in place of help. Below them, draw the steps."""
    view = page.view
    door = has_door(view)
    page.add(*icons.emblem(Box(theme.MARGIN, 36, 60, 60)))
    right = 720 - theme.MARGIN + 6
    pills = language_too + (language_too and sound_too) + help_too + door
    room = right - theme.TOUCH * pills - 114 - 8
    service = page.catalog.text("app.service")
    if pills > 2:  # beside three buttons there is no room for the office's name
        page.add(Text(Box(114, 26, room, 80), service, 27, theme.INK, bold=True, lines=2, least=theme.TINY))
    else:
        page.add(Text(Box(114, 35, room, 30), page.catalog.text("app.office"), 22, theme.SOFT_INK, least=17))
        page.add(Text(Box(114, 64, room, 36), service, 29, theme.INK, bold=True, least=theme.TINY))
    buttons: tuple[tuple[bool, Action, str, Icon | None, str], ...] = (  # from right to left
        (help_too, Action.HELP, "button.help", icons.question, ""),
        (door, Action.STAFF, "service.door", None, Press.OPEN),
        (language_too and view.next_language is not None, Action.LANGUAGE, f"language.{view.next_language}", None, ""),
        (language_too and sound_too, Action.OPTIONS, "button.options", icons.sound, ""),
    )
    for shown, act, words, icon, arg in buttons:
        if shown:
            right -= theme.TOUCH
            _pill(page, Box(right, 4, theme.TOUCH, theme.TOUCH), act, Say(words), icon, arg)
    if view.step is not None and steps_too:
        steps(page, view.step)


def _pill(page: Page, area: Box, action: Action, text: Say, icon: Icon | None, arg: str) -> None:
    shape = Box(area.x + 5, area.centre.y - 31, area.w - 10, 62)
    fill = theme.PRESSED_TINT if page.is_pressed(action, arg) else theme.CARD
    page.add(RoundRect(shape, 31, fill, theme.HAIRLINE, 2))
    words = page.say(text)
    if icon:
        page.add(*icon(Box(shape.x + 11, shape.y + 16, 30, 30), theme.PRIMARY))
        page.add(Text(Box(shape.x + 45, shape.y, shape.w - 52, 62), words, 25, theme.PRIMARY, bold=True, least=19))
    else:
        page.add(Text(shape.inset(10, 0), words, 25, theme.PRIMARY, bold=True, align="centre", least=19))
    page.add(TouchArea(area, action, arg))


def ring(page: Page, focus: Pressed) -> None:
    """Draw the keypad's focus: a dark ring with light edges on both sides, visible on every background."""
    areas = [op for op in page.ops if isinstance(op, TouchArea) and (op.action, op.arg) == focus]
    for area in areas[-1:]:
        box = area.box.inset(4)
        page.add(RoundRect(box, theme.RADIUS, None, theme.WHITE, 12), RoundRect(box.inset(3), 25, None, theme.INK, 6))


def steps(page: Page, now: Step) -> None:
    """Draw the steps. Finished steps have a tick, the present step is filled, and later steps are empty."""
    box = theme.STEPS
    pitch = box.w / len(Step)
    y = box.y + 24
    for step in Step:
        x = box.x + pitch * (step + 0.5)
        if step > 0:
            line = theme.PRIMARY if step <= now else theme.HAIRLINE
            page.add(Stroke((Point(x - pitch + 26, y), Point(x - 26, y)), 3, line))
        _step(page, step, now, Point(x, y), pitch)


def _step(page: Page, step: Step, now: Step, centre: Point, pitch: float) -> None:
    name = page.catalog.text(f"step.{step.name.lower()}")
    mark = Box(centre.x - 17, centre.y - 17, 34, 34)
    if step < now or (step is now is Step.DONE):
        page.add(Circle(centre, 17, theme.PRIMARY), *icons.check(mark.inset(7), theme.WHITE, 14))
    elif step is now:
        page.add(Circle(centre, 22, theme.PRIMARY_TINT), Circle(centre, 17, theme.PRIMARY))
        page.add(Text(mark, str(step + 1), 22, theme.WHITE, bold=True, align="centre"))
    else:
        page.add(Circle(centre, 17, theme.CARD, theme.HAIRLINE, 3))
        page.add(Text(mark, str(step + 1), 22, theme.SOFT_INK, align="centre"))
    colour = theme.PRIMARY if step is now else theme.SOFT_INK
    label = Box(centre.x - pitch / 2, centre.y + 22, pitch, 32)
    page.add(Text(label, name, 23, colour, bold=step is now, align="centre", least=19))


def title(page: Page, y: float, *, lines: int = 2, height: float = 74) -> None:
    """Draw the screen's title."""
    box = Box(theme.MARGIN, y, theme.CONTENT_W, height)
    words = page.say(page.view.title)
    page.add(Text(box, words, theme.TITLE, theme.INK, bold=True, align="centre", lines=lines, least=36))


def masked_name(page: Page, box: Box) -> None:
    """Draw the masked name of the person whose photo this is, so that the person in the seat can check it."""
    person = page.view.person
    if person is None:
        return
    card(page, box, fill=theme.PRIMARY_TINT)
    page.add(*icons.person(Box(box.x + 26, box.centre.y - 20, 40, 40), theme.PRIMARY))
    who = "  ".join(part for part in (person.name, person.number) if part)
    page.add(Text(Box(box.x + 84, box.y, box.w - 110, box.h), who, theme.BODY, theme.INK, bold=True))


def line(
    page: Page, text: Say, y: float, *, height: float = 44, lines: int = 1, colour: Colour = theme.SOFT_INK
) -> None:
    """Draw one line of text across the page."""
    box = Box(theme.MARGIN, y, theme.CONTENT_W, height)
    page.add(Text(box, page.say(text), theme.BODY, colour, align="centre", lines=lines, least=theme.TINY))


def actions(page: Page, *buttons: Button | None) -> None:
    """Draw the buttons at the bottom, from left to right in the given order; the primary button is the widest."""
    shown = [button for button in buttons if button is not None]
    y, height, gap = theme.ACTION_TOP, theme.ACTION_H, 20.0
    if any(button.primary for button in shown):
        side, x = 224.0, theme.MARGIN
        wide = theme.CONTENT_W - (side + gap) * (len(shown) - 1)
    else:
        side = wide = 300.0 if len(shown) == 1 else (theme.CONTENT_W - gap) / 2
        x = (720 - side * len(shown) - gap * (len(shown) - 1)) / 2
    for button in shown:
        width = wide if button.primary else side
        action(page, button, Box(x, y, width, height))
        x += width + gap


def action(page: Page, button: Button, box: Box, size: float = 38) -> None:
    """Draw one button and its touch area."""
    ink = button_ground(page, button, box)
    page.add(Text(box.inset(18, 10), page.say(button.text), size, ink, True, "centre", lines=2, least=25))


def button_ground(page: Page, button: Button, box: Box) -> Colour:
    """Draw a button without words, and its touch area; returns the colour for the words."""
    pressed = page.is_pressed(button.action, button.arg)
    if not button.enabled:
        fill, ink, edge = theme.DISABLED, theme.DISABLED_INK, None
    elif button.primary:
        fill, ink, edge = theme.PRIMARY_PRESSED if pressed else theme.PRIMARY, theme.WHITE, None
    else:
        fill, ink, edge = theme.PRESSED_TINT if pressed else theme.CARD, theme.PRIMARY, theme.PRIMARY
    shadow = button.primary and button.enabled and not pressed
    page.add(RoundRect(box, theme.RADIUS, fill, edge, 2.5, shadow=shadow))
    if button.enabled:
        page.add(TouchArea(box, button.action, button.arg))
    return ink


def card(page: Page, box: Box, *, fill: Colour = theme.CARD, edge: Colour | None = None) -> None:
    """Draw a card: a white rectangle with round corners and a soft shadow."""
    page.add(RoundRect(box, theme.RADIUS, fill, edge, 3 if edge else 0, shadow=True))


def note(page: Page, box: Box, text: Say, *, care: bool = True, good: bool = False, lines: int = 2) -> None:
    """Draw a note: amber with a warning sign, green with a tick, or blue while the booth is busy."""
    ink, fill = theme.PRIMARY, theme.PRIMARY_TINT
    icon: Icon | None = None
    if good:
        ink, fill, icon = theme.GOOD, theme.GOOD_TINT, icons.check
    elif care:
        ink, fill, icon = theme.CARE, theme.CARE_TINT, icons.warning
    page.add(RoundRect(box, 24, fill))
    mark = Box(box.x + 22, box.centre.y - 24, 48, 48)
    if icon:
        page.add(*icon(mark, ink))
    else:
        spinner(page, mark.centre, 20, theme.PRIMARY, theme.PRIMARY_TINT)
    words = Box(box.x + 88, box.y + 8, box.w - 110, box.h - 16)
    page.add(Text(words, page.say(text), theme.BODY, ink, bold=True, lines=lines, least=theme.TINY))


def spinner(page: Page, centre: Point, radius: float, colour: Colour, ground: Colour) -> None:
    """Draw eight dots on a ring to show that the booth is busy. The newest dot is the strongest one."""
    for i in range(BEATS):
        age = (page.view.beat - i) % BEATS
        strength = max(0.14, 1 - age / 6)
        mixed = (
            round(ground[0] + (colour[0] - ground[0]) * strength),
            round(ground[1] + (colour[1] - ground[1]) * strength),
            round(ground[2] + (colour[2] - ground[2]) * strength),
        )
        turn = 2 * pi * i / BEATS
        place = Point(round(centre.x + radius * sin(turn), 2), round(centre.y - radius * cos(turn), 2))
        page.add(Circle(place, radius * 0.2, mixed))
