"""An exported season is recounted from its files; whatever is changed in it is found, also where it is signed anew."""

import ast
import inspect
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from center.__main__ import main
from center.export import form, recounting, verifying
from center.export.verifying import verify_folder
from sim.season.schools import made_schools
from sim.season.story import SeasonStory
from sim.season.tampered_files import ON_FILES
from sim.season.tampered_records import ON_RECORDS
from sim.season.tampering import TAMPERINGS, tampering
from tests.faults.sites import LONG

pytestmark = [pytest.mark.xdist_group("season"), pytest.mark.timeout(900)]  # a small season is played first


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A small season's export, and the office's public key."""
    if shutil.which("pdftotext") is None:
        pytest.skip("NOT RUN: poppler is not installed (poppler-utils)")
    folder = tmp_path_factory.mktemp("export") / "season"
    SeasonStory(folder, schools=2, each=20, graduates=34, vision=0).play()
    return folder / "export", (folder / "export.key").read_text("ascii")


def test_a_season_as_it_was_agrees(exported: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> None:
    folder, key = exported
    assert list(verify_folder(folder, key)) == []
    assert main(["verify-season", str(folder), "--key", key]) == 0
    assert "agrees" in capsys.readouterr().out


def test_every_kind_of_tampering_is_found_also_where_it_was_signed_anew(exported: tuple[Path, str]) -> None:
    folder, key = exported
    kinds = len(ON_FILES) + len(ON_RECORDS)
    told, missed = tampering(folder, folder.with_name("export-before"), key, TAMPERINGS if LONG else kinds)
    assert missed == []
    assert told[-1].endswith(f"of {kinds} kinds were found")


def test_a_tampering_that_nothing_notices_would_be_told(
    exported: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, key = exported
    monkeypatch.setattr("sim.season.tampering.verify_folder", lambda *_: iter(()))
    told, missed = tampering(folder, folder.with_name("export-before"), key, 5)
    assert [one.kind for one in missed] == list(ON_FILES)[:5]
    assert told[-1].startswith("0 of 5 tamperings")


def test_a_whole_older_export_is_found_by_the_audits_place_alone(exported: tuple[Path, str]) -> None:
    folder, key = exported
    older = folder.with_name("export-before")
    place = json.loads((folder / "manifest.json").read_bytes())["audit"]["place"]
    assert list(verify_folder(older, key)) == [], "it was signed, and agrees with itself"
    assert [one for one in verify_folder(older, key, place) if "older export" in one]
    assert list(verify_folder(folder, key, place)) == []


def test_another_offices_key_is_refused(exported: tuple[Path, str]) -> None:
    for key in ("00" * 32, "abc", ""):
        assert ["not signed" in one for one in verify_folder(exported[0], key)] == [True]


def test_a_folder_that_is_no_export_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify-season", str(tmp_path / "none"), "--key", "00" * 32]) == 2
    (tmp_path / "photos.jsonl").write_text("")
    assert main(["verify-season", str(tmp_path), "--key", "00" * 32]) == 1
    assert "too few" in capsys.readouterr().out


def test_no_name_and_no_number_of_anybody_is_exported(exported: tuple[Path, str]) -> None:
    folder = exported[0]
    said = "".join(path.read_text("utf-8") for path in folder.iterdir())
    for school in made_schools(2, 20):
        for row in school.rows:
            for secret in (row.id_number, row.name, row.student_no, row.exam_no):
                assert f'"{secret}"' not in said


def test_the_verifier_imports_nothing_of_the_office() -> None:
    for part in (verifying, recounting, form):
        tree = ast.parse(inspect.getsource(part))
        modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        ours = {name for name in modules if name.split(".")[0] in {"center", "kiosk", "rules", "wire", "common", "sim"}}
        assert ours <= {"center.export.form", "center.export.recounting"}
    code = "import sys, center.export.verifying; print([n for n in sys.modules if n.startswith('center.')])"
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout.decode()
    assert "service" not in said
