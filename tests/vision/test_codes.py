"""Codes held before the camera."""

from typing import Any

import numpy as np
import pytest
import segno
import zxingcpp

from kiosk.core.events import CodeKind
from kiosk.core.scan.codes import Scan, classify
from kiosk.vision.codes import SECOND_READER_EVERY, CodeReader
from tests.vision.conftest import Picture


def held_up(symbol: Picture) -> Picture:
    frame = np.full((720, 1280, 3), 150, np.uint8)
    height, width = symbol.shape[:2]
    frame[200 : 200 + height, 300 : 300 + width] = symbol[..., None]
    return frame


def barcode(text: str, kind: Any = zxingcpp.BarcodeFormat.Code128) -> Picture:
    image = np.array(zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(text, kind), scale=2), np.uint8)
    return held_up(np.pad(image, 30, constant_values=255))


def qr(data: bytes) -> Picture:
    rows = segno.make(data, error="m", mode="byte", encoding=None).matrix_iter(scale=6, border=4)
    return held_up(np.array([[0 if dark else 255 for dark in row] for row in rows], np.uint8))


@pytest.mark.parametrize("kind", [zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.Code39])
def test_a_student_card_s_barcode_is_a_candidate_number(kind: Any) -> None:
    assert CodeReader().read(barcode("20190001234", kind)) == (Scan(CodeKind.STUDENT_OR_EXAM_NUMBER, "20190001234"),)


def test_an_image_collection_code_is_opaque_bytes_unchanged() -> None:
    data = bytes(range(30, 90)) + b"\xff\xfe\x00\x80"
    assert CodeReader().read(qr(data)) == (Scan(CodeKind.OPAQUE, data),)


def test_other_kinds_of_code_are_not_read() -> None:
    reader = CodeReader()
    frame = barcode("5901234123457", zxingcpp.BarcodeFormat.EAN13)
    assert [reader.read(frame) for _ in range(SECOND_READER_EVERY)] == [()] * SECOND_READER_EVERY


def test_a_label_too_long_for_a_number_is_not_a_code() -> None:
    assert CodeReader().read(barcode("A1" * 17)) == ()


def test_an_empty_frame_has_no_code_for_either_reader() -> None:
    reader = CodeReader()
    frame = np.full((720, 1280, 3), 150, np.uint8)
    assert not any(reader.read(frame) for _ in range(SECOND_READER_EVERY))


@pytest.mark.parametrize("label", ["ABC", "A1" * 11, "12 34 56", "box #4711"])
def test_a_label_the_scanner_would_not_take_for_a_number_is_none_before_the_camera(label: str) -> None:
    read = CodeReader().read(barcode(label))
    scanned = classify(label.encode())
    assert read == ()
    assert scanned is None or scanned.kind is CodeKind.OPAQUE
