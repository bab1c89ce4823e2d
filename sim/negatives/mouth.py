"""An open or smiling mouth.

To open the mouth, the picture is parted along the seam of the lips. The upper lip rises a little, the lower lip and the
chin drop, and what then shows between the lips is painted (dark, tongue, teeth). A smile draws the corners out and up
and lifts the cheeks; a broad smile shows the teeth.
"""

import cv2
import numpy as np

from kiosk.vision.face.landmarks import LIPS_INNER_BOTTOM, LIPS_INNER_TOP, MOUTH_CORNERS
from sim.negatives.frame import Floats, Rgb, blend, smooth
from sim.negatives.source import Source
from sim.negatives.warp import pulled
from sim.people.canvas import ramp

SEAM_TOP = (78, 191, *LIPS_INNER_TOP, 415, 308)
SEAM_BOTTOM = (78, 95, *LIPS_INNER_BOTTOM, 324, 308)
DEEP = np.array([52, 18, 18], np.float32)
TONGUE = np.array([150, 74, 72], np.float32)
TEETH = np.array([226, 218, 204], np.float32)


def opened(source: Source, rng: np.random.Generator) -> Rgb:
    """Part the lips by 0.2 to 0.5 of the mouth's width; speaking parts them by up to about half."""
    gap = float(rng.uniform(0.2, 0.5))
    return _parted(source, source.rgb, gap, teeth=float(rng.uniform(0.0, 0.45)), tongue=rng.random() < 0.5)


def smiling(source: Source, rng: np.random.Generator) -> Rgb:
    """Paint a clear smile; two smiles in three show teeth."""
    amount = float(rng.uniform(0.8, 1.25))
    bent = _drawn_up(source, amount)
    if rng.random() < 1 / 3:
        return bent
    gap = float(rng.uniform(0.13, 0.22))
    moved = Source(bent, _smiled_mesh(source, amount), source.lids, source.pupils, source.iris_px, source.alpha)
    return _parted(moved, bent, gap, teeth=0.85, tongue=False, droop=0.35)


def _lift(x: Floats, y: Floats, amount: float, corner: tuple[float, float]) -> tuple[Floats, Floats]:
    """How far a smile moves each place (units): out and up at the corners of the mouth, up at the cheeks."""
    out, up = np.zeros_like(x), np.zeros_like(y)
    for sign in (-1.0, 1.0):
        at = np.exp(-(((x - sign * corner[0]) / 0.17) ** 2 + ((y - corner[1]) / 0.13) ** 2))
        out += at * sign * 0.075 * amount
        up -= at * 0.075 * amount
        cheek = np.exp(-(((x - sign * 0.46) / 0.20) ** 2 + ((y - 0.42) / 0.17) ** 2))
        up -= cheek * 0.03 * amount
    return out, up


def _corner(source: Source) -> tuple[float, float]:
    ends = source.frame.to_units(source.mesh[list(MOUTH_CORNERS), :2])
    return float(np.abs(ends[:, 0]).mean()), float(ends[:, 1].mean())


def _drawn_up(source: Source, amount: float) -> Rgb:
    x, y = source.frame.grid(source.rgb.shape)
    from_x, from_y = x, y
    corner = _corner(source)
    # searches for each pixel the place from which it comes; this converges because the movement is smooth
    for _ in range(3):
        dx, dy = _lift(from_x, from_y, amount, corner)
        from_x, from_y = x - dx, y - dy
    frame = source.frame
    px = frame.origin[0] + frame.unit * (from_x * frame.across[0] + from_y * frame.down[0])
    py = frame.origin[1] + frame.unit * (from_x * frame.across[1] + from_y * frame.down[1])
    out = pulled(source.rgb, px, py)
    # A smile deepens the folds from the nose to the corners of the mouth.
    shade = np.zeros(source.rgb.shape[:2], np.float32)
    for sign in (-1.0, 1.0):
        line = frame.to_px(smooth([(sign * 0.17, 0.44), (sign * 0.30, 0.55), (sign * (corner[0] + 0.14), 0.72)]))
        mask = np.zeros(shade.shape, np.uint8)
        cv2.polylines(mask, [line.round().astype(np.int32)], False, 255, max(1, round(0.02 * frame.unit)), cv2.LINE_AA)
        shade = np.maximum(shade, cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), 0.025 * frame.unit))
    return blend(out, np.asarray(source.skin * 0.6, np.float32), 0.5 * amount * shade)


