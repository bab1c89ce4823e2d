"""`kiosk doctor` on the other devices: each alone, what is wrong, what to do."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from kiosk.__main__ import main
from kiosk.commands.doctor import lamps as doctor_lamps
from kiosk.commands.doctor import system
from kiosk.commands.doctor.camera import examine_camera
from kiosk.commands.doctor.finding import Finding
from kiosk.commands.doctor.lamps import darken, examine_lamps
from kiosk.commands.doctor.port_names import port_advice
from kiosk.commands.doctor.scanner import examine_scanner
from kiosk.commands.doctor.system import examine_clock, examine_config, examine_models, examine_storage
from kiosk.hardware.camera_vendor import PiCamera
from kiosk.ports.clock import WallTime
from kiosk.ports.config import BoothConfig, CameraConfig, ScannerConfig, ServiceConfig, StorageConfig
from kiosk.runtime.service.pin import hash_pin
from sim.twins.camera_light import Picture
from sim.twins.clock import VirtualClock
from sim.twins.input_node import End, InputNode, dropped, typed
from sim.twins.picamera2 import CameraFault, CameraRig
from sim.twins.pins import LampFault, Pins

SMALL = CameraConfig.model_validate({"main_size": (320, 180), "lores_size": (320, 180)})
CONFIG = BoothConfig().model_copy(update={"camera": SMALL})  # smaller than a photo, and quick


class SteppingClock(VirtualClock):
    """Time passes whenever somebody looks, and the camera goes on with it."""

    rig: CameraRig | None = None

    def now_ns(self) -> int:
        self.advance(1_000_000)
        if self.rig is not None:
            self.rig.step()
        return super().now_ns()


@pytest.fixture
def pins() -> Pins:
    return Pins(CONFIG.lamps)


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock(datetime.fromisoformat("2026-09-01T09:30:00+08:00"))


@pytest.fixture
def rig(clock: SteppingClock, pins: Pins, monkeypatch: pytest.MonkeyPatch) -> CameraRig:
    def scene(size: tuple[int, int], _: int) -> Picture:
        light = 0.05 + pins.left + pins.right
        return np.full((size[1], size[0], 3), min(255, round(200 * light ** (1 / 2.2))), np.uint8)

    monkeypatch.setattr("kiosk.commands.doctor.watch.POLL_S", 0)
    rig = CameraRig(scene, lambda: VirtualClock.now_ns(clock), clock.advance)
    clock.rig = rig
    return rig


def no_camera() -> PiCamera:
    raise RuntimeError("Camera(s) not found")


def test_a_good_camera_is_measured(clock: SteppingClock, rig: CameraRig) -> None:
    finding = examine_camera(SMALL, rig.factory, clock)
    assert (finding.ok, finding.status) == (True, "ok")
    assert 13 < float(str(finding.details["frames_per_second"])) < 16
    assert finding.details["lens_position"] == 0.83
    assert rig.camera is None  # closed again


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (CameraFault.UNPLUGGED, "device_fault"),
        (CameraFault.BUSY, "device_fault"),
        (CameraFault.STALL, "device_fault"),
        (CameraFault.NEVER_RETURNS, "device_fault"),
        (CameraFault.DARK, "dark"),
    ],
)
def test_a_bad_camera_is_reported_with_a_remedy(
    clock: SteppingClock, rig: CameraRig, pins: Pins, fault: CameraFault, status: str
) -> None:
    rig.fault = fault
    finding = examine_camera(SMALL, rig.factory, clock)
    assert (finding.ok, finding.status) == (False, status)
    assert len(finding.message) > 40


def test_a_camera_whose_burst_fails_is_reported(clock: SteppingClock, rig: CameraRig) -> None:
    good = rig.scene_picture

    def breaking(size: tuple[int, int], exposed_ns: int) -> Picture:
        if rig.rendered["lores"] > 20:
            rig.fault = CameraFault.NEVER_RETURNS
        return good(size, exposed_ns)

    rig.scene_picture = breaking
    assert examine_camera(SMALL, rig.factory, clock).status == "no_burst"


def test_shining_lamps_are_seen_by_the_camera_and_left_dark(clock: SteppingClock, rig: CameraRig, pins: Pins) -> None:
    finding = examine_lamps(CONFIG, pins.factory, rig.factory, clock)
    assert finding.status == "ok"
    assert float(str(finding.details["left"])) > 2
    assert (pins.left, pins.right) == (0, 0)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_dead_lamp_is_named(clock: SteppingClock, rig: CameraRig, pins: Pins, side: str) -> None:
    pins.break_lamp(side, LampFault.DEAD)
    finding = examine_lamps(CONFIG, pins.factory, rig.factory, clock)
    assert finding.status == "lamp_dead"
    assert f"the {side} lamp" in finding.message


def test_without_a_camera_a_person_looks_at_the_lamps(
    clock: SteppingClock, pins: Pins, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor_lamps, "SWITCH_S", 0)
    finding = examine_lamps(CONFIG, pins.factory, no_camera, clock)
    assert finding.ok
    assert "did both shine?" in finding.message
    assert "left lamp should shine" in capsys.readouterr().err
    assert (pins.left, pins.right) == (0, 0)


def test_darkening_leaves_the_lamps_off(pins: Pins) -> None:
    assert darken(CONFIG.lamps, pins.factory).ok
    assert (pins.left, pins.right) == (0, 0)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[InputNode]:
    node = InputNode(tmp_path)
    yield node
    node.close()


def test_a_scanned_code_is_reported_by_kind_and_length_only(clock: SteppingClock, node: InputNode) -> None:
    node.scan("20210101234")  # waits in the pipe until the doctor looks
    finding = examine_scanner(ScannerConfig(input_path=node.path), clock)
    assert (finding.status, finding.details["length"]) == ("ok", 11)
    assert "20210101234" not in finding.json()


def test_a_scanner_that_gives_nothing_is_reported(clock: SteppingClock, node: InputNode) -> None:
    finding = examine_scanner(ScannerConfig(input_path=node.path), clock, scan_ms=30)
    assert (finding.ok, finding.status) == (False, "no_code")


def test_a_scanner_without_an_end_mark_is_reported(clock: SteppingClock, node: InputNode) -> None:
    node.scan("20210101234", End.PAUSE)
    finding = examine_scanner(ScannerConfig(input_path=node.path), clock, poll_s=0.0)
    assert (finding.ok, finding.details["end_mark"]) == (True, False)
    assert "Keys came, no end mark" in finding.message


def test_keys_that_become_no_code_are_reported(clock: SteppingClock, node: InputNode) -> None:
    node.send(typed("2021", End.PAUSE) + dropped())
    finding = examine_scanner(ScannerConfig(input_path=node.path), clock, scan_ms=900, poll_s=0.0)
    assert (finding.ok, finding.status) == (False, "no_end_mark")
    assert "Keys came, no end mark" in finding.message


@pytest.fixture
def dev(tmp_path: Path) -> Path:
    """A /dev with two adapters without a serial number: udev has one name for both."""
    for name in ("ttyUSB0", "ttyUSB1", "ttyACM0"):
        (tmp_path / name).touch()
    serial = tmp_path / "serial"
    for folder, name, target in (
        ("by-id", "usb-1a86_USB_Serial-if00-port0", "ttyUSB1"),
        ("by-id", "usb-Scanner_0123-if00", "ttyACM0"),
        ("by-path", "platform-usb-0:1.1:1.0-port0", "ttyUSB0"),
        ("by-path", "platform-usb-0:1.2:1.0-port0", "ttyUSB1"),
        ("by-path", "platform-usb-0:1.3:1.0", "ttyACM0"),
    ):
        (serial / folder).mkdir(parents=True, exist_ok=True)
        (serial / folder / name).symlink_to(tmp_path / target)
    return tmp_path


def test_two_adapters_with_one_name_are_named_by_their_sockets(dev: Path) -> None:
    said = port_advice(f"{dev}/serial/by-id/usb-1a86_USB_Serial-if00-port0", dev)
    assert "0:1.1:1.0-port0" in said
    assert "0:1.2:1.0-port0" in said
    assert "0:1.3" not in said
    assert port_advice(f"{dev}/serial/by-id/usb-Scanner_0123-if00", dev) == ""
    assert port_advice(f"{dev}/serial/by-path/platform-usb-0:1.1:1.0-port0", dev) == ""


def test_a_name_that_changes_is_reported_with_one_that_does_not(dev: Path) -> None:
    assert "by-path/platform-usb-0:1.1:1.0-port0 does not" in port_advice(f"{dev}/ttyUSB0", dev)
    assert "by-id/usb-Scanner_0123-if00 does not" in port_advice(f"{dev}/ttyACM0", dev)
    assert port_advice("/dev/pts/7", dev) == ""


def test_a_missing_scanner_is_reported(clock: SteppingClock, tmp_path: Path) -> None:
    finding = examine_scanner(ScannerConfig(input_path=tmp_path / "none"), clock)
    assert finding.status == "device_fault"
    assert "ls /dev/input/by-id" in finding.message


def test_no_configured_scanner_is_no_fault(clock: SteppingClock) -> None:
    assert examine_scanner(ScannerConfig(), clock).ok


def mounts(tmp_path: Path, line: str) -> Path:
    path = tmp_path / "mounts"
    path.write_text(f"overlay / overlay rw 0 0\n{line}\n")
    return path


@pytest.mark.parametrize(
    ("kind", "flags", "status"),
    [
        ("ext4", "rw,noatime", "ok"),
        ("tmpfs", "rw", "volatile"),
        ("overlay", "rw", "volatile"),
        ("ext4", "rw,data=writeback", "unsafe_mount"),
    ],
)
def test_storage_is_judged_by_its_file_system(tmp_path: Path, kind: str, flags: str, status: str) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    table = mounts(tmp_path, f"/dev/x {tmp_path.resolve()} {kind} {flags} 0 0")
    assert examine_storage(StorageConfig(folder=folder, floor_bytes=0), table).status == status
    assert list(folder.iterdir()) == []


def test_the_nearest_mount_counts(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    table = mounts(tmp_path, f"/dev/x {tmp_path.resolve()} ext4 rw 0 0\nx {folder.resolve()} tmpfs rw 0 0")
    assert examine_storage(StorageConfig(folder=folder), table).status == "volatile"


@pytest.mark.parametrize(
    ("owner", "mode", "pin", "status"),
    [
        ("root", 0o640, True, "ok"),
        ("root", 0o600, True, "unreadable"),
        ("root", 0o600, False, "unreadable"),
        ("root", 0o644, True, "open"),
        ("root", 0o644, False, "ok"),
        ("service", 0o400, True, "ok"),
        ("service", 0o040, True, "unreadable"),
    ],
)
@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to another account")
def test_the_configuration_is_for_root_and_the_service(
    tmp_path: Path, owner: str, mode: int, pin: bool, status: str
) -> None:
    folder, path = tmp_path / "kept", tmp_path / "booth.toml"
    folder.mkdir()
    os.chown(folder, 4_711, 4_712)
    path.touch()
    os.chown(path, 0 if owner == "root" else 4_711, 4_712)
    path.chmod(mode)
    service = ServiceConfig(pin_hash=hash_pin("204938") if pin else None)
    finding = examine_config(path, BoothConfig(storage=StorageConfig(folder=folder), service=service))
    assert finding.status == status
    assert finding.ok or f"sudo chown root:4712 {path}; sudo chmod 640 {path}" in finding.message


def test_missing_and_full_storage_is_reported(tmp_path: Path) -> None:
    assert examine_storage(StorageConfig(folder=tmp_path / "none")).status == "missing"
    table = mounts(tmp_path, f"/dev/x {tmp_path.resolve()} ext4 rw 0 0")
    assert examine_storage(StorageConfig(folder=tmp_path, floor_bytes=10**15), table).status == "full"


def test_a_slow_disk_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "_write_and_sync", lambda _: 900)
    table = mounts(tmp_path, f"/dev/x {tmp_path.resolve()} ext4 rw 0 0")
    assert examine_storage(StorageConfig(folder=tmp_path, floor_bytes=0), table).status == "slow"


def test_missing_models_are_reported_with_the_command_that_fetches_them(tmp_path: Path) -> None:
    finding = examine_models(tmp_path)
    assert not finding.ok
    assert "kiosk models fetch" in finding.message


@pytest.mark.parametrize(
    ("year", "synced", "status"), [(2026, True, "ok"), (2026, False, "unsynced"), (1970, False, "in_the_past")]
)
def test_the_clock_is_judged(year: int, synced: bool, status: str) -> None:
    assert examine_clock(WallTime(datetime(year, 9, 1, tzinfo=UTC), synced)).status == status


def test_findings_are_one_json_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["doctor", "camera", "--json"])
    table = json.loads(capsys.readouterr().out)
    assert code == 1  # there is no picamera2 here, and no other camera takes its place
    assert (table["device"], table["status"], table["fault"]) == ("camera", "device_fault", "fault.camera_library")


def test_a_finding_reads_well() -> None:
    finding = Finding("clock", True, "ok", "fine.", {"synced": True, "time": None})
    assert finding.line() == "clock: ok - fine. (synced True)"
