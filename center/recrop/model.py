"""Decides whether a recrop is legal, and cuts it from the original. A recrop only scales and shifts the original, and
its photo is encoded and checked as at the booth.

Pixels are counted from the pictures' edges: `photo = scale * original + d`. Where the crop extends beyond the original,
which is only legal over plain background, it is filled with the background colour of the profile.
"""

import io
import math

import numpy as np
from PIL import Image

from center.platform.faults import WrongRequest
from center.shots.model.staff_decision import Recrop
from rules.encode import NoEncoding, encode
from rules.filecheck import check_file
from rules.photo import Crop, PlainSides
from rules.profile import Background, BackgroundMode, Profile
from rules.spec import FaceGeometry, PhotoFile, PhotoSpec, margins

_REACH = 4  # how far the filter reaches, in photo pixels: Lanczos with a = 3 reaches 3, and one more is added
_SAME = 14
"""How many levels a channel may differ from the background's colour and still count as background (JPEG noise)."""


class Original:
    """A decoded original. The markers of its file were checked when it was received (`rules.original`)."""

    def __init__(self, jpeg: bytes, background: Background) -> None:
        """Decode the file. Raises `WrongRequest` if its pixels cannot be read."""
        try:
            with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as picture:
                self._picture = picture.convert("RGB")
        except Exception:  # a decoder of foreign bytes can raise anything
            raise WrongRequest("the original's pixels can't be read: the photo can't be recropped, reject it") from None
        self._colour: tuple[int, int, int] = background.rgb
        self._brought = background.mode is not BackgroundMode.KEEP

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, in pixels."""
        return self._picture.size

    def plain_sides(self) -> PlainSides:
        """The sides on which the background can be continued, because the whole edge has the profile's background
        colour."""
        width, height = self.size
        return PlainSides(
            top=self._is_plain((0, 0, width, 1)),
            left=self._is_plain((0, 0, 1, height)),
            right=self._is_plain((width - 1, 0, width, height)),
        )

    def cut(self, recrop: Recrop, spec: PhotoFile) -> Image.Image:
        """The picture that `recrop` cuts from the original, in the size of `spec`. The recrop must be legal."""
        left, top = -recrop.dx / recrop.scale, -recrop.dy / recrop.scale
        right, bottom = left + spec.width_px / recrop.scale, top + spec.height_px / recrop.scale
        room = math.ceil(_REACH / recrop.scale) + 1
        width, height = self.size
        across = max(0, math.ceil(-left)) + room, max(0, math.ceil(right) - width) + room
        down = max(0, math.ceil(-top)) + room, max(0, math.ceil(bottom) - height) + room
        whole = self._continued(across, down)
        box = (left + across[0], top + down[0], right + across[0], bottom + down[0])
        return whole.resize((spec.width_px, spec.height_px), Image.Resampling.LANCZOS, box=box)

    def _continued(self, across: tuple[int, int], down: tuple[int, int]) -> Image.Image:
        """The original, extended by `across` pixels to the left and right, and by `down` pixels at top and bottom.

        A plain side continues as background. At any other side the last row or column is repeated; of the repeated
        pixels, a legal crop uses only those that its filter reaches.
        """
        pixels = np.pad(np.asarray(self._picture), (down, across, (0, 0)), mode="edge")
        plain = self.plain_sides()
        if plain.left:
            pixels[:, : across[0]] = self._colour
        if plain.right:
            pixels[:, pixels.shape[1] - across[1] :] = self._colour
        if plain.top:
            pixels[: down[0]] = self._colour
        return Image.fromarray(pixels)

    def _is_plain(self, edge: tuple[int, int, int, int]) -> bool:
        if not self._brought:
            return False
        spans = self._picture.crop(edge).getextrema()
        return all(
            abs(value - wanted) <= _SAME
            for span, wanted in zip(spans, self._colour, strict=True)
            for value in _two(span)
        )


def recropped_photo(original: Original, recrop: Recrop, profile: Profile) -> bytes:
    """The file of a recropped photo. Raises `WrongRequest` if no legal file can be made."""
    file = encode(original.cut(recrop, profile.photo), profile.photo)
    if isinstance(file, NoEncoding):
        raise WrongRequest(
            "the recropped photo can't be kept: {file}; take another crop, or reject the photo", file=file
        )
    faults = check_file(file.jpeg, profile.photo)
    if faults:
        raise WrongRequest("the recropped photo is not legal: {faults}", faults="; ".join(map(str, faults)))
    return file.jpeg


def _two(span: object) -> tuple[float, float]:
    assert isinstance(span, tuple), "one span a channel"
    return span[0], span[1]


def recrop_faults(
    recrop: Recrop, face: FaceGeometry, original_size: tuple[int, int], spec: PhotoSpec, plain: PlainSides
) -> tuple[str, ...]:
    """The faults of a crop that staff made on the original; none if it is legal.

    The limits are those of the booth; `face` is measured in the original. NaN counts as a fault.
    """
    faults = []
    if not 0 < recrop.scale <= spec.max_scale:
        return (f"scale {recrop.scale:g} must be above 0 and at most {spec.max_scale:g}: nothing is enlarged",)
    placed = Crop(recrop.scale, recrop.dx, recrop.dy, 0.0).place(face)
    for limit, margin in margins(placed, spec).items():
        if not margin >= spec.min_margin_px:
            faults.append(f"{limit.value}: {margin:.1f} px inside its limits, {spec.min_margin_px:g} px are needed")
    width, height = original_size
    left, top = -recrop.dx / recrop.scale, -recrop.dy / recrop.scale
    right, bottom = (spec.width_px - recrop.dx) / recrop.scale, (spec.height_px - recrop.dy) / recrop.scale
    reach = {
        "top": top >= 0 or plain.top,
        "left": left >= 0 or plain.left,
        "right": right <= width or plain.right,
        "bottom": bottom <= height,
    }
    faults += [f"the crop reaches beyond the {side} of the original" for side, fine in reach.items() if not fine]
    return tuple(faults)
