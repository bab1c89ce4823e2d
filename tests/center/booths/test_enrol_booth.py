"""`kiosk enrol` against the real office: a one-time code in, a credential only its owner can read."""

import io
import stat
import sys
from pathlib import Path

import pytest

from kiosk.__main__ import main
from kiosk.ports.config import OfficeConfig
from kiosk.uplink.office.client import OfficeClient
from tests.center.conftest import Served
from wire.decision import DecisionPage


def configured(folder: Path, url: str, credential: str = "") -> Path:
    path = folder / "booth.toml"
    path.write_text(f'[office]\nurl = "{url}"\nbooth_id = "booth-1"\n{credential}', "utf-8")
    return path


def enrol(config: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{code}\n"))
    return main(["enrol", "--config", str(config)])


def test_a_code_becomes_a_credential_that_the_office_knows(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    credential = tmp_path / "kept" / "credential"
    config = configured(tmp_path, served.url, f'credential_file = "{credential}"\n')
    code = served.office.booths.enrol("test", "booth-1")
    assert enrol(config, f" {code.lower()} ", monkeypatch) == 0
    assert "booth-1 is enrolled" in capsys.readouterr().err
    assert stat.S_IMODE(credential.stat().st_mode) == 0o600
    client = OfficeClient(OfficeConfig(url=served.url, booth_id="booth-1", credential_file=credential))
    assert isinstance(client.decisions(0), DecisionPage)
    client.close()
    kept = credential.read_bytes()
    assert enrol(config, code, monkeypatch) == 1, "a code works once"
    assert "does not take this code" in capsys.readouterr().err
    assert credential.read_bytes() == kept


@pytest.mark.parametrize("code", ["", "7KQ2M-9RDXP-4TW8H-CE3NV", "x" * 81])
def test_a_code_the_office_never_gave_keeps_nothing(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: str
) -> None:
    config = configured(tmp_path, served.url, f'credential_file = "{tmp_path / "credential"}"\n')
    assert enrol(config, code, monkeypatch) == 1
    assert "does not take this code" in capsys.readouterr().err
    assert not (tmp_path / "credential").exists()


def test_enrolment_reports_why_it_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert enrol(configured(tmp_path, "http://127.0.0.1:9"), "CODE", monkeypatch) == 1
    assert "office.credential_file" in capsys.readouterr().err
    nobody = configured(tmp_path, "http://127.0.0.1:9", f'credential_file = "{tmp_path / "credential"}"\n')
    assert enrol(nobody, "CODE", monkeypatch) == 1
    assert "can't be reached" in capsys.readouterr().err
    assert enrol(tmp_path / "missing.toml", "CODE", monkeypatch) == 2
    assert "cannot be read" in capsys.readouterr().err
