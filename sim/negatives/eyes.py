"""Eyes that are shut, half shut, or look elsewhere.

To close a lid, the skin between brow and lid is stretched down over the eye, column by column, and the lashes are drawn
at the lid's new edge. To move the gaze, the iris is shifted within the lids. The iris stays round, the white of the eye
is squeezed on one side and stretched on the other, and the corners stay.
"""

import cv2
import numpy as np

from sim.negatives.frame import Floats, Rgb, blend, stroked
from sim.negatives.source import Source
from sim.negatives.warp import pulled, window

UPPER = (0, 9, 10, 11, 12, 13, 14, 15, 8)
LOWER = tuple(range(9))
# the skin is taken from this far above the upper lid, in eye widths, if the brow leaves room for that
FOLD_ABOVE = 0.62
BROWS = ((46, 53, 52, 65, 55), (276, 283, 282, 295, 285))  # the lower edges of the brows; the outer end comes first
LASHES = np.array([30, 22, 20], np.float32)


def closed(source: Source, rng: np.random.Generator) -> Rgb:
    """Close both lids, sometimes only one. In three of four pictures they are closed completely, in the others they
    leave a slit of at most a fifth of the eye's opening.
    """
    slit = 0.0 if rng.random() < 0.75 else float(rng.uniform(0.05, 0.2))
    which = (0, 1) if rng.random() < 0.85 else (int(rng.integers(2)),)
    out = source.rgb
    for side in which:
        out = _shut(out, source, side, slit, rng)
    return out


def _shut(rgb: Rgb, source: Source, side: int, slit: float, rng: np.random.Generator) -> Rgb:
    lids = source.lids[side]
    width = float(np.linalg.norm(lids[8] - lids[0]))
    x0, y0, x1, y1 = window(rgb.shape, lids, 0.7 * width)
    cols = np.arange(x0, x1, dtype=np.float32)
    upper, lower = (_edge(lids[list(k)], cols) for k in (UPPER, LOWER))
    inside = _within(lids, cols, 0.06 * width)
    gap = np.maximum(lower - upper, 0) * inside
    # The edge of a shut lid comes to lie a little below the edge of the lower lid.
    rim = upper + gap * (1 - slit) + 0.01 * width * inside
    brow = _edge(source.mesh[list(BROWS[side]), :2], cols)
    fold = np.clip(brow + 0.05 * width, upper - FOLD_ABOVE * width, upper - 0.12 * width)
    rows = np.arange(y0, y1, dtype=np.float32)[:, None]
    share = np.clip((rows - fold) / np.maximum(rim - fold, 1e-3), 0, 1)
    # The crease moves little, and the lid's edge moves most, so the stretch grows towards the edge.
    taken = fold + (upper - 0.035 * width - fold) * share
    moved = np.where(rows < fold, rows, taken)
    from_y = np.where(rows <= rim, moved * inside + rows * (1 - inside), rows)
    if slit == 0:
        below = np.clip((rows - rim) / (0.05 * width), 0, 1)
        from_y = np.where(rows > rim, rows + (1 - below) * np.maximum(lower + 0.02 * width - rows, 0) * inside, from_y)
    from_x = np.broadcast_to(cols, from_y.shape)
    out = pulled(rgb, from_x, from_y.astype(np.float32), (x0, y0))
    keep = (inside > 0.25) & (cols > min(lids[0, 0], lids[8, 0])) & (cols < max(lids[0, 0], lids[8, 0]))
    line = np.stack([cols, rim], 1)[keep]
    if len(line) < 4:
        return out
    weight = float(rng.uniform(0.55, 0.9))
    out = blend(out, LASHES, weight * stroked(rgb.shape, [line], 0.035 * width, soft_px=0.012 * width))
    crease = line - np.array([0, 0.16 * width], np.float32)
    shade = np.asarray(source.skin * 0.62, np.float32)
    return blend(out, shade, 0.35 * stroked(rgb.shape, [crease[3:-3]], 0.02 * width, soft_px=0.02 * width))


def _edge(lid: Floats, cols: Floats) -> Floats:
    """The row of a lid's edge at each column; beyond the corners, the row of the corner."""
    order = np.argsort(lid[:, 0])
    return np.asarray(np.interp(cols, lid[order, 0], lid[order, 1]), np.float32)


