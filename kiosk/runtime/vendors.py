"""The vendor objects of a booth: everything that differs between a Raspberry Pi and the simulator."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from common.disk import Disk
from kiosk.hardware.camera_vendor import PiCamera, open_picamera2
from kiosk.hardware.lamps_pwm import PinFactory, open_pins
from kiosk.hardware.voice_mixer import SdlMixer
from kiosk.ports.clock import Clock
from kiosk.ports.voice import OpenMixer
from kiosk.runtime.system_clock import SystemClock


@dataclass(frozen=True, slots=True)
class Vendors:
    """The vendor objects, from a Raspberry Pi or from the simulator."""

    clock: Clock
    camera: Callable[[], PiCamera]
    pins: Callable[[], PinFactory]
    disk: Disk
    mixer: OpenMixer
    machine: Path
    """The folder with the kernel's `proc` and `sys`."""


def production_vendors() -> Vendors:
    """This machine's hardware. A missing library is reported when the device is opened."""
    return Vendors(SystemClock(), open_picamera2, open_pins, Disk(), SdlMixer, Path("/"))
