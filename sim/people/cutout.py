"""Cuts a person out of a portrait with a plain backdrop.

The backdrop is a smooth surface of colour, fitted repeatedly to the pixels that agree with it. The pixels that differ
from it and are connected with the face belong to the person. Holes are filled, because a white top may have nearly the
colour of the backdrop. At the edge, and as far out as single hairs reach, a pixel is a mix of the backdrop and the
nearest colour that surely belongs to the person. The person's share is the opacity; the backdrop's share is removed
from the colour.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.pixels import bands
from sim.people.mesh import Floats

_STEP = 9
_LEAST_DIFFERENCE = 7.0
"""A pixel counts as different from the backdrop from this difference on, in levels of 255; JPEG blocks and shadows of
cloth differ less."""


@dataclass(frozen=True)
class Cutout:
    """A person without the backdrop: colour (h, w, 3) and opacity (h, w), both uint8, in the portrait's pixels."""

    rgb: NDArray[np.uint8]
    alpha: NDArray[np.uint8]

    @property
    def nbytes(self) -> int:
        """The bytes of colour and opacity together."""
        return self.rgb.nbytes + self.alpha.nbytes


def cut_out(rgb: NDArray[np.uint8], face: NDArray[np.bool_], face_px: float) -> Cutout:
    """The person of a portrait. `face`: pixels that are surely the person; `face_px`: the face's width.

    Raises ValueError when the backdrop is not plain.
    """
    backdrop, noise = _backdrop(rgb, _around(face, face_px))
    differs = np.empty(rgb.shape[:2], np.float32)
    for rows in bands(len(rgb)):
        differs[rows] = np.linalg.norm(rgb[rows].astype(np.float32) - backdrop[rows], axis=2)
    mask = _person(differs > max(_LEAST_DIFFERENCE, 4 * noise), face, face_px)
    core = cv2.erode(mask, _disc(0.02 * face_px), borderValue=1)
    reach = cv2.dilate(mask, _disc(0.22 * face_px))
    near = cv2.dilate(mask, _disc(0.012 * face_px))
    edge = np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), max(0.8, 0.003 * face_px)), np.float32)
    colour, opacity = np.empty_like(rgb), np.empty(rgb.shape[:2], np.uint8)
    for rows, seen, own in _spread(rgb, core > 0):
        behind = backdrop[rows]
        alpha = _opacity(seen, behind, own, edge[rows])
        alpha[reach[rows] == 0] = 0
        # Away from the person, a pixel counts as hair only if it differs enough from the backdrop: a smaller difference
        # may be the backdrop's grain.
        hair = np.clip((alpha - 0.10) / 0.9, 0, 1) * (differs[rows] > max(5.0, 3 * noise))
        alpha = np.where(near[rows] > 0, alpha, hair)
        alpha[core[rows] > 0] = 1
        clean = (seen - (1 - alpha[..., None]) * behind) / np.maximum(alpha[..., None], 0.05)
        thin = np.clip((alpha[..., None] - 0.15) / 0.5, 0, 1)
        colour[rows] = np.clip(own + (clean - own) * thin, 0, 255).astype(np.uint8)
        opacity[rows] = (alpha * 255 + 0.5).astype(np.uint8)
    return Cutout(colour, opacity)


def _opacity(picture: Floats, backdrop: Floats, sure: Floats, edge: Floats) -> Floats:
    """The person's share 0..1 (h, w) of pixels that mix the backdrop and the person's own colour `sure`."""
    ahead = sure - backdrop
    share = ((picture - backdrop) * ahead).sum(2) / np.maximum((ahead**2).sum(2), 1.0)
    # Where person and backdrop look alike, their mix can't be computed: there the edge of the mask is used.
    telling = np.clip((np.linalg.norm(ahead, axis=2) - 25) / 40, 0, 1)
    return np.asarray(telling * np.clip((share - 0.05) / 0.9, 0, 1) + (1 - telling) * edge)


def _around(face: NDArray[np.bool_], face_px: float) -> NDArray[np.bool_]:
    """A mask of the places where backdrop is expected: beside and above the head, with room for hair, but not below the
    chin."""
    y, x = np.nonzero(face)
    row, col = np.ogrid[: face.shape[0], : face.shape[1]]
    out = np.hypot((col - x.mean()) / (1.05 * face_px), (row - y.mean() + 0.1 * face_px) / (1.25 * face_px)) > 1
    return np.asarray(out & (row < y.max() - 0.1 * face_px))


