"""The booth on this machine's display (`python -m sim booth`): what its commands do, before any booth is built."""

import os
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.ports.config import BoothConfig, LampsConfig
from sim.__main__ import main
from sim.play.register import documents
from sim.play.scenario import Graduate
from sim.play.station import Station, StationClock
from sim.twins.pins import KernelPins


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    with closing(Station(BoothConfig(), tmp_path / "twins")) as made:
        yield made


def chip_of_a_pi_5(sysfs: Path) -> Path:
    chip = sysfs / "pwmchip0"
    (chip / "1f00098000.pwm").mkdir(parents=True)
    (chip / "device").symlink_to("1f00098000.pwm")
    for number in range(2):
        (chip / f"pwm{number}").mkdir()
        for name in ("period", "duty_cycle", "enable"):
            (chip / f"pwm{number}" / name).write_text("0")
    for name in ("export", "unexport"):
        (chip / name).touch()
    return chip


def test_the_camera_fails_as_it_was_told_to(station: Station) -> None:
    assert station.answer("camera busy\n")["camera_failed"] == 0
    with pytest.raises(RuntimeError):
        station._open_camera()
    assert station.answer("state")["camera_failed"] == 1
    station.answer("camera none")
    station._open_camera().close()
    assert station.answer("state")["camera_opened"] == 1


def test_a_graduate_who_is_sent_is_there(station: Station) -> None:
    assert station.answer("state")["somebody"] is False
    assert station.answer("graduate")["somebody"] is True


def test_far_hands_tell_what_they_do_and_take_only_a_card_that_lies_there(tmp_path: Path) -> None:
    fifo = tmp_path / "hands"
    os.mkfifo(fifo)
    line = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
    own = BoothConfig.model_validate({"scanner": {"serial_port": "/dev/ttyS2"}})
    with closing(Station(own, tmp_path / "twins", fifo)) as station:
        assert station._config == own  # the machine's own reader and scanner
        station.answer("graduate")
        station.take_card()
        station.present("card")
        station.present("exam_slip")
        station.take_card()
        station.take_card()
        assert station._hands is not None
        station._hands.press(0.5, 0.25)
    told = os.read(line, 4096).decode().splitlines()
    os.close(line)
    assert told == ["lay 1", f"scan {documents(Graduate(seed=1)).exam_no}", "take", "press 0.5000 0.2500"]


@pytest.mark.parametrize("line", ["dance", "camera sneezes", "skip soon", ""])
def test_what_is_no_command_is_reported(station: Station, line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        station.answer(line)


def test_time_can_be_skipped_on_both_clocks() -> None:
    clock = StationClock(datetime(2026, 9, 1, tzinfo=UTC))
    before_ns, before = clock.now_ns(), clock.wall().moment
    clock.skip(40)
    assert clock.now_ns() - before_ns >= 40_000_000_000
    assert (clock.wall().moment - before).total_seconds() >= 40


def test_a_hung_clock_answers_every_thread_but_the_main_one() -> None:
    clock = StationClock(datetime(2026, 9, 1, tzinfo=UTC))
    clock.hang()
    answers: list[int] = []
    worker = threading.Thread(target=lambda: answers.append(clock.now_ns()))
    worker.start()
    worker.join(60)
    assert len(answers) == 1


def test_lamps_on_the_kernels_files_shine_as_the_files_say(tmp_path: Path) -> None:
    chip = chip_of_a_pi_5(tmp_path)
    pins = KernelPins(LampsConfig(), tmp_path)
    lamp = pins.factory().pin(12)
    lamp.frequency = 20_000
    lamp.state = 0.5
    assert (pins.left, pins.right) == (0.5, 0.0)
    (chip / "pwm0" / "enable").write_text("0")  # somebody else puts it out
    assert pins.left == 0.0


def test_a_configuration_that_is_not_there_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "booth.toml"
    assert main(["booth", "--config", str(missing), "--twins", str(tmp_path / "twins")]) == 2
    assert str(missing) in capsys.readouterr().err
