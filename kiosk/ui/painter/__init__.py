"""Paints draw operations, and repaints only the places that changed.

Theory of operation. A screen is a list of operations. Each operation is rendered once into a *sprite* (a small surface
with alpha), which the painter keeps. The painter compares the list with the last one: the places of added and removed
operations are *dirty*. In these places, and only there, it draws all operations again, in order and clipped. A live
picture is dirty with every new frame. Operations under it are not drawn again, because the picture covers them except
at its round corners, whose background the painter keeps.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import pygame
from pygame import Rect, Surface

from kiosk.ports.frames import Rgb
from kiosk.ui.painter.fonts import Fonts
from kiosk.ui.painter.shapes import Place, round_rect
from kiosk.ui.painter.sprites import Sprites
from kiosk.ui.screens.ops import HEIGHT, WIDTH, Box, Op, Picture, RoundRect, TouchArea
from kiosk.ui.screens.theme import PAGE


@dataclass(frozen=True, slots=True)
class _Corner:
    """The background of a picture's round corner."""

    rect: Rect
    surface: Surface


class Painter:
    """Paints one surface. `strict`: text that does not fit raises `TextOverflow`; otherwise the text is cut.

    The base screen is scaled to fit and centred; the page's colour fills the rest.
    """

    def __init__(self, target: Surface, fonts: Fonts, *, strict: bool = False) -> None:
        self.target = target
        width, height = target.get_size()
        scale = min(width / WIDTH, height / HEIGHT)
        self.place = Place(scale, (width - WIDTH * scale) / 2, (height - HEIGHT * scale) / 2)
        self._sprites = Sprites(fonts, self.place, strict=strict)
        self._shown: tuple[Op, ...] | None = None
        self._pictures: dict[str, Rgb] = {}
        self._corners: dict[Picture, tuple[_Corner, ...]] = {}

    def paint(self, ops: tuple[Op, ...], pictures: Mapping[str, Rgb]) -> list[Rect]:
        """Make the surface show `ops`; `pictures` has the picture of each slot. Returns the rectangles that changed, in
        pixels.

        A picture counts as new if its array is another object than at the last call. So the caller must not write to an
        array that it has passed.
        """
        dirty = self._changed(ops)
        fresh = [
            op for op in ops if isinstance(op, Picture) and pictures.get(op.slot) is not self._pictures.get(op.slot)
        ]
        self._shown, self._pictures = ops, dict(pictures)
        dirty += [self._rect(op.box) for op in fresh if not op.live or op not in self._corners]
        dirty = _merged([rect.clip(self.target.get_rect()) for rect in dirty])
        for rect in dirty:
            self._redraw(ops, rect)
        live = [op for op in fresh if op.live and not any(rect.contains(self._rect(op.box)) for rect in dirty)]
        for op in live:
            self._refresh(ops, op)
        return [*dirty, *(self._rect(op.box) for op in live)]

    def forget(self) -> None:
        """Blank the surface and drop every sprite and picture, so that nothing about a person stays."""
        self.target.fill(PAGE)
        self._sprites.forget()
        self._shown = None
        self._pictures = {}
        self._corners = {}

    def _changed(self, ops: tuple[Op, ...]) -> list[Rect]:
        if self._shown is None:
            return [self.target.get_rect()]
        if ops is self._shown or ops == self._shown:
            return []
        old, new = set(self._shown), set(ops)
        return [rect for op in old ^ new if (rect := self._bounds(op)) is not None]

    def _bounds(self, op: Op) -> Rect | None:
        if isinstance(op, TouchArea):
            return None
        if isinstance(op, Picture):
            self._corners.pop(op, None)
            return self._rect(op.box)
        rects = [sprite.surface.get_rect(topleft=(sprite.x, sprite.y)) for sprite in self._sprites.of(op)]
        return rects[0].unionall(rects[1:]) if rects else None

    def _redraw(self, ops: tuple[Op, ...], rect: Rect) -> None:
        self.target.set_clip(rect)
        self.target.fill(PAGE)
        for op in ops:
            if isinstance(op, Picture):
                if self._rect(op.box).colliderect(rect):
                    self._picture(op, keep_corners=rect.contains(self._rect(op.box)))
            else:
                self._blit(op, rect)
        self.target.set_clip(None)

    def _refresh(self, ops: tuple[Op, ...], picture: Picture) -> None:
        """Draw a live picture's new frame and the operations above it."""
        rect = self._rect(picture.box)
        self.target.set_clip(rect)
        self._draw_picture(picture)
        for op in ops[ops.index(picture) + 1 :]:
            self._blit(op, rect)
        self.target.set_clip(None)

    def _blit(self, op: Op, rect: Rect) -> None:
        for sprite in self._sprites.of(op):
            if rect.colliderect(sprite.x, sprite.y, *sprite.surface.get_size()):
                self.target.blit(sprite.surface, (sprite.x, sprite.y))

    def _picture(self, op: Picture, *, keep_corners: bool) -> None:
        if keep_corners or op not in self._corners:
            self._corners[op] = self._corners_under(op)
        self._draw_picture(op)

    def _draw_picture(self, op: Picture) -> None:
        rgb = self._pictures.get(op.slot)
        if rgb is None:
            return
        rect = self._rect(op.box)
        picture = _fitted(rgb, op, rect.size)
        self.target.blit(pygame.image.frombuffer(picture.data, rect.size, "RGB"), rect)
        for corner in self._corners.get(op, ()):
            self.target.blit(corner.surface, corner.rect)

    def _corners_under(self, op: Picture) -> tuple[_Corner, ...]:
        """Copy the background at the round corners into patches. The alpha of a patch is the share of each pixel that
        the picture leaves uncovered."""
        rect = self._rect(op.box)
        mask = round_rect(RoundRect(op.box, op.radius), self.place)[0]
        side = int(op.radius * self.place.scale) + 1
        cover = mask.cover[rect.y - mask.y :, rect.x - mask.x :][: rect.h, : rect.w]
        left = np.round(255 * (1 - cover)).astype(np.uint8)
        found = []
        for x in (0, rect.w - side):
            for y in (0, rect.h - side):
                area = Rect(rect.x + x, rect.y + y, side, side)
                patch = Surface(area.size, pygame.SRCALPHA)
                patch.blit(self.target, (0, 0), area)
                alpha = pygame.surfarray.pixels_alpha(patch)
                alpha[...] = left[y : y + side, x : x + side].T
                del alpha  # unlocks the surface
                found.append(_Corner(area, patch))
        return tuple(found)

    def _rect(self, box: Box) -> Rect:
        x, y = round(self.place.x(box.x)), round(self.place.y(box.y))
        return Rect(x, y, round(self.place.x(box.right)) - x, round(self.place.y(box.bottom)) - y)


