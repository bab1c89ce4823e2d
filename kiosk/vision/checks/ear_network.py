"""A small network of this project tells whether hair covers an ear, and whether an earring is seen.

The network was trained on drawn and photographed people on whom hair and earrings were painted (`training`). Each
thread that calls it has its own interpreter (some 200 kB), because two threads must not use one at the same time.
"""

import threading
from dataclasses import dataclass
from pathlib import Path

from kiosk.vision.checks.ear_crops import SIDES, ear_crop
from kiosk.vision.checks.headmap import HeadMap
from kiosk.vision.network import Network

WEIGHTS = Path(__file__).with_name("ears.tflite")


@dataclass(frozen=True, slots=True)
class Ears:
    """How surely hair covers an ear, and how surely an earring is seen, 0..1; each is the higher value of the two
    sides."""

    covered: float
    earring: float


_HERE = threading.local()


def look_at_ears(head: HeadMap) -> Ears | None:
    """Look at both ears; None without a matte."""
    if head.person is None:
        return None
    network = _network()
    answers = [network.run(ear_crop(head, side))[0] for side in SIDES]
    covered, earring = (max(float(answer[k]) for answer in answers) for k in (0, 1))
    return Ears(covered, earring)


def forget_ears() -> None:
    """Remove the last ear from the memory of the calling thread's network."""
    found: Network | None = getattr(_HERE, "network", None)
    if found is not None:
        found.forget()


def _network() -> Network:
    """The network of the calling thread."""
    found: Network | None = getattr(_HERE, "network", None)
    if found is None:
        found = _HERE.network = Network(WEIGHTS.read_bytes(), WEIGHTS.name)
    return found
