"""The twin of the ID-card reader: a security module on a real pseudo-terminal.

The booth's own serial code opens `port`. In lockstep the world calls `step` at every tick; in real time a thread calls
it. In both cases the module's answers take `ANSWER_MS` by the clock that it was given, and come byte by byte at the
baud rate. `python -m sim.twins.card_tty` runs one reader alone, so that `kiosk doctor card --port PATH` has something
to read.
"""

import argparse
import os
import sys
import tempfile
import threading
import time
import tty
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from kiosk.core.idcard.poll import TIMEOUT_MS
from kiosk.core.idcard.protocol import PREAMBLE, Command, frame
from sim.twins.cards import MadeUpCard, made_up_card

MS = 1_000_000
ANSWER_MS = {Command.FIND: 20, Command.SELECT: 40, Command.READ: 600, Command.STATUS: 10, Command.RESET: 100}
NOT_FOUND = bytes.fromhex("000080")


class CardFault(StrEnum):
    """Faults of the reader or its line."""

    NONE = "none"
    SILENCE = "silence"
    PARTIAL = "partial"  # every answer ends half way
    BAD_CHECKSUM = "bad_checksum"
    GARBAGE = "garbage"  # noise comes before every answer, with a false preamble in it
    SLOW = "slow"  # an answer takes one and a half times as long as allowed
    UNPLUGGED = "unplugged"


