"""Reads any file as an upright picture (sRGB, 8 bit, three channels), or refuses the file with a clear reason.

The header is checked before anything is decoded, so a small file that would unpack to gigabytes is refused without
reading it.
"""

import io
import warnings
from enum import StrEnum
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageCms, UnidentifiedImageError

from common.catalog import Catalog
from kiosk.ports.frames import Rgb
from kiosk.text.catalog import load
from kiosk.vision.photo.adobe_rgb import adobe_rgb_profile, says_adobe_rgb
from kiosk.vision.photo.jpeg_parts import bare_jpeg, exif_in_jpeg, is_jpeg, orientation_in_jpeg

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP")
MOST_BYTES = 200_000_000
MOST_PIXELS = 64_000_000  # five times as many as the booth's camera has; they take less than 200 MB in memory
LEAST_SIDE_PX = 240  # half the photo's width; in a smaller picture no face could be large enough
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""For each EXIF orientation, how to turn the picture upright; with 1 and unknown values it is not turned."""
_PNG = b"\x89PNG"
_DIRECT = {"RGB", "P", "RGBA", "RGBX"}


class PictureFault(StrEnum):
    """Why a file can't be judged or finished. The text `picture.<fault>` says what is wrong and what to do."""

    MISSING = "missing"
    NO_FILE = "no_file"
    UNREADABLE = "unreadable"
    NO_PICTURE = "no_picture"
    DAMAGED = "damaged"
    TOO_LARGE = "too_large"
    TOO_SMALL = "too_small"
    SEVERAL = "several"
    PRINT_COLOURS = "print_colours"
    GREY = "grey"
    PIXEL_FORMAT = "pixel_format"
    TRANSPARENT = "transparent"
    COLOUR_PROFILE = "colour_profile"


class BadPicture(ValueError):
    """A file that can't be judged or finished. The exception's text names the file, what is wrong and the remedy, in
    English."""

    def __init__(self, path: Path, fault: PictureFault, **values: object) -> None:
        self.fault, self.values, self._path = fault, values, path
        super().__init__(self.text(load("en")))

    def text(self, words: Catalog) -> str:
        """This message in the language of `words`."""
        return f"{self._path}: {words.text(f'picture.{self.fault.value}', **self.values)}"


def read_picture(path: Path) -> Rgb:
    """The picture in `path` as (height, width, 3) in sRGB, turned upright as its EXIF says. Raises `BadPicture`."""
    return decode_picture(_bytes(path), path)


def decode_picture(data: bytes, path: Path) -> Rgb:
    """The picture in a file's bytes, as `read_picture` returns it; `path` names the file in messages."""
    if len(data) > MOST_BYTES:
        raise _too_large(path, f"{len(data)} bytes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a decoder's warnings do not matter if the file can be read
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(bare_jpeg(data) if is_jpeg(data) else data), formats=FORMATS)
            _check_header(path, image)
            exif = Image.Exif() if is_jpeg(data) else _exif(image)
            orientation = orientation_in_jpeg(data) if is_jpeg(data) else _orientation(exif)
            adobe = "icc_profile" not in image.info and says_adobe_rgb(exif_in_jpeg(data) if is_jpeg(data) else exif)
            return _srgb(path, _turned(image, orientation), adobe_rgb_profile() if adobe else None)
    except BadPicture:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _too_large(path, f"> {MOST_PIXELS} px") from error
    except UnidentifiedImageError as error:
        if is_jpeg(data) or data.startswith(_PNG):
            raise BadPicture(path, PictureFault.DAMAGED, cause="its header can't be read") from error
        raise BadPicture(path, PictureFault.NO_PICTURE) from error
    except Exception as error:  # on bad bytes a decoder may raise any exception
        raise BadPicture(path, PictureFault.DAMAGED, cause=str(error) or type(error).__name__) from error


def _exif(image: Image.Image) -> Image.Exif:
    """The EXIF of a PNG, WebP or TIFF; empty if it can't be read."""
    if image.format != "TIFF":
        image.load()  # the EXIF of a PNG may come after its pixels; bad pixels raise here
    try:
        return image.getexif()
    except Exception:  # bad EXIF does not mean bad pixels
        return Image.Exif()


def _orientation(exif: Image.Exif) -> int | None:
    """The EXIF orientation of a PNG, WebP or TIFF; None if it can't be read. Few other entries are read and none is
    written, because many are wrong."""
    try:
        # It is removed from the EXIF, because otherwise Pillow would turn a TIFF again when it loads the pixels.
        value = exif.pop(ExifTags.Base.Orientation, None)
    except Exception:  # bad EXIF does not mean bad pixels
        return None
    return value if isinstance(value, int) else None


def _turned(image: Image.Image, orientation: int | None) -> Image.Image:
    turn = None if orientation is None else _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def _bytes(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise BadPicture(path, PictureFault.NO_FILE)
        if path.is_file() and path.stat().st_size > MOST_BYTES:
            raise _too_large(path, f"{path.stat().st_size} bytes")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise BadPicture(path, PictureFault.MISSING) from error
    except OSError as error:
        raise BadPicture(path, PictureFault.UNREADABLE, cause=error.strerror) from error


def _check_header(path: Path, image: Image.Image) -> None:
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise _too_large(path, f"{width} x {height} px")
    if min(width, height) < LEAST_SIDE_PX:
        raise BadPicture(path, PictureFault.TOO_SMALL, width=width, height=height, least=LEAST_SIDE_PX)
    if getattr(image, "n_frames", 1) > 1:  # `bare_jpeg` has cut a JPEG's previews off
        raise BadPicture(path, PictureFault.SEVERAL, count=getattr(image, "n_frames", 1))
    if image.mode == "CMYK":
        raise BadPicture(path, PictureFault.PRINT_COLOURS)
    if image.mode in ("L", "LA", "1"):
        raise BadPicture(path, PictureFault.GREY)
    if image.mode not in _DIRECT:
        raise BadPicture(path, PictureFault.PIXEL_FORMAT, format=image.mode)


def _srgb(path: Path, image: Image.Image, unless_embedded: bytes | None) -> Rgb:
    """The picture in sRGB. `unless_embedded`: the colour profile to assume if the picture contains none; None: sRGB."""
    profile = image.info.get("icc_profile") or unless_embedded
    if image.mode in ("P", "RGBA") or "transparency" in image.info:
        image = image.convert("RGBA")
        if image.getchannel("A").tobytes().strip(b"\xff"):
            raise BadPicture(path, PictureFault.TRANSPARENT)
    image = image.convert("RGB")
    if profile:
        image = _converted(path, image, profile)
    return np.array(image, np.uint8)


def _converted(path: Path, image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), inPlace=True)
    except (ImageCms.PyCMSError, OSError) as error:
        raise BadPicture(path, PictureFault.COLOUR_PROFILE) from error
    return image


def _too_large(path: Path, size: str) -> BadPicture:
    return BadPicture(path, PictureFault.TOO_LARGE, size=size, most=MOST_PIXELS // 1_000_000)
