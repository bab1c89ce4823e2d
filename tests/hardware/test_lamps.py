"""The lamps: the hardware-PWM pin on a made-up sysfs tree, and the device on gpiozero's mock pins."""

import errno
from collections.abc import Iterator
from pathlib import Path

import gpiozero
import pytest
from gpiozero.exc import PinInvalidFunction
from gpiozero.pins.mock import MockFactory, MockPWMPin

from kiosk.core.events import Device
from kiosk.hardware.lamps_pwm import LampsDevice, open_pins
from kiosk.hardware.pwm_sysfs import PwmMissing, SysfsPwmPin, find_channel
from kiosk.ports.config import LampsConfig
from kiosk.ports.faults import PermanentFault, TemporaryFault
from sim.twins.pins import LampFault, Pins


def make_chip(sysfs: Path, number: int, label: str) -> Path:
    chip = sysfs / f"pwmchip{number}"
    chip.mkdir(parents=True)
    device = sysfs.parent / "devices" / label
    device.mkdir(parents=True)
    (chip / "device").symlink_to(device)
    for name in ("export", "unexport"):
        (chip / name).touch()
    for channel in range(4):
        folder = chip / f"pwm{channel}"
        folder.mkdir()
        for name in ("period", "duty_cycle", "enable"):
            (folder / name).write_bytes(b"0")
    return chip


@pytest.fixture(autouse=True)
def _kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel's rules (pwm_apply_state): no duty and no start without a period, and never a duty beyond it."""
    write = Path.write_text

    def write_text(path: Path, text: str, **_: object) -> int:
        folder = path.parent
        if (folder / "period").exists() and path.name in ("period", "duty_cycle", "enable"):
            now = {
                name: int((folder / name).read_text()) if (folder / name).exists() else 0
                for name in ("period", "duty_cycle", "enable")
            }
            asked = now | {path.name: int(text)}
            if asked != now and (asked["duty_cycle"] > asked["period"] or (asked["enable"] and not asked["period"])):
                raise OSError(errno.EINVAL, "Invalid argument")
            if path.name == "duty_cycle" and not now["period"]:
                raise OSError(errno.EINVAL, "Invalid argument")
        return write(path, text)

    monkeypatch.setattr(Path, "write_text", write_text)


@pytest.fixture
def sysfs(tmp_path: Path) -> Path:
    sysfs = tmp_path / "pwm"
    make_chip(sysfs, 0, "107d517a80.pwm")  # the Pi 5's fan
    make_chip(sysfs, 2, "1f00098000.pwm")
    return sysfs


def pwm_pin(sysfs: Path, number: int = 12) -> SysfsPwmPin:
    factory = MockFactory(pin_class=MockPWMPin)
    _, info = next(iter(factory.board_info.find_pin(f"GPIO{number}")))
    return SysfsPwmPin(factory, info, sysfs)


def value(folder: Path, name: str) -> str:
    return (folder / name).read_text()


def test_the_pwm_chip_is_found_by_its_label_whatever_its_number(sysfs: Path) -> None:
    assert find_channel(13, sysfs) == sysfs / "pwmchip2" / "pwm1"
    assert find_channel(19, sysfs) == sysfs / "pwmchip2" / "pwm3"


def test_a_pi_4_has_its_own_channels(tmp_path: Path) -> None:
    make_chip(tmp_path / "pwm", 0, "fe20c000.pwm")
    assert find_channel(18, tmp_path / "pwm") == tmp_path / "pwm" / "pwmchip0" / "pwm0"


def test_a_pin_without_pwm_is_refused_by_name(sysfs: Path) -> None:
    with pytest.raises(PwmMissing, match="GPIO17 has no hardware PWM"):
        find_channel(17, sysfs)


def test_without_the_overlay_the_remedy_names_the_line_to_add(tmp_path: Path) -> None:
    with pytest.raises(PwmMissing, match="dtoverlay=pwm-2chan"):
        find_channel(12, tmp_path)


def test_a_new_pin_is_exported_and_dark(sysfs: Path) -> None:
    folder = sysfs / "pwmchip2" / "pwm0"
    (folder / "period").write_text("50000")
    (folder / "duty_cycle").write_text("40000")  # left behind by a process that died
    pwm_pin(sysfs)
    assert value(sysfs / "pwmchip2", "export") == "0"
    assert (value(folder, "duty_cycle"), value(folder, "enable")) == ("0", "0")


@pytest.mark.parametrize(("refusals", "patience_s"), [(2, 5.0), (9, 0.0)])
def test_a_channel_that_udev_has_not_given_to_the_group_yet_is_waited_for_and_not_for_ever(
    sysfs: Path, monkeypatch: pytest.MonkeyPatch, refusals: int, patience_s: float
) -> None:
    write = Path.write_text
    refused: list[Path] = []

    def write_text(path: Path, text: str, **_: object) -> int:
        if path.name == "duty_cycle" and len(refused) < refusals:
            refused.append(path)
            raise PermissionError
        return write(path, text)

    monkeypatch.setattr(Path, "write_text", write_text)
    monkeypatch.setattr("kiosk.hardware.pwm_sysfs.UDEV_S", patience_s)
    if patience_s:
        pwm_pin(sysfs)
        assert value(sysfs / "pwmchip2" / "pwm0", "duty_cycle") == "0"
    else:
        with pytest.raises(PermissionError):
            pwm_pin(sysfs)