def _backdrop(rgb: NDArray[np.uint8], likely: NDArray[np.bool_]) -> tuple[Floats, float]:
    """The fitted backdrop (h, w, 3), and how much the real backdrop differs from the fitted one, in levels of 255."""
    h, w = rgb.shape[:2]
    y, x = np.mgrid[:h:_STEP, :w:_STEP]
    u, v = x / w * 2 - 1, y / h * 2 - 1
    terms = np.stack([u**i * v**j for i in range(4) for j in range(4 - i)], -1).reshape(-1, 10)
    seen = rgb[::_STEP, ::_STEP].reshape(-1, 3).astype(np.float32)
    use = first = likely[::_STEP, ::_STEP].ravel()
    for limit in (30.0, 15.0, 8.0, 6.0, 6.0):
        factors, *_rest = np.linalg.lstsq(terms[use], seen[use], rcond=None)
        away = np.linalg.norm(seen - terms @ factors, axis=1)
        noise = float(np.median(away[use]))
        use = away < max(3 * noise, limit) if limit < 10 else first & (away < max(3 * noise, limit))
    if noise > 12 or use.mean() < 0.08:
        raise ValueError("the backdrop is not plain: a portrait before one even colour is needed")
    cols, rows = np.linspace(-1, 1, w, endpoint=False), np.linspace(-1, 1, h, endpoint=False)
    powers_u = np.stack([cols**i for i in range(4)])
    powers_v = np.stack([rows**j for j in range(4)])
    fitted = np.zeros(rgb.shape, np.float32)
    pairs = [(i, j) for i in range(4) for j in range(4 - i)]
    for channel in range(3):
        table = np.zeros((4, 4))
        for (i, j), factor in zip(pairs, factors[:, channel], strict=True):
            table[j, i] = factor
        fitted[..., channel] = powers_v.T @ table @ powers_u
    return fitted, noise


def _disc(radius: float) -> NDArray[np.uint8]:
    size = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


def _person(differs: NDArray[np.bool_], face: NDArray[np.bool_], face_px: float) -> NDArray[np.uint8]:
    """A mask (h, w), 0 or 1, of the pixels that differ from the backdrop and are connected with the face.

    Below the chin large gaps and holes are closed, because a white top has nearly the backdrop's colour. Above the chin
    only small ones are closed, because the backdrop may really show between locks of hair.
    """
    found = (differs | face).astype(np.uint8)
    found = cv2.morphologyEx(found, cv2.MORPH_OPEN, _disc(0.008 * face_px)).astype(np.uint8) | face.astype(np.uint8)
    small = _filled(_joined(found, face), (0.10 * face_px) ** 2)
    large = _filled(_joined(cv2.morphologyEx(found, cv2.MORPH_CLOSE, _disc(0.04 * face_px)), face), np.inf)
    chin = int(np.flatnonzero(face.any(1))[-1])
    return np.concatenate([small[:chin], large[chin:]])


def _joined(found: object, face: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The part of `found` (0/1) that is connected with the face."""
    _, labels = cv2.connectedComponents(np.asarray(found, np.uint8))
    mine = np.unique(labels[face])
    return np.isin(labels, mine[mine > 0]).astype(np.uint8)


def _filled(person: NDArray[np.uint8], largest: float) -> NDArray[np.uint8]:
    """`person` with holes up to the area `largest` filled; the picture's lower edge closes a hole, too."""
    outside = cv2.copyMakeBorder(1 - person, 1, 0, 1, 1, cv2.BORDER_CONSTANT, value=(1,))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(np.asarray(outside, np.uint8), connectivity=4)
    hole = stats[:, cv2.CC_STAT_AREA] <= largest
    hole[labels[0, 0]] = False
    hole[0] = False
    return np.where(hole[labels[1:, 1:-1]], 1, person).astype(np.uint8)


def _spread(rgb: NDArray[np.uint8], sure: NDArray[np.bool_]) -> Iterator[tuple[slice, Floats, Floats]]:
    """Yields for each band of rows: the rows, the colours of their pixels, and for each pixel the colour of the nearest
    `sure` pixel, smoothed."""
    smooth = cv2.blur(rgb.astype(np.float32), (5, 5)).reshape(-1, 3)
    _, labels = cv2.distanceTransformWithLabels(
        (~sure).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    place = np.zeros(int(labels.max()) + 1, np.int32)
    at = np.flatnonzero(sure.ravel())
    place[labels.ravel()[at]] = at
    for rows in bands(len(rgb)):
        own = rgb[rows].astype(np.float32)
        yield rows, own, np.where(sure[rows, :, None], own, smooth[place[labels[rows]]])


def lengthened(person: Cutout, rows: int) -> Cutout:
    """The person with `rows` more rows of chest below: the last row is repeated, and a neckline that the picture's
    edge cuts off is closed to a V."""
    h, w = person.alpha.shape
    if rows <= 0:
        return person
    strip = cv2.GaussianBlur(person.rgb[h - 6 :], (0, 0), sigmaX=w / 220, sigmaY=2.0)[-1:].astype(np.float32)
    body = np.flatnonzero(person.alpha[-1] > 250)
    if len(body) == 0:
        return person
    cloth = np.median(strip[0][body], axis=0)
    bare = body[np.linalg.norm(strip[0][body] - cloth, axis=1) > 40]
    bare = bare[np.abs(bare - body.mean()) < 0.2 * w]
    middle = float((bare[0] + bare[-1]) / 2) if len(bare) else float(body.mean())
    k, x = np.mgrid[:rows, :w].astype(np.float32)
    reach = 0.32 * w
    off = x - middle
    source = middle + np.where(off < 0, -1, 1) * np.clip(np.abs(off) + 1.3 * k, 0, np.maximum(reach, np.abs(off)))
    source = np.clip(source, body[0], body[-1]).astype(np.float32)
    below = cv2.remap(strip, source, np.zeros_like(source), cv2.INTER_LINEAR)
    below += (cloth - below) * np.clip(k / reach, 0, 0.8)[..., None]
    alpha = np.repeat(person.alpha[-1:], rows, 0)
    return Cutout(np.concatenate([person.rgb, below.astype(np.uint8)]), np.concatenate([person.alpha, alpha]))
