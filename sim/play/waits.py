"""Says what a run in real time is waiting for, because on a busy machine a screen may stay for a minute."""

import sys

from kiosk.core.session.state import State

WAITS = {
    State.CLOSED: "waiting for the devices to open",
    State.IDENTIFY: "waiting for the ID card",
    State.POSE: "waiting for the pose: lamps are balanced, then the graduate holds still",
    State.CAPTURE: "waiting for the camera: pictures of full size are drawn, on a busy machine for up to a minute",
    State.CHOOSE: "waiting for the photo to be finished, and for a choice",
    State.SAVING: "waiting for the disk",
    State.DONE: "waiting for staff at the office to decide",
}


def print_wait(screen: State) -> None:
    """Say on standard error what `screen` is waiting for; most screens wait only for the graduate."""
    if screen in WAITS:
        sys.stderr.write(f"  {screen.value}: {WAITS[screen]}\n")
        sys.stderr.flush()
