"""A smooth surface of colour through those pixels that agree with each other.

The colour of a wall or cloth in the light of lamps changes slowly: its L*a*b* is a polynomial of the place, of the
third order at most. The polynomial is first fitted to trusted pixels, and then repeatedly to all pixels that agree with
it, so that the person, the edge of a shadow or a switch on the wall have no effect (iteratively reweighted least
squares, Tukey's biweight).
"""

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.pixels import Floats

STEP = 4  # every 4th pixel of every 4th row is fitted
LEAST_NOISE = 0.5  # dE; pictures with 8 bits have at least this noise
TUKEY = 4.0  # residuals of more than this many times the noise have no weight

Rounds = tuple[tuple[int, int], ...]
"""(order, rounds): first a stiff surface, for which few pixels are enough, then a surface that follows the light."""


@dataclass(frozen=True, slots=True)
class _Terms:
    """The terms of the polynomial at the pixels of a picture; places are scaled to -1..1."""

    height: int
    width: int

    def at(self, rows: NDArray[np.float64], columns: NDArray[np.float64], order: int) -> Floats:
        y, x = 2 * rows / self.height - 1, 2 * columns / self.width - 1
        products = [x**i * y**j for i in range(order + 1) for j in range(order + 1 - i)]
        return np.stack(products, axis=-1).astype(np.float32)

    def surface(self, factors: Floats, order: int) -> Floats:
        """The polynomial at every pixel. It is computed at few places and then enlarged, because it is smooth."""
        y, x = np.arange(33) * ((self.height - 1) / 32), np.arange(33) * ((self.width - 1) / 32)
        rows, columns = np.meshgrid(y, x, indexing="ij")
        coarse = (self.at(rows.ravel(), columns.ravel(), order) @ factors).reshape(33, 33, 3)
        map_x, map_y = np.meshgrid(
            np.linspace(0, 32, self.width, dtype=np.float32), np.linspace(0, 32, self.height, dtype=np.float32)
        )
        return cast("Floats", cv2.remap(coarse, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE))


def fitted(
    colours: Floats, trusted: NDArray[np.bool_], doubtful: NDArray[np.bool_], how: Rounds
) -> tuple[Floats, float]:
    """The surface (h, w, 3) through `colours` (h, w, 3), and the usual distance of the trusted pixels from it.

    The fit starts with the pixels `trusted` (h, w); pixels `doubtful` never take part.
    """
    height, width = trusted.shape
    terms = _Terms(height, width)
    grid = np.mgrid[0:height:STEP, 0:width:STEP].astype(np.float64)
    rows, columns = grid[0].ravel(), grid[1].ravel()
    seen, sure = colours[::STEP, ::STEP].reshape(-1, 3), trusted[::STEP, ::STEP].ravel()
    never = doubtful[::STEP, ::STEP].ravel()
    weights = sure.astype(np.float32)
    factors, noise = np.zeros((1, 3), np.float32), LEAST_NOISE
    for order, rounds in how:
        basis = terms.at(rows, columns, order)
        # A small weight keeps the factors near zero, so that the surface does not run away in a corner without any
        # backdrop.
        hold = 1e-3 * np.eye(basis.shape[1], dtype=np.float32) * max(1.0, float(weights.sum()) / 100)
        hold[0, 0] = 1e-6
        for _ in range(rounds):
            weighted = basis * weights[:, None]
            factors = np.linalg.solve(weighted.T @ basis + hold, weighted.T @ seen)
            residuals = np.linalg.norm(seen - basis @ factors, axis=1)
            noise = max(LEAST_NOISE, 1.48 * float(np.median(residuals[sure])))
            agree = np.clip(1 - (residuals / (TUKEY * noise)) ** 2, 0, 1) ** 2
            weights = np.where(never, 0, agree).astype(np.float32)
    return terms.surface(factors.astype(np.float32), how[-1][0]), noise
