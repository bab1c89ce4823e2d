"""`center`: what it prints for people and programs, its exit codes, and no secret where it could be seen."""

import hashlib
import http.client
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from center.__main__ import main
from center.commands.settings import load_config
from center.wiring.office import Office
from tests.center.conftest import free_port, sent
from tests.center.factories import shot_id
from wire.seal import new_identity, recipient_of, seal

PASSWORD = "a long enough passphrase"


class Run:
    """Runs commands on an office in a folder of its own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.file = folder / "office.toml"
        self.file.write_text(f'folder = "{folder / "data"}"\n[server]\nport = 0\n')
        self.capsys = capsys
        self.monkeypatch = monkeypatch

    def __call__(self, *words: str, typed: str = "") -> tuple[int, str, str]:
        self.monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = main([*words, "--config", str(self.file)])
        out, err = self.capsys.readouterr()
        return code, out, err


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    return Run(tmp_path, capsys, monkeypatch)


@pytest.fixture
def made(run: Run) -> Run:
    assert run("init")[0] == 0
    return run


def test_init_makes_an_office_once_and_again_changes_nothing(run: Run) -> None:
    first = json.loads(run("init", "--json")[1])
    key = (run.folder / "data" / "office.key").read_bytes()
    second = json.loads(run("init", "--json")[1])
    assert (first["new_keys"], first["database_changed"]) == (True, True)
    assert (second["new_keys"], second["database_changed"]) == (False, False)
    assert (run.folder / "data" / "office.key").read_bytes() == key
    for name in ("office.key", "seal.keys"):
        assert (run.folder / "data" / name).stat().st_mode & 0o777 == 0o600
    assert (run.folder / "data").stat().st_mode & 0o777 == 0o700


def test_init_does_not_call_a_bucket_ready_that_does_not_answer(run: Run) -> None:
    for name in ("id", "key"):
        (run.folder / name).write_text("x")
    bucket = f"""[photos]
