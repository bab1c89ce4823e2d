"""`kiosk check` and `kiosk finish` as people and programs use them."""

import json
from pathlib import Path

import pytest
from PIL import Image

from kiosk.__main__ import main
from rules.filecheck import check_file
from rules.profile import load_profile
from tests.vision.conftest import HALF, Draw

PROFILE = "jiangsu-2019"
CONTRACT = [
    *("one_face", "enough_pixels", "position", "hair_height", "roll", "yaw", "pitch", "shoulders", "eyes_open", "gaze"),
    *("mouth_closed", "neutral", "glasses", "glare", "hair_eyes", "hair_brows", "ears", "head_cover", "jewellery"),
    *("occlusion", "top_colour", "top_contrast", "background_even", "background_colour", "shadow", "light_even"),
    *("exposure", "skin_colour", "sharp", "live_person", "file"),
]


@pytest.fixture(scope="module")
def portrait(draw: Draw, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("portraits") / "portrait.png"
    Image.fromarray(draw(1, HALF)[0]).save(path)
    return path


@pytest.mark.usefixtures("models")
def test_finish_writes_a_legal_file_and_prints_the_report(
    portrait: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "photo.jpg"
    assert main(["finish", str(portrait), "--profile", PROFILE, "--out", str(out), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["status"] == "done"
    assert {"scale", "dx", "dy", "input", "output", "margin", "quality", "bytes", "dpi"} <= set(report)
    assert report["bytes"] == out.stat().st_size
    assert check_file(out.read_bytes(), load_profile(PROFILE).photo) == ()


@pytest.mark.usefixtures("models")
def test_finish_says_why_it_refuses_in_both_languages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wall, out = tmp_path / "wall.png", tmp_path / "photo.jpg"
    Image.new("RGB", (900, 900), (200, 200, 200)).save(wall)
    assert main(["finish", str(wall), "--profile", PROFILE, "--out", str(out), "--json"]) == 1
    said = capsys.readouterr()
    result = json.loads(said.out)
    assert (result["status"], result["fault"]) == ("refused", "no_face")
    assert result["message"]["zh"] != result["message"]["en"]
    assert "Shoot again" in said.err
    assert not out.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--profile", "nowhere", "--out", "photo.jpg"],
        ["--profile", PROFILE, "--out", "photo.png"],
        ["--profile", PROFILE, "--out", "{image}"],
    ],
)
def test_finish_used_wrongly_ends_with_two(
    tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    image = tmp_path / "image.jpg"
    Image.new("RGB", (300, 300)).save(image)
    words = [word.replace("{image}", str(image)) for word in arguments]
    assert main(["finish", str(image), *words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("kiosk finish:")


def test_finish_into_a_missing_folder_says_so(
    portrait: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "none" / "photo.jpg"
    assert main(["finish", str(portrait), "--profile", PROFILE, "--out", str(out)]) == 1
    assert "can't be written" in capsys.readouterr().err


@pytest.mark.usefixtures("models")
def test_check_prints_one_object_a_picture_with_every_check_of_the_contract(
    portrait: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(portrait), str(tmp_path / "none.jpg"), "--profile", PROFILE, "--json"]) == 1
    said = capsys.readouterr()
    first, second = (json.loads(line) for line in said.out.splitlines())
    assert [row["id"] for row in first["checks"]] == CONTRACT
    assert first["ready"] is True
    for row in first["checks"]:
        assert set(row) == {"id", "verdict", "value", "unit", "limit", "message"}
        assert row["message"]["zh"]
        assert row["message"]["en"]
        assert (row["value"] is None) == (row["verdict"] in ("unknown", "off"))
    assert set(first["geometry"]) == {"pupil_l", "pupil_r", "hair_top", "chin", "face_l", "face_r"}
    assert second["ready"] is False
    assert "no such file" in second["error"]
    assert "no such file" in said.err


@pytest.mark.usefixtures("models")
def test_check_of_a_closed_eyed_person_names_the_check_and_ends_with_one(
    draw: Draw, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "blink.png"
    Image.fromarray(draw(1, HALF, eyelids=0.0)[0]).save(path)
    assert main(["check", str(path), "--profile", PROFILE]) == 1
    assert "fail eyes_open" in capsys.readouterr().out


@pytest.mark.usefixtures("models")
def test_check_of_a_finished_photo_judges_the_file_too(
    portrait: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "photo.jpg"
    main(["finish", str(portrait), "--profile", PROFILE, "--out", str(out)])
    capsys.readouterr()
    main(["check", str(out), "--profile", PROFILE, "--json"])
    report = json.loads(capsys.readouterr().out)
    rows = {row["id"]: row for row in report["checks"]}
    assert rows["file"]["verdict"] == "pass"
    width = report["geometry"]["face_r"] - report["geometry"]["face_l"]
    assert rows["enough_pixels"]["value"] == pytest.approx(width / 180, abs=0.01), "the narrowest legal face"
    assert rows["enough_pixels"]["verdict"] == "pass"
