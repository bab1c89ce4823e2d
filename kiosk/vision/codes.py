"""Reads codes held in front of the camera: student cards, exam slips, and image-collection QR codes on a phone.

There are two readers, because each of them fails on some pictures that the other can read. zxing-cpp looks at every
picture (some 14 ms for a 1280x720 frame). zbar is four times slower, and looks at every fourth picture. Both are
limited to the three formats in use, which is faster and prevents misreadings. `kiosk.core.scan.codes` decides what a
code is, for camera and scanner alike. But a scanner is aimed at a code, while the camera sees any label: if a barcode
can't be a number, it is not reported.
"""

import cv2
import numpy as np
import zxingcpp
from pyzbar import pyzbar

from kiosk.core.events import CodeKind
from kiosk.core.scan.codes import Scan, classify
from kiosk.ports.frames import Rgb

SECOND_READER_EVERY = 4
_MATRIX, _LINEAR = b"]Q1", b"]C0"  # the AIM identifiers of a QR code and of a Code 128
_FORMATS = zxingcpp.BarcodeFormats(
    [zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.Code39]
)
_SYMBOLS = [pyzbar.ZBarSymbol.QRCODE, pyzbar.ZBarSymbol.CODE128, pyzbar.ZBarSymbol.CODE39]


class CodeReader:
    """Reads codes from a stream of pictures. From one picture to the next it keeps only a counter."""

    def __init__(self) -> None:
        self._pictures = 0

    def read(self, rgb: Rgb) -> tuple[Scan, ...]:
        """All codes in one picture (h, w, 3); each value is there once."""
        grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
        found = _by_zxing(grey)
        if not found and self._pictures % SECOND_READER_EVERY == SECOND_READER_EVERY - 1:
            found = _by_zbar(grey)
        self._pictures += 1
        return tuple(dict.fromkeys(code for code in found if code is not None))


def _by_zxing(grey: Rgb) -> list[Scan | None]:
    return [
        _code(barcode.bytes, matrix=barcode.format == zxingcpp.BarcodeFormat.QRCode)
        for barcode in zxingcpp.read_barcodes(grey, formats=_FORMATS)
    ]


def _by_zbar(grey: Rgb) -> list[Scan | None]:
    """The codes that zbar finds. zbar guesses a character set and returns UTF-8, so bytes beyond ASCII may differ from
    those of the code; such codes are left to zxing-cpp."""
    symbols = [symbol for symbol in pyzbar.decode(grey, symbols=_SYMBOLS) if symbol.data.isascii()]
    return [_code(symbol.data, matrix=symbol.type == "QRCODE") for symbol in symbols]


def _code(data: bytes, *, matrix: bool) -> Scan | None:
    found = classify((_MATRIX if matrix else _LINEAR) + data)
    return found if found is not None and (matrix or found.kind is CodeKind.STUDENT_OR_EXAM_NUMBER) else None
