"""The uplink as its own process."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.__main__ import main
from kiosk.commands.uplink import LAST_REQUEST_S, BrokenOff, RequestUnderWay
from kiosk.ports.config import StorageConfig
from kiosk.uplink.saving.shot_saver import ShotSaverWorker
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import Noted, ShotState
from sim.twins.clock import VirtualClock
from tests.uplink.conftest import storage_of
from tests.uplink.worlds import open_office
from wire.manifest import Manifest

Make = Callable[[int], Manifest]


@pytest.fixture
def folder(tmp_path: Path, clock: VirtualClock, manifest: Make, photo: bytes) -> Path:
    """A booth's folder with two saved shots."""
    return with_two_shots(storage_of(tmp_path / "booth"), clock, manifest, photo)


def with_two_shots(storage: StorageConfig, clock: VirtualClock, manifest: Make, photo: bytes) -> Path:
    saver = ShotSaverWorker(storage, lambda _: None, clock)
    saver.open()
    for number in (1, 2):
        saver.save(number, manifest(number), photo)
        saver.poll(0)
    saver.close()
    return storage.folder


def config(tmp_path: Path, url: str = "http://127.0.0.1:9", more: str = "") -> Path:
    path = tmp_path / "booth.toml"
    path.write_text(
        f'[office]\nurl = "{url}"\n{more}\nverify_every_ms = 100\n[storage]\nfolder = "{tmp_path / "booth"}"\n', "utf-8"
    )
    return path


def test_the_process_loads_no_screen_no_eye_and_no_device() -> None:
    script = (
        "import sys, kiosk.__main__, kiosk.commands.uplink; print(sorted(name for name in sys.modules if"
        " name.startswith(('kiosk.ui', 'kiosk.vision', 'kiosk.hardware', 'sim', 'numpy', 'cv2', 'pygame', 'gpiozero'))"
        " and not name.startswith(('simple', 'kiosk.uplink'))))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_process_sends_tells_systemd_and_ends_when_told(
    tmp_path: Path, clock: VirtualClock, manifest: Make, photo: bytes
) -> None:
    with (
        closing(open_office(tmp_path / "office")) as office,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd,
    ):
        storage = storage_of(tmp_path / "booth").model_copy(update={"seal_to": office.seal_to})
        folder = with_two_shots(storage, clock, manifest, photo)
        credential = f'credential_file = "{office.credential}"'
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(60)
        process = subprocess.Popen(
            [sys.executable, "-m", "kiosk", "uplink", "--config", config(tmp_path, office.url, credential)],
            env=os.environ | {"NOTIFY_SOCKET": str(tmp_path / "notify")},
            stderr=subprocess.PIPE,
            text=True,
        )
        heard: list[str] = []
        while "0 kept, 0 received, 2 verified" not in (heard[-1] if heard else ""):
            heard.append(systemd.recv(4096).decode())
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=60)
        systemd.settimeout(0.1)
        while heard[-1] != "STOPPING=1":
            heard.append(systemd.recv(4096).decode())
        assert process.returncode == 0, log
        assert heard[0] == "READY=1"
        assert "WATCHDOG=1" in heard
        assert len(office.received()) == 2
    with Outbox(folder / "outbox.sqlite3") as outbox:
        assert outbox.counts()[ShotState.VERIFIED] == 2


def test_a_request_that_moves_feeds_the_watchdog_and_is_broken_off_a_while_after_a_stop(clock: VirtualClock) -> None:
    told: list[int] = []
    stopped = False
    under_way = RequestUnderWay(lambda: told.append(0), lambda: stopped, clock)
    for _ in range(60):  # half an hour
        clock.advance(30_000_000_000)
        under_way.moved()
    stopped = True
    under_way.moved()
    clock.advance(round(LAST_REQUEST_S * 1e9))
    under_way.moved()
    clock.advance(1)
    with pytest.raises(BrokenOff):
        under_way.moved()
    assert len(told) == 63


