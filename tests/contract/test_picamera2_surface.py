"""The twin has the methods and parameters of the library, so that what runs on the one runs on the other.

SURFACE is what the booth uses, read off picamera2 0.3.36; it is held against the twin everywhere, and against the
installed library on a Raspberry Pi.
"""

import inspect

import pytest

from sim.twins.picamera2 import Picamera2Twin, RequestTwin
from tests.contract.camera_bench import on_the_library

SURFACE = {
    "__init__": ["self", "camera_num"],
    "create_still_configuration": ["self", "main", "lores", "raw", "buffer_count", "controls", "queue"],
    "configure": ["self", "camera_config"],
    "start": ["self"],
    "close": ["self"],
    "set_controls": ["self", "controls"],
    "capture_request": ["self", "wait", "flush"],
    "autofocus_cycle": ["self", "wait"],
    "cancel_all_and_flush": ["self"],
}
REQUEST_SURFACE = {"get_metadata": ["self"], "make_array": ["self", "name"], "acquire": ["self"], "release": ["self"]}
PROPERTIES = ["camera_controls", "platform"]
SCENE_ONLY = {"rig"}  # what the twin needs beyond the library: where it stands


def parameters(owner: type, method: str) -> list[str]:
    return [name for name in inspect.signature(getattr(owner, method)).parameters if name not in SCENE_ONLY]


@pytest.mark.parametrize(("method", "names"), SURFACE.items())
def test_the_twin_has_the_cameras_method_with_its_parameters(method: str, names: list[str]) -> None:
    assert parameters(Picamera2Twin, method) == names


@pytest.mark.parametrize(("method", "names"), REQUEST_SURFACE.items())
def test_the_twin_has_the_requests_method_with_its_parameters(method: str, names: list[str]) -> None:
    assert parameters(RequestTwin, method) == names


def test_the_twin_offers_nothing_the_booth_could_use_beyond_the_surface() -> None:
    ours = {"deliver_due", "render", "give_back", "wait_until"}  # used by the rig, the requests and the jobs
    public = {name for name, _ in inspect.getmembers(Picamera2Twin) if not name.startswith("_")}
    assert public - ours - set(PROPERTIES) == set(SURFACE) - {"__init__"}


def test_the_installed_library_has_the_same_methods_and_parameters(request: pytest.FixtureRequest) -> None:
    platform = request.config.getoption("--camera")
    if platform is not None:
        on_the_library(platform)
    elsewhere = "HARDWARE: no Raspberry Pi; test_camera_on_picamera2.py runs it on the library"
    picamera2 = pytest.importorskip("picamera2", reason=elsewhere)
    for owner, surface in ((picamera2.Picamera2, SURFACE), (picamera2.CompletedRequest, REQUEST_SURFACE)):
        for method, names in surface.items():
            theirs = parameters(owner, method)
            assert [name for name in theirs if name in names] == names, f"{owner.__name__}.{method}: {theirs}"
    for name in PROPERTIES:
        assert hasattr(picamera2.Picamera2, name)
