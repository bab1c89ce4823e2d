"""The webcam: OpenCV's own reader on a recorded video, its twin, and a cable that is pulled."""

import io
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np
import pytest
from PIL import Image

from kiosk.desk.webcam import Webcam, open_video
from sim.twins.webcam import TwinWebcam
from tests.desk.conftest import CONSENT, STUDENT, a_desk, person_before


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def two_colours(size: tuple[int, int]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Red on the left, blue on the right."""
    picture = np.zeros((size[1], size[0], 3), np.uint8)
    picture[:, : size[0] // 2, 0] = 250
    picture[:, size[0] // 2 :, 2] = 250
    return picture


@pytest.fixture
def video(tmp_path: Path) -> str:
    """A film that OpenCV reads as it reads a device."""
    path = str(tmp_path / "film.avi")
    writer = cv2.VideoWriter(path, cv2.CAP_OPENCV_MJPEG, cv2.VideoWriter.fourcc(*"MJPG"), 25, (640, 360))
    assert writer.isOpened()
    for _ in range(200):
        writer.write(np.ascontiguousarray(two_colours((640, 360))[:, :, ::-1]))
    writer.release()
    return path


@pytest.mark.parametrize("real", [True, False], ids=["opencv", "twin"])
def test_a_picture_is_upright_in_its_own_colours_and_the_preview_is_a_mirror(real: bool, video: str) -> None:
    opener = open_video if real else TwinWebcam(two_colours).open
    webcam = Webcam(video, (640, 360), opener)
    webcam.start()
    try:
        with patch("kiosk.desk.webcam._SHOT_S", 300):  # however busy the machine is
            picture = webcam.shoot()
        assert picture is not None
        assert picture.shape == (360, 640, 3)
        assert picture[180, 100, 0] > 200 > picture[180, 100, 2], "red is left"
        until(lambda: webcam.preview() is not None)
        shown = np.asarray(Image.open(io.BytesIO(webcam.preview() or b"")))
        assert shown[100, 100, 2] > 200 > shown[100, 100, 0], "blue is left in the mirror"
    finally:
        webcam.stop()
    assert webcam.preview() is None, "nothing is kept of what it saw"


def test_a_device_that_is_not_there_gives_no_picture(tmp_path: Path) -> None:
    source = open_video(str(tmp_path / "nothing"), (640, 360))
    assert not source.isOpened()
    source.release()


def test_an_unplugged_webcam_is_said_and_works_again_by_itself(tmp_path: Path, portrait: bytes) -> None:
    assert portrait
    with a_desk(tmp_path, webcam=True) as desk:
        desk.webcam.unplugged = True
        desk.post("/who", CONSENT | {"code": STUDENT})
        with patch("kiosk.desk.webcam._SHOT_S", 0.2):
            assert "摄像头" in str(desk.post("/shoot")["said"])
        assert desk.get("/live.jpg").status_code == 404
        desk.webcam.unplugged = False
        until(lambda: desk.get("/live.jpg").status_code == 200)
        state = desk.post("/shoot")
        assert state["photo"], state["said"]
        desk.post("/use")
        desk.until(lambda state: state["step"] == "done")
        assert desk.webcam.released >= 1, "the camera is let go when the photo is saved"
        assert desk.get("/live.jpg").status_code == 404
        assert len(desk.saved()) == 1


def test_the_twin_shows_the_person_at_the_size_asked_for() -> None:
    twin = TwinWebcam(person_before).open("/dev/video0", (1280, 720))
    there, picture = twin.read()
    assert there
    assert picture.shape == (720, 1280, 3)
