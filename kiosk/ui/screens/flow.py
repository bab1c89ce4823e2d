"""Lays out a page of large text by the heights that its parts need.

A page measures 514 x 914 units (720 x 1280 of the base screen, divided by 1.4) and fills the panel. So all type is 1.4
times as large, and a target of 88 units is as large as a target of 123 units on the base screen. The parts of a page
are *blocks* from top to bottom, each as high as it needs to be. If not all blocks fit, decorative pictures are left
out. Blocks that still do not fit move to a further page, and a button leads there. Blocks that can use the remaining
height get it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from kiosk.core.events import Action
from kiosk.core.service.state import Press
from kiosk.ui.screens import icons, parts, theme
from kiosk.ui.screens.ops import HEIGHT, WIDTH, Box, Colour, Op, RoundRect, Text, TouchArea
from kiosk.ui.screens.parts import Page
from kiosk.ui.screens.pen import Icon
from kiosk.ui.viewmodel import Button, Say, Step

LARGER = 1.4
W, H = WIDTH / LARGER, HEIGHT / LARGER
EDGE = 22.0
INNER = W - 2 * EDGE
TOUCH = theme.TOUCH / LARGER
GAP = 12.0
TOP = 104.0  # the top of the blocks, below the header
BAR_H = 96.0  # the height of the buttons at the bottom
LINE = 1.36  # line height / font size, as the painter sets lines
TITLE, BODY, SMALL = 36.0, 29.0, 26.0
LEAST = 0.84  # the painter may shrink type to this share of its size, if the estimated number of lines was too small

Draw = Callable[[Box], None]


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a page. `spare`: whether it is left out if there is no room; `grows`: by how much its height may grow
    if there is room."""

    height: float
    draw: Draw
    spare: bool = False
    grows: float = 0.0


