"""A bad network: a proxy that cuts and delays connections, duplicates and reorders answers, and resets connections in
the middle of a body.

The proxy knows nothing about HTTP: it forwards pieces of bytes, damages some of them at random and counts the damage.
"""

import random
import socket
import struct
import threading
from collections import Counter
from enum import StrEnum
from typing import Self

_PIECE = 8_192
_LONGEST_DELAY_S = 0.05
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER with time 0: `close` then sends RST


class NetworkFault(StrEnum):
    """What can go wrong with a piece of a transfer."""

    CUT = "cut"  # both directions are closed, and the piece is not forwarded
    DELAY = "delay"
    DUPLICATE = "duplicate"  # an answer is sent twice
    STALE = "stale"  # in place of an answer, an earlier answer is sent, which may be that of another request
    RESET = "reset"  # a part of the piece is sent, and then RST


ON_REQUESTS = (NetworkFault.CUT, NetworkFault.DELAY, NetworkFault.RESET)
ON_ANSWERS = tuple(NetworkFault)


class BadNetwork:
    """A proxy with a port of its own; it forwards to `port` of this machine. `share`: the share of pieces that it
    damages."""

    def __init__(self, port: int, share: float, seed: int = 1) -> None:
        self.share = share
        self.counts: Counter[NetworkFault] = Counter()
        self._port = port
        self._luck = random.Random(seed)
        self._guard = threading.Lock()
        self._earlier: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ends: set[socket.socket] = set()
        self._resets: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._listen, name="badnet", daemon=True)

    @property
    def url(self) -> str:
        """The proxy's address."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        for end in self._ends.copy():
            self._hang_up(end)
        for thread in self._threads:
            thread.join()

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:  # the listening socket was closed
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._port), 5)
            except OSError:
                near.close()
                continue
            thread = threading.Thread(target=self._join, args=(near, far), daemon=True)
            self._threads = [*(other for other in self._threads if other.is_alive()), thread]
            thread.start()

    def _join(self, near: socket.socket, far: socket.socket) -> None:
        """Forward one connection in both directions until it ends."""
        with near, far:
            self._ends |= {near, far}
            back = threading.Thread(target=self._pass_on, args=(far, near, True), daemon=True)
            back.start()
            self._pass_on(near, far, answers=False)
            back.join()
            self._ends -= {near, far}
            self._resets -= {near, far}

    def _pass_on(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        try:
            while (piece := source.recv(_PIECE)) and self._treat(piece, sink, answers):
                pass
        except OSError:  # the other direction cut the connection, or one side is gone
            pass
        for end in (source, sink):
            self._hang_up(end)

    def _hang_up(self, end: socket.socket) -> None:
        # A connection that is to be reset is shut down for reading only. So nothing is sent until `close`, which sends
        # RST.
        try:
            end.shutdown(socket.SHUT_RD if end in self._resets else socket.SHUT_RDWR)
        except OSError:  # the socket was already closed
            return

    def _treat(self, piece: bytes, sink: socket.socket, answers: bool) -> bool:
        """Forward a piece, or apply a random fault; returns whether the connection continues."""
        with self._guard:
            kinds = ON_ANSWERS if answers else ON_REQUESTS
            mischief = self._luck.choice(kinds) if self._luck.random() < self.share else None
            earlier = self._luck.choice(self._earlier) if self._earlier else piece
            delay_s = self._luck.uniform(0, _LONGEST_DELAY_S)
            if answers:
                self._earlier = [*self._earlier[-19:], piece]
            if mischief is not None:
                self.counts[mischief] += 1
        match mischief:
            case NetworkFault.CUT:
                return False
            case NetworkFault.RESET:
                sink.sendall(piece[: len(piece) // 2])
                sink.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                self._resets.add(sink)
                return False
            case NetworkFault.DELAY:
                threading.Event().wait(delay_s)
                sink.sendall(piece)
            case NetworkFault.DUPLICATE:
                sink.sendall(piece + piece)
            case NetworkFault.STALE:
                sink.sendall(earlier)
            case None:
                sink.sendall(piece)
        return True
