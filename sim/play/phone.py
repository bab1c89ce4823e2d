"""A graduate's phone. It reads the QR code on the screen and opens the code's address as a browser would: the page of a
receipt, or the page where a number is taken.
"""

import re

import requests
import zxingcpp

from kiosk.ports.frames import Rgb

_STATE = re.compile(r'class="card receipt receipt-(\w+)"')
_OWN = re.compile(r'class="card number-own( number-called)?">.*?<p class="number-large digits">(\d+)</p>', re.DOTALL)
_TIMEOUT_S = 300  # a busy machine may need long to answer


class Phone:
    """A phone. It stores only the address that it scanned last, and the cookie of a number that it took."""

    def __init__(self) -> None:
        self._address = ""
        self._cookie = ""
        self._session = requests.Session()
        self._session.trust_env = False

    def scan(self, screen: Rgb) -> None:
        """Read the QR code in a picture of the screen. If there is not exactly one code, forget the last address."""
        found = [code.text for code in zxingcpp.read_barcodes(screen) if code.format == zxingcpp.BarcodeFormat.QRCode]
        self._address = found[0] if len(found) == 1 else ""

    def open(self) -> str:
        """The state of the receipt that the picture on its page shows; if no such page comes, a description of what
        came."""
        if not self._address.startswith("http"):
            return self._address or "no code"
        answer = self._session.get(self._address, timeout=_TIMEOUT_S)
        found = _STATE.search(answer.text)
        return found[1] if found is not None else f"status {answer.status_code}"

    def take_number(self) -> str:
        """Take a number on the page that was scanned; returns the number that the page then shows. If no such page
        comes, returns a description of what came."""
        if not self._address.startswith("http"):
            return self._address or "no code"
        headers = {"Sec-Fetch-Site": "same-origin"}
        answer = self._session.post(self._address, headers=headers, allow_redirects=False, timeout=_TIMEOUT_S)
        # The cookie is handled here, because the library's jar sends no Secure cookie over plain HTTP, even to this
        # machine.
        self._cookie = answer.headers.get("Set-Cookie", "").partition(";")[0]
        own = self._own_number()
        return own[2] if own is not None else f"status {answer.status_code}"

    def is_called(self) -> bool:
        """Whether the page says that this phone's number is called."""
        own = self._own_number()
        return own is not None and own[1] is not None

    def _own_number(self) -> re.Match[str] | None:
        headers = {"Cookie": self._cookie}
        return _OWN.search(self._session.get(self._address, headers=headers, timeout=_TIMEOUT_S).text)

    def close(self) -> None:
        """Close the phone's connection; a second call is harmless."""
        self._session.close()