@dataclass(slots=True)
class Flow:
    """The blocks of one screen, in order, and the buttons below them."""

    page: Page
    blocks: list[Block] = field(default_factory=list)

    def add(self, height: float, draw: Draw, *, spare: bool = False, grows: float = 0.0) -> None:
        """Add a block."""
        self.blocks.append(Block(height, draw, spare, grows))

    def words(
        self,
        words: str,
        size: float = BODY,
        colour: Colour = theme.INK,
        *,
        bold: bool = False,
        centred: bool = True,
        fill: Colour | None = None,
    ) -> None:
        """Add a text with as many lines as it needs; `fill`: draw the text on a card of this colour."""
        if not words:
            return
        pad = 16.0 if fill else 0.0
        lines = lines_of(words, size, INNER - 2 * pad, bold=bold)

        def draw(box: Box) -> None:
            if fill:
                self.page.add(RoundRect(box, 20, fill))
            align: Literal["left", "centre"] = "centre" if centred else "left"
            place = box.inset(pad, pad / 2)
            self.page.add(Text(place, words, size, colour, bold, align, lines=lines, least=size * LEAST))

        self.add(lines * size * LINE + pad, draw)

    def say(self, message: Say | None, size: float = BODY, colour: Colour = theme.INK, *, bold: bool = False) -> None:
        """Add a message of the catalog."""
        self.words(self.page.say(message), size, colour, bold=bold)

    def title(self) -> None:
        """Add the screen's title."""
        self.say(self.page.view.title, TITLE, bold=True)

    def note(self, *, good: bool = False) -> None:
        """Add the view's note (what just failed or is worth knowing), if there is one."""
        view = self.page.view
        if view.note is None:
            return
        ink, fill = (theme.CARE, theme.CARE_TINT)
        if good:
            ink, fill = theme.GOOD, theme.GOOD_TINT
        elif view.busy:
            ink, fill = theme.PRIMARY, theme.PRIMARY_TINT
        self.words(self.page.say(view.note), BODY, ink, bold=True, fill=fill)

    def icon(self, icon: Icon, words: str, *, size: float = BODY) -> None:
        """Add a row of a picture and words."""
        lines = lines_of(words, size, INNER - 76, bold=True)

        def draw(box: Box) -> None:
            self.page.add(RoundRect(Box(box.x, box.centre.y - 28, 56, 56), 18, theme.PRIMARY_TINT))
            self.page.add(*icon(Box(box.x + 10, box.centre.y - 18, 36, 36), theme.PRIMARY))
            place = Box(box.x + 72, box.y, box.w - 72, box.h)
            self.page.add(Text(place, words, size, theme.INK, bold=True, lines=lines, least=size * LEAST))

        self.add(max(58.0, lines * size * LINE), draw)

    def pair(self, label: str, value: str, *, size: float = BODY) -> None:
        """Add a label, and below it its value."""
        count = lines_of(value, size, INNER, bold=True)

        def draw(box: Box) -> None:
            page = self.page
            page.add(Text(Box(box.x, box.y, box.w, SMALL * LINE), label, SMALL, theme.SOFT_INK, least=SMALL * LEAST))
            place = Box(box.x, box.y + SMALL * LINE, box.w, box.h - SMALL * LINE)
            page.add(Text(place, value, size, theme.INK, bold=True, valign="top", lines=count, least=size * LEAST))

        self.add(SMALL * LINE + count * size * LINE + 4, draw)

    def button(self, button: Button | None, height: float = TOUCH) -> None:
        """Add a button across the page."""
        if button is not None:
            shown = button
            self.add(height, lambda box: action(self.page, shown, box))

    def buttons(self, *pair: Button | None) -> None:
        """Add buttons side by side."""
        shown = [button for button in pair if button is not None]

        def draw(box: Box) -> None:
            width = (box.w - GAP * (len(shown) - 1)) / len(shown)
            for i, button in enumerate(shown):
                action(self.page, button, Box(box.x + i * (width + GAP), box.y, width, box.h))

        if shown:
            self.add(TOUCH, draw)

    def picture(self, ops: Callable[[Box], tuple[Op, ...]], height: float, *, grows: float = 0.0) -> None:
        """Add a decorative picture, in a square."""

        def draw(box: Box) -> None:
            side = min(box.w, box.h)
            self.page.add(*ops(Box(box.centre.x - side / 2, box.centre.y - side / 2, side, side)))

        self.add(height, draw, spare=True, grows=grows)

    def lay(self, *bar: Button | None, at_top: bool = False) -> None:
        """Draw the present page of the blocks, and the buttons at the bottom. `at_top`: if one page is enough, keep the
        blocks together at the top and leave the remaining height empty."""
        shown = [button for button in bar if button is not None]
        bottom = H - EDGE - (BAR_H + GAP if shown else 0.0)
        blocks = _without_spare(self.blocks, bottom - TOP)
        if _height(blocks) <= bottom - TOP:
            _stack(blocks, Box(EDGE, TOP, INNER, _height(blocks) if at_top else bottom - TOP))
        else:
            bottom -= TOUCH + GAP
            pages = _pages(blocks, bottom - TOP)
            now = self.page.view.page % len(pages)
            _stack(pages[now], Box(EDGE, TOP, INNER, bottom - TOP))
            words = Say("button.more", (("page", str(now + 1)), ("pages", str(len(pages)))))
            staff = self.page.view.staff is not None  # touches of a staff page reach only the service menu
            more = Button(Action.STAFF, words, Press.MORE) if staff else Button(Action.MORE, words)
            action(self.page, more, Box(EDGE, bottom + GAP, INNER, TOUCH))
        _bar(self.page, shown)


def action(page: Page, button: Button, box: Box, size: float = 31) -> None:
    """Draw one button and its touch area."""
    ink = parts.button_ground(page, button, box)
    page.add(Text(box.inset(10, 6), page.say(button.text), size, ink, True, "centre", lines=2, least=24))


def header(page: Page, *, help_too: bool, sound_too: bool = True) -> None:
    """Draw the settings, the language and help as targets side by side, and the progress of the session."""
    view = page.view
    pills: list[tuple[Action, str, str, Icon | None]] = []
    if sound_too:
        pills.append((Action.OPTIONS, "", "button.options", icons.sound))
    if view.next_language is not None:
        pills.append((Action.LANGUAGE, "", f"language.{view.next_language}", None))
    if help_too:
        pills.append((Action.HELP, "", "button.help", icons.question))
    if parts.has_door(view):
        pills.append((Action.STAFF, Press.OPEN, "service.door", None))
    width = (INNER - GAP * 2) / 3
    for i, (act, arg, words, icon) in enumerate(pills):
        box = Box(EDGE + i * (width + GAP), 2, width, TOUCH)
        shape = Box(box.x, box.y + 8, box.w, box.h - 16)
        fill = theme.PRESSED_TINT if page.is_pressed(act, arg) else theme.CARD
        page.add(RoundRect(shape, 30, fill, theme.HAIRLINE, 2))
        left = 0.0
        if icon:
            page.add(*icon(Box(shape.x + 12, shape.centre.y - 16, 32, 32), theme.PRIMARY))
            left = 42.0
        place = Box(shape.x + 8 + left, shape.y, shape.w - 16 - left, shape.h)
        page.add(Text(place, page.catalog.text(words), 26, theme.PRIMARY, True, "centre", least=20))
        page.add(TouchArea(box, act, arg))
    if view.step is not None:
        _progress(page, view.step)


