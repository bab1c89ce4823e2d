"""The booth's world: vendor objects, light, the people in front of the camera, and the booth itself.

The booth is the real one, built by the real wiring; only vendor objects are twins. A world runs in lockstep (virtual
clock, everything on the caller's thread), in real time (threads, real seconds) or hurried (threads as in production,
and a virtual clock that the caller moves).
"""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import segno

from center.platform.clock import wall_clock
from kiosk.commands.enrol import enrol
from kiosk.core.identity import IdentificationRule
from kiosk.hardware.voice_mixer import SdlMixer
from kiosk.ports.config import (
    BoothConfig,
    CameraConfig,
    CardConfig,
    DisplayConfig,
    EarphoneConfig,
    LampsConfig,
    OfficeConfig,
    ScannerConfig,
    StorageConfig,
)
from kiosk.ports.faults import DeviceFault
from kiosk.ports.voice import Mixer
from kiosk.runtime.booth import Booth
from kiosk.runtime.load import dump_config
from kiosk.runtime.vendors import Vendors
from kiosk.runtime.wiring import MakeEye, build
from kiosk.ui.shell import Shell
from kiosk.uplink.loop import UplinkLoop
from kiosk.uplink.office.client import OfficeClient
from kiosk.uplink.office.help_line import HelpLine
from kiosk.uplink.roster.roster_cache import RosterCache
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.vision.worker import EyeWorker
from rules.profile import Profile, load_profile
from sim.office.fault_proxy import FaultProxy
from sim.office.real import BOOTH
from sim.office.served import ServedOffice
from sim.people import Pose
from sim.play.register import documents, photographed_on_campus, roster
from sim.play.scenario import Scenario
from sim.twins.card_tty import CardTty, CardTtyThread
from sim.twins.clock import BusyClock, RealClock, VirtualClock
from sim.twins.disk import DiskTwin, FailingDisk
from sim.twins.earphone import EarphoneSocket
from sim.twins.input_node import InputNode
from sim.twins.kernel_files import KernelFiles
from sim.twins.picamera2 import CameraRig, Picamera2Twin
from sim.twins.pins import Pins
from sim.twins.scene import Person, Rgb, Scene, drawable
from sim.twins.speaker import Speaker
from wire.instructions import Instructions
from wire.roster_change import RosterPage

PoseAt = Callable[[int], Pose]
"""Returns the pose of a sitting person at a moment (monotonic ns)."""

CODE_SHARE = 0.42  # a phone in front of the camera takes this share of the picture's height
# how late a frame may come before the booth takes the camera for broken: in real time, and hurried
DRAWN_LATE_MS = 30_000
HURRIED_LATE_MS = 3_000
TURN_NS = 35_000_000  # the virtual time of a turn; a frame of the camera takes two turns
_FRAME_S = 1 / 120
_HURRIED_S = 0.001  # real seconds that each turn leaves for the other threads
_NAP_S = 0.003  # the camera's thread sleeps this long before it checks again whether a frame is due
_UPLINK_NAP_S = 0.02


