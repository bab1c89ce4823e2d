"""The only place that makes adapters: configuration and vendor objects in, a booth out.

What differs between a Raspberry Pi and the simulator is in `Vendors`, and is always passed in: nothing here falls
back to a simulated part.
"""

import importlib.metadata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk.core.state import Policy
from kiosk.hardware.camera_picamera2 import CameraWorker, VendorCamera, installed_camera
from kiosk.hardware.lamps_pwm import LampsDevice, PinFactory, installed_pins
from kiosk.hardware.scanner_input import InputScanner
from kiosk.hardware.scanner_serial import SerialScanner
from kiosk.hardware.card_serial import CardWorker
from kiosk.ports.clock import Clock
from kiosk.ports.config import BoothConfig
from kiosk.ports.event_queue import EventQueue
from kiosk.ports.frames import Frame, LatestSlot
from kiosk.ports.notify import Notifier
from kiosk.ports.vault import Vault
from kiosk.ports.worker import Worker
from kiosk.runtime.effects import Adapters, EffectRunner
from kiosk.runtime.journal_file import JournalFile
from kiosk.runtime.lights import Lights
from kiosk.runtime.loop import Loop, Outside
from kiosk.runtime.people import People
from kiosk.runtime.submission import Submissions
from kiosk.runtime.supervise import Supervisor, Threads
from kiosk.runtime.system_clock import SystemClock
from kiosk.ui.shell import Shell
from kiosk.ui.viewmodel import Facts
from kiosk.uplink.keeper import KeeperWorker
from kiosk.uplink.roster_cache import RosterCache
from kiosk.vision.models import models_folder
from kiosk.vision.worker import EyeWorker
from rules.profile import load_profile
from rules.season import load_season


@dataclass(frozen=True, slots=True)
class Vendors:
    """What a Raspberry Pi and the simulator each bring."""

    clock: Clock
    camera: Callable[[], VendorCamera]
    pins: Callable[[], PinFactory]


def production_vendors() -> Vendors:
    """The real hardware of this machine. Raises `PermanentFault` later, when a library is not installed."""
    return Vendors(SystemClock(), installed_camera, installed_pins)
