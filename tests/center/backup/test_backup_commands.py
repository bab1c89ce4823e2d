"""`center backup` and `center restore`, as an administrator types them."""

import json
import shutil
from pathlib import Path

import pytest

from center.__main__ import main
from center.commands.settings import load_config
from center.wiring.office import Office
from tests.center.backup.conftest import Safe
from tests.center.commands.test_commands import Run
from tests.center.conftest import file_shot


@pytest.fixture
def made(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, safe: Safe) -> Run:
    run = Run(tmp_path, capsys, monkeypatch)
    assert run("init")[0] == 0
    run.file.write_text(run.file.read_text() + f'[backup]\nseal_to = ["{safe.public}"]\n')
    return run


def test_an_office_is_backed_up_tested_lost_and_restored_by_commands(made: Run, tmp_path: Path, safe: Safe) -> None:
    place = str(tmp_path / "backups")
    with Office.open(load_config(made.file)) as office:
        office.booths.enrol("test", "booth-1")
        file_shot(office, 1)
    assert made("backup", "list", place)[0] == 2, "there is no such folder yet"
    first = json.loads(made("backup", place, "--json")[1])
    assert (first["photos"], first["missing"]) == (1, [])
    code, out, _ = made("backup", "verify", place)
    assert (code, "is whole: 1 photos" in out) == (0, True)
    assert json.loads(made("backup", "verify", place, "--key", str(safe.file), "--json")[1])["ok"] is True
    assert made("backup", "list", place)[1] == first["backup"] + "\n"
    shutil.rmtree(tmp_path / "data")
    code, _, err = made("restore", place)
    assert (code, "--key" in err) == (1, True)
    code, out, err = made("restore", place, "--key", str(safe.file))
    assert (code, err) == (0, "")
    assert "1 photos" in out
    assert "0 shots filed again" in out
    code, _, err = made("restore", place)
    assert (code, "--replace" in err) == (1, True)
    again = json.loads(made("restore", place, "--replace", "--backup", first["backup"], "--json")[1])
    assert (again["ok"], again["filed"]) == (True, 0)
    assert made("photos", "sweep")[0] == 0
    assert made("audit", "verify")[0] == 0
    assert json.loads(made("photos", "file-again", "--json")[1])["ok"] is True


def test_what_can_not_be_done_says_why(made: Run, tmp_path: Path) -> None:
    place = str(tmp_path / "backups")
    assert made("restore", place)[0] == 2, "there is no such folder"
    Path(place).mkdir()
    code, out, err = made("restore", place)
    assert (code, out, "no whole backup" in err) == (1, "", True)
    code, _, err = made("backup", "verify", place)
    assert (code, "no whole backup" in err) == (1, True)
    with Office.open(load_config(made.file)):
        assert made("backup", place)[0] == 0  # also while it is served
        code, _, err = made("restore", place, "--replace")
        assert (code, "stop `center serve`" in err) == (1, True)
    with pytest.raises(SystemExit) as wrong:
        main(["backup", "look", place])
    assert wrong.value.code == 2
