"""Each SHALL of the camera's port, and each habit of picamera2 the booth lives with: on the twin, on the real picamera2
over a sensor in memory (`--camera VC4` or `PISP`, run by `test_camera_on_picamera2.py`), and on a Raspberry Pi.
"""

import gc
import os
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError

import pytest

from kiosk.core.events import BurstFailed
from kiosk.hardware.camera_running import NOISE_REDUCTION_FAST
from kiosk.hardware.exposure import Exposure
from kiosk.ports.faults import DeviceFault, HungFault, TemporaryFault
from tests.contract.camera_bench import CameraBench, on_the_device, on_the_library, on_the_twin, vendor_object


@pytest.fixture(params=["twin", pytest.param("device", marks=pytest.mark.hardware)])
def bench(request: pytest.FixtureRequest) -> Iterator[CameraBench]:
    platform = request.config.getoption("--camera")
    if request.param == "twin":
        bench = on_the_twin() if platform is None else on_the_library(platform)
    else:
        bench = on_the_device()
    yield bench
    for fault in ("hangs_in_close", "stall"):
        bench.breaks(fault, so=False)
    bench.camera.close()


@pytest.fixture
def running(bench: CameraBench) -> CameraBench:
    try:
        bench.camera.open()
    except DeviceFault as fault:
        if bench.rig is None and bench.sensor is None:
            pytest.skip(f"HARDWARE: needs a camera on a Raspberry Pi: {fault}")
        raise
    return bench


@pytest.fixture
def breakable(bench: CameraBench) -> CameraBench:
    if bench.rig is None and bench.sensor is None:
        pytest.skip("HARDWARE: a real camera is not broken on purpose")
    return bench


def test_the_camera_shows_live_pictures_newest_first(running: CameraBench) -> None:
    stamps = []
    for _ in range(3):
        reader = running.camera.live.reader()
        assert running.sees_a_frame()
        frame = reader.next()
        assert frame is not None
        stamps.append(frame.exposed_ns)
    assert stamps == sorted(set(stamps))
    assert all(stamp <= running.clock.now_ns() for stamp in stamps)


def test_a_burst_is_exposed_after_the_decision_and_locked(running: CameraBench) -> None:
    assert running.sees_a_frame()
    decided_ns = running.clock.now_ns()
    assert running.shoots(5)
    (burst,) = running.bursts
    assert burst.take == 5
    assert all(frame.exposed_ns >= decided_ns for frame in burst.frames)
    first, *rest = [Exposure.of(frame.metadata) for frame in burst.frames]
    assert first is not None
    assert all(first.is_close_to(other) for other in rest)


def test_bursts_and_live_frames_give_every_buffer_back(running: CameraBench) -> None:
    for request in range(6):
        assert running.shoots(request + 1)
        assert running.sees_a_frame()


def test_a_burst_ordered_before_closing_is_answered(running: CameraBench) -> None:
    running.camera.shoot(6, 2, running.clock.now_ns())
    running.camera.close()
    assert [type(event) for event in running.events] == [BurstFailed]


def test_the_camera_can_be_closed_twice_and_opened_again(running: CameraBench) -> None:
    running.camera.close()
    running.camera.close()
    running.camera.open()
    assert running.sees_a_frame()


@pytest.mark.parametrize(
    ("fault", "kind", "text_id"), [("absent", IndexError, "missing"), ("busy", RuntimeError, "busy")]
)
def test_a_camera_that_cannot_be_opened_raises_as_the_library_does_and_says_why(
    breakable: CameraBench, fault: str, kind: type[Exception], text_id: str
) -> None:
    breakable.breaks(fault)
    with pytest.raises(kind):
        breakable.factory()
    with pytest.raises(TemporaryFault) as caught:
        breakable.camera.open()
    assert caught.value.text_id == f"fault.camera_{text_id}"
    breakable.breaks(fault, so=False)
    breakable.camera.open()
    assert breakable.sees_a_frame()


@pytest.mark.parametrize("fault", ["absent", "busy"])
def test_fifty_failed_openings_leave_no_descriptor(breakable: CameraBench, fault: str) -> None:
    breakable.breaks(fault)

    def fail() -> None:
        with pytest.raises(TemporaryFault):
            breakable.camera.open()

    fail()  # what the library opens once stays open
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(50):
        fail()
    gc.collect()
    # A leak is one an opening. A thread of the library may have one open at this moment, as the counting itself has.
    assert len(os.listdir("/proc/self/fd")) < before + 5


def test_ten_openings_and_closings_leave_no_descriptor(running: CameraBench) -> None:
    running.camera.close()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(10):
        running.camera.open()
        running.camera.close()
    assert len(os.listdir("/proc/self/fd")) <= before


def test_a_stalled_camera_is_reported_and_works_again_when_it_is_opened_anew(
    breakable: CameraBench, running: CameraBench
) -> None:
    running.breaks("stall")
    with pytest.raises(TemporaryFault, match="no picture"):
        running.until(lambda: False)
    running.camera.close()
    running.breaks("stall", so=False)
    running.camera.open()
    assert running.sees_a_frame()


