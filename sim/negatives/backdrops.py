"""Faults of the backdrop: a shadow, a wrong colour, a backdrop that is not plain, a second person."""

import cv2
import numpy as np

from sim.negatives.frame import Colour, Floats, Rgb, blend, speckle
from sim.negatives.source import Source
from sim.people.canvas import ramp

COLOURS: tuple[Colour, ...] = (
    (168, 40, 44), (60, 120, 70), (40, 44, 60), (214, 196, 150), (190, 150, 180), (30, 90, 190), (96, 92, 88),
    (250, 170, 60),
)  # fmt: skip


def _behind(source: Source, picture: Floats) -> Rgb:
    """Set the person in front of another picture, (h, w, 3). At soft edges the colour of the old backdrop is removed
    first."""
    alpha = source.alpha[..., None]
    clean = (source.rgb - (1 - alpha) * source.backdrop) / np.maximum(alpha, 0.2)
    solid = np.where(alpha > 0.97, source.rgb, np.clip(clean, 0, 255)).astype(np.float32)
    return np.asarray(np.clip(picture + (solid - picture) * alpha + 0.5, 0, 255), np.uint8)


def before(source: Source, colour: Colour, rng: np.random.Generator, shading: float = 0.0) -> Rgb:
    """Set the person in front of an even wall of a colour; `shading` 0..1: how unevenly the wall is lit."""
    x, y = source.frame.grid(source.rgb.shape)
    light = 1 - shading * (0.05 * ((x / 2.4) ** 2 + (y / 2.8) ** 2)) + 0.003 * speckle(rng, x.shape, 40)
    return _behind(source, (np.array(colour, np.float32) * light[..., None]).astype(np.float32))


def shadowed(source: Source, rng: np.random.Generator) -> Rgb:
    """Paint the person's shadow on the wall: beside head and shoulders, 15 to 45 % darker."""
    unit = source.frame.unit
    side = 1.0 if rng.random() < 0.5 else -1.0
    dx, dy = side * float(rng.uniform(0.22, 0.55)) * unit, float(rng.uniform(-0.10, 0.25)) * unit
    move = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    size = (source.rgb.shape[1], source.rgb.shape[0])
    shape = cv2.warpAffine(source.alpha, move, size, borderMode=cv2.BORDER_REPLICATE)
    shape = cv2.GaussianBlur(shape, (0, 0), float(rng.uniform(0.04, 0.12)) * unit)
    darker = 1 - float(rng.uniform(0.15, 0.45)) * shape * (1 - source.alpha)
    return np.asarray(np.clip(source.rgb * (darker[..., None] ** np.float32(1 / 1.6)) + 0.5, 0, 255), np.uint8)


def off_colour(source: Source, rng: np.random.Generator) -> Rgb:
    """Paint an even backdrop in a colour that no profile allows."""
    colour = np.array(COLOURS[int(rng.integers(len(COLOURS)))], np.float32) + rng.normal(0, 6, 3)
    tone = np.clip(colour, 5, 250)
    return before(source, (float(tone[0]), float(tone[1]), float(tone[2])), rng, shading=0.5)


def uneven(source: Source, rng: np.random.Generator) -> Rgb:
    """Paint a backdrop that is not plain: a strong gradient, a wall of bricks or tiles, or a cluttered room out of
    focus."""
    x, y = source.frame.grid(source.rgb.shape)
    kind = int(rng.integers(3))
    base = source.backdrop
    if kind == 0:
        angle = float(rng.uniform(0, 2 * np.pi))
        t = np.clip((x * np.cos(angle) + y * np.sin(angle)) / 4.4 + 0.5, 0, 1)
        wall = base * (1 - float(rng.uniform(0.35, 0.65)) * t)[..., None]
    elif kind == 1:
        pitch, row = float(rng.uniform(0.35, 0.6)), np.floor(y / 0.22)
        joint = np.minimum(np.abs((x / pitch + 0.5 * (row % 2)) % 1 - 0.5) * pitch, np.abs(y / 0.22 % 1 - 0.5) * 0.22)
        tone = np.array(COLOURS[int(rng.integers(len(COLOURS)))], np.float32)
        wall = tone * (0.75 + 0.4 * ramp(joint, 0.01, 0.04) + 0.05 * speckle(rng, x.shape, 12))[..., None]
    else:
        wall = _room(x.shape, rng, 0.05 * source.frame.unit)
    return _behind(source, np.clip(wall, 0, 255).astype(np.float32))


def _room(shape: tuple[int, ...], rng: np.random.Generator, soft_px: float) -> Floats:
    """A room out of focus: rectangles of many colours, like shelves, a window or a coat."""
    wall = np.tile(rng.uniform(120, 220, 3).astype(np.float32), (*shape, 1))
    for _ in range(26):
        x, y = int(rng.integers(-60, shape[1])), int(rng.integers(-60, shape[0]))
        w, h = int(rng.integers(shape[1] // 14, shape[1] // 3)), int(rng.integers(shape[0] // 14, shape[0] // 3))
        cv2.rectangle(
            wall, (x, y), (x + w, y + h), tuple(map(float, rng.uniform(40, 215) + rng.uniform(-35, 35, 3))), -1
        )
    return np.asarray(cv2.GaussianBlur(wall, (0, 0), max(1.0, soft_px)), np.float32)


def joined(source: Source, other: Source, rng: np.random.Generator) -> Rgb:
    """Add a second person who looks over a shoulder of the first: smaller, partly behind the first, with the whole face
    visible."""
    share = float(rng.uniform(0.34, 0.62)) * source.frame.unit / other.frame.unit
    side = 1.0 if rng.random() < 0.5 else -1.0
    at = source.frame.to_px([(side * float(rng.uniform(1.30, 1.55)), float(rng.uniform(-0.45, 0.55)))])[0]
    # The second face must lie within the picture: a face that the edge cuts in half would be another fault.
    reach = 0.62 * share * other.frame.unit * 1.54
    at[0] = np.clip(at[0], reach, source.rgb.shape[1] - reach)
    move = np.array([[share, 0, 0], [0, share, 0]], np.float32)
    move[:, 2] = at - share * other.frame.origin
    size = (source.rgb.shape[1], source.rgb.shape[0])
    # Below the lower edge of the second person's picture, the body is continued.
    more = round(source.rgb.shape[0] / share)
    hem = np.repeat(cv2.blur(other.rgb[-8:], (61, 8))[-1:], more, 0)
    long_alpha = cv2.copyMakeBorder(other.alpha, 0, more, 0, 0, cv2.BORDER_REPLICATE)
    alpha, rgb = (
        cv2.warpAffine(layer, move, size, flags=cv2.INTER_AREA)
        for layer in (long_alpha, np.concatenate([other.rgb, hem]))
    )
    return blend(source.rgb, rgb.astype(np.float32), alpha * (1 - source.alpha))