def test_a_level_is_a_share_of_the_period(sysfs: Path) -> None:
    pin = pwm_pin(sysfs)
    pin.frequency = 20_000
    pin.state = 0.7
    folder = sysfs / "pwmchip2" / "pwm0"
    assert (value(folder, "period"), value(folder, "duty_cycle"), value(folder, "enable")) == ("50000", "35000", "1")
    assert pin.state == pytest.approx(0.7)
    assert pin.frequency == pytest.approx(20_000)


def test_a_channel_that_never_had_a_period_gets_one_before_its_duty(sysfs: Path) -> None:
    folder = sysfs / "pwmchip2" / "pwm0"
    with pytest.raises(OSError, match="Invalid argument"):  # as the kernel does
        (folder / "duty_cycle").write_text("0")
    pwm_pin(sysfs)
    assert (value(folder, "duty_cycle"), value(folder, "enable")) == ("0", "0")


def test_a_shorter_period_is_written_after_the_duty_was_taken_back(sysfs: Path) -> None:
    pin = pwm_pin(sysfs)
    pin.frequency = 1_000
    pin.state = 1.0
    pin.frequency = 20_000
    folder = sysfs / "pwmchip2" / "pwm0"
    assert (value(folder, "period"), value(folder, "duty_cycle")) == ("50000", "50000")


def test_a_gpiozero_device_drives_the_pwm_hardware_and_leaves_it_dark(sysfs: Path) -> None:
    class Factory(MockFactory):  # type: ignore[misc]  # gpiozero has no types
        def pin(self, name: object) -> object:
            _, info = next(iter(self.board_info.find_pin(name)))
            return self.pins.setdefault(info, SysfsPwmPin(self, info, sysfs))

    lamp = gpiozero.PWMOutputDevice(12, frequency=20_000, pin_factory=Factory())
    folder = sysfs / "pwmchip2" / "pwm0"
    assert value(folder, "duty_cycle") == "0"
    lamp.value = 0.5
    assert value(folder, "duty_cycle") == "25000"
    lamp.close()
    assert (value(folder, "duty_cycle"), value(folder, "enable")) == ("0", "0")
    assert value(sysfs / "pwmchip2", "unexport") == "0"


def test_a_pwm_pin_is_no_input(sysfs: Path) -> None:
    with pytest.raises(PinInvalidFunction):
        pwm_pin(sysfs).function = "input"


class Bench:
    """The lamps' device on mock pins."""

    def __init__(self, config: LampsConfig) -> None:
        self.pins = Pins(config)
        self.lamps = LampsDevice(config, self.pins.factory)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench(LampsConfig())
    bench.lamps.open()
    yield bench
    bench.lamps.close()


def test_lamps_are_dark_at_rest_and_shine_as_set(bench: Bench) -> None:
    assert (bench.pins.left, bench.pins.right) == (0, 0)
    bench.lamps.set(0.7, 0.5)
    assert (bench.pins.left, bench.pins.right) == (0.7, 0.5)


def test_lamps_are_dark_after_close_even_twice(bench: Bench) -> None:
    bench.lamps.set(0.7, 0.7)
    bench.lamps.close()
    bench.lamps.close()
    assert (bench.pins.left, bench.pins.right) == (0, 0)
    bench.lamps.set(1, 1)
    assert (bench.pins.left, bench.pins.right) == (0, 0)


def test_lamps_can_be_opened_again(bench: Bench) -> None:
    bench.lamps.close()
    bench.lamps.open()
    bench.lamps.set(0.2, 0.2)
    assert bench.pins.left == 0.2


def test_lamps_opened_again_after_a_fault_shine_as_was_asked(bench: Bench) -> None:
    bench.lamps.set(0.7, 0.7)
    bench.lamps.close()
    assert bench.pins.left == 0
    bench.lamps.open()
    assert (bench.pins.left, bench.pins.right) == (0.7, 0.7)


def test_a_dead_lamp_stays_dark_and_a_stuck_one_stays_as_it_was(bench: Bench) -> None:
    bench.lamps.set(0.7, 0.7)
    bench.pins.break_lamp("left", LampFault.DEAD)
    bench.pins.break_lamp("right", LampFault.STUCK)
    bench.lamps.set(0, 0)
    assert (bench.pins.left, bench.pins.right) == (0, 0.7)


def test_an_impossible_level_is_a_fault_of_that_lamp_at_the_next_poll(bench: Bench) -> None:
    bench.lamps.set(0.5, 1.5)
    with pytest.raises(TemporaryFault) as caught:
        bench.lamps.poll(0)
    assert caught.value.device is Device.LAMP_RIGHT
    bench.lamps.poll(0)


def test_two_lamps_on_one_pin_are_refused_and_nothing_stays_open() -> None:
    bench = Bench(LampsConfig(left_pin=12, right_pin=12))
    with pytest.raises(PermanentFault, match="GPIO12"):
        bench.lamps.open()
    assert bench.pins.left == 0


def test_production_pins_never_fall_back_to_mock() -> None:
    with pytest.raises(PermanentFault, match="python3-lgpio"):
        open_pins()