def test_a_burst_of_a_stalled_camera_fails_and_keeps_no_buffer(breakable: CameraBench, running: CameraBench) -> None:
    for request in range(5):
        assert running.sees_a_frame()
        running.breaks("stall")
        with pytest.raises(TemporaryFault, match="no picture"):
            running.shoots(10 + request)
        running.breaks("stall", so=False)
        while True:  # the same camera goes on: a stall is over when frames come again
            try:
                assert running.shoots(20 + request)
            except TemporaryFault:
                continue
            break


def test_closing_a_camera_that_hangs_ends_in_time_and_is_reported_until_it_is_over(
    breakable: CameraBench, running: CameraBench
) -> None:
    running.breaks("hangs_in_close")
    running.camera._close_s = 0.05
    running.camera.close()
    for _ in range(2):
        with pytest.raises(HungFault):
            running.camera.open()
    running.breaks("hangs_in_close", so=False)
    while True:
        try:
            running.camera.open()
        except HungFault:
            time.sleep(0.005)  # the library's thread is on its way out
            continue
        break
    assert running.sees_a_frame()


def test_an_exception_in_the_callback_is_reported_and_the_camera_goes_on(
    breakable: CameraBench, running: CameraBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert running.sees_a_frame()
    camera = running.camera._camera
    assert camera is not None
    put, times = camera._arrivals.put, []

    def once(item: object) -> None:
        times.append(item)
        if len(times) == 1:
            raise MemoryError("no room for the picture")
        put(item)  # type: ignore[arg-type]

    monkeypatch.setattr(camera._arrivals, "put", once)
    with pytest.raises(TemporaryFault, match="no room for the picture"):
        running.until(lambda: False)
    assert running.sees_a_frame(), "the library's event thread lives"


def test_a_camera_whose_event_thread_died_is_closed_and_opened_anew(
    breakable: CameraBench, running: CameraBench
) -> None:
    """A raising callback of somebody else, or a buffer that libcamera refuses, ends picamera2's only thread."""
    camera = running.camera._camera
    assert camera is not None

    def raising(_request: object) -> None:
        raise ZeroDivisionError

    vendor = camera._camera
    vendor.post_callback = raising
    with pytest.raises(TemporaryFault, match="no picture"):
        running.until(lambda: False)
    running.camera.close()
    running.camera.open()
    assert running.sees_a_frame()


def test_the_streams_are_chosen_by_the_platform(breakable: CameraBench, running: CameraBench) -> None:
    vendor = running.rig.camera if running.rig is not None else None
    if running.sensor is not None:
        platform = running.sensor.platform.value
        layout = running.sensor.configured[1][0]
        fast = any(asked.get("NoiseReductionMode") == NOISE_REDUCTION_FAST for asked in running.sensor.controls)
    else:
        assert vendor is not None
        assert vendor.camera_config is not None
        platform = vendor.platform.name
        layout = vendor.camera_config["lores"]["format"]
        fast = vendor.camera_config["controls"].get("NoiseReductionMode") == NOISE_REDUCTION_FAST
    assert (layout, fast) == (("YUV420", True) if platform == "VC4" else ("BGR888", False))
    frame_reader = running.camera.live.reader()
    assert running.sees_a_frame()
    frame = frame_reader.next()
    assert frame is not None
    assert frame.rgb.shape == (180, 320, 3)


# habits of the vendor's object itself, without the worker


def test_a_job_outlives_the_time_out_of_its_result_and_is_heard_of_when_cancelled(breakable: CameraBench) -> None:
    camera = vendor_object(breakable)
    camera.capture_request(wait=False).get_result(60).release()
    breakable.breaks("stall")
    job = camera.capture_request(wait=False, flush=breakable.clock.now_ns() + 10**15)
    with pytest.raises(TimeoutError):
        job.get_result(0.05)
    camera.cancel_all_and_flush()
    with pytest.raises(CancelledError):
        job.get_result(60)
    breakable.breaks("stall", so=False)
    camera.close()


def test_a_job_that_was_not_cancelled_keeps_the_next_ones_waiting(breakable: CameraBench) -> None:
    camera = vendor_object(breakable)
    camera.capture_request(wait=False, flush=breakable.clock.now_ns() + 10**15)
    behind = camera.capture_request(wait=False)
    with pytest.raises(TimeoutError):
        behind.get_result(0.5)
    camera.cancel_all_and_flush()
    camera.close()


def test_controls_show_some_frames_after_they_were_set(breakable: CameraBench) -> None:
    camera = vendor_object(breakable)
    for _ in range(12):
        camera.capture_request(wait=False).get_result(60).release()
    camera.set_controls({"AeEnable": False, "ExposureTime": 5_000, "AnalogueGain": 1.0})
    late = 0
    while True:
        request = camera.capture_request(wait=False).get_result(60)
        metadata = request.get_metadata()
        request.release()
        if abs(metadata["ExposureTime"] - 5_000) < 50:
            break
        late += 1
        assert late < 100, "they never show"
    camera.close()
    assert late >= 2, f"the booth must not rely on the first frames ({late})"
