"""`kiosk doctor card` against the reader of the simulator: every code, every fault, within ten seconds."""

import json
import os
import threading
import time
import tty
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from kiosk.__main__ import main
from kiosk.commands.doctor import card as doctor_card
from kiosk.commands.doctor.card import CardReport, examine_card
from kiosk.core.idcard.protocol import PREAMBLE, Command, frame
from sim.twins.card_tty import CardFault, CardTty, CardTtyThread
from sim.twins.cards import MadeUpCard, made_up_card
from sim.twins.clock import VirtualClock

KEYS = ["status", "number", "name", "valid", "kind", "message"]


class Bench:
    """A reader whose time passes whenever the doctor looks at the clock."""

    def __init__(self, clock: VirtualClock, folder: Path) -> None:
        self.clock = clock
        self.reader = CardTty(clock.now_ns, folder=folder)
        self.at: dict[int, Callable[[], None]] = {}  # milliseconds -> what happens then
        self.began_ns = clock.now_ns()

    def now_ns(self) -> int:
        self.clock.advance(4_000_000)
        for ms in [ms for ms in self.at if ms <= self.spent_ms()]:
            self.at.pop(ms)()
        self.reader.step()
        return self.clock.now_ns()

    def spent_ms(self) -> int:
        return (self.clock.now_ns() - self.began_ns) // 1_000_000

    def examine(self) -> CardReport:
        report = examine_card(self.reader.port, 115200, self.now_ns, date(2026, 9, 1), synced=True)
        assert self.spent_ms() < 9_500
        return report


