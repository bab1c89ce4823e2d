"""`kiosk desk` whole: its page by HTTP, its uplink beside it, the real office that receives the shot."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from center.shots.tables import ShotRow
from center.wiring.office import Office
from kiosk.__main__ import main
from sim.office.real import BOOTH, make_real_office
from tests.desk.conftest import CONSENT, ROW


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)


def gone(process: int) -> bool:
    try:
        return " Z " in Path(f"/proc/{process}/stat").read_text("ascii")
    except FileNotFoundError:
        return True


def children(process: int) -> list[int]:
    lists = Path(f"/proc/{process}/task").glob("*/children")
    return [int(one) for children in lists for one in children.read_text("ascii").split()]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.mark.slow
def test_a_shot_of_the_desk_reaches_the_office_s_queue_with_its_origin(tmp_path: Path, portrait: bytes) -> None:
    office, port = make_real_office(tmp_path / "office"), free_port()
    with Office.open(office.config) as opened:
        opened.roster.import_rows("test", [ROW])
    config = tmp_path / "desk.toml"
    config.write_text(
        f"""[office]
url = "{office.url}"
credential_file = "{office.credential}"
feeds_every_ms = 1000
awaited_every_ms = 500
[storage]
folder = "{tmp_path / "desk"}"
seal_to = {json.dumps(office.seal_to)}
floor_bytes = 0
[desk]
port = {port}
""",
        "utf-8",
    )
    (tmp_path / "desk").mkdir(mode=0o700)
    command = [sys.executable, "-m", "kiosk", "desk", "--config", str(config), "--no-browser"]
    with office.served(), subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as desk:
        assert desk.stdout is not None
        try:
            address = desk.stdout.readline().strip()
            assert re.fullmatch(rf"http://127\.0\.0\.1:{port}/\?key=\S+", address), address
            browser = requests.Session()
            browser.headers["X-Desk"] = "1"
            browser.get(address, timeout=20)
            host = f"http://127.0.0.1:{port}"
            who = CONSENT | {"code": ROW.student_no, "kind": "id_card", "number": ROW.id_number}

            def on_the_roster() -> bool:  # the uplink beside the desk has fetched it
                person = browser.post(f"{host}/who", data=who, timeout=60).json()["person"] or {}
                found = str(person.get("school", "")).startswith(ROW.school)
                if not found:
                    browser.post(f"{host}/next", timeout=20)
                return found

            until(on_the_roster)
            browser.post(f"{host}/file", data=portrait, timeout=120)
            browser.post(f"{host}/use", data={}, timeout=60)
            until(lambda: browser.get(f"{host}/state", timeout=20).json()["step"] == "done")
            until(lambda: "待上传 0 张" in browser.get(f"{host}/state", timeout=20).json()["counts"])
            (uplink,) = children(desk.pid)
            desk.send_signal(signal.SIGKILL)
            desk.wait(20)
            until(lambda: gone(uplink))
        finally:
            desk.kill()
        with Office.open(office.config) as opened, opened.database.read() as session:
            (shot,) = session.scalars(select(ShotRow))
            assert (shot.stage, shot.school, shot.booth_id) == ("queued", ROW.school, BOOTH)
            assert "staff_desk" in (shot.flags or ())


def test_a_port_that_is_taken_is_named_with_the_remedy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        config = tmp_path / "desk.toml"
        config.write_text(f'[storage]\nfolder = "{tmp_path}"\n[desk]\nport = {port}\n', "utf-8")
        assert main(["desk", "--config", str(config), "--no-browser", "--no-uplink"]) == 1
    said = capsys.readouterr().err
    assert str(port) in said
    assert "another port" in said


def test_a_missing_configuration_ends_with_2(tmp_path: Path) -> None:
    assert main(["desk", "--config", str(tmp_path / "nothing.toml"), "--no-browser"]) == 2