def test_status_is_a_line_for_people_and_an_object_for_programs(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Outbox(folder / "outbox.sqlite3") as outbox:
        outbox.park(f"{1:032x}", "409 other-digest")
    arguments = ["uplink", "--config", str(config(tmp_path)), "--status"]
    assert main(arguments) == 0
    assert capsys.readouterr().out == (
        "2 kept, 0 received, 0 verified, 0 released, 1 parked; 0 approved, 0 rejected\n"
        "00000000000000000000000000000001 needs staff: 409 other-digest\n"
    )
    assert main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "kept": 2,
        "received": 0,
        "verified": 0,
        "released": 0,
        "approved": 0,
        "rejected": 0,
        "parked": [{"shot_id": f"{1:032x}", "reason": "409 other-digest"}],
        "staying": [],
    }


def test_status_names_the_copies_that_stay_and_why(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Outbox(folder / "outbox.sqlite3") as outbox:
        for shot_id in (f"{number:032x}" for number in (1, 2)):
            outbox.received(Noted(shot_id, "{}", 0, 0, verified_ms=1))
            outbox.postpone(shot_id, 0, 1, "the office does not say that it has it")
    size = sum(one.stat().st_size for one in (folder / "spool").iterdir())
    arguments = ["uplink", "--config", str(config(tmp_path)), "--status"]
    assert main(arguments) == 0
    assert "2 copies (0 MB) stay on this booth: the office does not say that it has it\n" in capsys.readouterr().out
    assert main([*arguments, "--json"]) == 0
    said = {"reason": "the office does not say that it has it", "count": 2, "bytes": size}
    assert json.loads(capsys.readouterr().out)["staying"] == [said]
    with Outbox(folder / "outbox.sqlite3") as outbox:
        outbox.copy_deleted(f"{2:032x}", 2)
        outbox.lost_by_office(f"{1:032x}")
        outbox.received(Noted(f"{1:032x}", "{}", 0, 0, verified_ms=3))
        assert outbox.kept_copies() == []


def test_deletions_are_reported_by_rule_and_count(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Outbox(folder / "outbox.sqlite3") as outbox:
        outbox.log_deletion(1_790_000_000_000, "journals", 3)
        for number in (1, 2):
            outbox.received(Noted(f"{number:032x}", "{}", 0, 0))
            outbox.verified(f"{number:032x}", 1)
            outbox.copy_deleted(f"{number:032x}", 1_780_000_000_000)
    arguments = ["uplink", "--config", str(config(tmp_path)), "--deletions"]
    assert main(arguments) == 0
    assert capsys.readouterr().out == "2026-05-28T20:26:40+00:00  2 copies\n2026-09-21T14:13:20+00:00  3 journals\n"
    assert main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["deletions"][0] == {
        "at": "2026-05-28T20:26:40+00:00",
        "what": "copies",
        "count": 2,
    }


def test_the_shots_of_a_half_day_are_listed_for_the_office(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noon_ms = 1_788_321_600_000  # of 2026-09-02 in China
    with Outbox(folder / "outbox.sqlite3") as outbox:
        for number, moment in ((11, noon_ms - 1), (12, noon_ms), (13, noon_ms - 43_200_001)):
            outbox.add(f"{number:032x}", "0" * 64, None, 1, moment)
    arguments = ["uplink", "--config", str(config(tmp_path)), "--half-day"]
    assert main([*arguments, "2026-09-02-am"]) == 0
    said = capsys.readouterr()
    assert said.out == f"{11:032x}\n"
    assert "1 shots" in said.err
    assert main([*arguments, "2026-09-02-pm", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"half_day": "2026-09-02-pm", "shots": [f"{12:032x}"]}
    for wrong in ("2026-09-01", "2026-13-01-am", "x"):
        assert main([*arguments, wrong]) == 2
        assert "2026-09-01-am" in capsys.readouterr().err


def test_retry_puts_parked_shots_back(tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Outbox(folder / "outbox.sqlite3") as outbox:
        outbox.park(f"{1:032x}", "422 bad-envelope")
    assert main(["uplink", "--config", str(config(tmp_path)), "--retry", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["retried"], found["parked"]) == (1, [])


def test_a_wrong_configuration_ends_with_1_and_the_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "booth.toml").write_text('[office]\nurl = "http://office.example.edu.cn"\n')
    assert main(["uplink", "--config", str(tmp_path / "booth.toml")]) == 1
    assert "plain http would send photos and the credential in clear: use https" in capsys.readouterr().err


def test_status_before_the_first_shot_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["uplink", "--config", str(config(tmp_path)), "--status"]) == 1
    assert "no shot was kept here yet" in capsys.readouterr().err
