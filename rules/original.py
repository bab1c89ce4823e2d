"""The original of a finished photo: a cut of the same picture with more pixels and more room around the face. Staff
recrop the photo from it.

The original's background is already replaced. It differs from the photo by scale and shift only: `photo = scale *
original + d`, in pixels from the pictures' edges. No recrop may enlarge the original.
"""

import math
from dataclasses import dataclass

from rules.jpeg import NotJpeg, read_jpeg
from rules.photo import Crop, PlainSides
from rules.spec import PhotoSpec

FINER = 1.4
"""How many times finer the original is than the photo. The widest legal face is 1.4 times as wide as the aim, so no
recrop enlarges the original."""
ROOM = 0.15
"""How far the original reaches beyond the photo on each side, as a share of the photo's width or height. A recrop
rarely needs more. The eyes may lie in a range of 100 px (0.16 of the height), the top of the hair in a range of 60 px.
So only a recrop that moves the eyes from one end of their range to the other moves the face by 0.16. A recrop with the
narrowest legal face needs a cut that is 1.19 times as wide as the photo's."""
ORIGINAL_BYTES = 60_000
"""With this limit, an envelope stays near 100 kB: it also holds the photo of 30 to 40 kB and the manifest."""
MOST_SIDE_PX = 2_048


@dataclass(frozen=True, slots=True)
class OriginalFrame:
    """The geometry of an original: its size, the crop that makes it from the camera's picture, and the crop that makes
    the photo from it."""

    width: int
    height: int
    from_picture: Crop
    to_photo: Crop


def original_frame(crop: Crop, picture_size: tuple[int, int], spec: PhotoSpec, plain: PlainSides) -> OriginalFrame:
    """The original of a photo that `crop` cuts out of a picture (width, height). The original reaches beyond the
    picture only where plain backdrop can be continued. It enlarges the picture by `spec.max_scale` at most."""
    width, height = spec.width_px, spec.height_px
    left, top, right, bottom = -ROOM * width, -ROOM * height, (1 + ROOM) * width, (1 + ROOM) * height
    # On a side where no backdrop can be continued, the original ends at the picture's edge (here in coordinates of the
    # photo). The photo lies inside this edge.
    if not plain.left:
        left = max(left, crop.dx)
    if not plain.top:
        top = max(top, crop.dy)
    if not plain.right:
        right = min(right, crop.scale * picture_size[0] + crop.dx)
    bottom = min(bottom, crop.scale * picture_size[1] + crop.dy)
    finer = min(FINER, spec.max_scale / crop.scale)
    columns, rows = math.floor(finer * (right - left) + 1e-9), math.floor(finer * (bottom - top) + 1e-9)
    from_picture = Crop(crop.scale * finer, (crop.dx - left) * finer, (crop.dy - top) * finer, 0.0)
    return OriginalFrame(columns, rows, from_picture, Crop(1 / finer, left, top, 0.0))


def original_faults(data: bytes, size: tuple[int, int]) -> tuple[str, ...]:
    """The faults of an original's file whose declared size is `size` (width, height). If there are none, the file may
    be decoded.

    This function decodes nothing. Each fault names the thing, the value and the remedy.
    """
    if len(data) > ORIGINAL_BYTES:
        return (f"original.jpg has {len(data)} bytes, at most {ORIGINAL_BYTES} are taken: encode it again",)
    try:
        facts = read_jpeg(data)
    except NotJpeg as fault:
        return (f"original.jpg is no whole JPEG file ({fault}): encode it again",)
    faults = []
    if (facts.width, facts.height) != size or max(size) > MOST_SIDE_PX:
        faults.append(
            f"original.jpg is {facts.width} x {facts.height} px, the manifest says {size[0]} x {size[1]}, "
            f"{MOST_SIDE_PX} at most: encode it again"
        )
    if facts.coding != "baseline" or facts.components != 3 or facts.bits != 8:
        faults.append("original.jpg is not a baseline JPEG of three channels of 8 bits: encode it again")
    if facts.metadata or facts.thumbnail:
        faults.append("original.jpg holds metadata or a preview: encode it without")
    if facts.end != len(data):
        faults.append(f"original.jpg has {len(data) - facts.end} bytes after the picture: encode it again")
    return tuple(faults)
