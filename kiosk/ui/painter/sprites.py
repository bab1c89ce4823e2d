"""Renders draw operations into surfaces. Each surface is rendered once and kept while it is used."""

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
import pygame
from pygame import Surface

from kiosk.ui.painter import shapes
from kiosk.ui.painter.fonts import ASCENT, MIDDLE, Fonts
from kiosk.ui.painter.shapes import Mask, Place
from kiosk.ui.painter.wrap import wrap
from kiosk.ui.screens.ops import Arc, Circle, Colour, Op, Polygon, QrCode, RoundRect, Stroke, Text, Veil

KEPT_BYTES = 96_000_000
LEADING = 1.36  # height of a line, as a multiple of the font size
OVERHANG = 0.3  # how far descenders and accents reach beyond the box of a line, as a share of the font size


class TextOverflow(ValueError):
    """A text does not fit into its box, even at the smallest allowed size."""


@dataclass(frozen=True, slots=True)
class Sprite:
    """A surface with alpha, and the place of its top left corner in pixels."""

    surface: Surface
    x: int
    y: int


class Sprites:
    """Keeps the rendered surfaces of all operations. If they take more than `KEPT_BYTES`, those that were not used for
    the longest time are dropped.

    `strict`: text that does not fit raises `TextOverflow` (used in tests); otherwise the text is cut and ends with an
    ellipsis.
    """

    def __init__(self, fonts: Fonts, place: Place, *, strict: bool) -> None:
        self._fonts = fonts
        self._place = place
        self._strict = strict
        self._kept: OrderedDict[Op, tuple[Sprite, ...]] = OrderedDict()
        self._bytes = 0

    def of(self, op: Op) -> tuple[Sprite, ...]:
        """Return the sprites of `op`, bottom first."""
        known = self._kept.get(op)
        if known is not None:
            self._kept.move_to_end(op)
            return known
        made = self._make(op)
        self._kept[op] = made
        self._bytes += _size(made)
        while self._bytes > KEPT_BYTES and len(self._kept) > 1:
            self._bytes -= _size(self._kept.popitem(last=False)[1])
        return made

    def forget(self) -> None:
        """Drop every sprite, because names and codes are among them."""
        self._kept.clear()
        self._bytes = 0
        self._fonts.forget()

    def _make(self, op: Op) -> tuple[Sprite, ...]:
        match op:
            case RoundRect():
                below = (_tinted(shapes.shadow(op, self._place), (20, 40, 70), 1.0),) if op.shadow else ()
                return (*below, *_filled_and_lined(*shapes.round_rect(op, self._place), op))
            case Circle():
                return _filled_and_lined(*shapes.circle(op, self._place), op)
            case Arc():
                return (_tinted(shapes.arc(op, self._place), op.colour, 1.0),)
            case Stroke():
                return (_tinted(shapes.stroke(op, self._place), op.colour, op.alpha),)
            case Polygon():
                return (_tinted(shapes.polygon(op, self._place), op.fill, op.alpha),)
            case Veil():
                return (_veiled(*shapes.veil(op, self._place), op),)
            case QrCode():
                return (self._qr(op),)
            case Text():
                return self._text(op)
            case _:
                return ()

    def _qr(self, op: QrCode) -> Sprite:
        """The sprite of a QR code, centred in its box. Modules are whole pixels, so that a phone sees sharp squares."""
        side = min(op.box.w, op.box.h) * self._place.scale
        module = max(1, int(side // len(op.modules)))
        dark = np.repeat(np.repeat(np.array(op.modules, np.float32), module, axis=0), module, axis=1)
        x = round(self._place.x(op.box.centre.x) - dark.shape[1] / 2)
        y = round(self._place.y(op.box.centre.y) - dark.shape[0] / 2)
        return _tinted(Mask(x, y, dark), op.colour, 1.0)

    def _text(self, op: Text) -> tuple[Sprite, ...]:
        words = op.text.replace("\n", " ") if op.lines == 1 else op.text
        if not words.strip():
            return ()
        lines, size = self.fit(op, words)
        scale = self._place.scale
        step = size * LEADING
        left, top = self._place.x(op.box.x), self._place.y(op.box.y)
        width, height = op.box.w * scale, op.box.h * scale
        over = 2 + round(OVERHANG * size)
        x0, y0 = round(left) - 2, round(top) - over
        surface = Surface((round(width) + 4, round(height) + 2 * over), pygame.SRCALPHA)
        if op.valign == "top":
            first = top + ASCENT * size
        else:
            first = top + height / 2 - (len(lines) - 1) * step / 2 + MIDDLE * size
        for i, line in enumerate(lines):
            spare = width - self._fonts.width(line, size, op.bold)
            shift = {"left": 0.0, "centre": spare / 2, "right": spare}[op.align]
            at = (left + shift - x0, round(first + i * step) - y0)
            self._fonts.draw(surface, at, line, size, bold=op.bold, colour=op.colour)
        return (Sprite(surface, x0, y0),)

    def fit(self, op: Text, words: str) -> tuple[list[str], float]:
        """Return the lines and the largest size (pixels) at which `words` stay inside the box of `op`."""
        scale = self._place.scale
        size, least = op.size * scale, min(op.least, op.size) * scale
        width, height = op.box.w * scale, op.box.h * scale
        while True:
            size = max(size, least)
            lines = self._wrapped(words, size, op, width)
            tall = size * (1 + (len(lines) - 1) * LEADING)
            wide = max(self._fonts.width(line, size, op.bold) for line in lines)
            if len(lines) <= op.lines and tall <= height + 1 and wide <= width + 0.5:
                return lines, size
            if size <= least:
                break
            size -= max(1.0, scale)
        if self._strict:
            raise TextOverflow(f"message at {op.box} does not fit in {op.lines} lines at {op.least} units: {words!r}")
        return self._cut(lines[: op.lines], size, op, width), size

    def _wrapped(self, words: str, size: float, op: Text, width: float) -> list[str]:
        if op.lines == 1:
            return [words]
        return wrap(words, lambda text: self._fonts.width(text, size, op.bold), width, last_free=op.align == "left")

    def _cut(self, lines: list[str], size: float, op: Text, width: float) -> list[str]:
        """The lines that fit into the box. The last one ends with an ellipsis, which shows that words are missing."""
        return [
            *(self._shortened(line, size, op, width) for line in lines[:-1]),
            self._ended(lines[-1], size, op, width),
        ]

    def _shortened(self, line: str, size: float, op: Text, width: float) -> str:
        return line if self._fonts.width(line, size, op.bold) <= width else self._ended(line, size, op, width)

    def _ended(self, line: str, size: float, op: Text, width: float) -> str:
        cut = line + "…"
        while len(cut) > 1 and self._fonts.width(cut, size, op.bold) > width:
            cut = cut[:-2] + "…"
        return cut


def _size(made: tuple[Sprite, ...]) -> int:
    return sum(sprite.surface.get_width() * sprite.surface.get_height() * 4 for sprite in made)


def _filled_and_lined(outer: Mask, inner: Mask | None, op: RoundRect | Circle) -> tuple[Sprite, ...]:
    """The sprites of the fill and, above it, of the line. The line covers the outer shape without the inner one."""
    if inner is None or op.line is None:
        return (_tinted(outer, op.fill, op.alpha),) if op.fill else ()
    ring = _tinted(Mask(outer.x, outer.y, np.clip(outer.cover - inner.cover, 0, 1)), op.line, op.alpha)
    return (_tinted(outer, op.fill, op.alpha), ring) if op.fill else (ring,)


def _veiled(tint: Mask, line: Mask, cased: Mask, op: Veil) -> Sprite:
    """The tint, the casing and the line as one surface. One surface is faster, and a veil is drawn over every live
    frame."""
    veil = _tinted(tint, op.colour, op.alpha)
    veil.surface.blit(_tinted(cased, op.casing, 1.0).surface, (0, 0))
    veil.surface.blit(_tinted(line, op.line, 1.0).surface, (0, 0))
    return veil


def _tinted(mask: Mask, colour: Colour, alpha: float) -> Sprite:
    """A surface of one colour. Its alpha is the coverage of the mask.

    The bytes are in the display's own order, B, G, R, A. With another order each blit over the preview takes 7 ms
    instead of 0.2.
    """
    height, width = mask.cover.shape
    bgra = np.empty((height, width, 4), np.uint8)
    bgra[..., :3] = colour[::-1]
    bgra[..., 3] = np.round(mask.cover * (255 * alpha))
    return Sprite(pygame.image.frombuffer(bgra.tobytes(), (width, height), "BGRA").copy(), mask.x, mask.y)