def _progress(page: Page, now: Step) -> None:
    width = (INNER - 6 * (len(Step) - 1)) / len(Step)
    for step in Step:
        bar = Box(EDGE + step * (width + 6), 90, width, 7)
        page.add(RoundRect(bar, 3.5, theme.PRIMARY if step <= now else theme.HAIRLINE))


def lines_of(words: str, size: float, width: float, *, bold: bool = False) -> int:
    """Estimate from usual character widths how many lines a text needs. In doubt, the result is one line too many."""
    count = 0
    for paragraph in words.split("\n"):
        count += 1
        used = 0.0
        for piece in _pieces(paragraph):
            wide = sum(_advance(char, bold) for char in piece) * size
            if used and used + sum(_advance(char, bold) for char in piece.rstrip()) * size > width:
                count, used = count + 1, 0.0
            used += wide
    return count


def width_of(words: str, size: float, *, bold: bool = False) -> float:
    """Estimate from usual character widths how wide a text is in one line."""
    return sum(_advance(char, bold) for char in words) * size


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    for char in text:
        if pieces and ord(char) < 0x2E80 and ord(pieces[-1][-1]) < 0x2E80 and not pieces[-1].endswith(" "):
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def _advance(char: str, bold: bool) -> float:
    if ord(char) >= 0x2E80:
        return 1.0
    if char == " ":
        return 0.24
    wide = 0.9 if char in "MWmw@" else 0.68 if char.isupper() else 0.34 if char in "iljt.,:;'|!()" else 0.57
    return wide * (1.04 if bold else 1.0)


def _height(blocks: list[Block]) -> float:
    return sum(block.height for block in blocks) + GAP * max(0, len(blocks) - 1)


def _without_spare(blocks: list[Block], room: float) -> list[Block]:
    """Leave out decorative blocks, the last one first, until the remaining blocks fit."""
    kept = list(blocks)
    while _height(kept) > room and (spare := [block for block in kept if block.spare]):
        kept.remove(spare[-1])
    return kept


def _pages(blocks: list[Block], room: float) -> list[list[Block]]:
    """Fill page after page. Then fill them again with less room, as long as the number of pages stays the same, so that
    the last page does not end up with only one block."""
    pages = _filled(blocks, room)
    for share in (0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5):
        evener = _filled(blocks, room * share)
        if len(evener) == len(pages):
            pages = evener
    return pages


def _filled(blocks: list[Block], room: float) -> list[list[Block]]:
    pages: list[list[Block]] = [[]]
    for block in blocks:
        if pages[-1] and _height([*pages[-1], block]) > room:
            pages.append([])
        pages[-1].append(block)
    return pages


def _stack(blocks: list[Block], place: Box) -> None:
    """Draw blocks from the top. The remaining height goes first to blocks that can grow, and then into the gaps between
    blocks."""
    left = place.h - _height(blocks)
    wanted = sum(block.grows for block in blocks)
    share = min(1.0, left / wanted) if wanted > 0 else 0.0
    gap = GAP + min(14.0, (left - share * wanted) / (len(blocks) + 1))
    y = place.y + max(0.0, left - share * wanted - (gap - GAP) * (len(blocks) - 1)) / 2
    for block in blocks:
        height = block.height + share * block.grows
        block.draw(Box(place.x, y, place.w, height))
        y += height + gap


def _bar(page: Page, buttons: list[Button]) -> None:
    """Draw the buttons at the bottom, from left to right in the given order; the primary button is the widest."""
    if not buttons:
        return
    primary = any(button.primary for button in buttons)
    weights = [1.3 if button.primary and primary else 1.0 for button in buttons]
    unit = (INNER - GAP * (len(buttons) - 1)) / sum(weights)
    x = EDGE
    for button, weight in zip(buttons, weights, strict=True):
        action(page, button, Box(x, H - EDGE - BAR_H, unit * weight, BAR_H))
        x += unit * weight + GAP
