"""The only place that makes adapters: configuration and vendor objects in, a booth out.

What differs between a Raspberry Pi and the simulator is in `Vendors`, and is always passed in: nothing here falls
back to a simulated part.
"""

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.hardware.camera_picamera2 import VendorCamera, installed_camera
from kiosk.hardware.lamps_pwm import PinFactory, installed_pins
from kiosk.ports.clock import Clock
from kiosk.runtime.system_clock import SystemClock


@dataclass(frozen=True, slots=True)
class Vendors:
    """What a Raspberry Pi and the simulator each bring."""

    clock: Clock
    camera: Callable[[], VendorCamera]
    pins: Callable[[], PinFactory]


def production_vendors() -> Vendors:
    """The real hardware of this machine. Raises `PermanentFault` later, when a library is not installed."""
    return Vendors(SystemClock(), installed_camera, installed_pins)