def _within(lids: Floats, cols: Floats, soft: float) -> Floats:
    """A soft mask of columns: 1 between the corners of the eye, 0 beyond them."""
    low, high = sorted((float(lids[0, 0]), float(lids[8, 0])))
    share = np.minimum((cols - low + soft) / soft, (high + soft - cols) / soft)
    return np.asarray(np.clip(share, 0, 1), np.float32)


def averted(source: Source, rng: np.random.Generator) -> Rgb:
    """Shift both irises by 0.15 to 0.22 of the eye's width (some 22 to 33 degrees), mostly sideways."""
    amount = float(rng.uniform(0.15, 0.22)) * (1 if rng.random() < 0.5 else -1)
    lift = float(rng.uniform(-0.03, 0.03))
    out = source.rgb
    for side in (0, 1):
        out = _looking(out, source, side, amount, lift)
    return out


def _looking(rgb: Rgb, source: Source, side: int, amount: float, lift: float) -> Rgb:
    lids, pupil, radius = source.lids[side], source.pupils[side], source.iris_px * 1.06
    low, high = sorted((float(lids[0, 0]), float(lids[8, 0])))
    width = high - low
    shift = float(np.clip(pupil[0] + amount * width, low + 0.7 * radius, high - 0.7 * radius) - pupil[0])
    x0, y0, x1, y1 = window(rgb.shape, lids, 0.2 * width)
    cols = np.arange(x0, x1, dtype=np.float32)
    rows = np.arange(y0, y1, dtype=np.float32)[:, None]
    # The iris keeps its size, the white is squeezed on one side and stretched on the other, the corners stay.
    ends = (low, pupil[0] + shift - radius, pupil[0] + shift + radius, high)
    froms = (low, pupil[0] - radius, pupil[0] + radius, high)
    ends = tuple(np.maximum.accumulate(np.asarray(ends) + np.arange(4) * 1e-3))
    from_x = np.interp(cols, ends, froms).astype(np.float32)
    upper, lower = (_edge(lids[list(k)], cols) for k in (UPPER, LOWER))
    soft = 0.035 * width
    inside = np.clip(np.minimum(rows - upper + 0.01 * width, lower - rows + 0.015 * width) / soft, 0, 1)
    inside = inside * ((cols > low) & (cols < high))
    moved = cv2.remap(
        _whole_iris(rgb, source, side),
        np.broadcast_to(from_x, inside.shape).copy(),
        np.broadcast_to(rows - lift * width, inside.shape).astype(np.float32),
        cv2.INTER_CUBIC,
    )
    out = rgb.copy()
    here = np.s_[y0:y1, x0:x1]
    out[here] = blend(np.asarray(rgb[here], np.uint8), np.asarray(moved, np.float32), inside.astype(np.float32))
    return out


def _whole_iris(rgb: Rgb, source: Source, side: int) -> Rgb:
    """The picture with the iris continued under the lids, so that the part that a lid hid can come into view."""
    lids, pupil, radius = source.lids[side], source.pupils[side], source.iris_px
    x0, y0, x1, y1 = window(rgb.shape, pupil[None], 1.3 * radius)
    rows, cols = np.mgrid[y0:y1, x0:x1].astype(np.float32)
    reach = np.hypot(cols - pupil[0], rows - pupil[1])
    line = np.arange(x0, x1, dtype=np.float32)
    upper, lower = (_edge(lids[list(k)], line) for k in (UPPER, LOWER))
    hidden = (rows < upper + 0.12 * radius) | (rows > lower - 0.08 * radius)
    seen = np.clip(rows, upper + 0.18 * radius, np.maximum(lower - 0.12 * radius, upper + 0.2 * radius))
    inner = cv2.remap(rgb, cols, seen.astype(np.float32), cv2.INTER_LINEAR)
    out = rgb.copy()
    share = (hidden & (reach < 1.25 * radius)).astype(np.float32)
    out[y0:y1, x0:x1] = blend(np.asarray(rgb[y0:y1, x0:x1], np.uint8), np.asarray(inner, np.float32), share)
    return out
