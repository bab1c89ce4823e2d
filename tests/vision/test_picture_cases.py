"""Every kind of broken picture file comes to its right end, and whatever the bytes, nothing else is raised."""

import contextlib
import json
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.__main__ import main
from kiosk.vision.photo.picture import BadPicture, decode_picture, read_picture
from tests.cases.pictures import (
    KINDS,
    SIZE,
    TOP_COLOUR,
    encoded,
    jpeg_with_exif,
    orientation,
    tiff_with_next,
    with_segment,
)

FILES = [
    jpeg_with_exif(orientation(6), (0x011A, 10, 1, b"\0\0\0\x26")),
    tiff_with_next(0),
    encoded("PNG"),
    encoded("WEBP"),
    encoded("BMP"),
]


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / f"{name.replace(' ', '-')}.jpg"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_file_comes_to_its_right_end(name: str, tmp_path: Path) -> None:
    kind = KINDS[name]
    path = written(tmp_path, name, kind.make())
    if kind.right == "upright":
        assert np.abs(read_picture(path)[:20].mean((0, 1)) - TOP_COLOUR).max() < 8
        return
    with pytest.raises(BadPicture, match=kind.right) as caught:
        read_picture(path)
    assert str(path) in str(caught.value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(FILES), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=6), st.data())
def test_a_changed_file_is_a_picture_or_a_bad_picture(
    tmp_path: Path, file: bytes, changes: list[tuple[int, int]], data: st.DataObject
) -> None:
    changed = bytearray(file)
    for at, value in changes:
        near = at % len(file)  # the shortest file has 394 bytes
        changed[data.draw(st.sampled_from([near, -1 - near]))] = value
    path = tmp_path / "changed.jpg"
    path.write_bytes(changed[: data.draw(st.integers(0, len(file)))] if data.draw(st.booleans()) else changed)
    with contextlib.suppress(BadPicture):
        assert read_picture(path).ndim == 3


HEADS = [b"Exif\0\0", b"Exif\0\0MM\0*", b"http://ns.adobe.com/xap/1.0/\0", b"MPF\0", b"Photoshop 3.0\0", b""]


@settings(deadline=None)
@given(st.sampled_from(HEADS), st.sampled_from([0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xFE]), st.binary(max_size=80))
def test_whatever_stands_beside_the_pixels_of_a_jpeg_they_are_read(head: bytes, marker: int, body: bytes) -> None:
    read = decode_picture(with_segment(FILES[0], marker, head + body), Path("x.jpg"))
    assert sorted(read.shape) == sorted((*SIZE, 3))


@pytest.mark.usefixtures("models")
def test_a_batch_goes_on_after_a_bad_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kinds = dict(islice(KINDS.items(), 24))
    paths = [written(tmp_path, name, kind.make()) for name, kind in kinds.items()]
    assert main(["check", *map(str, paths), "--profile", "jiangsu-2019", "--json"]) == 1
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["image"] for one in told] == [str(path) for path in paths]
    assert [("error" in one) for one in told] == [kind.right != "upright" for kind in kinds.values()]
