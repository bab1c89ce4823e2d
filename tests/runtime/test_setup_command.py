"""`kiosk setup`: questions with what is plugged in, answers checked at once, the file written whole or not at all."""

import io
import os
import pwd
import stat
from pathlib import Path

import pytest

from kiosk.__main__ import main
from kiosk.commands.setup.questions import QUESTIONS
from kiosk.hardware.plugged_in import OVERLAY, overlay_advice, panel_sizes, scanners, serial_ports
from kiosk.ports.config import BoothConfig
from kiosk.runtime.load import load_config
from wire.seal import new_identity, recipient_of

KEYS = " ".join(recipient_of(new_identity()) for _ in range(2))
GOOD = {
    "profile": "jiangsu-2019",
    "display.size": "1080x1920",
    "display.language": "2",
    "card.port": "/dev/serial/by-id/usb-reader",
    "scanner.input_path": "none",
    "scanner.serial_port": "/dev/serial/by-id/usb-scanner",
    "office.url": "https://office.example.edu.cn",
    "office.booth_id": "hall-2",
    "office.public_url": "none",
    "storage.seal_to": KEYS,
    "desk.place": "二楼服务台",
    "desk.phone": "025-83335555",
}


def answered(monkeypatch: pytest.MonkeyPatch, path: Path, *lines: str) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(line + "\n" for line in lines)))
    return main(["setup", "--config", str(path)])


def test_answers_become_a_configuration_that_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "booth.toml"
    assert answered(monkeypatch, path, *GOOD.values(), "") == 0
    config = load_config(path)
    assert config.display.size == (1080, 1920)
    assert config.display.language == "en"
    assert config.office.booth_id == "hall-2"
    assert config.storage.seal_to == tuple(KEYS.split())
    assert str(config.scanner.serial_port) == GOOD["scanner.serial_port"]
    assert config.desk.place == "二楼服务台"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640, "staff's PIN may be in it"
    assert config.office.credential_file == tmp_path / "credential"
    assert config.storage.secret_file == tmp_path / "device.secret"


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("profile", "jiangsu-1919"),
        ("display.size", "large"),
        ("display.size", "10x20"),
        ("card.port", "ttyUSB0"),
        ("office.url", "http://office.example.edu.cn"),
        ("office.booth_id", "Hall 2"),
        ("storage.seal_to", "age1nonsense"),
        ("desk.phone", "call me"),
    ],
)
def test_a_wrong_answer_is_said_and_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], key: str, wrong: str
) -> None:
    lines = [answer for name, good in GOOD.items() for answer in ((wrong, good) if name == key else (good,))]
    assert answered(monkeypatch, tmp_path / "booth.toml", *lines, "") == 0
    assert f"  {key}" in capsys.readouterr().err
    load_config(tmp_path / "booth.toml")


def test_one_port_for_reader_and_scanner_is_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clash = GOOD["card.port"]
    lines = [
        answer
        for name, good in GOOD.items()
        for answer in ((clash, good) if name == "scanner.serial_port" else (good,))
    ]
    assert answered(monkeypatch, tmp_path / "booth.toml", *lines, "") == 0
    assert str(load_config(tmp_path / "booth.toml").scanner.serial_port) == GOOD["scanner.serial_port"]


@pytest.mark.parametrize("answers", range(len(QUESTIONS)))
def test_ending_before_the_last_question_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: int
) -> None:
    assert answered(monkeypatch, tmp_path / "booth.toml", *list(GOOD.values())[:answers]) == 1
    assert list(tmp_path.iterdir()) == []


def test_enter_keeps_what_the_file_says_and_other_settings_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "booth.toml"
    assert answered(monkeypatch, path, *GOOD.values(), "") == 0
    path.write_text(path.read_text("utf-8").replace("keep_days = 7", "keep_days = 9"), "utf-8")
    before = load_config(path)
    assert answered(monkeypatch, path, *[""] * len(QUESTIONS), "") == 0
    assert load_config(path) == before
    assert "keep_days = 9" in (tmp_path / "booth.toml.before").read_text("utf-8")


def test_a_broken_file_is_not_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "booth.toml"
    path.write_text("profile = 7")
    assert answered(monkeypatch, path, *GOOD.values()) == 1
    assert "Correct or move this file" in capsys.readouterr().err
    assert path.read_text() == "profile = 7"


def test_every_setting_asked_for_is_one_of_the_configuration() -> None:
    table = BoothConfig().model_dump()
    for question in QUESTIONS:
        section, _, name = question.key.rpartition(".")
        assert name in (table[section] if section else table)
    assert list(GOOD) == [question.key for question in QUESTIONS]


def links(folder: Path, **names: str) -> str:
    folder.mkdir()
    for name, device in names.items():
        (folder / name.replace("__", "-")).symlink_to(folder.parent / device)
    return str(folder)


def test_ports_are_offered_by_names_that_stay_each_device_once(tmp_path: Path) -> None:
    by_id = links(tmp_path / "by-id", usb__reader="ttyUSB0")
    by_path = links(tmp_path / "by-path", socket__1="ttyUSB0", socket__2="ttyUSB1")
    assert serial_ports((by_id, by_path)) == [f"{by_id}/usb-reader", f"{by_path}/socket-2"]


def test_of_input_devices_only_those_with_keys_are_offered(tmp_path: Path) -> None:
    by_id = links(tmp_path / "by-id", scanner__event__kbd="event3", mouse__event__mouse="event4")
    assert scanners((by_id,)) == [f"{by_id}/scanner-event-kbd"]


def test_a_panel_is_offered_upright_with_its_own_size(tmp_path: Path) -> None:
    for name, modes in (("card0-DSI-1", "1280x720\n640x480\n"), ("card0-HDMI-A-1", "")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "modes").write_text(modes)
    assert panel_sizes(tmp_path) == ["720x1280"]


@pytest.mark.parametrize(("there", "advised"), [(f"{OVERLAY}\n", False), ("dtparam=audio=on\n", True)])
def test_the_lamps_line_is_advised_where_it_is_missing(tmp_path: Path, there: str, advised: bool) -> None:
    file = tmp_path / "config.txt"
    file.write_text(there)
    assert bool(overlay_advice(file)) is advised
    assert overlay_advice(tmp_path / "none") == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to another account")
def test_what_is_left_is_done_as_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever calibrates as root would leave files that the service can't change."""
    path, storage = tmp_path / "booth.toml", tmp_path / "kept"
    storage.mkdir()
    path.write_text(f'[storage]\nfolder = "{storage}"\n', "utf-8")
    os.chown(storage, pwd.getpwnam("nobody").pw_uid, -1)
    assert answered(monkeypatch, path, *GOOD.values(), "") == 0
    said = capsys.readouterr().err
    for command in ("doctor", "calibrate"):
        assert f"  sudo -u nobody kiosk {command} --config {path} " in said
    *_, last = said.strip().splitlines()
    assert last == f"  sudo -u nobody kiosk doctor --acceptance {storage}/acceptance.pdf --config {path}"
