"""The folder of a camera's pictures offers what came since, whatever the camera calls it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.desk.pictures import PictureFolder

DAY_NS = 86_400 * 10**9


def put(path: Path, data: bytes, day: int) -> None:
    path.write_bytes(data)
    os.utime(path, ns=(day * DAY_NS, day * DAY_NS))


def overwrite(folder: Path) -> None:
    put(folder / "DSC_0001.JPG", b"another", 2)


def rename_over(folder: Path) -> None:
    put(folder / "partial.tmp", b"picture", 2)
    (folder / "partial.tmp").rename(folder / "DSC_0001.JPG")


def count_anew(folder: Path) -> None:
    """Another card, whose clock is behind, begins at the same number."""
    (folder / "DSC_0001.JPG").unlink()
    put(folder / "DSC_0001.JPG", b"another picture", 0)


@pytest.mark.parametrize("change", [overwrite, rename_over, count_anew])
def test_another_picture_under_a_name_used_before_is_offered(tmp_path: Path, change: Callable[[Path], None]) -> None:
    put(tmp_path / "DSC_0001.JPG", b"picture", 1)
    put(tmp_path / "DSC_0002.JPG", b"picture", 1)
    folder = PictureFolder(tmp_path)
    folder.begin()
    assert (folder.new(), folder.older()) == ([], 2)
    change(tmp_path)
    assert (folder.new(), folder.older()) == (["DSC_0001.JPG"], 1)
    assert folder.path("DSC_0001.JPG") == tmp_path / "DSC_0001.JPG"
    folder.begin()
    assert (folder.new(), folder.older()) == ([], 2), "the next person's are none of these"


def test_the_newest_is_offered_first(tmp_path: Path) -> None:
    folder = PictureFolder(tmp_path)
    folder.begin()
    for day, name in ((3, "a.jpg"), (5, "b.jpg"), (4, "c.jpg")):
        put(tmp_path / name, b"picture", day)
    assert folder.new() == ["b.jpg", "c.jpg", "a.jpg"]


def test_a_picture_that_was_still_being_written_is_not_the_next_persons(tmp_path: Path) -> None:
    path = tmp_path / "DSC_0001.JPG"
    put(path, b"pic", 1)
    folder = PictureFolder(tmp_path)
    folder.begin()
    for seconds, data in ((1, b"pictu"), (9, b"picture")):
        path.write_bytes(data)
        os.utime(path, ns=(DAY_NS, DAY_NS + seconds * 10**9))
        assert (folder.new(), folder.older()) == ([], 1)
    put(path, b"another picture", 2)
    assert folder.new() == ["DSC_0001.JPG"]
