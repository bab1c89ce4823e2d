"""`kiosk enrol` against an office that takes one code."""

import io
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from kiosk.__main__ import main
from wire.enrolment import Enrolled, Enrolment
from wire.problem import MEDIA_TYPE, Problem, ProblemType

CODE, CREDENTIAL = "ABCD-EFGH", "c" * 43


class CodeOffice(HTTPServer):
    """Takes `CODE`, once."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Counter)
        self.asked = 0
        self.used = False


class Counter(BaseHTTPRequestHandler):
    """Answers one request."""

    server: CodeOffice

    def do_POST(self) -> None:
        given = Enrolment.decode(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked += 1
        if given.code == CODE and not self.server.used:
            self.server.used = True
            self.answer(201, "application/json", Enrolled(booth_id=given.booth_id, credential=CREDENTIAL).encode())
        else:
            self.answer(
                401, MEDIA_TYPE, Problem(type=ProblemType.UNAUTHORISED, title="no", status=401, detail="-").encode()
            )

    def answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def office() -> Iterator[CodeOffice]:
    with CodeOffice() as office:
        thread = threading.Thread(target=office.serve_forever)
        thread.start()
        yield office
        office.shutdown()
        thread.join()


def enrol(office: CodeOffice, credential: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> int:
    config = credential.parents[1] / "booth.toml"
    config.write_text(
        f'[office]\nurl = "http://127.0.0.1:{office.server_port}"\ncredential_file = "{credential}"\n', "utf-8"
    )
    monkeypatch.setattr("sys.stdin", io.StringIO(code + "\n"))
    return main(["enrol", "--config", str(config)])


def test_the_code_is_exchanged_for_a_credential_only_its_owner_can_read(
    office: CodeOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    credential = tmp_path / "etc" / "credential"
    assert enrol(office, credential, CODE, monkeypatch) == 0
    assert credential.read_text() == CREDENTIAL
    assert stat.S_IMODE(credential.stat().st_mode) == 0o600
    said = capsys.readouterr()
    assert CODE not in said.err + said.out
    assert CREDENTIAL not in said.err + said.out


def test_a_code_that_is_not_taken_leaves_the_old_credential(
    office: CodeOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    credential = tmp_path / "etc" / "credential"
    credential.parent.mkdir()
    credential.write_text("old")
    assert enrol(office, credential, "WRONG", monkeypatch) == 1
    assert "does not take this code" in capsys.readouterr().err
    assert [path.name for path in credential.parent.iterdir()] == ["credential"]
    assert credential.read_text() == "old"


def test_where_the_credential_can_not_be_kept_no_code_is_used_up(
    office: CodeOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "etc").write_text("a file where a folder should be")
    assert enrol(office, tmp_path / "etc" / "credential", CODE, monkeypatch) == 1
    assert "the code is not used yet" in capsys.readouterr().err
    assert office.asked == 0