def _fitted(rgb: Rgb, op: Picture, size: tuple[int, int]) -> Rgb:
    """Crop, mirror and scale a picture to `size` (width, height)."""
    height, width = rgb.shape[:2]
    part = op.crop
    tall = round(height * part.height) if part else height
    wide = round(tall * size[0] / size[1])
    if wide > width:
        wide, tall = width, round(width * size[1] / size[0])
    x = round(width * (part.x if part else 0.5) - wide / 2)
    y = round(height * (part.y if part else 0.5) - tall / 2)
    x, y = max(0, min(x, width - wide)), max(0, min(y, height - tall))
    cut = rgb[y : y + tall, x : x + wide]
    smooth = cv2.INTER_AREA if tall > size[1] else cv2.INTER_LINEAR
    scaled = cv2.resize(cut, size, interpolation=smooth).astype(np.uint8, copy=False)
    return cv2.flip(scaled, 1).astype(np.uint8, copy=False) if op.mirrored else scaled


def _merged(rects: list[Rect]) -> list[Rect]:
    """Join rectangles until none overlap, so that nothing is drawn twice."""
    done: list[Rect] = []
    for rect in rects:
        if not rect.w or not rect.h:
            continue
        while (hit := rect.collidelist(done)) >= 0:
            rect = rect.union(done.pop(hit))
        done.append(rect)
    return done