class World:
    """One scenario's world, with its files in `folder`.

    `among`: the clock and the office of a larger world to which this booth belongs; the caller closes both, and the
    booth has the roster of that office. `hurried`: threads with a virtual clock. `booth_id`: the booth's name at the
    office. `disk`: replaces the twin of a disk, which remembers every call. `camera`: changed settings of the camera;
    `intervals`: changed intervals of the uplink's requests. `make_eye`, `make_shell`: make an eye or a panel that
    replaces the booth's.
    """

    def __init__(
        self,
        scenario: Scenario,
        folder: Path,
        *,
        window: bool = False,
        realtime: bool = False,
        hurried: bool = False,
        among: tuple[VirtualClock, ServedOffice] | None = None,
        booth_id: str = BOOTH,
        disk: FailingDisk | None = None,
        camera: CameraConfig | None = None,
        intervals: Mapping[str, int] | None = None,
        make_eye: MakeEye = EyeWorker,
        make_shell: Callable[..., Shell] = Shell,
    ) -> None:
        booth = scenario.booth
        self.profile = _profile(scenario)
        self.realtime = realtime
        self.threads = realtime or hurried
        self.turn_ns = TURN_NS
        self.rest_s = _FRAME_S if realtime else _HURRIED_S if hurried else 0.0  # real seconds to rest at each turn
        self.disk: DiskTwin | FailingDisk = disk or DiskTwin()
        self._make_eye, self._make_shell, self._booth_id = make_eye, make_shell, booth_id
        self._camera, self._intervals = camera or CameraConfig(), intervals or {}
        self.clock = _clock(scenario, realtime=realtime) if among is None else among[0]
        self._office_of_others = None if among is None else among[1]
        folder = folder.resolve()  # a configuration accepts only absolute paths
        folder.mkdir(parents=True, exist_ok=True)
        self.ambient, self.window_left = booth.ambient, booth.window_left
        self.seated: tuple[tuple[Person, PoseAt], ...] = ()  # the people in front of the camera, the nearest last
        self._scene = Scene()
        self._code: Rgb | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = folder
        self._silent = not (window and realtime)
        with ExitStack() as opened:  # after a failure half way, everything that was opened is closed
            self._open(folder, scenario, opened, headless=not window)
            self._opened = opened.pop_all()

    def _open(self, folder: Path, scenario: Scenario, opened: ExitStack, *, headless: bool) -> None:
        self.scanner = InputNode(_made(folder / "scanner"))
        opened.callback(self.scanner.close)
        self.earphone = EarphoneSocket(folder)
        opened.callback(self.earphone.close)
        self.reader = CardTty(self.clock.now_ns)
        opened.callback(self.reader.close)
        if isinstance(self.clock, BusyClock):
            # the reader has a processor of its own, so it also works while this machine is busy
            self.clock.meanwhile = self.reader.step
        elif self.threads:
            opened.callback(CardTtyThread(self.reader).close)
        self.pins = Pins(LampsConfig())
        self.office = self._office_of_others or self._own_office(folder, scenario, opened)
        self.network = FaultProxy(self.office.url)
        self.network.start()
        opened.callback(self.network.stop)
        advance = self.clock.advance if isinstance(self.clock, VirtualClock) and not self.threads else None
        hurried = self.threads and not self.realtime
        self.rig = CameraRig(self._picture, self.clock.now_ns, advance, nap_s=_NAP_S if hurried else None)
        self.config = self._configured(folder)
        refused = enrol(self.config, self.office.code_for_booth(self._booth_id))
        assert not refused, refused
        if self._office_of_others is None:
            self.office.give_roster(roster(scenario.graduate), photographed_on_campus(scenario.graduate))
            self.office.open_for([documents(one).card.number for one in scenario.graduate if one.has_pass])
        assert self.fetch_roster(), "the office is there"
        self.speaker = Speaker(self.clock.now_ns)
        self.kernel = KernelFiles(folder / "machine")
        self._vendors = Vendors(
            self.clock, self._open_camera, self.pins.factory, self.disk, self._open_mixer, self.kernel.folder
        )
        self._headless = headless
        self._uplink: UplinkLoop | UplinkThread | None = None
        if not self.realtime:
            loop = UplinkLoop(self.config, self.clock, random.Random(1), disk=self.disk)
            self._uplink = UplinkThread(loop) if hurried else loop
            opened.callback(self._uplink.close)
        self._help_line = HelpLine(self.config, self.clock)
        opened.callback(self._help_line.close)
        self.booth = self._built()
        opened.callback(self._end_process)
        opened.callback(self._close_booth)

    def _close_booth(self) -> None:
        self.booth.close()  # close the present booth, which may not be the first one

    def _built(self) -> Booth:
        return build(
            self.config,
            self._vendors,
            self.profile,
            headless=self._headless,
            make_eye=self._make_eye,
            make_shell=self._make_shell,
        )

    def _configured(self, folder: Path) -> BoothConfig:
        # In real time the uplink's process has the machine's date. So it does not notice that a shot with the
        # scenario's date was saved just now, and has to ask for decisions often at any time.
        hurry = {"feeds_every_ms": 2_000, "awaited_every_ms": 2_000} if self.realtime else {}
        # A real sensor needs no processor time, but drawing a picture does: seconds on a machine under load.
        late_ms = DRAWN_LATE_MS if self.realtime else HURRIED_LATE_MS
        office, own = self.office, self._booth_id == BOOTH
        return BoothConfig(
            camera=self._camera.model_copy(update={"frame_timeout_ms": late_ms} if self.threads else {}),
            card=CardConfig(port=self.reader.port),
            scanner=ScannerConfig(input_path=self.scanner.path),
            earphone=EarphoneConfig(input_path=self.earphone.path),
            office=OfficeConfig(
                url=self.network.url,
                public_url=office.url,
                booth_id=self._booth_id,
                credential_file=office.credential if own else folder / "credential",
                verify_every_ms=2_000,
                **hurry,
                **self._intervals,
            ),
            storage=StorageConfig(folder=folder / "booth", seal_to=office.seal_to),
            display=DisplayConfig(fullscreen=False, diagonal_inch=15.6, lower_edge_mm=900),
        )

    def _own_office(self, folder: Path, scenario: Scenario, opened: ExitStack) -> ServedOffice:
        # In real time the office uses the machine's clock, so that it accepts the codes of an authenticator app.
        clock = self.clock
        office_clock = wall_clock if self.realtime else lambda: clock.wall().moment
        office = ServedOffice(
            folder / "office", office_clock, lambda: clock.now_ns() / 1e9, undo_s=scenario.office.undo_s
        )
        opened.callback(office.close)
        return office

    def fetch_roster(self) -> bool:
        """Let the booth fetch roster and instructions at once; returns False if the office does not answer."""
        with closing(OfficeClient(self.config.office)) as client:
            page, instructions = client.roster(0), client.instructions()
        if not isinstance(instructions, Instructions) or not isinstance(page, RosterPage):
            return False
        paths = BoothPaths(self.config.storage.folder)
        paths.folder.mkdir(parents=True, exist_ok=True)
        paths.instructions.write_bytes(instructions.encode())
        with closing(RosterCache(self.config.storage)) as cache:
            cache.apply(page, round(self.clock.wall().moment.timestamp() * 1000))
        return True

    def start(self) -> None:
        """Switch the booth on."""
        if not self.threads:
            return  # in lockstep `turn` runs the workers
        if isinstance(self._uplink, UplinkThread):
            self._uplink.start()
            self.booth.start()
            return
        file = self._folder / "booth.toml"
        file.write_text(dump_config(self.config), encoding="utf-8")
        command = [sys.executable, "-m", "kiosk", "uplink", "--config", str(file)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
        self.booth.start()

    def restart(self) -> None:
        """End the booth's process and start it again with the same files, as systemd does with a program that hangs."""
        self.booth.close()
        self.booth = self._built()
        if self.threads:
            self.booth.start()

    def turn(self, step_ns: int) -> bool:
        """Let `step_ns` pass on the virtual clock and do everything that is due; returns False if the window was
        closed."""
        if self.rest_s:
            time.sleep(self.rest_s)
        if isinstance(self.clock, VirtualClock):
            self.clock.advance(step_ns)
        if not self.threads:
            self.reader.step()
        self.pins.step()
        if not self.threads:
            self.rig.step()
            self.booth.poll()
        if isinstance(self._uplink, UplinkLoop):
            self._uplink.poll(0.0)
            self._help_line.poll(0.0)
        return self.booth.loop.tick()

    def show_code(self, content: bytes | None) -> None:
        """Hold a QR code on a phone in front of the camera, or put the phone away (None)."""
        self._code = None if content is None else _qr_picture(content)

    def close(self) -> None:
        """Switch everything off; a second call is harmless."""
        self._opened.close()

    def _end_process(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)

    def _open_mixer(self, wanted: str | None) -> Mixer:
        """Open this machine's sound device if the world has a window and runs in real seconds; otherwise the speaker's
        twin."""
        return self.speaker.mixer(wanted) if self._silent else SdlMixer(wanted)

    def _open_camera(self) -> Picamera2Twin:
        return self.rig.factory()  # looked up at each opening: the benches put a watch around it

    def _picture(self, size: tuple[int, int], exposed_ns: int) -> Rgb:
        light, self.rig.brighter = drawable(self.pins.left + self.window_left, self.pins.right, self.ambient)
        # The picture shows the poses at the moment of exposure, although a busy machine draws it seconds later.
        picture = self._scene.picture(size, light, [(person, pose_at(exposed_ns)) for person, pose_at in self.seated])
        return picture if self._code is None else _with_code(picture, self._code)


class UplinkThread:
    """The uplink on a thread. Like its program, it is started again after a fault that ends it."""

    def __init__(self, loop: UplinkLoop) -> None:
        self._loop = loop
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="uplink", daemon=True)

    def start(self) -> None:
        """Start the thread in which the uplink sends."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the running request; a second call is harmless."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._loop.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                worked = self._loop.poll(0.0)
            except DeviceFault:  # a fault at which the program would end; systemd would start it again
                worked = False
            if not worked:
                self._stop.wait(_UPLINK_NAP_S)


def _clock(scenario: Scenario, *, realtime: bool) -> VirtualClock | RealClock:
    booth = scenario.booth
    if realtime:
        return RealClock(booth.wall, synced=booth.synced)
    if booth.busy_ms:
        return BusyClock(booth.wall, synced=booth.synced, most_ns=booth.busy_ms * 1_000_000)
    return VirtualClock(booth.wall, synced=booth.synced)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _profile(scenario: Scenario) -> Profile:
    profile = load_profile(scenario.booth.profile)
    rule = scenario.booth.identification
    return profile if rule is None else profile.model_copy(update={"identification": IdentificationRule(rule)})


def _qr_picture(content: bytes) -> Rgb:
    """The picture of a QR code: black modules on white, ten pixels for each module."""
    code = segno.make_qr(content, error="m")
    modules = np.array([[255 * (not dark) for dark in row] for row in code.matrix_iter(border=4)], np.uint8)
    return np.repeat(modules.repeat(10, axis=0).repeat(10, axis=1)[..., None], 3, axis=2)


def _with_code(picture: Rgb, code: Rgb) -> Rgb:
    """The picture with a phone in front of the lens, below the middle and to one side."""
    import cv2

    side = int(picture.shape[0] * CODE_SHARE)
    shown = cv2.resize(code, (side, side), interpolation=cv2.INTER_AREA)
    out = picture.copy()
    y, x = picture.shape[0] - side - side // 8, picture.shape[1] // 2 - side // 3
    out[y : y + side, x : x + side] = shown
    return out
