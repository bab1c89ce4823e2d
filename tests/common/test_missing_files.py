"""A file that is not there is wrong use, exit status 2, of every command that reads one; the file is named."""

import shlex
from pathlib import Path

import pytest

import center.__main__
import kiosk.__main__
import sim.__main__

PROGRAMS = {"kiosk": kiosk.__main__.main, "center": center.__main__.main, "sim": sim.__main__.main}
COMMANDS = (
    "kiosk check none --profile jiangsu-2019",
    "kiosk finish none --profile jiangsu-2019 --out out.jpg",
    "kiosk config none",
    *(f"kiosk {verb} --config none" for verb in ("run", "uplink", "enrol", "calibrate", "doctor")),
    *(f"center {verb} --config none" for verb in ("init", "serve")),
    "center rosters import none --config center.toml",
    "center campus import none --config center.toml",
    "center corrections enter school 2026 none --config center.toml",
    "center keys restore-test none --config center.toml",
    *(f"center backup {verb} none --config center.toml" for verb in ("verify", "list", "prune")),
    "center backup verify . --key none --config center.toml",
    "center restore none --config center.toml",
    "center restore . --key none --config center.toml",
    "center season year 2027 notice none --config center.toml",
    "sim replay none",
    "sim run card-happy --people none",
    "sim login none",
    "sim booth --config none --twins twins",
)


@pytest.mark.parametrize("line", COMMANDS)
def test_a_missing_file_is_wrong_use_and_named(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("center.toml").write_text(f'folder = "{tmp_path / "office"}"\n')
    program, *words = shlex.split(line)
    if "center.toml" in words:
        assert PROGRAMS["center"](["init", "--config", "center.toml"]) == 0
    capfd.readouterr()

    assert PROGRAMS[program](words) == 2

    assert "none" in capfd.readouterr().err
