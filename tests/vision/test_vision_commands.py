"""`kiosk check` and `kiosk finish` as people and programs use them."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from kiosk.__main__ import main
from kiosk.text.catalog import load, load_all
from rules.filecheck import FileRule, check_file
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
def test_finish_of_what_may_be_no_portrait_says_its_doubts_in_both_languages(
    portrait: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grey, out = tmp_path / "grey.png", tmp_path / "photo.jpg"
    with Image.open(portrait) as picture:
        picture.convert("L").convert("RGB").save(grey)
    assert main(["finish", str(grey), "--profile", PROFILE, "--out", str(out), "--json"]) == 3
    doubts = {doubt["id"]: doubt["message"] for doubt in json.loads(capsys.readouterr().out)["doubts"]}
    assert doubts["colourless"]["zh"] != doubts["colourless"]["en"]
    assert main(["finish", str(grey), "--profile", PROFILE, "--out", str(out)]) == 3
    said = capsys.readouterr()
    assert said.out == f"{out}\n"
    assert all(words in said.err for words in doubts["colourless"].values())
    assert check_file(out.read_bytes(), load_profile(PROFILE).photo) == (), "a photo is made all the same"


@pytest.mark.usefixtures("models")
def test_finish_of_a_good_portrait_has_no_doubts(
    portrait: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "photo.jpg"
    assert main(["finish", str(portrait), "--profile", PROFILE, "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["doubts"] == []


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
    assert result["message"]["zh"] in said.err
    assert not out.exists()


@pytest.mark.parametrize("command", [["check", "--language", "zh"], ["finish", "--out", "photo.jpg"]])
def test_a_file_that_is_no_picture_is_refused_in_chinese_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    grey = tmp_path / "grey.png"
    Image.new("L", (300, 400)).save(grey)
    name, *options = command
    assert main([name, str(grey), "--profile", PROFILE, *options]) == 1
    assert load("zh_CN").text("picture.grey") in capsys.readouterr().err


@pytest.mark.usefixtures("models")
def test_a_screenshot_is_neither_ready_nor_finished_without_doubt(
    portrait: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shot, out = tmp_path / "screenshot.png", tmp_path / "photo.jpg"
    with Image.open(portrait) as picture:
        screen = picture.convert("RGB")
    screen.paste((20, 20, 24), (0, screen.height - 120, screen.width, screen.height))
    screen.save(shot)
    assert main(["check", str(shot), "--profile", PROFILE, "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["ready"] is False
    assert [doubt["id"] for doubt in report["doubts"]] == ["framed"]
    assert main(["check", str(shot), "--profile", PROFILE, "--language", "zh"]) == 1
    assert report["doubts"][0]["message"]["zh"] in capsys.readouterr().out
    assert main(["finish", str(shot), "--profile", PROFILE, "--out", str(out), "--json"]) == 3
    assert "framed" in [doubt["id"] for doubt in json.loads(capsys.readouterr().out)["doubts"]]


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
    assert main(["check", str(tmp_path / "none.jpg"), str(portrait), "--profile", PROFILE, "--json"]) == 2
    said = capsys.readouterr()
    second, first = (json.loads(line) for line in said.out.splitlines())
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
@pytest.mark.parametrize(("language", "said"), [("en", "must be 0.4"), ("zh", "应")])
def test_check_says_value_and_limit_in_the_language_asked_for(
    draw: Draw, tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str, said: str
) -> None:
    path = tmp_path / "blink.png"
    Image.fromarray(draw(1, HALF, eyelids=0.0)[0]).save(path)
    assert main(["check", str(path), "--profile", PROFILE, "--language", language]) == 1
    out = capsys.readouterr().out
    (line,) = [line for line in out.splitlines() if line.startswith("  fail eyes_open")]
    catalog = load({"en": "en", "zh": "zh_CN"}[language])
    assert catalog.text("check.eyes_open.low") in line
    assert re.search(r"\(0\.?\d*.*\d\.?\d*.*\)$", line), "value and limit"
    assert catalog.text("report.not_ready") in out.splitlines()[0]


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_check_of_a_finished_photo_names_the_rules_its_file_breaks(
    portrait: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    out = tmp_path / "photo.jpg"
    main(["finish", str(portrait), "--profile", PROFILE, "--out", str(out)])
    with Image.open(out) as image:
        image.save(out, quality=30, comment="by nobody")
    capsys.readouterr()
    assert main(["check", str(out), "--profile", PROFILE, "--language", language]) == 1
    said = capsys.readouterr().out
    for rule in (FileRule.BYTES, FileRule.DENSITY, FileRule.QUALITY, FileRule.METADATA):
        assert f"    {rule.value}: " in said
    assert main(["check", str(out), "--profile", PROFILE, "--json"]) == 1
    assert len(json.loads(capsys.readouterr().out)["file_faults"]) == 4


def test_every_rule_of_the_file_has_words() -> None:
    for catalog in load_all().values():
        for rule in FileRule:
            assert f"report.rule_{rule.value}" in catalog


@pytest.mark.usefixtures("models")
def test_the_network_library_says_nothing(portrait: Path) -> None:
    command = [sys.executable, "-m", "kiosk", "check", str(portrait), "--profile", PROFILE]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stderr == ""


def test_finish_of_a_picture_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    assert main(["finish", str(tmp_path / "none.png"), "--profile", PROFILE, "--out", str(tmp_path / "o.jpg")]) == 2


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
