"""The camera worker on the twin: live frames, locked bursts, time-outs; in lockstep and on real threads."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest

from kiosk.core.events import BurstFailed, Event, ShootFault
from kiosk.hardware.camera_picamera2 import CameraWorker
from kiosk.hardware.exposure import Exposure, exposed_ns
from kiosk.hardware.pixels import rgb_of
from kiosk.ports.config import CameraConfig
from kiosk.ports.faults import TemporaryFault
from kiosk.ports.frames import Burst
from sim.twins.camera_light import HIGHLIGHT, Picture, yuv420
from sim.twins.clock import VirtualClock
from sim.twins.picamera2 import CameraFault, CameraRig, PlatformTwin

SMALL = {"main_size": (576, 324), "lores_size": (320, 180)}
CONFIG = CameraConfig.model_validate(SMALL)


class Scene:
    """A grey wall with a white patch and a red one; `light` scales it."""

    def __init__(self) -> None:
        self.light = 1.0
        self.asked: list[int] = []

    def __call__(self, size: tuple[int, int], exposed_ns: int) -> Picture:
        self.asked.append(exposed_ns)
        width, height = size
        picture = np.full((height, width, 3), 110, np.uint8)
        picture[height // 4 : height // 2, width // 3 : width // 2] = HIGHLIGHT
        picture[height // 2 :, width // 2 : width * 2 // 3] = (180, 60, 40)
        return np.asarray(picture * self.light ** (1 / 2.2), dtype=np.uint8)


class Booth:
    """A camera worker in lockstep."""

    def __init__(self, clock: VirtualClock, events: list[Event], config: CameraConfig = CONFIG) -> None:
        self.clock = clock
        self.events = events
        self.scene = Scene()
        self.bursts: list[Burst] = []
        self.rig = CameraRig(self.scene, clock.now_ns, clock.advance)
        self.worker = CameraWorker(config, self.rig.factory, events.append, self.bursts.append, clock)
        self.reader = self.worker.live.reader()
        self.frames = 0

    def run(self, ms: int) -> None:
        for _ in range(ms // 16):
            self.clock.advance(16_000_000)
            self.rig.step()
            self.worker.poll(0)
            self.frames += self.reader.next() is not None


@pytest.fixture
def booth(clock: VirtualClock, events: list[Event]) -> Iterator[Booth]:
    booth = Booth(clock, events)
    booth.worker.open()
    yield booth
    booth.worker.close()


def test_live_frames_come_at_the_sensors_pace_and_the_main_picture_is_not_rendered(booth: Booth) -> None:
    booth.run(5_000)
    assert 68 <= booth.frames <= 72
    assert booth.rig.rendered["main"] == 0


def test_live_frames_are_rgb_and_stamped_with_the_beginning_of_their_exposure(booth: Booth) -> None:
    booth.run(2_000)
    booth.scene.asked.clear()
    reader = booth.worker.live.reader()
    booth.run(100)
    frame = reader.next()
    assert frame is not None
    assert frame.rgb.shape == (180, 320, 3)
    assert frame.exposed_ns in booth.scene.asked
    red = frame.rgb[130, 180]
    assert red[0] > red[1] + 60


def test_exposure_and_white_balance_come_to_rest(booth: Booth) -> None:
    booth.scene.light = 0.25
    booth.run(3_000)
    frame = booth.worker.live.reader().next()
    assert frame is not None
    exposure = Exposure.of(frame.metadata)
    assert exposure is not None
    assert exposure.time_us * exposure.gain == pytest.approx(4 * 8_000, rel=0.1)
    white = frame.rgb[60:80, 120:150].mean(axis=(0, 1))
    assert white == pytest.approx([HIGHLIGHT] * 3, abs=6)


def test_a_burst_holds_full_frames_exposed_after_the_decision_with_one_locked_exposure(booth: Booth) -> None:
    booth.run(2_000)
    decided_ns = booth.clock.now_ns()
    booth.worker.shoot(7, 1, decided_ns)
    booth.run(1_000)
    (burst,) = booth.bursts
    assert (burst.request, burst.take, len(burst.frames)) == (7, 1, 3)
    assert all(frame.exposed_ns >= decided_ns for frame in burst.frames)
    assert len({frame.exposed_ns for frame in burst.frames}) == 3
    assert len({(frame.metadata["ExposureTime"], frame.metadata["AnalogueGain"]) for frame in burst.frames}) == 1
    assert all(frame.rgb.shape == (324, 576, 3) for frame in burst.frames)
    assert booth.events == []


def test_the_main_picture_is_rendered_for_the_burst_only(booth: Booth) -> None:
    booth.run(2_000)
    booth.worker.shoot(7, 1, booth.clock.now_ns())
    booth.run(1_000)
    assert booth.rig.rendered["main"] == 3


def test_a_burst_in_a_changing_light_keeps_the_exposure_it_locked(booth: Booth) -> None:
    booth.run(2_000)
    booth.worker.shoot(1, 1, booth.clock.now_ns())
    booth.scene.light = 0.3
    booth.run(1_000)
    first, *rest = [Exposure.of(frame.metadata) for frame in booth.bursts[0].frames]
    assert first is not None
    assert all(first.is_close_to(other) for other in rest)


def test_automatic_exposure_goes_on_after_a_burst(booth: Booth) -> None:
    booth.run(2_000)
    booth.worker.shoot(1, 1, booth.clock.now_ns())
    booth.run(1_000)
    booth.scene.light = 0.25
    booth.run(3_000)
    frame = booth.worker.live.reader().next()
    assert frame is not None
    assert frame.rgb[60:80, 120:150].mean() == pytest.approx(HIGHLIGHT, abs=6)


def test_no_buffer_is_kept_by_live_frames_or_bursts(booth: Booth) -> None:
    for request in range(6):
        booth.worker.shoot(request, request, booth.clock.now_ns())
        booth.run(1_000)
    assert len(booth.bursts) == 6
    assert booth.rig.dropped == 0


def test_a_request_kept_for_ever_starves_the_twin_of_buffers(booth: Booth) -> None:
    camera = booth.rig.camera
    assert camera is not None
    kept = [camera.capture_request(wait=False).get_result(1.0) for _ in range(4)]
    assert len(kept) == 4
    booth.frames = 0
    booth.scene.asked.clear()
    for _ in range(50):
        booth.clock.advance(16_000_000)
        booth.rig.step()
    assert booth.scene.asked == []
    assert booth.rig.dropped > 5


def test_a_camera_that_never_returns_ends_the_burst_in_time(booth: Booth) -> None:
    booth.run(2_000)
    booth.rig.fault = CameraFault.NEVER_RETURNS
    asked_ns = booth.clock.now_ns()
    booth.worker.shoot(9, 2, asked_ns)
    booth.run(16)
    assert booth.events == [BurstFailed(booth.events[0].at_ns, 9, ShootFault.CAMERA_TIMEOUT)]
    assert booth.clock.now_ns() - asked_ns < 3_200_000_000
    booth.rig.fault = CameraFault.NONE
    booth.worker.shoot(10, 3, booth.clock.now_ns())
    booth.run(1_000)
    assert booth.bursts[0].request == 10


def test_an_exposure_that_does_not_lock_is_not_shot(booth: Booth) -> None:
    booth.run(2_000)
    booth.rig.fault = CameraFault.UNLOCKABLE
    booth.worker.shoot(9, 2, booth.clock.now_ns())
    booth.scene.light = 0.1  # automatic exposure goes on and runs away from the values that were set
    booth.run(16)
    assert booth.bursts == []
    assert booth.events == [BurstFailed(booth.events[0].at_ns, 9, ShootFault.EXPOSURE_NOT_LOCKED)]


def test_a_stalled_camera_is_a_temporary_fault_after_the_frame_time_out(booth: Booth) -> None:
    booth.run(1_000)
    booth.rig.fault = CameraFault.STALL
    stalled_ns = booth.clock.now_ns()
    with pytest.raises(TemporaryFault, match="no picture"):
        booth.run(5_000)
    assert 1_400_000_000 < booth.clock.now_ns() - stalled_ns < 1_700_000_000


def test_a_stalled_camera_works_again_when_reopened(booth: Booth) -> None:
    booth.rig.fault = CameraFault.STALL
    with pytest.raises(TemporaryFault):
        booth.run(5_000)
    booth.worker.close()
    booth.rig.fault = CameraFault.NONE
    booth.worker.open()
    booth.run(1_000)
    assert booth.frames > 5


def test_a_camera_that_opens_and_gives_no_picture_is_not_open(booth: Booth) -> None:
    booth.worker.close()
    booth.rig.fault = CameraFault.STALL
    with pytest.raises(TemporaryFault, match="no picture"):
        booth.worker.open()
    assert booth.rig.camera is None


@pytest.mark.parametrize(("lens_position", "autofocus"), [(0.9, True), (None, True), (None, False), (0.9, False)])
def test_every_kind_of_lens_opens(
    clock: VirtualClock, events: list[Event], lens_position: float | None, autofocus: bool
) -> None:
    booth = Booth(clock, events, CameraConfig.model_validate(SMALL | {"lens_position": lens_position}))
    booth.rig.autofocus = autofocus
    booth.worker.open()
    booth.run(500)
    assert booth.frames > 3
    booth.worker.close()


def test_a_burst_ordered_when_the_camera_is_closed_is_answered(booth: Booth) -> None:
    booth.worker.shoot(4, 1, booth.clock.now_ns())
    booth.worker.close()
    assert booth.events == [BurstFailed(booth.clock.now_ns(), 4, ShootFault.CAMERA_TIMEOUT)]


@pytest.mark.parametrize(
    ("fault", "text_id"),
    [(CameraFault.BUSY, "fault.camera_busy"), (CameraFault.UNPLUGGED, "fault.camera_missing")],
)
def test_a_camera_that_cannot_be_opened_says_why(
    clock: VirtualClock, events: list[Event], fault: CameraFault, text_id: str
) -> None:
    booth = Booth(clock, events)
    booth.rig.fault = fault
    with pytest.raises(TemporaryFault) as caught:
        booth.worker.open()
    assert caught.value.text_id == text_id


def test_two_workers_cannot_hold_one_camera(booth: Booth) -> None:
    second = CameraWorker(CONFIG, booth.rig.factory, booth.events.append, booth.bursts.append, booth.clock)
    with pytest.raises(TemporaryFault, match="another program"):
        second.open()


def test_closing_twice_is_harmless_and_frees_the_camera(booth: Booth) -> None:
    booth.worker.close()
    booth.worker.close()
    booth.worker.open()


def test_dark_frames_are_delivered_as_they_are(booth: Booth) -> None:
    booth.rig.fault = CameraFault.DARK
    booth.run(1_000)
    frame = booth.worker.live.reader().next()
    assert frame is not None
    assert frame.rgb.mean() < 60


def test_yuv420_with_a_stride_becomes_the_same_picture() -> None:
    picture = np.asarray(cv2.GaussianBlur(Scene()((330, 180), 0), (0, 0), 3), dtype=np.uint8)
    array = yuv420(picture)
    assert array.shape == (270, 384)
    difference = np.abs(rgb_of(array, "YUV420", (330, 180)).astype(int) - picture)
    assert difference.mean() < 1.5
    assert difference.max() < 16


def test_yuv420_keeps_white_and_black() -> None:
    for level in (0, 255):
        flat = np.full((16, 128, 3), level, np.uint8)
        assert np.abs(rgb_of(yuv420(flat), "YUV420", (128, 16)).astype(int) - level).max() <= 1


def test_live_frames_of_a_raspberry_pi_4_are_rgb_from_its_yuv_stream(clock: VirtualClock, events: list[Event]) -> None:
    booth = Booth(clock, events)
    booth.rig.platform = PlatformTwin.VC4
    booth.worker.open()
    booth.run(2_000)
    frame = booth.worker.live.reader().next()
    assert frame is not None
    assert frame.rgb.shape == (180, 320, 3)
    assert frame.rgb[130, 180, 0] > frame.rgb[130, 180, 1] + 60
    booth.worker.close()


def test_an_unknown_layout_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="NV12"):
        rgb_of(np.zeros((6, 4), np.uint8), "NV12", (4, 4))


def test_metadata_without_a_timestamp_is_refused() -> None:
    with pytest.raises(ValueError, match="SensorTimestamp"):
        exposed_ns({"ExposureTime": 1000})


class RealClock(VirtualClock):
    """The machine's own monotonic clock."""

    def now_ns(self) -> int:
        return time.monotonic_ns()


