"""Reading a picture from a file, whatever it is: upright, sRGB, 8 bit, three channels - or a clear refusal.

Nothing is decoded before the header's promises are checked, so a small file that unpacks to gigabytes is refused
unread.
"""

import io
import warnings
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageCms, UnidentifiedImageError

from kiosk.ports.frames import Rgb

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP")
MOST_BYTES = 200_000_000
MOST_PIXELS = 64_000_000  # five times the booth's camera, and under 200 MB in memory
LEAST_SIDE_PX = 240  # half the photo's width: no face in it could be large enough
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What brings a picture of each EXIF orientation upright; 1 and unknown values: as it is."""
_DIRECT = {"RGB", "P", "RGBA", "RGBX"}


class BadPicture(ValueError):
    """A file that can't be judged or finished; the message names the file, what is wrong and the remedy."""

    def __init__(self, path: Path, problem: str, remedy: str) -> None:
        super().__init__(f"{path}: {problem}. {remedy}.")
        self.missing = False  # there is no such file: wrong use of a command, not a wrong picture


def read_picture(path: Path) -> Rgb:
    """The picture in `path` as (height, width, 3), turned upright by its EXIF, in sRGB. Raises `BadPicture`."""
    data = _bytes(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is doubtful about a file is no news unless it can't be read
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=FORMATS)
            _check_header(path, image)
            return _srgb(path, _upright(image))
    except BadPicture:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _too_large(path, "more pixels than any camera has") from error
    except UnidentifiedImageError as error:
        raise BadPicture(path, "not a picture this program reads", "Give a JPEG, PNG, WebP, TIFF or BMP") from error
    except Exception as error:  # decoders of foreign bytes raise whatever their mistakes lead to
        raise _damaged(path, error) from error


def _upright(image: Image.Image) -> Image.Image:
    """`image` turned as its EXIF says. No other entry is looked at, and none is written: many are wrong."""
    exif = image.getexif()
    orientation = exif.pop(ExifTags.Base.Orientation, None)  # taken out: loading a TIFF would turn it, too
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)


def _bytes(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise BadPicture(path, "not a file", "Name the picture itself")
        if path.is_file() and path.stat().st_size > MOST_BYTES:
            raise _too_large(path, f"{path.stat().st_size} bytes")
        return path.read_bytes()
    except FileNotFoundError as error:
        missing = BadPicture(path, "there is no such file", "Check the path")
        missing.missing = True
        raise missing from error
    except OSError as error:
        raise BadPicture(path, f"can't be read ({error.strerror})", "Check the path and its permissions") from error


def _check_header(path: Path, image: Image.Image) -> None:
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise _too_large(path, f"{width} x {height} pixels")
    if min(width, height) < LEAST_SIDE_PX:
        remedy = f"Give a picture of at least {LEAST_SIDE_PX} pixels on each side"
        raise BadPicture(path, f"only {width} x {height} pixels", remedy)
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
        raise BadPicture(path, f"{image.n_frames} pictures in one file", "Give one picture a file")  # type: ignore[attr-defined]  # only some formats have it
    if image.mode == "CMYK":
        raise BadPicture(path, "in print colours (CMYK)", "Save it as RGB: print colours can't be shown truly")
    if image.mode in ("L", "LA", "1"):
        raise BadPicture(path, "a grey picture", "Give the picture in colour: the rules ask for it")
    if image.mode not in _DIRECT:
        raise BadPicture(path, f"in the pixel format {image.mode}", "Save it as RGB with 8 bits a channel")


def _srgb(path: Path, image: Image.Image) -> Rgb:
    profile = image.info.get("icc_profile")
    if image.mode in ("P", "RGBA"):
        image = image.convert("RGBA")
        if image.getchannel("A").tobytes().strip(b"\xff"):
            raise BadPicture(path, "partly transparent", "Give the picture as it was taken, with its background")
    image = image.convert("RGB")
    if profile:
        image = _converted(path, image, profile)
    return np.array(image, np.uint8)


def _converted(path: Path, image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), inPlace=True)
    except (ImageCms.PyCMSError, OSError) as error:
        raise BadPicture(path, "its colour profile can't be used", "Save it as sRGB") from error
    return image


def _damaged(path: Path, error: Exception) -> BadPicture:
    said = str(error) or type(error).__name__
    return BadPicture(path, f"damaged or incomplete ({said})", "Copy it again from the camera")


def _too_large(path: Path, size: str) -> BadPicture:
    return BadPicture(path, f"{size}, too large", f"Give a picture of at most {MOST_PIXELS // 1_000_000} megapixels")
