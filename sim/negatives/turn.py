"""Turns the head in a photograph: it tilts, turns to one side or nods.

A tilt turns the head about the neck. To turn a head to one side, or up or down, the program gives the picture depth:
within the face the depth of the mesh, around the face the depth of a rounded head, and no depth on shoulders and
backdrop. Every place of the head moves as in a solid body, and the picture is bent accordingly. What comes into view at
the far side is stretched from neighbouring places, so only turns of up to some 25 degrees look real.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from sim.negatives.frame import OUTER_CORNERS, Floats, Rgb
from sim.negatives.source import Source
from sim.negatives.warp import pulled
from sim.people.canvas import ramp

HEAD_Z = 0.75  # how far the middle of the head lies behind the outer eye corners, in units
NECK_Y = 1.25
CELLS = 72


def rolled(source: Source, rng: np.random.Generator) -> Rgb:
    """Tilt the head until the line of the pupils is 5 to 14 degrees off level, to either side."""
    across = source.pupils[1] - source.pupils[0]
    held = float(np.arctan2(across[1], across[0]))
    angle = np.radians(float(rng.uniform(5, 14)) * (1 if rng.random() < 0.5 else -1)) - held
    frame = source.frame
    x, y = frame.grid(source.rgb.shape)
    share = ramp(y, NECK_Y + 0.75, NECK_Y - 0.35) * ramp(np.abs(x), 2.3, 1.2)
    turn = angle * share
    cos, sin = np.cos(turn), np.sin(turn)
    dx, dy = x, y - NECK_Y
    from_x, from_y = cos * dx + sin * dy, NECK_Y - sin * dx + cos * dy
    px = frame.origin[0] + frame.unit * (from_x * frame.across[0] + from_y * frame.down[0])
    py = frame.origin[1] + frame.unit * (from_x * frame.across[1] + from_y * frame.down[1])
    return pulled(source.rgb, px, py)


def yawed(source: Source, rng: np.random.Generator) -> Rgb:
    """Turn the head by 13 to 24 degrees, to either side."""
    return _turned(source, float(rng.uniform(13, 24)) * (1 if rng.random() < 0.5 else -1), 0.0)


def pitched(source: Source, rng: np.random.Generator) -> Rgb:
    """Raise or lower the chin by 17 to 25 degrees."""
    return _turned(source, 0.0, float(rng.uniform(17, 25)) * (1 if rng.random() < 0.5 else -1))


def _turned(source: Source, yaw_deg: float, pitch_deg: float) -> Rgb:
    frame = source.frame
    cells = _Cells.over(source)
    depth = cells.depth(source)
    yaw, pitch = np.radians(yaw_deg), np.radians(pitch_deg)
    cy, sy, cp, sp = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    pivot_y = 0.35 if yaw_deg else 0.95
    x, y, z = cells.x, cells.y - pivot_y, depth - HEAD_Z
    share = cells.head(source)
    dx = (x * cy - z * sy - x) * share
    dy = (y * cp + z * sp - y) * share
    height, width = source.rgb.shape[:2]
    moves = cv2.resize(np.stack([dx, dy], -1).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    moves = np.asarray(moves * np.float32(frame.unit), np.float32)
    rows, cols = np.mgrid[:height, :width].astype(np.float32)
    from_x, from_y = cols, rows
    # searches for each pixel the place that the turn moves onto it; this converges because the movement is smooth
    for _ in range(8):
        along = cv2.remap(moves, from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        from_x = cols - (along[..., 0] * frame.across[0] + along[..., 1] * frame.down[0])
        from_y = rows - (along[..., 0] * frame.across[1] + along[..., 1] * frame.down[1])
    return pulled(source.rgb, from_x, from_y)


@dataclass(frozen=True)
class _Cells:
    """A coarse grid over the picture, with x and y in units (n, m)."""

    x: Floats
    y: Floats

    @classmethod
    def over(cls, source: Source) -> "_Cells":
        height, width = source.rgb.shape[:2]
        rows, cols = round(CELLS * height / width), CELLS
        px, py = np.meshgrid((np.arange(cols) + 0.5) * width / cols, (np.arange(rows) + 0.5) * height / rows)
        at = source.frame.to_units(np.stack([px.ravel(), py.ravel()], 1).astype(np.float32))
        return cls(at[:, 0].reshape(rows, cols), at[:, 1].reshape(rows, cols))

    def depth(self, source: Source) -> Floats:
        """How far each place lies behind the eye corners (units): within the face the depth of the mesh, outside it the
        depth of the mesh's rim.
        """
        mesh = np.concatenate([source.frame.to_units(source.mesh[:, :2]), source.mesh[:, 2:] / source.frame.unit], 1)
        mesh[:, 2] -= mesh[list(OUTER_CORNERS), 2].mean()
        away = (self.x[..., None] - mesh[:, 0]) ** 2 + (self.y[..., None] - mesh[:, 1]) ** 2
        weight = 1 / (away + 0.0025) ** 2
        found = (weight * mesh[:, 2]).sum(-1) / weight.sum(-1)
        return np.asarray(cv2.GaussianBlur(found.astype(np.float32), (0, 0), 0.8), np.float32)

    def head(self, source: Source) -> Floats:
        """A mask: 1 on the head, falling to 0 over the neck and over the backdrop around the head."""
        top = source.hair_top
        middle, half = (top + 1.2) / 2, (1.2 - top) / 2
        reach = np.hypot(self.x / 1.05, (self.y - middle) / (half + 0.1))
        return np.asarray(ramp(reach, 1.9, 1.0) * ramp(self.y, NECK_Y + 0.55, NECK_Y - 0.15), np.float32)
