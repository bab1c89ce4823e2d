"""A graduate's phone: reads the QR code on the screen, and opens its address as a browser would."""

import re

import requests
import zxingcpp

from kiosk.ports.frames import Rgb

_STANDING = re.compile(r'class="card receipt receipt-(\w+)"')
_TIMEOUT_S = 300  # a busy machine takes its time


class Phone:
    """Stores only the address it scanned last."""

    def __init__(self) -> None:
        self._address = ""
        self._session = requests.Session()
        self._session.trust_env = False

    def scan(self, screen: Rgb) -> None:
        """Read the QR code in a picture of the screen. Unless there is exactly one, forget the last address."""
        found = [code.text for code in zxingcpp.read_barcodes(screen) if code.format == zxingcpp.BarcodeFormat.QRCode]
        self._address = found[0] if len(found) == 1 else ""

    def open(self) -> str:
        """The state of the receipt, as the page's picture shows it; else what came instead of the page."""
        if not self._address.startswith("http"):
            return self._address or "no code"
        answer = self._session.get(self._address, timeout=_TIMEOUT_S)
        found = _STANDING.search(answer.text)
        return found[1] if found is not None else f"status {answer.status_code}"

    def close(self) -> None:
        """Switch it off; again is harmless."""
        self._session.close()