def _smiled_mesh(source: Source, amount: float) -> Floats:
    at = source.frame.to_units(source.mesh[:, :2])
    dx, dy = _lift(at[:, 0], at[:, 1], amount, _corner(source))
    mesh = source.mesh.copy()
    mesh[:, :2] = source.frame.to_px(np.stack([at[:, 0] + dx, at[:, 1] + dy], 1))
    return mesh


def _parted(source: Source, rgb: Rgb, gap: float, *, teeth: float, tongue: bool, droop: float = 1.0) -> Rgb:
    """Part the lips by `gap` of the mouth's width. `teeth`: the share of the gap that the upper teeth fill; `droop`:
    how far the jaw drops, as a share of its drop in an open mouth."""
    frame = source.frame
    top, bottom = (frame.to_units(source.mesh[list(k), :2]) for k in (SEAM_TOP, SEAM_BOTTOM))
    seam = (top + bottom) / 2
    half = (seam[-1, 0] - seam[0, 0]) / 2
    middle = (seam[-1, 0] + seam[0, 0]) / 2
    height = gap * 2 * half
    x, y = frame.grid(rgb.shape)
    along = np.clip(np.abs(x - middle) / half, 0, 1)
    part = height * np.sqrt(np.maximum(1 - along**2.2, 0))
    line = np.interp(x.ravel(), seam[:, 0], seam[:, 1]).reshape(x.shape).astype(np.float32)
    aside = ramp(np.abs(x - middle), 1.9 * half, 0.9 * half)
    rise, fall = 0.15 * part, 0.85 * part
    beyond = height * 0.85 * droop * ramp(along, 1.15, 0.2) * aside
    low = line + fall
    high = line - rise
    chin = 1.22
    # Below the gap, the lip moves by the whole gap, the chin by most of it, and the neck does not move.
    fade_down = ramp(y, chin + 0.42, chin - 0.05)
    near_lip = ramp(y - low, 0.30, 0.0)
    drop = np.where(along < 1, fall * near_lip + beyond * (1 - near_lip), beyond * (1 - near_lip)) * fade_down
    lift = rise * ramp(high - y, 0.22, 0.0)
    inside = (y > high) & (y < low) & (along < 1)
    from_y = np.where(y >= low, y - drop, np.where(y <= high, y + lift, line))
    px = frame.origin[0] + frame.unit * (x * frame.across[0] + from_y * frame.down[0])
    py = frame.origin[1] + frame.unit * (x * frame.across[1] + from_y * frame.down[1])
    out = pulled(rgb, px, py)
    # Paint what shows between the lips.
    depth = np.clip((y - high) / np.maximum(low - high, 1e-3), 0, 1)
    tone = np.broadcast_to(DEEP, rgb.shape).copy()
    if tongue:
        tone += (TONGUE - DEEP) * (ramp(depth, 0.55, 0.9) * ramp(along, 0.75, 0.3))[..., None]
    if teeth > 0:
        row = np.minimum(teeth, 0.13 / max(height, 1e-3) + 0.5 * teeth)
        share = ramp(depth, row + 0.06, row - 0.06) * ramp(along, 0.97, 0.75)
        gaps = sum(np.exp(-(((np.abs(x - middle) - edge * half) / 0.006) ** 2)) for edge in (0, 0.22, 0.42, 0.6, 0.76))
        ivory = TEETH * (1 - 0.35 * along[..., None] ** 2) * (1 - 0.22 * np.clip(gaps, 0, 1)[..., None])
        tone += (ivory * _light(source) - tone) * share[..., None]
    mask = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), max(0.7, 0.004 * frame.unit))
    return blend(out, tone, mask)


def _light(source: Source) -> float:
    """How bright a white thing looks in this picture of a face, 0..1."""
    return float(np.clip(np.percentile(source.rgb[source.alpha > 0.9].max(1), 98) / 255, 0.35, 1.0)) * 0.95
