"""Both kinds of scanner: on a FIFO with typed keys, and on a pseudo-terminal with plain bytes."""

import os
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.core.events import CodeKind, CodeRead, Device, Event
from kiosk.hardware.scanner_input import InputScanner
from kiosk.hardware.scanner_serial import SerialScanner
from kiosk.ports.faults import PermanentFault, TemporaryFault
from kiosk.runtime.vault import SessionVault
from sim.twins.clock import VirtualClock
from sim.twins.input_node import End, InputNode

STUDENT = "20210101234"
QR = "TX:8f3a/AAA=+77?zz"
AFTER_A_CODE_MS = 400  # a code is told when silence has followed it


class ScannerRig:
    """A scanner in keyboard mode and its worker."""

    def __init__(self, clock: VirtualClock, events: list[Event], folder: Path) -> None:
        self.clock = clock
        self.events = events
        self.vault = SessionVault()
        self.node = InputNode(folder)
        self.worker = InputScanner(self.node.path, self.vault, events.append, clock)

    def poll(self, ms: int = AFTER_A_CODE_MS) -> None:
        for _ in range(0, ms, 16):
            self.clock.advance(16 * 1_000_000)
            self.worker.poll(0)


@pytest.fixture
def rig(clock: VirtualClock, events: list[Event], tmp_path: Path) -> Iterator[ScannerRig]:
    rig = ScannerRig(clock, events, tmp_path)
    rig.worker.open()
    rig.worker.listen(True)
    yield rig
    rig.worker.close()
    rig.node.close()


def only_code(events: list[Event]) -> CodeRead:
    (event,) = events
    assert isinstance(event, CodeRead)
    return event


def test_a_code_scanned_while_its_session_ends_stays_nowhere(rig: ScannerRig) -> None:
    rig.node.scan(STUDENT, End.ENTER)
    rig.vault.forget()  # and the worker has not heard yet that nobody listens
    rig.poll()
    assert rig.events == []
    assert len(rig.vault) == 0


@pytest.mark.parametrize("end", End)
def test_a_typed_student_number_becomes_a_token(rig: ScannerRig, end: End) -> None:
    rig.node.scan(STUDENT, end)
    rig.poll()
    event = only_code(rig.events)
    assert event.kind is CodeKind.STUDENT_OR_EXAM_NUMBER
    assert rig.vault.get(event.code, str) == STUDENT
    assert STUDENT not in repr(event)


def test_a_qr_code_with_capitals_and_signs_is_kept_byte_for_byte(rig: ScannerRig) -> None:
    rig.node.scan(QR)
    rig.poll()
    event = only_code(rig.events)
    assert event.kind is CodeKind.OPAQUE
    assert rig.vault.get(event.code, bytes) == QR.encode()


def test_a_double_scan_is_one(rig: ScannerRig) -> None:
    rig.node.scan(STUDENT, times=2)
    rig.poll()
    rig.node.scan(STUDENT)
    rig.poll(1_500)
    assert len(rig.events) == 1


def test_the_same_code_later_is_a_new_scan(rig: ScannerRig) -> None:
    rig.node.scan(STUDENT)
    rig.poll(2_500)
    rig.node.scan(STUDENT)
    rig.poll()
    assert len(rig.events) == 2


def test_a_code_that_began_before_the_consent_is_not_told_after_it(rig: ScannerRig) -> None:
    rig.worker.listen(False)
    rig.node.scan("2021", End.PAUSE)
    rig.poll(32)
    rig.worker.listen(True)
    rig.node.scan("0101234")
    rig.poll()
    assert rig.events == []
    rig.node.scan(STUDENT)
    rig.poll()
    assert rig.vault.get(only_code(rig.events).code, str) == STUDENT


def test_lines_of_one_qr_code_are_one_code(rig: ScannerRig) -> None:
    rig.node.scan("20210101234")
    rig.poll(48)
    rig.node.scan("20210105678")
    rig.poll()
    assert only_code(rig.events).kind is CodeKind.OPAQUE


