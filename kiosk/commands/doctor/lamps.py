"""`kiosk doctor lamps`: switch each lamp on, and check with the camera whether it gives light."""

import sys
import time
from collections.abc import Callable
from contextlib import closing

from kiosk.commands.doctor.finding import Finding
from kiosk.commands.doctor.watch import light_of, watching
from kiosk.hardware.camera_vendor import PiCamera
from kiosk.hardware.lamps_pwm import LampsDevice, PinFactory
from kiosk.ports.clock import Clock
from kiosk.ports.config import BoothConfig, LampsConfig
from kiosk.ports.faults import DeviceFault

SWITCH_S = 1.0
STEADY_MS = 600
LOOK_MS = 400
BRIGHTER = 1.1  # a working lamp makes the picture brighter by at least this factor


def examine_lamps(
    config: BoothConfig, pins: Callable[[], PinFactory], camera: Callable[[], PiCamera], clock: Clock
) -> Finding:
    """Switch on the left lamp alone, then the right lamp alone, then neither. With a camera, each lamp must make the
    picture brighter; without a camera, a person has to look."""
    lamps = LampsDevice(config.lamps, pins)
    try:
        lamps.open()
    except DeviceFault as fault:
        return Finding.of_fault("lamps", fault)
    with closing(lamps):
        try:
            dark, left, right = _measure(config, lamps, camera, clock)
        except DeviceFault as fault:
            return _by_eye(config.lamps, lamps, fault)
    details = {"left": round(left / dark, 2), "right": round(right / dark, 2)}
    dead = [side for side, light in (("left", left), ("right", right)) if light < BRIGHTER * dark]
    if dead:
        message = f"the picture does not brighten with the {' and the '.join(dead)} lamp. Check its plug, its supply "
        return Finding("lamps", False, "lamp_dead", message + "and its driver; turn off bright room light.", details)
    return Finding("lamps", True, "ok", "each lamp brightens the picture.", details)


def darken(config: LampsConfig, pins: Callable[[], PinFactory]) -> Finding:
    """Switch the lamps off, without examining them. The service calls this after the booth has ended."""
    lamps = LampsDevice(config, pins)
    try:
        lamps.open()
    except DeviceFault as fault:
        return Finding.of_fault("lamps", fault)
    lamps.close()
    return Finding("lamps", True, "ok", "both lamps are off.")


def _measure(
    config: BoothConfig, lamps: LampsDevice, camera: Callable[[], PiCamera], clock: Clock
) -> tuple[float, float, float]:
    """The light (`light_of`) with both lamps dark, with the left lamp alone, and with the right lamp alone."""
    level = config.lamps.level
    with watching(config.camera, camera, clock) as watch:
        lights = []
        for left, right in ((0.0, 0.0), (level, 0.0), (0.0, level)):
            lamps.set(left, right)
            watch.frames(STEADY_MS)
            frames = watch.frames(LOOK_MS)
            lights.append(sum(light_of(frame) for frame in frames) / max(1, len(frames)))
        lamps.set(0.0, 0.0)
    dark, left_light, right_light = lights
    return max(dark, 1e-12), left_light, right_light


def _by_eye(config: LampsConfig, lamps: LampsDevice, fault: DeviceFault) -> Finding:
    for side, left, right in (("left", config.level, 0.0), ("right", 0.0, config.level)):
        sys.stderr.write(f"The {side} lamp should shine now.\n")
        lamps.set(left, right)
        time.sleep(SWITCH_S)
    lamps.set(0.0, 0.0)
    message = f"each lamp was switched on for a second; did both shine? The camera could not look: {fault.detail}."
    return Finding("lamps", True, "by_eye", message)
