"""Makes the pixels of the finished picture: they are scaled and shifted, and then set in front of the profile's
background.

Here places are pixel centres (`photo = scale * source + d`). The crop solver counts from the pictures' edges, which lie
half a pixel away; `from_edges` converts its crop.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kiosk.ports.frames import Rgb
from kiosk.vision.backdrop.alpha import Layers, alpha, spread_colours, unlikeness
from kiosk.vision.backdrop.backdrop import Backdrop
from kiosk.vision.backdrop.matte import Matte
from kiosk.vision.backdrop.person_region import PersonRegion
from kiosk.vision.pixels import Floats, Mask, bands, from_lab, to_light, to_rgb
from rules.finish_report import centre_shift
from rules.photo import Crop
from rules.profile import Background, BackgroundMode

# how far beyond the photo's edges the source is resampled, in pixels of the photo: 3 for the Lanczos filter (a = 3),
# and one more
FILTER_REACH = 4
SEAM = 0.1
"""Below this alpha the picture fades to nothing, so that the backdrop's grain ends softly."""


@dataclass(frozen=True, slots=True)
class Placement:
    """`photo = scale * source + d` for pixel centres, and the photo's size."""

    scale: float
    dx: float
    dy: float
    width: int
    height: int

    @classmethod
    def from_edges(cls, crop: Crop, width: int, height: int) -> "Placement":
        """The same crop, counted from the middle of the first pixel in both pictures."""
        shift = centre_shift(crop.scale)
        return cls(crop.scale, crop.dx + shift, crop.dy + shift, width, height)

    def box(self) -> tuple[float, float, float, float]:
        """The edges of the photo in the source, counted from the edges of the source."""
        x0, y0 = (-0.5 - self.dx) / self.scale + 0.5, (-0.5 - self.dy) / self.scale + 0.5
        return x0, y0, x0 + self.width / self.scale, y0 + self.height / self.scale


def scaled(rgb: Rgb, place: Placement) -> Rgb:
    """The source at the placement, resampled by Lanczos with the low-pass filter that shrinking needs. Beyond the edge
    of the source its last row or column is repeated."""
    x0, y0, x1, y1 = place.box()
    reach = FILTER_REACH / place.scale
    height, width = rgb.shape[:2]
    left, top, right, bottom = int(x0 - reach) - 1, int(y0 - reach) - 1, int(x1 + reach) + 1, int(y1 + reach) + 1
    inner = rgb[max(0, top) : min(height, bottom), max(0, left) : min(width, right)]
    more = (max(0, -top), max(0, bottom - height), max(0, -left), max(0, right - width))
    padded = cv2.copyMakeBorder(inner, *more, cv2.BORDER_REPLICATE) if any(more) else np.ascontiguousarray(inner)
    box = (x0 - left, y0 - top, x1 - left, y1 - top)
    image = Image.fromarray(np.asarray(padded, np.uint8))
    return np.asarray(image.resize((place.width, place.height), Image.Resampling.LANCZOS, box=box, reducing_gap=3.0))


def compose(
    photo: Rgb, region: PersonRegion, backdrop: Backdrop, matte: Matte, place: Placement, want: Background
) -> Rgb:
    """Change the background of `photo` to what the profile wants. Where the photo reaches beyond its source, the
    backdrop is continued. The person's own pixels are those of the source."""
    beyond = _beyond(region, place)
    if want.mode is BackgroundMode.KEEP and not beyond.any():
        return photo
    colour = to_light(np.array(want.rgb, np.uint8))
    out = np.empty_like(photo)
    if not backdrop.plain:
        if want.mode is BackgroundMode.KEEP:
            return photo
        # There is no model of what is behind the person, so the segmentation's soft edge is the best alpha there is.
        share = _brought(matte.likely, region, place)[..., None]
        for rows in bands(len(photo)):
            out[rows] = to_rgb(share[rows] * to_light(photo[rows]) + (1 - share[rows]) * colour)
        return out
    layers = _layers(region, backdrop, matte, place)
    share = alpha(photo, layers)[..., None]
    share[beyond] = 0
    for rows in bands(len(photo)):
        light = to_light(photo[rows])
        out[rows] = to_rgb(_before(light, share[rows], beyond[rows], layers.backdrop[rows], want.mode, colour))
    return out


def _before(
    light: Floats, share: Floats, beyond: NDArray[np.bool_], backdrop: Floats, mode: BackgroundMode, colour: Floats
) -> Floats:
    """Rows of the photo in linear light, with the background that the profile wants."""
    if mode is BackgroundMode.KEEP:
        return np.where(beyond[..., None], backdrop, light)
    if mode is BackgroundMode.EVEN:
        even = light + (1 - share) * (colour - backdrop)
        even[beyond] = colour
        return even
    own = np.maximum(light - (1 - share) * backdrop, 0) * np.minimum(share / SEAM, 1)
    return np.asarray(own + (1 - share) * colour, np.float32)


def _beyond(region: PersonRegion, place: Placement) -> NDArray[np.bool_]:
    width, height = region.picture_size
    x = (np.arange(place.width) - place.dx) / place.scale
    y = (np.arange(place.height) - place.dy) / place.scale
    outside_x, outside_y = (x < -0.5) | (x > width - 0.5), (y < -0.5) | (y > height - 0.5)
    return outside_y[:, None] | outside_x[None, :]


def _layers(region: PersonRegion, backdrop: Backdrop, matte: Matte, place: Placement) -> Layers:
    ground = to_light(from_lab(backdrop.lab))
    colours = spread_colours(to_light(region.rgb), matte.core, region.face_px)
    chin = place.scale * (matte.chin - region.dy) / region.scale_y + place.dy

    def brought(layer: Floats | Mask) -> Floats:
        return _brought(layer.astype(np.float32), region, place)

    unlike = unlikeness(matte.mask, backdrop.difference, max(0, int(matte.chin)), region.face_px)
    return Layers(
        brought(ground),
        brought(colours),
        brought(matte.mask),
        brought(matte.core),
        brought(matte.near),
        brought(unlike),
        chin,
        place.scale / region.scale_x * region.face_px,
    )


def _brought(layer: Floats, region: PersonRegion, place: Placement) -> Floats:
    """A layer of the person region at the pixels of the photo. Beyond the edges of the region its last row or column
    is repeated."""
    to_region = np.array(
        [
            [region.scale_x / place.scale, 0, region.dx - region.scale_x * place.dx / place.scale],
            [0, region.scale_y / place.scale, region.dy - region.scale_y * place.dy / place.scale],
        ]
    )
    flags, size = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, (place.width, place.height)
    return np.asarray(cv2.warpAffine(layer, to_region, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32)
