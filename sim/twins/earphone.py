"""The twin of an earphone socket with a switch: a FIFO that gets the events that the kernel would send."""

import os
from pathlib import Path

from kiosk.core.scan.keys import EVENT
from kiosk.hardware.earphone_switch import EV_SW, SW_HEADPHONE_INSERT


class EarphoneSocket:
    """The socket. `path` is used in place of /dev/input/..."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "earphone"
        os.mkfifo(self.path)
        # Both ends of the FIFO are opened here. So writing never waits for the booth, and the booth never reads an end
        # of file.
        self._pipe: int | None = os.open(self.path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def plug_in(self) -> None:
        """Put an earphone's plug in."""
        self._switch(1)

    def pull_out(self) -> None:
        """Pull the plug out."""
        self._switch(0)

    def _switch(self, value: int) -> None:
        if self._pipe is None:
            raise RuntimeError("the earphone socket is unplugged")
        os.write(self._pipe, EVENT.pack(0, 0, EV_SW, SW_HEADPHONE_INSERT, value) + EVENT.pack(0, 0, 0, 0, 0))

    def close(self) -> None:
        """Remove the socket; a second call is harmless."""
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            self.path.unlink()
            os.close(pipe)