def test_what_is_scanned_before_consent_is_dropped_not_kept(rig: ScannerRig) -> None:
    rig.worker.listen(False)
    rig.node.scan(STUDENT)
    rig.poll()
    rig.worker.listen(True)
    rig.poll()
    assert rig.events == []
    assert len(rig.vault) == 0


def test_a_scanner_unplugged_is_a_temporary_fault_and_works_again(rig: ScannerRig) -> None:
    rig.node.unplug()
    with pytest.raises(TemporaryFault, match="gone") as caught:
        rig.poll()
    assert caught.value.device is Device.SCANNER
    rig.worker.close()
    with pytest.raises(TemporaryFault, match="there is no"):
        rig.worker.open()
    rig.node.plug_in()
    rig.worker.open()
    rig.node.scan(STUDENT)
    rig.poll()
    assert len(rig.events) == 1


def test_a_plain_file_is_no_scanner(clock: VirtualClock, events: list[Event], tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(PermanentFault, match="not an input device"):
        InputScanner(path, SessionVault(), events.append, clock).open()


def test_a_device_that_cannot_be_grabbed_is_no_scanner(clock: VirtualClock, events: list[Event]) -> None:
    with pytest.raises(PermanentFault, match="not an input device"):
        InputScanner(Path("/dev/null"), SessionVault(), events.append, clock).open()


class SerialDesk:
    """A scanner in USB-COM mode on a pseudo-terminal."""

    def __init__(self, clock: VirtualClock, events: list[Event]) -> None:
        self.clock = clock
        self.events = events
        self.vault = SessionVault()
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        self.worker = SerialScanner(os.ttyname(self.slave), self.vault, events.append, clock)

    def send(self, data: bytes, ms: int = 16) -> None:
        os.write(self.master, data)
        self.poll(ms)

    def poll(self, ms: int = AFTER_A_CODE_MS) -> None:
        for _ in range(0, ms, 16):
            self.clock.advance(16 * 1_000_000)
            self.worker.poll(0)


@pytest.fixture
def serial_desk(clock: VirtualClock, events: list[Event]) -> Iterator[SerialDesk]:
    rig = SerialDesk(clock, events)
    rig.worker.open()
    rig.worker.listen(True)
    yield rig
    rig.worker.close()
    os.close(rig.slave)
    if rig.master >= 0:
        os.close(rig.master)


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_a_code_on_the_serial_port_ends_with_cr_or_lf(serial_desk: SerialDesk, end: bytes) -> None:
    serial_desk.send(STUDENT.encode()[:5])
    serial_desk.send(STUDENT.encode()[5:] + end)
    serial_desk.poll()
    assert serial_desk.vault.get(only_code(serial_desk.events).code, str) == STUDENT


def test_a_code_on_the_serial_port_ends_with_a_pause(serial_desk: SerialDesk) -> None:
    serial_desk.send(b"\x01opaque\xff bytes")
    assert serial_desk.events == []
    serial_desk.poll(120)
    assert serial_desk.vault.get(only_code(serial_desk.events).code, bytes) == b"\x01opaque\xff bytes"


def test_a_serial_scanner_unplugged_is_a_temporary_fault(serial_desk: SerialDesk) -> None:
    os.close(serial_desk.master)
    serial_desk.master = -1
    with pytest.raises(TemporaryFault, match="Plug the device"):
        serial_desk.poll()


def test_closing_scanners_twice_is_harmless(rig: ScannerRig, serial_desk: SerialDesk) -> None:
    for worker in (rig.worker, serial_desk.worker):
        worker.close()
        worker.close()
        with pytest.raises(RuntimeError, match="before it was opened"):
            worker.poll(0)


def test_what_is_scanned_while_the_twin_is_unplugged_or_unread_is_lost_as_at_the_kernel(tmp_path: Path) -> None:
    node = InputNode(tmp_path)
    node.scan("2026000001", times=500)  # more than the kernel's buffer holds, and nobody reads
    node.unplug()
    node.scan("2026000001")
    node.plug_in()
    with node.path.open("rb", buffering=0) as events:
        os.set_blocking(events.fileno(), False)
        assert events.read() is None
    node.close()
