"""The devices in front of the booth in the virtual machine: the ID-card reader and the scanner, each on a serial port,
and the graduate's hands that use them.
"""

import contextlib
import socket
import threading
import time
from pathlib import Path

from sim.twins.card_tty import SamModule
from sim.twins.cards import made_up_card


class Desk:
    """Reader and scanner of one machine. Plug them in once the machine's sockets are there."""

    def __init__(self) -> None:
        self.module = SamModule()
        self.deeds: list[str] = []
        self._reader: socket.socket | None = None
        self._scanner: socket.socket | None = None

    def plug_in(self, reader: Path, scanner: Path) -> None:
        """Connect both to the sockets of the machine's serial ports."""
        self._reader, self._scanner = _connected(reader), _connected(scanner)
        threading.Thread(target=self._read_cards, args=(self._reader,), daemon=True).start()

    def unplug(self) -> None:
        """Pull both cables."""
        for line in (self._reader, self._scanner):
            if line is not None:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
                line.close()

    def hand(self, deed: str) -> None:
        """Do what the graduate's hands do (`sim.play.station.FarHands`)."""
        self.deeds.append(deed)
        word, _, rest = deed.partition(" ")
        if word == "lay":
            self.module.card = made_up_card(int(rest))
        elif word == "take":
            self.module.card = None
        elif word == "scan" and self._scanner is not None:
            self._scanner.sendall(f"{rest}\r".encode("ascii"))

    def _read_cards(self, line: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while some := line.recv(4096):
                for delay_ns, answer in self.module.hear(some):
                    time.sleep(delay_ns / 1e9)
                    line.sendall(answer)


def _connected(path: Path) -> socket.socket:
    line = socket.socket(socket.AF_UNIX)
    line.connect(str(path))
    return line