def test_on_real_threads_a_burst_comes_too(events: list[Event]) -> None:
    clock = RealClock(datetime.now(UTC))
    done = threading.Event()
    bursts: list[Burst] = []

    def keep(burst: Burst) -> None:
        bursts.append(burst)
        done.set()

    rig = CameraRig(Scene(), clock.now_ns)
    worker = CameraWorker(CONFIG, rig.factory, events.append, keep, clock)
    worker.open()
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            worker.poll(0.05)

    thread = threading.Thread(target=work)
    thread.start()
    decided_ns = clock.now_ns()
    worker.shoot(1, 1, decided_ns)
    assert done.wait(10)
    stop.set()
    thread.join(5)
    worker.close()
    assert all(frame.exposed_ns >= decided_ns for frame in bursts[0].frames)
    assert events == []


def test_frames_that_come_while_a_picture_is_copied_do_not_end_a_burst(booth: Booth) -> None:
    """A machine under load needs seconds for one picture of full size, and the camera goes on meanwhile."""
    booth.run(2_000)
    quick = booth.scene.__call__
    rig = booth.rig

    def slow(size: tuple[int, int], exposed_ns: int) -> Picture:
        if size == CONFIG.main_size:
            rig.scene_picture = quick  # the frames that come meanwhile are small
            for _ in range(80):
                booth.clock.advance(70_000_000)
                rig.step()
            rig.scene_picture = slow
        return quick(size, exposed_ns)

    rig.scene_picture = slow
    booth.worker.shoot(7, 1, booth.clock.now_ns())
    booth.run(2_000)
    assert [burst.request for burst in booth.bursts] == [7]
    assert booth.events == []


def test_on_a_busy_machine_frames_are_lost_and_those_that_come_are_not_old(booth: Booth) -> None:
    """Drawing a live picture takes twice as long as the sensor needs for the next one."""
    booth.run(2_000)
    quick, reader = booth.scene.__call__, booth.worker.live.reader()

    def slow(size: tuple[int, int], exposed_ns: int) -> Picture:
        booth.clock.advance(140_000_000)
        return quick(size, exposed_ns)

    booth.rig.scene_picture = slow
    for _ in range(20):
        booth.run(100)
        frame = reader.next()
        assert frame is not None
        assert booth.clock.now_ns() - frame.exposed_ns < 1_500_000_000
    assert booth.rig.dropped > 0
    booth.worker.shoot(7, 1, booth.clock.now_ns())
    booth.run(200)
    assert [burst.request for burst in booth.bursts] == [7]
