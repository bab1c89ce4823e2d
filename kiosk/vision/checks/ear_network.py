"""A small network of this project recognises earrings.

The network was trained on drawn and photographed people on whom hair and earrings were painted (`training`). It also
answers whether hair covers an ear; this answer is not used, because it does not hold for real hair (ADR 146). Each
thread that calls it has its own interpreter (some 200 kB), because two threads must not use one at the same time.
"""

import threading
from pathlib import Path

from kiosk.vision.checks.ear_crops import SIDES, ear_crop
from kiosk.vision.checks.headmap import HeadMap
from kiosk.vision.network import Network

WEIGHTS = Path(__file__).with_name("ears.tflite")

_EARRING = 1
"""The place of the earring in the network's answer."""
_HERE = threading.local()


def earring_seen(head: HeadMap) -> float | None:
    """How surely an earring is seen, 0..1, at the ear where it is surer; None without a matte."""
    if head.person is None:
        return None
    network = _network()
    return max(float(network.run(ear_crop(head, side))[0][_EARRING]) for side in SIDES)


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
