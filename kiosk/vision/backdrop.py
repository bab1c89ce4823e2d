"""What the picture would show without the person: a smooth model of the backdrop, fitted around them.

A wall or cloth lit by lamps changes its colour slowly: L*a*b* of it is a polynomial of the place, of the third
order at most. The polynomial is fitted to pixels that are surely not the person (the segmentation says so, with
room around), then again and again to all pixels that agree with it, so that the person, a shadow's edge or a switch
on the wall don't pull on it (iteratively reweighted least squares, Tukey's biweight). What remains of it in the
pixels that are surely backdrop tells how plain the backdrop is.
"""

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.ports.frames import Rgb
from kiosk.vision.network import Floats
from kiosk.vision.pixels import lab

STEP = 4  # every 4th pixel of every 4th row is fitted
ROUNDS = ((2, 4), (3, 4))
"""(order, rounds): a stiff surface first, which few pixels can hold, then one that follows the light."""
LEAST_NOISE = 0.5  # dE; 8-bit pictures have no less
TUKEY = 4.0  # residuals beyond so many noises have no weight
ROOM = 0.15  # room left around the person, in face widths
PLAIN_DE = 4.0
"""The backdrop is plain when three quarters of its pixels lie within this dE of the model: studio grounds come to
0.3, a crumpled cloth to 2, a room to 10 and more."""
LEAST_SHARE = 0.05  # of the pixels must be surely backdrop for a model to be made


@dataclass(frozen=True, slots=True)
class Backdrop:
    """`lab` (h, w, 3): the backdrop's colour at each pixel; `difference` (h, w): dE of the picture from it; `sure`
    (h, w): pixels that are backdrop by segmentation; `noise`: their usual dE; `plain`: whether the model holds."""

    lab: Floats
    difference: Floats
    sure: NDArray[np.bool_]
    noise: float
    plain: bool


def estimate(rgb: Rgb, person: Floats, face_px: float) -> Backdrop:
    """Model the backdrop of `rgb` (h, w, 3), given the likelihood `person` (h, w) and the face's width."""
    colours = lab(rgb)
    sure = _surely_not(person, face_px)
    height, width = person.shape
    if sure.mean() < LEAST_SHARE:
        flat = np.broadcast_to(np.array([80, 0, 0], np.float32), colours.shape).copy()
        return Backdrop(flat, np.linalg.norm(colours - flat, axis=2), sure, 10.0, plain=False)
    rows, columns = np.mgrid[0:height:STEP, 0:width:STEP].astype(np.float64)
    seen, trusted = colours[::STEP, ::STEP].reshape(-1, 3), sure[::STEP, ::STEP].ravel()
    doubtful = person[::STEP, ::STEP].ravel() > 0.5
    terms, factors, noise = _fitted(_Terms(height, width), rows.ravel(), columns.ravel(), seen, trusted, doubtful)
    model = terms.surface(factors)
    difference = cv2.magnitude(colours[..., 1] - model[..., 1], colours[..., 2] - model[..., 2])
    difference = cv2.magnitude(difference, colours[..., 0] - model[..., 0])
    plain = float(np.percentile(difference[sure], 75)) <= PLAIN_DE
    return Backdrop(model, cast("Floats", difference), sure, noise, plain)


def _surely_not(person: Floats, face_px: float) -> NDArray[np.bool_]:
    side = 2 * max(1, round(ROOM * face_px)) + 1
    near = cv2.dilate((person > 0.3).astype(np.uint8), np.ones((side, side), np.uint8))
    return np.asarray((near == 0) & (person < 0.1), np.bool_)


@dataclass(frozen=True, slots=True)
class _Terms:
    """The polynomial's terms over a picture, places scaled to -1..1."""

    height: int
    width: int

    def at(self, rows: NDArray[np.float64], columns: NDArray[np.float64], order: int) -> Floats:
        y, x = 2 * rows / self.height - 1, 2 * columns / self.width - 1
        products = [x**i * y**j for i in range(order + 1) for j in range(order + 1 - i)]
        return np.stack(products, axis=-1).astype(np.float32)

    def surface(self, factors: Floats) -> Floats:
        """The polynomial at every pixel: computed coarsely and enlarged, since it is smooth."""
        order = ROUNDS[-1][0]
        y, x = np.arange(33) * ((self.height - 1) / 32), np.arange(33) * ((self.width - 1) / 32)
        rows, columns = np.meshgrid(y, x, indexing="ij")
        coarse = (self.at(rows.ravel(), columns.ravel(), order) @ factors).reshape(33, 33, 3)
        map_x, map_y = np.meshgrid(
            np.linspace(0, 32, self.width, dtype=np.float32), np.linspace(0, 32, self.height, dtype=np.float32)
        )
        return cast("Floats", cv2.remap(coarse, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE))


def _fitted(
    terms: _Terms,
    rows: NDArray[np.float64],
    columns: NDArray[np.float64],
    seen: Floats,
    trusted: NDArray[np.bool_],
    doubtful: NDArray[np.bool_],
) -> tuple[_Terms, Floats, float]:
    weights = trusted.astype(np.float32)
    factors, noise = np.zeros((1, 3), np.float32), LEAST_NOISE
    for order, rounds in ROUNDS:
        basis = terms.at(rows, columns, order)
        # Held lightly to zero, so that a corner without any backdrop does not run away.
        hold = 1e-3 * np.eye(basis.shape[1], dtype=np.float32) * max(1.0, float(weights.sum()) / 100)
        hold[0, 0] = 1e-6
        for _ in range(rounds):
            weighted = basis * weights[:, None]
            factors = np.linalg.solve(weighted.T @ basis + hold, weighted.T @ seen)
            residuals = np.linalg.norm(seen - basis @ factors, axis=1)
            noise = max(LEAST_NOISE, 1.48 * float(np.median(residuals[trusted])))
            agree = np.clip(1 - (residuals / (TUKEY * noise)) ** 2, 0, 1) ** 2
            weights = np.where(doubtful, 0, agree).astype(np.float32)
    return terms, factors.astype(np.float32), noise
