"""Adobe RGB (1998): whether a camera says that a picture has its colours, and the profile that converts them.

A camera set to Adobe RGB often embeds no profile. Instead, by the rule of camera files (DCF), it writes "uncalibrated"
as the EXIF colour space and the interoperability index R03, and begins the file's name with `_`. "Uncalibrated" alone
proves nothing, because telephones also write it for other colours.
"""

import struct
from functools import cache

from PIL import ExifTags, Image

_INDEX, _ADOBE_RGB = 1, "R03"
_COLOUR_SPACE, _SRGB = 0xA001, 1

_D50 = (0.9642, 1.0, 0.8249)
_PRIMARIES = {
    b"rXYZ": (0.60974, 0.31111, 0.01947),
    b"gXYZ": (0.20528, 0.62567, 0.06087),
    b"bXYZ": (0.14919, 0.06322, 0.74457),
}
"""The primaries of Adobe RGB (1998) as XYZ, adapted from D65 to D50 (Bradford), in the form that a profile contains."""
_GAMMA = 563  # in units of 1/256: 2.19921875


def says_adobe_rgb(exif: Image.Exif) -> bool:
    """Whether the EXIF says that the colours are Adobe RGB; False if the EXIF can't be read."""
    try:
        if exif.get_ifd(ExifTags.IFD.Exif).get(_COLOUR_SPACE) == _SRGB:
            return False
        index = exif.get_ifd(ExifTags.IFD.Interop).get(_INDEX)
    except Exception:  # on foreign bytes the parser can raise any exception
        return False
    text = index.decode("ascii", "replace") if isinstance(index, bytes) else str(index)
    return text.rstrip("\0 ") == _ADOBE_RGB


@cache
def adobe_rgb_profile() -> bytes:
    """An ICC profile (version 2.1, matrix and curves) of Adobe RGB (1998)."""
    curve = b"curv" + struct.pack(">IIH", 0, 1, _GAMMA) + b"\0\0"
    tags = {b"wtpt": _xyz(_D50)} | {name: _xyz(value) for name, value in _PRIMARIES.items()}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    table, data = struct.pack(">I", len(tags)), b""
    begin = 128 + 4 + 12 * len(tags)
    for name, value in tags.items():
        table += struct.pack(">4sII", name, begin + len(data), len(value))
        data += value
    header = struct.pack(">II4s4s4s4s", begin + len(data), 0, b"\x02\x10\0\0", b"mntr", b"RGB ", b"XYZ ")
    made = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
    header += made + b"acsp" + bytes(28) + b"".join(_fixed(one) for one in _D50)
    return header.ljust(128, b"\0") + table + data


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(_fixed(one) for one in values)


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65_536))