@pytest.fixture
def bench(clock: VirtualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(doctor_card, "WAIT_S", 0)  # the clock is virtual: do not wait for it
    bench = Bench(clock, tmp_path)
    yield bench
    bench.reader.close()


@pytest.mark.parametrize(("version", "kind"), [(" ", "citizen"), ("J", "hmt"), ("I", "foreigner"), ("Y", "foreigner")])
def test_each_kind_of_card_is_read_and_masked(bench: Bench, version: str, kind: str) -> None:
    card = made_up_card(1, version)
    bench.reader.lay(card)
    report = bench.examine()
    assert (report.status, report.kind, report.valid) == ("ok", kind, True)
    assert report.name == card.name[0] + "*"
    assert report.number is not None
    assert "********" in report.number
    assert report.number[:6] == card.number[:6] or version == "I"
    assert card.number not in report.json()
    assert card.name not in report.json()


def test_an_expired_card_is_read_and_not_valid(bench: Bench) -> None:
    bench.reader.lay(MadeUpCard("王明", "11010519491231002X", valid_to="20260831"))
    report = bench.examine()
    assert (report.status, report.valid) == ("ok", False)
    assert "not valid" in report.message


def test_a_number_whose_check_character_does_not_fit_is_read_and_not_valid(bench: Bench) -> None:
    bench.reader.lay(MadeUpCard("王明", "110105194912310021"))
    report = bench.examine()
    assert (report.status, report.valid) == ("ok", False)
    assert "check character" in report.message


def test_a_code_in_no_list_is_called_that(bench: Bench) -> None:
    bench.reader.lay(made_up_card(1))
    bench.reader.module.codes[Command.READ] = 0x77
    assert "a code that is in no list" in bench.examine().message


def test_the_report_is_one_object_with_exactly_its_keys(bench: Bench) -> None:
    assert list(json.loads(bench.examine().json())) == KEYS


CODES = {
    0x80: "no_card", 0x81: "card_fault", 0x41: "card_fault", 0x47: "card_fault", 0x24: "card_fault",
    0x10: "link_fault", 0x11: "link_fault", 0x21: "device_fault", 0x23: "device_fault",
    0x31: "card_fault", 0x32: "card_fault", 0x33: "card_fault", 0x40: "not_id_card",
    0x60: "device_fault", 0x66: "device_fault", 0x77: "card_fault", 0x00: "card_fault",
}  # fmt: skip


@pytest.mark.parametrize("command", [Command.FIND, Command.SELECT, Command.READ])
@pytest.mark.parametrize(("code", "status"), CODES.items())
def test_each_code_at_each_step_has_its_status(bench: Bench, command: Command, code: int, status: str) -> None:
    bench.reader.lay(made_up_card(1))
    bench.reader.module.codes[command] = code
    report = bench.examine()
    assert report.status == status
    assert (report.number, report.name, report.valid, report.kind) == (None, None, None, None)
    assert report.message.endswith((".", ")"))


def test_a_card_without_text_is_a_card_fault(bench: Bench) -> None:
    bench.reader.lay(made_up_card(1))
    bench.reader.module.codes[Command.READ] = 0x91
    assert bench.examine().status == "card_fault"


@pytest.mark.parametrize("code", [0x60, 0x66])
def test_a_module_that_says_it_is_broken_is_a_device_fault_though_a_card_lies_there(bench: Bench, code: int) -> None:
    bench.reader.lay(made_up_card(1))
    bench.reader.module.codes[Command.STATUS] = code
    assert bench.examine().status == "device_fault"


@pytest.mark.parametrize("fault", [CardFault.SILENCE, CardFault.PARTIAL, CardFault.BAD_CHECKSUM])
def test_a_broken_line_is_a_link_fault(bench: Bench, fault: CardFault) -> None:
    bench.reader.lay(made_up_card(1))
    bench.reader.break_with(fault)
    assert bench.examine().status == "link_fault"


@pytest.mark.parametrize("fault", [CardFault.SILENCE, CardFault.PARTIAL, CardFault.BAD_CHECKSUM])
def test_a_line_that_breaks_when_the_card_is_read_is_a_link_fault(bench: Bench, fault: CardFault) -> None:
    bench.reader.lay(made_up_card(1))
    module = bench.reader.module
    answer = module._answer

    def only_records(command: Command) -> list[tuple[int, bytes]]:
        module.fault = fault if command is Command.READ else CardFault.NONE
        return answer(command)

    module._answer = only_records  # type: ignore[method-assign]  # a fault of one command only
    assert bench.examine().status == "link_fault"


def test_garbage_around_answers_does_not_matter(bench: Bench) -> None:
    bench.reader.lay(made_up_card(1))
    bench.reader.break_with(CardFault.GARBAGE)
    assert bench.examine().status == "ok"


def test_a_card_laid_late_is_read(bench: Bench) -> None:
    bench.at[5_500] = lambda: bench.reader.lay(made_up_card(1))
    assert bench.examine().status == "ok"


def test_a_link_that_closes_in_the_middle_is_a_link_fault(bench: Bench) -> None:
    bench.reader.lay(made_up_card(1))
    bench.at[300] = bench.reader.unplug
    report = bench.examine()
    assert report.status == "link_fault"
    assert "gone" in report.message


@pytest.mark.parametrize("port", ["/dev/nonexistent", "/dev/null", "/", "/etc/hostname", ""])
def test_a_port_that_is_none_is_a_link_fault_with_a_remedy(clock: VirtualClock, port: str) -> None:
    report = examine_card(port, 115200, clock.now_ns, date(2026, 9, 1), synced=True)
    assert report.status == "link_fault"
    assert "ls /dev/serial/by-id" in report.message


def test_an_unsynchronised_clock_is_named(bench: Bench) -> None:
    bench.reader.lay(made_up_card(1))
    report = examine_card(bench.reader.port, 115200, bench.now_ns, date(2026, 9, 1), synced=False)
    assert report.valid is True
    assert "not synchronised" in report.message


class PlainModule:
    """A module of another make, on a thread in real time: no status, no reset, cooked terminal, one byte at a time."""

    def __init__(self, card: MadeUpCard) -> None:
        self.master, self.slave = os.openpty()
        self.port = os.ttyname(self.slave)
        self._card = card
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        os.set_blocking(self.master, False)
        heard = b""
        while not self._stop.wait(0.002):
            try:
                heard += os.read(self.master, 64)
            except BlockingIOError:
                continue
            for content, answer in (
                (b"\x20\x01", b"\x00\x00\x9f" + bytes(4)),
                (b"\x20\x02", b"\x00\x00\x90" + bytes(8)),
                (b"\x30\x01", b"\x00\x00\x90" + self._card.record()),
            ):
                if heard.endswith(frame(content)):
                    heard = b""
                    for byte in PREAMBLE[:3] + frame(answer):
                        os.write(self.master, bytes([byte]))

    def close(self) -> None:
        self._stop.set()
        self._thread.join(2)
        os.close(self.master)
        os.close(self.slave)


def test_the_command_reads_a_card_in_real_time_and_prints_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    module = PlainModule(made_up_card(1))
    try:
        code = main(["doctor", "card", "--port", module.port, "--json"])
    finally:
        module.close()
    printed = json.loads(capsys.readouterr().out)
    assert (code, printed["status"], printed["kind"]) == (0, "ok", "citizen")
    assert list(printed) == KEYS


def test_the_command_reads_the_twin_in_real_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reader = CardTty(time.monotonic_ns, baud=9600, folder=tmp_path)
    reader.lay(made_up_card(2))
    pump = CardTtyThread(reader)
    try:
        code = main(["doctor", "card", "--port", reader.port, "--baud", "9600"])
    finally:
        pump.close()
        reader.close()
    assert code == 0
    assert capsys.readouterr().out.startswith("card: ok - the card was read")


@pytest.mark.parametrize(
    "arguments",
    [
        ["doctor", "toaster"],
        ["doctor", "card", "--baud", "300"],
        ["doctor", "camera", "--baud", "9600"],
        ["doctor", "lamps", "--port", "/dev/ttyUSB0"],
        ["doctor", "card", "--off"],
    ],
)
def test_wrong_use_is_reported_with_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(arguments)
    except SystemExit as leaving:
        code = int(str(leaving.code))
    assert code == 2
    assert capsys.readouterr().out == ""


def test_an_unreadable_configuration_is_reported_with_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "card", "--config", str(tmp_path / "none.toml")]) == 2
    assert "none.toml" in capsys.readouterr().err


def test_the_terminal_is_left_raw_so_that_no_byte_is_changed() -> None:
    module = PlainModule(made_up_card(1))
    tty.setcbreak(module.slave)
    try:
        report = examine_card(module.port, 115200, time.monotonic_ns, date(2026, 9, 1), synced=True)
    finally:
        module.close()
    assert report.status == "ok"
