"""Faults of the camera: a picture out of focus, motion blur, noise."""

import cv2
import numpy as np

from sim.negatives.frame import Rgb
from sim.negatives.source import Source

PHOTO_PUPILS_PX = 96.0  # the distance of the pupils in a finished photo; the sizes of these faults are in its pixels


def _photo_px(source: Source) -> float:
    """How many pixels of this picture correspond to one pixel of the finished photo."""
    return float(np.linalg.norm(source.pupils[1] - source.pupils[0])) / PHOTO_PUPILS_PX


def blurred(source: Source, rng: np.random.Generator) -> Rgb:
    """Put the picture out of focus (by a Gaussian of 1.6 to 3 pixels or a disc with a radius of 2.6 to 4.5 pixels), or
    blur it by a motion of 6 to 14 pixels. All these are pixels of the finished photo."""
    scale = _photo_px(source)
    kind = float(rng.random())
    if kind < 0.4:
        return np.asarray(cv2.GaussianBlur(source.rgb, (0, 0), float(rng.uniform(1.6, 3.0)) * scale), np.uint8)
    if kind < 0.65:
        radius = max(2, round(float(rng.uniform(2.6, 4.5)) * scale))
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)).astype(np.float32)
        return np.asarray(cv2.filter2D(source.rgb, -1, disc / disc.sum()), np.uint8)
    length, angle = float(rng.uniform(6, 14)) * scale, float(rng.uniform(0, np.pi))
    size = 2 * int(length / 2 + 2) + 1
    line = np.zeros((size, size), np.uint8)
    reach = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    ends = [np.round((size // 2 + sign * reach) * 16).astype(int).tolist() for sign in (-1, 1)]
    cv2.line(line, ends[0], ends[1], 255, 1, cv2.LINE_AA, 4)
    kernel = line.astype(np.float32)
    return np.asarray(cv2.filter2D(source.rgb, -1, kernel / kernel.sum()), np.uint8)


def noisy(source: Source, rng: np.random.Generator) -> Rgb:
    """Add grain of 14 to 30 levels (of 255) in light and in colour, as a sensor makes it in too little light. One grain
    is one pixel of the finished photo.
    """
    scale = max(1.0, _photo_px(source))
    height, width = source.rgb.shape[:2]
    size = (round(height / scale), round(width / scale), 3)
    strength = float(rng.uniform(14, 30))
    grain = rng.normal(0, 1, size).astype(np.float32) * np.array([1.1, 0.8, 1.3], np.float32)
    grain += rng.normal(0, 1, (*size[:2], 1)).astype(np.float32) * 0.7
    grain = cv2.resize(grain, (width, height), interpolation=cv2.INTER_NEAREST) * strength / 1.2
    bright = 0.7 + 0.5 * np.sqrt(source.rgb.astype(np.float32) / 255)
    return np.asarray(np.clip(source.rgb + grain * bright + 0.5, 0, 255), np.uint8)
