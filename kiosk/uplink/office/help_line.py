"""The uplink's part of live help: it posts the booth's newest view to the office, and passes the office's direction on
to the booth.

It has a thread, a connection and short time limits of its own, so that no upload waits for a view. After a failure it
pauses; views that come in the pause are lost, because only the newest one matters.
"""

import logging
import os

from kiosk.ports.clock import Clock
from kiosk.ports.config import BoothConfig
from kiosk.uplink.office.client import OfficeClient
from kiosk.uplink.office.office_answers import Later
from kiosk.uplink.shared.local_socket import LocalSocket
from kiosk.uplink.shared.paths import HELP_DIRECTIONS, HELP_VIEWS
from wire.faults import MessageError
from wire.live_help import HelpView

log = logging.getLogger(__name__)

PATIENCE_MS = 3_000
"""How long one step of a request may take; an older view is of no use."""
PAUSE_S = 5.0
EVERY_NS = 900_000_000
"""The least time between two views; the booth makes one a second."""


class HelpLine:
    """Sends views and receives directions. For one thread."""

    def __init__(self, config: BoothConfig, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        office, limits = config.office, ("connect_timeout_ms", "read_timeout_ms")
        hurry = {name: min(getattr(office, name), PATIENCE_MS) for name in limits}
        self._client = OfficeClient(office.model_copy(update=hurry))
        self._socket: LocalSocket | None = None
        self._due_ns = 0
        self._complained = False

    def poll(self, timeout_s: float) -> bool:
        """Wait at most `timeout_s` for a view, and post the newest one if it is time; returns whether one was
        posted."""
        if self._socket is None and not self._open():
            return False
        assert self._socket is not None
        view = _decoded(self._socket.newest(timeout_s))
        if view is None or self._clock.now_ns() < self._due_ns:
            return False
        self._due_ns = self._clock.now_ns() + EVERY_NS
        direction = self._client.help_view(view)
        if isinstance(direction, Later):
            self._due_ns = self._clock.now_ns() + round(max(PAUSE_S, direction.after_s or 0.0) * 1e9)
            if not self._complained:
                log.warning("live help did not get through (%s); the booth retries", direction.reason)
            self._complained = True
            return True
        self._complained = False
        self._socket.send(direction.encode())
        return True

    def close(self) -> None:
        """Close connection and socket; a second call is harmless."""
        self._client.close()
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _open(self) -> bool:
        """Open the socket as soon as the booth's folder is there."""
        if self._clock.now_ns() < self._due_ns:
            return False
        try:
            self._socket = LocalSocket(self._config.storage.folder, HELP_VIEWS, HELP_DIRECTIONS)
        except OSError as error:
            self._due_ns = self._clock.now_ns() + round(PAUSE_S * 1e9)
            if not self._complained:
                log.info("no socket for live help: %s", os.strerror(error.errno or 0))
            self._complained = True
            return False
        return True


def _decoded(data: bytes | None) -> HelpView | None:
    try:
        return None if data is None else HelpView.decode(data)
    except MessageError:
        return None
