"""A good picture of one person, with the data that are needed to paint faults on it."""

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np

from kiosk.vision.face.face import Face
from kiosk.vision.face.landmarks import OVAL
from sim.negatives.frame import Floats, Frame, Rgb
from sim.people.canvas import filled
from sim.people.cutout import cut_out


@dataclass(frozen=True)
class Source:
    """A good picture: `rgb` (h, w, 3). In its pixels: `mesh` (468, 3), `lids` (two of (16, 2), the picture's left eye
    first; 0..8 the lower lid from inner to outer corner, 9..15 the upper lid), `pupils` (2, 2), and the iris's radius
    `iris_px`. `alpha` (h, w) 0..1: how much of a pixel is the person."""

    rgb: Rgb
    mesh: Floats
    lids: tuple[Floats, Floats]
    pupils: Floats
    iris_px: float
    alpha: Floats

    @classmethod
    def of(cls, rgb: Rgb, face: Face, alpha: Floats | None = None) -> "Source":
        """Make a source from a picture and the face found in it.

        Without `alpha` the person is cut out of the picture; raises `ValueError` if the backdrop is not plain.
        """
        mesh = np.asarray(face.mesh, np.float32)
        if alpha is None:
            inside = filled(rgb.shape, mesh[list(OVAL), :2]) > 0.5
            alpha = cut_out(rgb, inside, face.width).alpha.astype(np.float32) / 255
        eyes = (face.eye_l, face.eye_r)
        return cls(
            rgb,
            mesh,
            (np.asarray(eyes[0].lids, np.float32), np.asarray(eyes[1].lids, np.float32)),
            np.array([eye.pupil for eye in eyes], np.float32),
            float(np.mean([eye.iris_radius for eye in eyes])),
            alpha,
        )

    @cached_property
    def frame(self) -> Frame:
        """The face's own coordinates."""
        return Frame.of(self.mesh)

    @cached_property
    def skin(self) -> Floats:
        """The cheeks' colour, sRGB (3,)."""
        places = self.frame.to_units(self.mesh[[50, 280, 205, 425], :2])
        return self._colour_at(places, 0.06)

    @cached_property
    def skin_mask(self) -> Floats:
        """How much of each pixel is skin, 0..1 (h, w): pixels of the person whose colour is near the face's."""
        lab = cv2.cvtColor(self.rgb, cv2.COLOR_RGB2LAB).astype(np.float32)
        inside = filled(self.rgb.shape, self.mesh[list(OVAL), :2]) > 0.5
        tone, spread = np.median(lab[inside], 0), np.array([55, 6, 7], np.float32)
        away = np.sqrt((((lab - tone) / spread) ** 2).sum(2))
        return np.asarray(cv2.GaussianBlur((away < 1.6).astype(np.float32), (0, 0), 1.2) * self.alpha, np.float32)

    @cached_property
    def hair_top(self) -> float:
        """The highest row of the person, in units (negative values lie above the eyes)."""
        rows = np.flatnonzero((self.alpha > 0.6).sum(1) > 0.04 * self.frame.unit)
        return float((rows[0] - self.frame.origin[1]) / self.frame.unit) if len(rows) else -1.2

    def top_at(self, x: float) -> float:
        """The person's highest row in the column at `x`, in units; if nobody is seen in that column, the person's
        highest row anywhere.
        """
        column = round(float(self.frame.to_px([(x, 0.0)])[0, 0]))
        rows = np.flatnonzero(self.alpha[:, int(np.clip(column, 0, self.alpha.shape[1] - 1))] > 0.6)
        return float(self.frame.to_units([(float(column), float(rows[0]))])[0, 1]) if len(rows) else self.hair_top

    @cached_property
    def hair(self) -> Floats:
        """The hair's colour, sRGB (3,); for a shaven head, dark brown or black, whichever suits the tone of the
        skin."""
        top = self.hair_top
        places = np.array([(x, top + dy) for x in (-0.35, -0.15, 0.0, 0.15, 0.35) for dy in (0.16, 0.24)], np.float32)
        tone = self._colour_at(places, 0.05, 30)
        if np.linalg.norm(tone - self.skin) < 38:
            return np.array([52, 40, 34] if self.skin.mean() > 120 else [26, 22, 21], np.float32)
        return tone

    @cached_property
    def backdrop(self) -> Floats:
        """The backdrop's median colour, sRGB (3,)."""
        return np.asarray(np.median(self.rgb[self.alpha < 0.02], 0), np.float32)

    def showing(self, rgb: Rgb) -> "Source":
        """This source with another picture of the same geometry."""
        return replace(self, rgb=rgb)

    def _colour_at(self, places: Floats, radius: float, percentile: float = 50) -> Floats:
        """The colour around places (units): the median at each place, or a lower percentile, which leaves out the
        shine."""
        found = []
        for x, y in self.frame.to_px(places):
            reach = max(1, round(radius * self.frame.unit))
            x0, y0 = max(0, int(x) - reach), max(0, int(y) - reach)
            patch = self.rgb[y0 : int(y) + reach + 1, x0 : int(x) + reach + 1].reshape(-1, 3)
            if len(patch):
                found.append(np.percentile(patch, percentile, 0))
        return np.asarray(np.percentile(found, percentile, 0), np.float32)


def relit(source: Source, gain: Floats) -> Rgb:
    """The source's picture with its light multiplied by `gain` (h, w) or (h, w, 3)."""
    share = gain if gain.ndim == 3 else gain[..., None]
    return np.asarray(np.clip(source.rgb * share ** np.float32(1 / 2.2) + 0.5, 0, 255), np.uint8)
