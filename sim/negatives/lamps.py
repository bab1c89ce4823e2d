"""Wrong light: from one side, with highlights, too little light or too much."""

import numpy as np

from kiosk.vision.face.landmarks import OVAL
from sim.negatives.frame import Rgb, linear, srgb
from sim.negatives.source import Source, relit
from sim.people.canvas import filled


def one_sided(source: Source, rng: np.random.Generator) -> Rgb:
    """Make one cheek 2 to 3.5 times as bright as the other."""
    ratio = float(rng.uniform(2.0, 3.5))
    side = 1.0 if rng.random() < 0.5 else -1.0
    x, _ = source.frame.grid(source.rgb.shape)
    # A head is round, so the light changes fastest in the middle of the face.
    across = np.tanh(side * x / 0.42) / np.tanh(1.0)
    gain = np.clip(ratio ** (across / 2), 0.15, 1.45)
    near = np.clip(source.alpha, 0, 1)
    gain = 1 + (gain - 1) * near
    return relit(source, gain.astype(np.float32))


def hot_spots(source: Source, rng: np.random.Generator) -> Rgb:
    """Paint two to four burnt-out highlights where skin shines: on forehead, nose, cheeks or chin."""
    places = [(0.0, -0.35), (-0.2, -0.32), (0.2, -0.32), (-0.42, 0.32), (0.42, 0.32), (0.0, 0.35), (0.0, 1.02)]
    x, y = source.frame.grid(source.rgb.shape)
    light = linear(source.rgb)
    for k in rng.choice(len(places), int(rng.integers(2, 5)), replace=False):
        cx, cy = np.array(places[int(k)]) + rng.uniform(-0.05, 0.05, 2)
        rx, ry = rng.uniform(0.08, 0.15), rng.uniform(0.06, 0.12)
        reach = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2
        spot = np.exp(-reach) * float(rng.uniform(1.3, 2.2))
        light = light + (spot * source.alpha)[..., None] * np.array([1.0, 0.98, 0.95], np.float32)
    return srgb(light.astype(np.float32))


def dim(source: Source, rng: np.random.Generator) -> Rgb:
    """Make the picture 2.2 to 3.6 stops too dark."""
    return relit(source, np.full(source.rgb.shape[:2], 2.0 ** -float(rng.uniform(2.2, 3.6)), np.float32))


def glaring(source: Source, rng: np.random.Generator) -> Rgb:
    """Make the picture so bright that an eighth to a third of the face is burnt out."""
    face = linear(source.rgb[filled(source.rgb.shape, source.mesh[list(OVAL), :2]) > 0.5])
    second = np.sort(face, axis=1)[:, 1]
    gain = max(1.5, 1.02 / float(np.quantile(second, 1 - float(rng.uniform(0.12, 0.33)))))
    return relit(source, np.full(source.rgb.shape[:2], gain, np.float32))
