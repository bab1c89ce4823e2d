"""A booth on this machine's display, with twins as vendor objects: `kiosk run` for a machine that is no Raspberry Pi.

The booth is made and run by the code of `kiosk run`, in real seconds. The lamps use the kernel's PWM files, and SDL
shows the panel. The seat is empty until a command sends a graduate. `Station.answer` carries out commands, one line
each, which come from a Unix socket (`docs/boot.md`).
"""

import json
import os
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from pathlib import Path

from common.disk import Disk
from kiosk.commands.calibrate.panel import PanelState, calibrate_at_panel
from kiosk.core.events import Action
from kiosk.hardware.camera_vendor import PiCamera, open_picamera2
from kiosk.ports.clock import WallTime
from kiosk.ports.config import BoothConfig
from kiosk.runtime.booth import Booth
from kiosk.runtime.vendors import Vendors
from kiosk.runtime.wiring import build
from kiosk.text.catalog import languages, load_all
from kiosk.ui.screens import draw
from kiosk.ui.screens.ops import HEIGHT, WIDTH, TouchArea
from sim.people import Pose, drawn
from sim.people.pose import Light
from sim.play.graduate import Visitor, WithoutPhone
from sim.play.register import Documents, documents
from sim.play.scenario import Booth as Setting
from sim.play.scenario import Graduate
from sim.twins.card_tty import CardTty
from sim.twins.clock import RealClock
from sim.twins.input_node import InputNode
from sim.twins.kernel_files import KernelFiles
from sim.twins.libcamera_stand_in.sensor import Sensor
from sim.twins.picamera2 import CameraFault, CameraRig
from sim.twins.pins import KernelPins
from sim.twins.scene import Person, Rgb, Scene, drawable
from sim.twins.speaker import Speaker
from sim.twins.touch import Finger

_TURN_S = 1 / 60
_SMALL = (320, 180)
_CATALOGS = load_all(languages())


