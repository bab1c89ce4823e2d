"""The empty booth in any light: three pictures of it (plates) are mixed to match the light of another picture.

Theory of operation. Light adds up: at any levels of the lamps, a picture of the empty booth is the sum of the light of
the room, of the left lamp and of the right lamp, each multiplied by a number. So three pictures (lamps dark, left lamp
only, right lamp only), converted to linear light and divided by their exposure, describe the booth for every setting of
lamps and exposure, and for daylight whose direction does not change. The three numbers are computed from the picture
whose light is to be matched, by robust least squares (Tukey) over pixels that show backdrop, so that things that are
not on the plates have no weight.

The remaining difference between picture and plates is the person, a shadow, an object, or a camera that was moved.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.ports.frames import Rgb
from kiosk.vision.pixels import Floats, lab, to_light, to_rgb

STEP = 4  # every 4th pixel of every 4th row is fitted
ROUNDS = 4
TUKEY = 4.0  # residuals of more than this many times the noise have no weight
LEAST_NOISE = 0.002  # in linear light; pictures with 8 bits have at least this noise
MATCHING_DE = 6.0
"""A pixel matches the plates if it differs from their mix by a smaller dE: grain and JPEG give 1 or 2, the edge of a
shadow 5."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The empty booth in the light of a picture: `rgb` (h, w, 3). `difference` (h, w): dE of the picture from `rgb`.
    `matching`: the share of the trusted pixels that match (`MATCHING_DE`)."""

    rgb: Rgb
    difference: Floats
    matching: float


@dataclass(frozen=True, slots=True)
class Plates:
    """The light of the room, the left lamp and the right lamp at each pixel: (3, h, w, 3) linear light for a unit of
    exposure."""

    light: Floats

    @classmethod
    def of(cls, pictures: Mapping[str, Rgb], exposures_us: Mapping[str, float]) -> "Plates":
        """Make plates from three pictures of the empty booth ("dark", and "left" or "right" lamp alone);
        `exposures_us`: the exposure time of each, times gain."""
        dark, left, right = (
            to_light(pictures[name]) * np.float32(1e4 / exposures_us[name]) for name in ("dark", "left", "right")
        )
        return cls(np.stack([dark, np.maximum(left - dark, 0), np.maximum(right - dark, 0)]))

    def seen_through(self, matrix: NDArray[np.float64], width: int, height: int) -> "Plates":
        """The plates in another grid of pixels; `matrix` (2, 3) maps a pixel of that grid to a place in a plate."""
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        moved = [
            cv2.warpAffine(layer, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
            for layer in self.light
        ]
        return Plates(np.stack(moved).astype(np.float32))

    def fitted(self, rgb: Rgb, trusted: NDArray[np.bool_] | None = None) -> Fit:
        """Mix the plates to match `rgb` (of the plates' size) at the pixels that are `trusted` to show backdrop (None:
        all pixels)."""
        trusted = np.ones(rgb.shape[:2], np.bool_) if trusted is None else trusted
        mixed = np.tensordot(self._weights(rgb, trusted), self.light, axes=1)
        expected = to_rgb(mixed.astype(np.float32))
        difference = np.linalg.norm(lab(rgb) - lab(expected), axis=2).astype(np.float32)
        matching = float((difference[trusted] < MATCHING_DE).mean()) if trusted.any() else 0.0
        return Fit(expected, difference, matching)

    def _weights(self, rgb: Rgb, trusted: NDArray[np.bool_]) -> Floats:
        seen = to_light(rgb)[::STEP, ::STEP][trusted[::STEP, ::STEP]]
        basis = self.light[:, ::STEP, ::STEP][:, trusted[::STEP, ::STEP]]
        values, columns = seen.ravel(), basis.reshape(3, -1).T
        trust = np.ones_like(values)
        weights = np.zeros(3, np.float32)
        for _ in range(ROUNDS):
            weights = _not_negative(columns * trust[:, None], values * trust)
            residuals = np.abs(values - columns @ weights)
            noise = max(LEAST_NOISE, 1.48 * float(np.median(residuals)))
            trust = np.clip(1 - (residuals / (TUKEY * noise)) ** 2, 0, 1)
        return weights


def _not_negative(columns: Floats, values: Floats) -> Floats:
    """Least squares without negative shares: a plate that would get a negative share is left out. A small weight keeps
    all shares small, because in an evenly lit room the plates are nearly alike."""
    used = [0, 1, 2]
    answer = np.zeros(3, np.float32)
    while used:
        some = columns[:, used]
        square = some.T @ some
        hold = 1e-4 * float(np.trace(square)) / len(used) + 1e-9
        shares = np.linalg.solve(square + hold * np.eye(len(used), dtype=np.float32), some.T @ values)
        if (shares >= 0).all():
            answer[used] = shares
            break
        used = [one for one, share in zip(used, shares, strict=True) if share >= 0]
    return answer
