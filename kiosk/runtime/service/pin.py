"""Staff's PIN: makes its salted hash for the configuration, and compares PINs on a thread of its own.

A PIN has few digits, so its hash is slow on purpose (scrypt with one of OWASP's settings: 16 MiB, some 0.2 s on a PC).
This only delays an attacker who has the configuration. Therefore only the booth's account can read the configuration
file.
"""

import base64
import hashlib
import hmac
import secrets
import threading

from kiosk.ports.config import PIN_HASH

COST, BLOCK, LANES = 14, 8, 5
SALT_BYTES = 16
_MAX_MEMORY = 64 << 20  # a hash with the largest parameters that PIN_HASH allows needs half of this memory


def hash_pin(pin: str) -> str:
    """The value for `service.pin_hash`, with a new salt."""
    salt = secrets.token_bytes(SALT_BYTES)
    return f"scrypt-{COST}-{BLOCK}-{LANES}${_text(salt)}${_text(_derived(pin, salt, COST, BLOCK, LANES))}"


def is_pin(pin: str, stored: str) -> bool:
    """Whether `stored` is the hash of `pin`. The function takes the same time for every wrong PIN."""
    found = PIN_HASH.fullmatch(stored)
    if found is None:
        return False
    cost, block, lanes = (int(found[name]) for name in ("cost", "block", "lanes"))
    return hmac.compare_digest(_derived(pin, _bytes(found["salt"]), cost, block, lanes), _bytes(found["hash"]))


def _derived(pin: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, n=1 << cost, r=block, p=lanes, maxmem=_MAX_MEMORY, dklen=32)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class PinChecker:
    """A `Worker` that compares PINs on its own thread, while the main loop continues to draw the screen. It compares
    one PIN at a time."""

    device = None

    def __init__(self, stored: str) -> None:
        self._stored = stored
        self._asked: str | None = None
        self._answer: bool | None = None
        self._wake = threading.Event()

    def check(self, pin: str) -> None:
        """Request a comparison; returns at once."""
        self._asked, self._answer = pin, None
        self._wake.set()

    def answer(self) -> bool | None:
        """Whether the PIN was right. Each answer is returned only once; None while there is no answer."""
        answer, self._answer = self._answer, None
        return answer

    def open(self) -> None:
        """Nothing to open."""

    def poll(self, timeout_s: float) -> None:
        """Wait at most `timeout_s` for a request, and compare its PIN."""
        if timeout_s > 0:
            self._wake.wait(timeout_s)
        self._wake.clear()
        pin, self._asked = self._asked, None
        if pin is not None:
            right = False
            try:
                right = is_pin(pin, self._stored)
            finally:  # the menu waits for an answer, so there must be one after any error
                self._answer = right

    def close(self) -> None:
        """Drop the request."""
        self._asked = None
