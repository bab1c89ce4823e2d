"""Paints what a person wears: the top with its folds, the collar, glasses."""

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.people import atlas
from sim.people.canvas import Canvas, mix, skin_canvas, speckle
from sim.people.mesh import Floats
from sim.people.traits import Traits


def _cloth(traits: Traits, rng: np.random.Generator, w: int, h: int) -> Canvas:
    colour = np.array(traits.top_colour, np.float32)
    canvas = np.tile(colour, (h, w, 1))
    if traits.top_pattern != "plain":
        bars = np.tile(_barred(w), (h, 1))
        if traits.top_pattern == "checks":
            bars = np.maximum(bars, _barred(h)[:, None])
        mix(canvas, (60, 80, 130), bars * 0.7)
    weave = 0.004 * speckle(rng, (h, w), 2) + 0.006 * speckle(rng, (h, w), 90)
    canvas *= 1 + weave[..., None]
    return canvas


def _barred(length: int) -> Floats:
    """Which of `length` pixels lie on a bar of the pattern: 1, else 0."""
    return (np.sin(np.arange(length) * 2 * np.pi / 34) > 0.55).astype(np.float32)


def _folds(canvas: Canvas, traits: Traits, x: Floats, y: Floats) -> None:
    """Paint the folds of cloth: creases from the armpits and the shoulder seams, and the inner edge of the arms.

    `x`, `y`: the place of each pixel (h, w). Each fold is drawn only in the rows or columns that it reaches.
    """
    rng = np.random.default_rng([13, traits.seed])
    dark = np.zeros(canvas.shape[:2], np.float32)
    wide = 1.72 * traits.shoulder_width
    for sign in (-1, 1):
        for strength, width, top, length in ((0.20, 0.035, 2.62, 0.4), (0.10, 0.16, 2.55, 0.5)):
            below = _reached(y[:, 0] > top)
            arm = sign * x[below] - wide + 0.06 * np.sin(y[below] * 2.1 + sign) + 0.05 * (y[below] - 3.0)
            dark[below] += strength * np.exp(-((arm / width) ** 2)) * np.clip((y[below] - top) / length, 0, 1)
        for _ in range(4):
            start, slope, length = rng.uniform(2.45, 3.0), rng.uniform(0.15, 0.9), rng.uniform(0.4, 0.9)
            depth, width = rng.uniform(0.04, 0.10), rng.uniform(0.03, 0.07)
            inward = wide - sign * x[0]
            near = np.clip(1 - np.abs(inward - length / 2) / (length / 2), 0, 1)
            along = _reached(near > 0)
            inward, near = inward[along], near[along]
            crease = y[:, along] - start - slope * inward - 0.12 * inward**2
            dark[:, along] += depth * np.exp(-((crease / width) ** 2)) * near
        above = _reached(y[:, 0] < 2.75)
        seam = sign * x[above] - 1.52 * traits.shoulder_width - 0.10 * (y[above] - 2.2)
        dark[above] += 0.16 * np.exp(-((seam / 0.008) ** 2)) * np.clip((2.75 - y[above]) / 0.1, 0, 1)
    soft = 0.015 * np.clip(speckle(rng, (canvas.shape[0], canvas.shape[1]), 130), -1.5, 1.5)
    canvas *= (1 - np.clip(dark + soft * np.clip((y - 2.3) / 0.5, 0, 1), -0.1, 0.5))[..., None]


def _reached(where: NDArray[np.bool_]) -> slice:
    """The range of adjacent rows or columns in which `where` is true."""
    found = np.flatnonzero(where)
    return slice(int(found[0]), int(found[-1]) + 1) if len(found) else slice(0)


