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


class Desk:
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
def desk(clock: VirtualClock, events: list[Event], tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(clock, events, tmp_path)
    desk.worker.open()
    desk.worker.listen(True)
    yield desk
    desk.worker.close()
    desk.node.close()


def only_code(events: list[Event]) -> CodeRead:
    (event,) = events
    assert isinstance(event, CodeRead)
    return event


@pytest.mark.parametrize("end", End)
def test_a_typed_student_number_becomes_a_token(desk: Desk, end: End) -> None:
    desk.node.scan(STUDENT, end)
    desk.poll()
    event = only_code(desk.events)
    assert event.kind is CodeKind.STUDENT_OR_EXAM_NUMBER
    assert desk.vault.get(event.code, str) == STUDENT
    assert STUDENT not in repr(event)


def test_a_qr_code_with_capitals_and_signs_is_kept_byte_for_byte(desk: Desk) -> None:
    desk.node.scan(QR)
    desk.poll()
    event = only_code(desk.events)
    assert event.kind is CodeKind.OPAQUE
    assert desk.vault.get(event.code, bytes) == QR.encode()


def test_a_double_scan_is_one(desk: Desk) -> None:
    desk.node.scan(STUDENT, times=2)
    desk.poll()
    desk.node.scan(STUDENT)
    desk.poll(1_500)
    assert len(desk.events) == 1


def test_the_same_code_later_is_a_new_scan(desk: Desk) -> None:
    desk.node.scan(STUDENT)
    desk.poll(2_500)
    desk.node.scan(STUDENT)
    desk.poll()
    assert len(desk.events) == 2


def test_a_code_that_began_before_the_consent_is_not_told_after_it(desk: Desk) -> None:
    desk.worker.listen(False)
    desk.node.scan("2021", End.PAUSE)
    desk.poll(32)
    desk.worker.listen(True)
    desk.node.scan("0101234")
    desk.poll()
    assert desk.events == []
    desk.node.scan(STUDENT)
    desk.poll()
    assert desk.vault.get(only_code(desk.events).code, str) == STUDENT


def test_lines_of_one_qr_code_are_one_code(desk: Desk) -> None:
    desk.node.scan("20210101234")
    desk.poll(48)
    desk.node.scan("20210105678")
    desk.poll()
    assert only_code(desk.events).kind is CodeKind.OPAQUE


def test_what_is_scanned_before_consent_is_dropped_not_kept(desk: Desk) -> None:
    desk.worker.listen(False)
    desk.node.scan(STUDENT)
    desk.poll()
    desk.worker.listen(True)
    desk.poll()
    assert desk.events == []
    assert len(desk.vault) == 0


def test_a_scanner_unplugged_is_a_temporary_fault_and_works_again(desk: Desk) -> None:
    desk.node.unplug()
    with pytest.raises(TemporaryFault, match="gone") as caught:
        desk.poll()
    assert caught.value.device is Device.SCANNER
    desk.worker.close()
    with pytest.raises(TemporaryFault, match="there is no"):
        desk.worker.open()
    desk.node.plug_in()
    desk.worker.open()
    desk.node.scan(STUDENT)
    desk.poll()
    assert len(desk.events) == 1


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
    desk = SerialDesk(clock, events)
    desk.worker.open()
    desk.worker.listen(True)
    yield desk
    desk.worker.close()
    os.close(desk.slave)
    if desk.master >= 0:
        os.close(desk.master)


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


def test_closing_scanners_twice_is_harmless(desk: Desk, serial_desk: SerialDesk) -> None:
    for worker in (desk.worker, serial_desk.worker):
        worker.close()
        worker.close()
        with pytest.raises(RuntimeError, match="before it was opened"):
            worker.poll(0)
