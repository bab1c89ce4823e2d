"""Further sizes of a photo, which its profile names: only scaled down and trimmed, never enlarged or stretched."""

import io
from dataclasses import dataclass

from PIL import Image

from center.recrop.model import Original
from center.shots.model.staff_decision import Recrop
from rules.encode import NoEncoding, encode
from rules.filecheck import check_file
from rules.photo import Crop
from rules.profile import MoreSize
from rules.spec import PhotoSpec


@dataclass(frozen=True, slots=True)
class SizedPhoto:
    """A photo in a further size. `jpeg` is None if there are too few pixels, or if no allowed quality gives an allowed
    file size.
    """

    size: MoreSize
    jpeg: bytes | None


def sized_photo(photo: bytes, cut_from: tuple[Original, Crop] | None, spec: PhotoSpec, size: MoreSize) -> SizedPhoto:
    """The finished `photo` in another size. `cut_from`: the original and the crop from which `photo` was made; None if
    the booth sent no original, or if staff recropped the photo. Without them, the photo itself is scaled down.
    """
    scale = max(size.width_px / spec.width_px, size.height_px / spec.height_px)
    # pixels to trim at the left and at the right; excess height is trimmed at the bottom
    beside = (spec.width_px * scale - size.width_px) / 2
    if cut_from is not None and cut_from[1].scale * scale <= spec.max_scale:
        original, crop = cut_from
        picture = original.cut(Recrop(crop.scale * scale, crop.dx * scale - beside, crop.dy * scale), size)
    elif scale <= 1:
        box = (beside / scale, 0.0, (beside + size.width_px) / scale, size.height_px / scale)
        with Image.open(io.BytesIO(photo), formats=["JPEG"]) as opened:
            picture = opened.convert("RGB").resize((size.width_px, size.height_px), Image.Resampling.LANCZOS, box=box)
    else:
        return SizedPhoto(size, None)
    file = encode(picture, size)
    if isinstance(file, NoEncoding) or check_file(file.jpeg, size):
        return SizedPhoto(size, None)
    return SizedPhoto(size, file.jpeg)