class SamModule:
    """The answers of the security module: it gets requests and returns (time, bytes). It has no line and no clock."""

    def __init__(self) -> None:
        self.card: MadeUpCard | None = None
        self.fault = CardFault.NONE
        self.codes: dict[Command, int] = {}  # for a command, the SW3 of its answer, if a test sets it
        # False: a card that stays on the reader after a read answers "no card", as with some readers
        self.shows_read_card = True
        self.shows_after_reset = True  # False: a card that stays on the reader answers "no card" even after a reset
        self.deaf: set[Command] = set()  # commands that get no answer
        self.asked: list[Command] = []
        self._hidden: MadeUpCard | None = None
        self._inbox = bytearray()

    def hear(self, data: bytes) -> list[tuple[int, bytes]]:
        """The answers to the requests that `data` completes: (delay in ns, whole frame as sent on the line)."""
        self._inbox += data
        answers = []
        while (start := self._inbox.find(PREAMBLE)) >= 0:
            end = start + 7 + int.from_bytes(self._inbox[start + 5 : start + 7], "big")
            if len(self._inbox) < max(end, start + 10):
                break
            content = bytes(self._inbox[start + 7 : end - 1])
            del self._inbox[:end]
            answers += self._answer(Command(content))
        return answers

    def _answer(self, command: Command) -> list[tuple[int, bytes]]:
        self.asked.append(command)
        delay_ns = ANSWER_MS[command] * MS
        answer = self._spoil(frame(self._content(command)))
        if self.fault is CardFault.SLOW:
            delay_ns = TIMEOUT_MS.get(command, 500) * 3 // 2 * MS
        return [] if self.fault is CardFault.SILENCE or command in self.deaf else [(delay_ns, answer)]

    def _content(self, command: Command) -> bytes:
        if command in self.codes:
            return bytes([0, 0, self.codes[command]])
        if command is Command.RESET and self.shows_after_reset:
            # a reset switches the reader's field off and on, so a card that lies there answers again
            self._hidden = None
        if command in (Command.STATUS, Command.RESET, Command.MODULE_ID):
            return bytes.fromhex("000090")
        if self.card is None or self.card is self._hidden:
            self._hidden = self.card
            return NOT_FOUND
        if command is Command.FIND:
            return bytes.fromhex("00009F00000000")
        if command is Command.SELECT:
            return bytes.fromhex("000090") + bytes(8)
        if not self.shows_read_card:
            self._hidden = self.card
        return bytes.fromhex("000090") + self.card.record()

    def _spoil(self, answer: bytes) -> bytes:
        match self.fault:
            case CardFault.PARTIAL:
                return answer[: len(answer) // 2]
            case CardFault.BAD_CHECKSUM:
                return answer[:-1] + bytes([answer[-1] ^ 0x5A])
            case CardFault.GARBAGE:
                return b"\x00\xaa\xaa\x13" + PREAMBLE + b"\xff\xff" + b"\xaa" + answer
            case _:
                return answer


class CardTty:
    """The reader on its pseudo-terminal. If the reader is unplugged and plugged in again, `port` keeps its name."""

    def __init__(self, now_ns: Callable[[], int], baud: int = 115200, folder: Path | None = None) -> None:
        self.module = SamModule()
        self._now_ns = now_ns
        self._byte_ns = 10 * 10**9 // baud  # a byte is sent as start bit, 8 data bits and stop bit
        self._folder = folder or Path(tempfile.mkdtemp(prefix="card-tty-"))
        self.port = str(self._folder / "card")
        self._master: int | None = None
        self._slave: int | None = None
        self._line: deque[tuple[int, int]] = deque()  # (moment, byte) for each byte on its way to the booth
        self._lock = threading.RLock()  # guards the cable, which may be pulled while another thread calls `step`
        self.plug_in()

    def lay(self, card: MadeUpCard) -> None:
        """Lay a card on the reader."""
        self.module.card = card

    def take(self) -> None:
        """Take the card away."""
        self.module.card = None

    def break_with(self, fault: CardFault) -> None:
        """Apply `fault` from now on; `NONE` clears it."""
        if fault is CardFault.UNPLUGGED:
            self.unplug()
        elif self._master is None:
            self.plug_in()
        self.module.fault = fault

    def plug_in(self) -> None:
        """Connect the reader, so that its port appears."""
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        link = Path(self.port)
        link.unlink(missing_ok=True)
        link.symlink_to(os.ttyname(self._slave))

    def unplug(self) -> None:
        """Pull the cable: the port disappears, and a program that has it open gets an error when it reads."""
        with self._lock:
            Path(self.port).unlink(missing_ok=True)
            for end in (self._master, self._slave):
                if end is not None:
                    os.close(end)
            self._master = self._slave = None
            self._line.clear()

    def step(self) -> None:
        """Receive what the booth has sent, and send the bytes that are due by now. Never waits."""
        with self._lock:
            if self._master is not None:
                self._step(self._master)

    def _step(self, master: int) -> None:
        now_ns = self._now_ns()
        try:
            heard = os.read(master, 4096)
        except BlockingIOError:
            heard = b""
        for delay_ns, answer in self.module.hear(heard):
            free_ns = max(now_ns + delay_ns, self._line[-1][0] if self._line else 0)
            self._line.extend((free_ns + (i + 1) * self._byte_ns, byte) for i, byte in enumerate(answer))
        due = bytearray()
        while self._line and self._line[0][0] <= now_ns:
            due.append(self._line.popleft()[1])
        if due:
            os.write(master, due)

    def close(self) -> None:
        """Remove the port."""
        self.unplug()
        if self._folder.name.startswith("card-tty-"):
            self._folder.rmdir()


_PERIOD_S = 0.002  # between two steps of the thread


class CardTtyThread:
    """Calls `step` of a reader in real time until `close`."""

    def __init__(self, reader: CardTty) -> None:
        self._reader = reader
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="card-tty", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(_PERIOD_S):
            self._reader.step()

    def close(self) -> None:
        """Stop calling `step`; the reader stays."""
        self._stop.set()
        self._thread.join(2.0)


def main() -> int:
    """Run one reader alone, with a card on it. Its port is printed on standard output. Ctrl+C ends it."""
    parser = argparse.ArgumentParser(prog="python -m sim.twins.card_tty", description=main.__doc__)
    parser.add_argument("--card", choices=("none", "citizen", "hmt", "foreigner-2017", "foreigner-2023"))
    parser.add_argument("--fault", type=CardFault, choices=list(CardFault), default=CardFault.NONE)
    options = parser.parse_args()
    version = {"hmt": "J", "foreigner-2017": "I", "foreigner-2023": "Y"}.get(options.card, " ")
    reader = CardTty(time.monotonic_ns)
    if options.card != "none":
        reader.lay(made_up_card(1, version))
    reader.break_with(options.fault)
    pump = CardTtyThread(reader)
    sys.stdout.write(reader.port + "\n")
    sys.stdout.flush()
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    finally:
        pump.close()
        reader.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
