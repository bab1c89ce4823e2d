"""The ID-card reader on a serial port. It connects the pure rules of polling (`core.idcard.poll`) to a port, a clock
and the vault."""

import logging

from kiosk.core.events import (
    CardFailed,
    CardFound,
    CardRead,
    CardRemoved,
    Device,
    DeviceFailed,
    DeviceRecovered,
)
from kiosk.core.idcard.card_events import (
    CardGone,
    CardPresent,
    CardUnreadable,
    Cause,
    HolderRead,
    Output,
    ReaderFault,
    ReaderRecovered,
    Send,
)
from kiosk.core.idcard.poll import CardPoll
from kiosk.core.idcard.text import valid_on
from kiosk.core.identity import CardHolder
from kiosk.hardware.serial_port import SerialPort
from kiosk.ports.clock import Clock
from kiosk.ports.config import CardConfig
from kiosk.ports.faults import DeviceFault, PermanentFault, TemporaryFault
from kiosk.ports.vault import Vault
from kiosk.ports.worker import Emit
from rules.season import day_in_china

log = logging.getLogger(__name__)


class CardWorker:
    """Reads cards only while it listens.

    Emits `CardFound`, `CardRead`, `CardFailed` and `CardRemoved`. An expired card is read like any other, with
    `valid_today` False; the session decides what follows. A missing port raises a fault. If the port works but the card
    module is silent, broken or sends garbage, the worker emits `DeviceFailed`; at the module's first valid answer it
    emits `DeviceRecovered`. It does not reopen the port: a serial port can be opened even without a device behind it,
    so the module would seem repaired every few seconds.
    """

    device = Device.CARD_READER

    def __init__(self, config: CardConfig, vault: Vault, emit: Emit, clock: Clock) -> None:
        self._config = config
        self._vault = vault
        self._emit = emit
        self._clock = clock
        self._port: SerialPort | None = None
        self._poll = CardPoll(config.poll_ms)
        self._listening = False
        self._wanted = False
        self._session = 0  # the session for which cards are read
        # the fault that was reported for the module, until its next valid answer; an open port alone does not mean that
        # the module works
        self._reported_fault: str | None = None

    def listen(self, on: bool) -> None:
        """Read the cards of the present session (`on`), or ignore them; takes effect at the next `poll`. Call it on the
        thread that empties the vault."""
        if on:
            self._session = self._vault.session()
        self._wanted = on

    def open(self) -> None:
        """Open the port. `poll` shows within four seconds whether a module answers on it."""
        self.close()
        self._port = SerialPort(self.device, self._config.port, self._config.baud)
        self._poll = CardPoll(self._config.poll_ms, faulty=self._reported_fault is not None)
        self._listening = False

    def poll(self, timeout_s: float) -> None:
        """Send and receive, and emit events. Waits at most `timeout_s` seconds for the module."""
        port = self._port
        if port is None:
            raise RuntimeError("the card reader is polled before it was opened")
        now_ns = self._clock.now_ns()
        if self._wanted != self._listening:
            self._listening = self._wanted
            self._poll.listen(self._listening, now_ns)
        # On a busy machine an answer may be read only after its time-out. So the received bytes are handled before the
        # time-outs.
        self._do(port, self._poll.feed(port.read(0), now_ns), now_ns)
        self._do(port, self._poll.tick(now_ns), now_ns)
        data = port.read(min(timeout_s, max(0.0, (self._poll.due_ns - now_ns) / 1e9)))
        now_ns = self._clock.now_ns()
        self._do(port, self._poll.feed(data, now_ns), now_ns)

    def close(self) -> None:
        """Close the port."""
        port, self._port = self._port, None
        if port is not None:
            port.close()

    def _do(self, port: SerialPort, outputs: list[Output], now_ns: int) -> None:
        for output in outputs:
            match output:
                case Send(data):
                    port.write(data)
                case CardPresent():
                    self._emit(CardFound(now_ns))
                case HolderRead(holder):
                    token = self._vault.token_in(self._session, holder)
                    if token is not None:
                        self._emit(CardRead(now_ns, token, self._valid_today(holder)))
                case CardUnreadable(trouble, status):
                    log.info("card not read: %s, code %s", trouble, "none" if status is None else f"0x{status:02X}")
                    self._emit(CardFailed(now_ns, trouble))
                case CardGone():
                    self._emit(CardRemoved(now_ns))
                case ReaderFault() if self._reported_fault is None:
                    fault = fault_of(output)
                    self._reported_fault = fault.text_id
                    log.error("%s", fault)
                    self._emit(DeviceFailed(now_ns, self.device, fault.text_id))
                case ReaderRecovered() if self._reported_fault is not None:
                    told, self._reported_fault = self._reported_fault, None
                    log.warning("%s: works again", self.device.value)
                    self._emit(DeviceRecovered(now_ns, self.device, told))

    def _valid_today(self, holder: CardHolder) -> bool | None:
        wall = self._clock.wall()
        return valid_on(holder, day_in_china(wall.moment)) if wall.synced else None


def fault_of(fault: ReaderFault) -> DeviceFault:
    """The booth's fault for the module's `fault`, with the remedy for an installer."""
    code = "" if fault.status is None else f" (code 0x{fault.status:02X})"
    match fault.cause:
        case Cause.SILENT:
            return TemporaryFault(
                Device.CARD_READER,
                "fault.card_reader_silent",
                "the ID-card reader does not answer",
                "Check its cable and power, and that the baud rate in the configuration is the reader's",
            )
        case Cause.GARBLED:
            return TemporaryFault(
                Device.CARD_READER,
                "fault.card_reader_garbled",
                f"the ID-card reader's answers arrive damaged{code}",
                "Check the baud rate in the configuration, then the cable; keep it away from the lamps' wires",
            )
        case Cause.SELF_TEST:
            return PermanentFault(
                Device.CARD_READER,
                "fault.card_reader_self_test",
                f"the reader's security module reports itself broken or not authorised{code}",
                "Switch the reader off and on once; if it says so again, replace it",
            )
        case Cause.REFUSES:
            return PermanentFault(
                Device.CARD_READER,
                "fault.card_reader_refuses",
                f"the reader refuses the standard commands{code}",
                "It is no SAM_A / SAM_V reader, or in a mode of its maker: set it to plain serial mode or replace it",
            )