bucket = "photos"
endpoint = "http://127.0.0.1:{free_port()}"
timeout_s = 1
key_id_file = "{run.folder / "id"}"
key_file = "{run.folder / "key"}"
"""
    run.file.write_text(run.file.read_text() + bucket)
    code, out, err = run("init")
    assert (code, out) == (1, "")
    assert "photo store" in err


def test_an_office_that_was_never_made_says_what_to_do(run: Run) -> None:
    code, out, err = run("users", "list")
    assert (code, out) == (1, "")
    assert "center init" in err


def test_the_first_account_needs_a_good_password_and_shows_its_totp_once(made: Run) -> None:
    code, out, err = made("users", "add", "anna", "--role", "administrator", typed="short\n")
    assert (code, out) == (1, "")
    assert "12 to 128" in err
    code, out, _ = made("users", "add", "anna", "--role", "administrator", typed=PASSWORD + "\n")
    assert code == 0
    assert "otpauth://totp/" in out
    assert made("users", "add", "anna", "--role", "staff", typed=PASSWORD)[0] == 1
    assert made("users", "list")[1] == "anna\n"
    listed = json.loads(made("users", "list", "--json")[1])
    assert listed == {"name": "anna", "role": "administrator", "school": None, "disabled": False}
    raw = (made.folder / "data" / "office.sqlite").read_bytes()
    secret = out.split("secret=")[1].split("&")[0]
    assert PASSWORD.encode() not in raw
    assert secret.encode() not in raw


def test_a_schools_account_names_its_school_and_no_other_account_does(made: Run) -> None:
    assert made("users", "add", "eve", "--role", "school", typed=PASSWORD)[0] == 1
    assert made("users", "add", "eve", "--role", "staff", "--school", "示范大学", typed=PASSWORD)[0] == 1
    assert made("users", "add", "eve", "--role", "school", "--school", "示范大学", typed=PASSWORD)[0] == 0
    assert made("users", "disable", "eve")[0] == 0
    assert json.loads(made("users", "list", "--json")[1])["disabled"] is True
    assert made("users", "disable", "nobody")[0] == 1


def test_booths_are_enrolled_listed_and_revoked(made: Run) -> None:
    code, out, _ = made("booths", "enrol", "hall-1")
    assert code == 0
    assert len(out.strip().replace("-", "")) == 20
    assert json.loads(made("booths", "enrol", "hall-2", "--school", "示范大学", "--json")[1])["booth_id"] == "hall-2"
    assert made("booths", "list")[1] == "hall-1\nhall-2\n"
    assert made("booths", "revoke", "hall-1")[0] == 0
    rows = [json.loads(line) for line in made("booths", "list", "--json")[1].splitlines()]
    assert [(row["booth_id"], row["revoked_at"] is not None, row["schools"]) for row in rows] == [
        ("hall-1", True, None),
        ("hall-2", False, ["示范大学"]),
    ]
    for name in ("Hall 1", "../x", "x" * 64):
        assert made("booths", "enrol", name)[0] == 1
    code, _, err = made("booths", "revoke", "hall-9")
    assert code == 1
    assert "hall-9" in err


def test_audit_verify_holds_and_finds_a_changed_row(made: Run) -> None:
    for number in range(3):
        made("booths", "enrol", f"hall-{number}")
    code, out, _ = made("audit", "verify", "--json")
    good = json.loads(out)
    assert (code, good["ok"], good["entries"], good["breaks"]) == (0, True, 3, [])
    with sqlite3.connect(made.folder / "data" / "office.sqlite") as database:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            database.execute("UPDATE audit SET actor = 'nobody' WHERE place = 2")
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            database.execute("DELETE FROM audit")
        database.execute("DROP TRIGGER audit_append_only_update")
        database.execute("UPDATE audit SET actor = 'nobody' WHERE place = 2")
    database.close()
    code, out, _ = made("audit", "verify", "--json")
    bad = json.loads(out)
    assert (code, bad["ok"], [one["place"] for one in bad["breaks"]]) == (1, False, [2])
    assert made("audit", "verify")[1].startswith("entry 2: ")
    assert made("audit", "verify", "--hash", good["hash"], "--json")[0] == 1
    assert json.loads(made("audit", "verify", "--hash", "00" * 32, "--json")[1])["noted_hash_found"] is False


def test_keys_are_shown_made_and_tried_from_the_safe(made: Run, tmp_path: Path) -> None:
    (first,) = made("keys", "list")[1].splitlines()
    assert first.startswith("age1")
    code, out, _ = made("keys", "new")
    assert code == 0
    assert made("keys", "list")[1].splitlines() == [out.strip(), first]
    assert "AGE-SECRET-KEY" not in out
    code, _, err = made("keys", "restore-test", str(tmp_path / "missing"))
    assert code == 2
    assert "missing" in err


def send(made: Run, number: int, *recipients: str) -> None:
    """A shot of `booth-1` comes in, sealed to these keys."""
    data = seal(sent(number), recipients)
    with Office.open(load_config(made.file)) as office:
        office.booths.enrol("test", "booth-1")
        filed = office.intake.receive("booth-1", shot_id(number), hashlib.sha256(data).digest(), data)
    assert filed.verified_at is not None


def test_rotating_keys_names_the_booths_that_seal_to_an_older_one_until_they_follow(made: Run) -> None:
    old = made("keys", "list")[1].strip()
    send(made, 1, old)
    assert made("keys", "rotate", "--check") == (0, f"{old}\n", "")
    code, out, _ = made("keys", "rotate", "--json")
    told = json.loads(out)
    assert (code, told["behind"]) == (0, ["booth-1"])
    assert made("keys", "list")[1].splitlines() == [told["key"], old]
    code, out, _ = made("keys", "rotate", "--check")
    assert code == 1
    assert "booth-1 seals to an older key" in out
    send(made, 2, told["key"], recipient_of(new_identity()))
    assert made("keys", "rotate", "--check") == (0, f"{told['key']}\n", "")
    made("booths", "revoke", "booth-1")
    assert json.loads(made("keys", "rotate", "--json")[1])["behind"] == []


def test_the_escrows_key_from_the_safe_opens_what_is_stored_and_another_one_does_not(made: Run, tmp_path: Path) -> None:
    office, escrow = made("keys", "list")[1].strip(), new_identity()
    send(made, 1, office, recipient_of(escrow))
    for name, identity, wanted in (("safe", escrow, (0, 1)), ("other", new_identity(), (1, 0))):
        (tmp_path / name).write_text(identity)
        (tmp_path / name).chmod(0o600)
        code, out, _ = made("keys", "restore-test", str(tmp_path / name), "--json")
        assert (code, json.loads(out)["opened"]) == wanted
        assert identity not in out


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("colour = 1", "colour"),
        ("[server]\nport = 'x'", "server.port"),
        ("[server]\nport = 70000", "server.port"),
        ("[database]\nurl = 'mysql://x'", "database.url"),
        ("[photos]\nbucket = 'x'", "photos"),
        ("[limits]\nin_flight_bytes = 1048576", "in_flight_bytes"),
        ("folder = ", "is not TOML"),
    ],
)
def test_a_wrong_configuration_names_the_key(run: Run, text: str, wanted: str) -> None:
    run.file.write_text(text)
    code, out, err = run("init")
    assert (code, out) == (1, "")
    assert wanted in err
    assert str(run.file) in err


def test_a_password_in_the_configuration_is_refused_and_not_repeated(run: Run) -> None:
    run.file.write_text("[database]\nurl = 'postgresql://office:hunter2@db/office'")
    code, _, err = run("init")
    assert code == 1
    assert "password_file" in err
    assert "hunter2" not in err


def test_a_missing_configuration_is_named(run: Run) -> None:
    run.file.unlink()
    code, _, err = run("serve")
    assert code == 2
    assert str(run.file) in err


@pytest.mark.parametrize("words", [[], ["nonsense"], ["users"], ["users", "add", "anna", "--role", "king"]])
def test_wrong_use_is_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage: center" in capsys.readouterr().err


def _answer_s(connection: http.client.HTTPConnection) -> float:
    """How long an answer takes on a connection that is kept open: real time, since the system's own timers count."""
    began = time.perf_counter()
    connection.request("GET", "/v2/health")
    connection.getresponse().read()
    return time.perf_counter() - began


def test_serve_prints_its_address_answers_and_stops_when_told(made: Run) -> None:
    command = [sys.executable, "-m", "center", "serve", "--config", str(made.file), "--json"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    killer = threading.Timer(60, server.kill)
    killer.start()
    try:
        assert server.stdout is not None
        address = urlsplit(json.loads(server.stdout.readline())["address"])
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
        connection.request("GET", "/v2/health")
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["schema_version"]) == (200, 2)
        assert min(_answer_s(connection) for _ in range(20)) < 0.03, "answers wait for the other end (Nagle's 40 ms)"
        connection.close()
        port = address.port
        taken = made.folder / "taken.toml"
        taken.write_text(made.file.read_text().replace("port = 0", f"port = {port}"))
        second = subprocess.run(
            [sys.executable, "-m", "center", "serve", "--config", str(taken)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (second.returncode, second.stdout) == (1, "")
        assert f"port {port}" in second.stderr
    finally:
        os.kill(server.pid, signal.SIGTERM)
        out, _ = server.communicate(timeout=60)
        killer.cancel()
    assert out == ""
    assert server.returncode in (0, -signal.SIGTERM)
