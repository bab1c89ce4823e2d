"""`link.json` in the booth's folder tells the service menu how the uplink reaches the office. Nothing about people.

The uplink writes the file after each heartbeat, and after each failure that every request would meet. The file is
replaced atomically but not synced, because after a power cut it has no value.
"""

import contextlib
import socket
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from kiosk.uplink.shared.shared_files import write_unsynced


class LinkState(BaseModel):
    """`reached_at`: when the office last answered (the booth's clock). `trouble`: why it has not answered since, or "".
    `address`: the address that this machine uses on the way to the office."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    reached_at: AwareDatetime | None = None
    trouble: str = Field(default="", max_length=300)
    address: str = Field(default="", max_length=64)


class LinkStateFile:
    """Writes the state. For one thread. If the disk refuses a write, the shot saver reports that."""

    def __init__(self, path: Path, url: str) -> None:
        self._path = path
        self._url = url
        before = read_link_state(path)
        self._reached_at = None if before is None else before.reached_at

    def note(self, now: datetime, trouble: str = "") -> None:
        """Note that the office answered or, with a `trouble`, that it did not."""
        if not trouble:
            self._reached_at = now
        state = LinkState(reached_at=self._reached_at, trouble=trouble[:300], address=own_address(self._url))
        write_unsynced(self._path, state.model_dump_json().encode())


def own_address(url: str) -> str:
    """The address that this machine uses on the way to the office; "" if there is none. Nothing is sent: connecting a
    datagram socket only looks up the route."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    with contextlib.suppress(OSError):
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_DGRAM)
        family, kind, protocol, _, place = found[0]
        with socket.socket(family, kind, protocol) as tried:
            tried.connect(place)
            return str(tried.getsockname()[0])
    return ""


def read_link_state(path: Path) -> LinkState | None:
    """The last state that the uplink wrote; None if there is no readable file."""
    try:
        return LinkState.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