def top(traits: Traits, rng: np.random.Generator) -> Canvas:
    _, _, w, h = atlas.TOP
    canvas = _cloth(traits, rng, w, h)
    scale, middle = atlas.TOP_PX_PER_UNIT, atlas.TOP_ORIGIN

    def row(y: float) -> float:
        return (y - atlas.TOP_Y0) * scale

    skin = skin_canvas(traits, rng, w, h)
    x, y = np.meshgrid((np.arange(w) - middle) / scale, np.arange(h) / scale + atlas.TOP_Y0)
    _folds(canvas, traits, x, y)
    if traits.top == "tshirt":
        edge = 2.10 - 0.36 * np.clip(np.abs(x) / 0.70, 0, 1.2) ** 2.2
        depth = edge - y
        mix(
            canvas,
            np.array(traits.top_colour, np.float32) * 0.86,
            np.clip(1 - np.abs(depth + 0.085) / 0.006, 0, 1).astype(np.float32) * 0.8,
        )
    else:
        depth = 2.16 - 2.2 * np.abs(x) - y
        depth = np.maximum(depth, 1.70 - y)
    bare = np.clip(depth / 0.008, 0, 1).astype(np.float32)
    skin -= canvas  # computed in place, because the canvas takes 13 MB
    skin *= bare[..., None]
    canvas += skin
    mix(
        canvas,
        np.array(traits.top_colour, np.float32) * 0.55,
        np.exp(-((np.clip(-depth, 0, 1) / 0.02) ** 2)).astype(np.float32) * (1 - bare) * 0.35,
    )
    if traits.top != "tshirt":
        _placket(canvas, traits, int(middle), int(row(2.12)))
    return canvas


def _placket(canvas: Canvas, traits: Traits, middle: int, top: int) -> None:
    dark = np.array(traits.top_colour, np.float32) * 0.80
    line = np.zeros(canvas.shape[:2], np.float32)
    cv2.line(line, (middle + 16, top), (middle + 16, canvas.shape[0]), 1.0, 2, cv2.LINE_AA)
    cv2.line(line, (middle - 14, top + 20), (middle - 14, canvas.shape[0]), 0.5, 1, cv2.LINE_AA)
    mix(canvas, dark, cv2.GaussianBlur(line, (0, 0), 1.0) * 0.7)
    for y in range(top + 40, canvas.shape[0], 130):
        disc = np.zeros(canvas.shape[:2], np.float32)
        cv2.circle(disc, (middle + 1, y), 7, 1.0, -1, cv2.LINE_AA)
        mix(canvas, dark * 0.8, np.roll(disc, 2, 0) * 0.5)
        mix(canvas, np.array([226, 224, 218], np.float32), disc)


def collar(traits: Traits, rng: np.random.Generator) -> Canvas:
    _, _, w, h = atlas.PLAIN
    canvas = _cloth(traits, rng, w, h)
    stitch = np.zeros((h, w), np.float32)
    cv2.line(stitch, (0, int(0.325 * h)), (w, int(0.325 * h)), 1.0, 2)
    mix(canvas, np.array(traits.top_colour, np.float32) * 0.8, cv2.GaussianBlur(stitch, (0, 0), 1.5) * 0.5)
    return canvas


def even(region: tuple[int, int, int, int], colour: tuple[int, int, int]) -> Canvas:
    return np.tile(np.array(colour, np.float32), (region[3], region[2], 1))


def lens(traits: Traits) -> Canvas:
    """Paint a lens: clear glass has a faint slanting reflection; dark glass hides the eye."""
    _, _, w, h = atlas.LENS
    v, u = np.mgrid[:h, :w].astype(np.float32)
    streak = np.exp(-((((u - 0.62 * w) + 0.7 * (v - 0.5 * h)) / (0.07 * w)) ** 2))
    if traits.glasses == "dark":
        canvas = np.tile(np.array([22, 21, 24, 248], np.float32), (h, w, 1))
        canvas[..., :3] += 40 * streak[..., None]
    else:
        canvas = np.tile(np.array([236, 242, 246, 10], np.float32), (h, w, 1))
        canvas[..., 3] += 36 * streak
    return canvas