class StationClock:
    """A clock that starts at a given wall time and then runs in real seconds. It can skip time, and it can let the main
    thread hang as soon as this thread asks for the time.
    """

    def __init__(self, wall: datetime) -> None:
        self._clock = RealClock(wall)
        self._ahead_ns = 0
        self._hung = threading.Event()

    def now_ns(self) -> int:
        """This machine's monotonic clock plus the time that was skipped. After `hang` the call never returns on the
        main thread."""
        if self._hung.is_set() and threading.current_thread() is threading.main_thread():
            threading.Event().wait()
        return self._clock.now_ns() + self._ahead_ns

    def wall(self) -> WallTime:
        """The wall time at the start, plus the time that has passed since."""
        wall = self._clock.wall()
        return WallTime(wall.moment + timedelta(microseconds=self._ahead_ns // 1000), wall.synced)

    def skip(self, seconds: float) -> None:
        """Let `seconds` pass at once."""
        self._ahead_ns += int(seconds * 1e9)

    def hang(self) -> None:
        """From now on `now_ns` never returns on the main thread, like a vendor's call that hangs."""
        self._hung.set()


class FarHands:
    """The graduate's hands in a virtual machine that has a reader, a scanner and a panel of its own (docs/vm.md):
    writes each act to a FIFO as a line. The test's agent in the virtual machine reads it and presses the panel; the
    test outside lays cards and shows codes."""

    def __init__(self, fifo: Path) -> None:
        self._line = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        self._card_lies = False

    def press(self, x: float, y: float) -> None:
        """Press the panel at this share of its width and height."""
        self._tell(f"press {x:.4f} {y:.4f}")

    def lay(self, seed: int) -> None:
        """Lay the card of this made-up graduate on the reader."""
        self._card_lies = True
        self._tell(f"lay {seed}")

    def take(self) -> None:
        """Take the card, if it lies there."""
        if self._card_lies:
            self._card_lies = False
            self._tell("take")

    def scan(self, text: str) -> None:
        """Hold a code in front of the scanner."""
        self._tell(f"scan {text}")

    def _tell(self, deed: str) -> None:
        os.write(self._line, f"{deed}\n".encode())


class Station(WithoutPhone):
    """The world of one booth. `folder`: where the reader's port, the scanner and the socket are made. `hands`: the
    FIFO for `FarHands`, if the machine has its own reader, scanner and panel."""

    def __init__(self, config: BoothConfig, folder: Path, hands: Path | None = None, *, library: bool = False) -> None:
        """`library`: the camera is the vendor's own library over a sensor in memory, in place of the camera's twin."""
        folder.mkdir(parents=True, exist_ok=True)
        setting = Setting()
        self._ambient = setting.ambient
        self._clock = StationClock(setting.wall)
        self._scene = Scene()
        self._finger = Finger()
        self._hands = None if hands is None else FarHands(hands)
        self._visitor: Visitor | None = None
        self._person: Person | None = None
        self._documents: Documents | None = None
        self._seed = 0
        self._opened = self._failed = 0
        self._booth: Booth | None = None
        self._stop = threading.Event()
        self._closing = ExitStack()
        self._reader = CardTty(self._clock.now_ns, folder=folder)
        self._closing.callback(self._reader.close)
        self._scanner = InputNode(folder)
        self._closing.callback(self._scanner.close)
        self._speaker = Speaker(self._clock.now_ns)
        self._kernel = KernelFiles(folder / "machine")
        self._pins = KernelPins(config.lamps)
        self._rig = CameraRig(self._picture, self._clock.now_ns)
        self._sensor = _plugged_in(Sensor(self._picture)) if library else None
        card = config.card.model_copy(update={"port": self._reader.port})
        scanner = config.scanner.model_copy(update={"input_path": self._scanner.path})
        own = {"card": card, "scanner": scanner}
        self._config = config if hands is not None else config.model_copy(update=own)
        self._commands = _listening(folder / "commands")
        self._closing.callback(self._commands.close)

    def build(self) -> Booth:
        """Make the booth. After this call, people and commands act on it."""
        begun = self._booth is not None
        self._booth = build(self._config, self._vendors())
        for work in () if begun else (self._live, self._hear):
            threading.Thread(target=work, name=work.__name__, daemon=True).start()
        return self._booth

    def calibrate(self) -> PanelState:
        """Let staff calibrate at the panel. Call it when the loop of one `Booth` has ended, and before the next."""
        return calibrate_at_panel(self._config, self._vendors())

    def _vendors(self) -> Vendors:
        return Vendors(
            self._clock, self._open_camera, self._pins.factory, Disk(), self._speaker.mixer, self._kernel.folder
        )

    def close(self) -> None:
        """Remove everything that was made; a second call is harmless."""
        self._stop.set()
        self._closing.close()

    def answer(self, line: str) -> dict[str, object]:
        """Carry out a command and return the state of the booth."""
        word, _, rest = line.strip().partition(" ")
        if word == "graduate":
            self._welcome()
        elif word == "camera":
            self._break_camera(CameraFault(rest))
        elif word == "skip":
            self._clock.skip(float(rest))
        elif word == "hang":
            self._clock.hang()
        elif word != "state":
            raise ValueError(f"{word!r} is no command: graduate, camera FAULT, skip SECONDS, hang, state")
        return self._state()

    def _state(self) -> dict[str, object]:
        view = None if self._booth is None else self._booth.loop.view
        session = None if self._booth is None else self._booth.loop.session
        return {
            "screen": None if view is None else view.screen.value,
            "failed": [] if session is None else sorted({device.value for device, _ in session.failed}),
            "somebody": self._visitor is not None,
            "camera_opened": self._opened,
            "camera_failed": self._failed,
        }

    # The vendor's objects.

    def _open_camera(self) -> PiCamera:
        try:
            camera = self._rig.factory() if self._sensor is None else open_picamera2()
        except Exception:
            self._failed += 1
            raise
        self._opened += 1
        return camera

    def _break_camera(self, fault: CameraFault) -> None:
        self._rig.fault = fault
        if self._sensor is not None:
            self._sensor.stalled = fault is CameraFault.STALL
            self._sensor.present = fault is not CameraFault.UNPLUGGED

    def _picture(self, size: tuple[int, int], exposed_ns: int) -> Rgb:
        light, brighter = drawable(self._pins.left, self._pins.right, self._ambient)
        self._rig.brighter = brighter
        if self._sensor is not None:
            self._sensor.brighter = brighter
        visitor, person = self._visitor, self._person
        seated = () if visitor is None or person is None else ((person, visitor.pose_at(exposed_ns / 1e9)),)
        return self._scene.picture(size, light, seated)

    # The person.

    def _welcome(self) -> None:
        self._seed += 1
        graduate = Graduate(seed=self._seed)
        self._documents, self._person = documents(graduate), drawn(graduate.seed)
        # Draw the person in advance: on a slow machine the first drawing takes many seconds, in which the seat would be
        # empty.
        self._scene.picture(_SMALL, Light(), ((self._person, Pose()),))
        self._visitor = Visitor(graduate, self._documents.school, self, Pose())

    def _now_s(self) -> float:
        return self._clock.now_ns() / 1e9

    def _live(self) -> None:
        while not self._stop.wait(_TURN_S):
            self._reader.step()
            self._pins.step()
            self._finger.lift_when_due(self._now_s())
            visitor, view = self._visitor, self._booth.loop.view if self._booth is not None else None
            if visitor is not None and view is not None:
                visitor.look(view, self._now_s())
                if visitor.gone:
                    self._visitor = None

    def touch(self, action: Action, arg: str) -> bool:
        """Press a button where it is drawn; False if it is not there or not enabled."""
        view = None if self._booth is None else self._booth.loop.view
        if view is None:
            return False
        for op in draw(view, _CATALOGS[view.language]):
            if isinstance(op, TouchArea) and op.action is action and op.arg == arg:
                place = self._on_panel(op.box.centre.x, op.box.centre.y)
                if self._hands is not None:
                    self._hands.press(*place)
                else:
                    self._finger.press(*place, self._now_s())
                return True
        return False

    def _on_panel(self, x: float, y: float) -> tuple[float, float]:
        """Convert a place on the screen to shares of the panel, because a panel of another shape has margins."""
        assert self._booth is not None
        height, width = self._booth.shell.grab().shape[:2]
        scale = min(width / WIDTH, height / HEIGHT)
        left, top = (width - scale * WIDTH) / 2, (height - scale * HEIGHT) / 2
        return (left + scale * x) / width, (top + scale * y) / height

    def present(self, thing: str) -> None:
        """Lay the card on the reader, or hold a code in front of the scanner."""
        assert self._documents is not None
        code = self._documents.student_no if thing == "student_card" else self._documents.exam_no
        if self._hands is not None:
            self._hands.lay(self._seed) if thing == "card" else self._hands.scan(code)
        elif thing == "card":
            self._reader.lay(self._documents.card)
        else:
            self._scanner.scan(code)

    def take_card(self) -> None:
        """Take the card from the reader."""
        if self._hands is not None:
            self._hands.take()
        self._reader.take()

    # The commands.

    def _hear(self) -> None:
        while not self._stop.is_set():
            with suppress(OSError):
                line, _ = self._commands.accept()
                with line, line.makefile("rw", encoding="utf-8") as talk:
                    talk.write(json.dumps(_answered(self.answer, talk.readline())) + "\n")


def _plugged_in(sensor: Sensor) -> Sensor:
    from sim.twins.libcamera_stand_in.library import plug_in

    plug_in(sensor)
    return sensor


def _answered(answer: Callable[[str], dict[str, object]], line: str) -> dict[str, object]:
    try:
        return answer(line)
    except ValueError as fault:
        return {"wrong": str(fault)}


def _listening(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)  # a booth that was killed left it
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(str(path))
    except OSError:  # for example because the path has more than 107 bytes
        listener.close()
        raise
    listener.listen()
    return listener
