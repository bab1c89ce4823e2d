"""The card worker on a real pseudo-terminal, in lockstep on a clock moved by hand."""

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from kiosk.core.events import (
    CardFailed,
    CardFound,
    CardRead,
    CardRemoved,
    CardTrouble,
    Device,
    DeviceFailed,
    DeviceRecovered,
    Event,
)
from kiosk.core.idcard.card_events import Cause, ReaderFault
from kiosk.core.idcard.protocol import Command
from kiosk.core.identity import CardHolder
from kiosk.hardware.card_serial import CardWorker, fault_of
from kiosk.ports.config import CardConfig
from kiosk.ports.faults import DeviceFault, PermanentFault, TemporaryFault
from kiosk.runtime.supervise import Supervisor
from kiosk.runtime.vault import SessionVault
from sim.twins.card_tty import CardFault, CardTty
from sim.twins.cards import MadeUpCard, made_up_card
from sim.twins.clock import VirtualClock


class CardRig:
    """A worker, its reader and their clock."""

    def __init__(self, clock: VirtualClock, events: list[Event], folder: Path, baud: int = 115200) -> None:
        self.clock = clock
        self.events = events
        self.vault = SessionVault()
        self.reader = CardTty(clock.now_ns, baud, folder)
        config = CardConfig.model_validate({"port": self.reader.port, "baud": baud})
        self.worker = CardWorker(config, self.vault, events.append, clock)

    def run(self, ms: int) -> None:
        for _ in range(ms // 10):
            self.clock.advance(10_000_000)
            self.reader.step()
            self.worker.poll(0)

    def close(self) -> None:
        self.worker.close()
        self.reader.close()


@pytest.fixture
def rig(clock: VirtualClock, events: list[Event], tmp_path: Path) -> Iterator[CardRig]:
    rig = CardRig(clock, events, tmp_path)
    rig.worker.open()
    rig.worker.listen(True)
    yield rig
    rig.close()


def test_a_card_becomes_a_token_whose_holder_only_the_vault_knows(rig: CardRig) -> None:
    card = made_up_card(1)
    rig.reader.lay(card)
    rig.run(4_000)
    found, read = rig.events
    assert isinstance(found, CardFound)
    assert isinstance(read, CardRead)
    assert read.valid_today is True
    holder = rig.vault.get(read.person, CardHolder)
    assert holder is not None
    assert holder.number == card.number
    assert card.number not in repr(rig.events)


def test_a_card_read_while_its_session_ends_stays_nowhere(rig: CardRig) -> None:
    rig.reader.lay(made_up_card(1))
    while not rig.events:
        rig.run(10)
    rig.vault.forget()  # and the worker has not heard yet that nobody listens
    rig.run(4_000)
    assert [type(event) for event in rig.events] == [CardFound]
    assert len(rig.vault) == 0
    rig.worker.listen(False)
    rig.reader.take()
    rig.run(1_000)
    rig.worker.listen(True)
    rig.reader.lay(made_up_card(1))
    rig.run(4_000)
    assert isinstance(rig.events[-1], CardRead), "the next session reads its own card"


def test_every_speed_reads_a_card(clock: VirtualClock, events: list[Event], tmp_path: Path) -> None:
    for baud in (57600, 38400, 19200, 9600):
        rig = CardRig(clock, events, tmp_path, baud)
        rig.worker.open()
        rig.worker.listen(True)
        rig.reader.lay(made_up_card(1))
        rig.run(5_000)
        rig.close()
        assert isinstance(events.pop(), CardRead), baud
        events.clear()


def test_an_expired_card_is_read_and_marked(rig: CardRig) -> None:
    rig.reader.lay(MadeUpCard("王明", "11010519491231002X", valid_to="20260831"))
    rig.run(4_000)
    assert isinstance(rig.events[-1], CardRead)
    assert rig.events[-1].valid_today is False


def test_the_day_of_a_card_is_chinas(clock: VirtualClock, rig: CardRig) -> None:
    rig.reader.lay(MadeUpCard("王明", "11010519491231002X", valid_from="20260902"))
    clock.jump_wall(15 * 3600)  # 00:30 on 2 September in China, still 1 September in UTC
    rig.run(4_000)
    assert isinstance(rig.events[-1], CardRead)
    assert rig.events[-1].valid_today is True


def test_without_a_synchronised_clock_validity_is_unknown(clock: VirtualClock, rig: CardRig) -> None:
    clock.synced = False
    rig.reader.lay(made_up_card(1))
    rig.run(4_000)
    assert isinstance(rig.events[-1], CardRead)
    assert rig.events[-1].valid_today is None


def test_a_removed_card_is_reported(rig: CardRig) -> None:
    rig.reader.lay(made_up_card(1))
    rig.run(4_000)
    rig.reader.take()
    rig.run(3_000)
    assert isinstance(rig.events[-1], CardRemoved)


def test_a_card_that_is_no_id_card_is_reported(rig: CardRig) -> None:
    rig.reader.lay(made_up_card(1))
    rig.reader.module.codes[Command.READ] = 0x40
    rig.run(4_000)
    assert isinstance(rig.events[-1], CardFailed)
    assert rig.events[-1].trouble is CardTrouble.NOT_ID_CARD


def test_a_worker_that_does_not_listen_reads_no_card(rig: CardRig) -> None:
    rig.worker.listen(False)
    rig.reader.lay(made_up_card(1))
    rig.run(10_000)
    assert rig.events == []
    assert len(rig.vault) == 0


def test_a_reader_unplugged_is_a_temporary_fault_and_works_again_plugged_in(rig: CardRig) -> None:
    rig.run(1_000)
    rig.reader.break_with(CardFault.UNPLUGGED)
    with pytest.raises(TemporaryFault, match="gone"):
        rig.run(100)
    rig.worker.close()
    with pytest.raises(TemporaryFault, match="there is no"):
        rig.worker.open()
    rig.reader.break_with(CardFault.NONE)
    rig.worker.open()
    rig.reader.lay(made_up_card(1))
    rig.run(4_000)
    assert isinstance(rig.events[-1], CardRead)


def told_of_the_reader(events: list[Event]) -> list[DeviceFailed | DeviceRecovered]:
    return [event for event in events if isinstance(event, (DeviceFailed, DeviceRecovered))]


@pytest.mark.parametrize(
    ("fault", "text_id"),
    [
        (CardFault.SILENCE, "fault.card_reader_silent"),
        (CardFault.BAD_CHECKSUM, "fault.card_reader_garbled"),
        (CardFault.PARTIAL, "fault.card_reader_garbled"),
    ],
)
@pytest.mark.parametrize("listening", [True, False])
def test_a_broken_connection_is_logged_once_and_its_recovery_once(
    rig: CardRig, fault: CardFault, text_id: str, listening: bool
) -> None:
    rig.worker.listen(listening)
    rig.reader.break_with(fault)
    rig.run(60_000)
    (failed,) = told_of_the_reader(rig.events)
    assert isinstance(failed, DeviceFailed)
    assert (failed.device, failed.fault) == (Device.CARD_READER, text_id)
    rig.reader.break_with(CardFault.NONE)
    rig.run(10_000)
    assert [type(event) for event in told_of_the_reader(rig.events)] == [DeviceFailed, DeviceRecovered]


@pytest.mark.parametrize("code", [0x60, 0x66])
def test_a_module_that_failed_its_self_test_is_reported_until_it_is_well(rig: CardRig, code: int) -> None:
    rig.reader.module.codes[Command.STATUS] = code
    rig.run(30_000)
    (failed,) = told_of_the_reader(rig.events)
    assert isinstance(failed, DeviceFailed)
    assert failed.fault == "fault.card_reader_self_test"
    rig.reader.module.codes.clear()
    rig.run(6_000)
    assert isinstance(told_of_the_reader(rig.events)[-1], DeviceRecovered)


def test_a_silent_reader_does_not_seem_to_recover_under_supervision(rig: CardRig, clock: VirtualClock) -> None:
    supervisor = Supervisor(rig.worker, rig.events.append, clock)
    rig.worker.close()
    rig.reader.break_with(CardFault.SILENCE)
    for _ in range(6_000):
        clock.advance(10_000_000)
        rig.reader.step()
        supervisor.poll(0)
    assert [type(event) for event in told_of_the_reader(rig.events)] == [DeviceFailed]


def test_a_port_that_is_a_file_is_refused_with_a_remedy(
    tmp_path: Path, clock: VirtualClock, events: list[Event]
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"")
    worker = CardWorker(CardConfig(port=str(path)), SessionVault(), events.append, clock)
    with pytest.raises(PermanentFault, match="not a serial port"):
        worker.open()


@pytest.mark.parametrize(
    ("number", "kind", "remedy"),
    [
        (errno.EACCES, PermanentFault, "usermod"),
        (errno.EBUSY, TemporaryFault, "Close the other program"),
        (errno.EAGAIN, TemporaryFault, "Close the other program"),
    ],
)
def test_a_port_the_system_refuses_says_what_to_do(
    rig: CardRig, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[DeviceFault], remedy: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise serial.SerialException(number, "could not open port")

    monkeypatch.setattr(serial, "Serial", refuse)  # the tests may run as root, whom no file refuses
    with pytest.raises(kind, match=remedy):
        rig.worker.open()


def test_a_port_another_program_holds_is_refused(rig: CardRig) -> None:
    second = CardWorker(CardConfig(port=rig.reader.port), SessionVault(), rig.events.append, rig.clock)
    with pytest.raises(TemporaryFault, match="Close the other program"):
        second.open()


def test_closing_twice_is_harmless(rig: CardRig) -> None:
    rig.worker.close()
    rig.worker.close()
    with pytest.raises(RuntimeError, match="before it was opened"):
        rig.worker.poll(0)


def test_a_fault_names_device_detail_and_remedy() -> None:
    fault = fault_of(ReaderFault(Cause.SELF_TEST, 0x60))
    assert str(fault).startswith("card_reader: the reader's security module reports itself broken")
    assert "(code 0x60). Switch the reader off and on once" in str(fault)


def test_a_silent_reader_on_an_adapter_plugged_in_again_stays_failed_until_it_answers(
    rig: CardRig, clock: VirtualClock
) -> None:
    supervisor = Supervisor(rig.worker, rig.events.append, clock)

    def run(seconds: int) -> None:
        for _ in range(seconds * 100):
            clock.advance(10_000_000)
            rig.reader.step()
            supervisor.poll(0)

    rig.reader.break_with(CardFault.SILENCE)
    run(30)
    rig.reader.unplug()
    run(5)
    rig.reader.plug_in()
    run(60)
    silent, gone, missing = (f"fault.card_reader_{cause}" for cause in ("silent", "unplugged", "missing"))
    assert [(type(event), event.fault) for event in told_of_the_reader(rig.events)] == [
        (DeviceFailed, silent),
        (DeviceFailed, gone),
        (DeviceFailed, missing),
        (DeviceRecovered, gone),
        (DeviceRecovered, missing),
    ]
    rig.reader.break_with(CardFault.NONE)
    run(10)
    last = told_of_the_reader(rig.events)[-1]
    assert isinstance(last, DeviceRecovered)
    assert last.fault == "fault.card_reader_silent"


@pytest.mark.parametrize("look_ms", [100, 700, 2_000])
def test_an_answer_that_lies_there_is_not_late_however_seldom_a_busy_machine_looks(rig: CardRig, look_ms: int) -> None:
    rig.reader.lay(made_up_card(1))
    for _ in range(40):
        for _ in range(look_ms // 10):
            rig.clock.advance(10_000_000)
            rig.reader.step()
        rig.worker.poll(0)
    assert [type(event) for event in rig.events] == [CardFound, CardRead]
