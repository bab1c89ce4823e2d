# ruff: noqa: F811 - fixtures of another module
"""`kiosk doctor --acceptance`: the sheet that installer and customer sign, and that nobody is on it."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from common.catalog import Catalog, MissingText
from kiosk.__main__ import main
from kiosk.commands import doctor
from kiosk.commands.doctor import DEVICES, acceptance
from kiosk.commands.doctor.acceptance import finding_texts, pictures, sheet_of, words_of
from kiosk.commands.doctor.finding import Finding
from kiosk.commands.doctor.sheet import Sheet
from kiosk.ports.clock import WallTime
from kiosk.ports.config import BoothConfig, CameraConfig, DisplayConfig, StorageConfig
from kiosk.runtime.calibration import Calibrated, save
from kiosk.text.catalog import LANGUAGES
from kiosk.vision.models import models_folder
from sim.twins.picamera2 import CameraFault, CameraRig
from sim.twins.pins import Pins
from tests.calibration.test_calibrate import PICTURES, SAVED
from tests.hardware.test_doctor import CONFIG, SteppingClock, clock, no_camera, pins, rig  # noqa: F401 - fixtures
from tests.vision.conftest import Draw, draw  # noqa: F401 - a fixture

ROOT = Path(__file__).parents[2]
PAGES = {"zh_CN": "build.zh-CN.md", "en": "build.md"}
WALL = WallTime(datetime(2026, 9, 1, 1, 30, tzinfo=UTC), True)
WELL = [Finding(device, True, "ok", "it is well.") for device in DEVICES]
EMPTY = {"now": "no_camera", "left": "no_calibration", "right": "no_calibration"}


class Written(Sheet):
    """A sheet that remembers its words."""

    said: list[str]

    def write(self, x: float, y: float, text: str, *rest: object, **style: object) -> float:
        self.said = [*getattr(self, "said", []), text]
        return super().write(x, y, text, *rest, **style)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def no_long_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acceptance, "STEP_OUT_MS", 1_500)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acceptance, "Sheet", Written)


def booth(language: str, folder: Path) -> BoothConfig:
    changes = {"display": DisplayConfig(language=language), "storage": StorageConfig(folder=folder)}
    return CONFIG.model_copy(update=changes)


def checks_of(words: Catalog) -> list[str]:
    return [text for message, text in words.messages.items() if message.startswith("checks.")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_checklist_is_that_of_the_page_for_builders(language: str) -> None:
    items = re.findall(r"^- \[ \] (.*(?:\n  .*)*)", (ROOT / "docs" / PAGES[language]).read_text("utf-8"), re.M)
    assert [re.sub(r"\s*\n\s*", " ", item) for item in items] == checks_of(words_of(language))


def test_both_languages_have_the_same_words() -> None:
    chinese, english = (words_of(language).messages for language in LANGUAGES)
    assert [message for message in chinese if not message.startswith("found.")] == [*english]
    assert [message for message in english if message.startswith("device.")] == [f"device.{one}" for one in DEVICES]


def test_a_language_without_words_for_staff_gets_the_sheet_in_the_default_language() -> None:
    assert {words_of(language).language for language in ("zh_TW", "de")} == {LANGUAGES[0]}


def test_a_word_that_the_sheet_lacks_is_named_with_the_remedy() -> None:
    words = words_of("zh_CN")
    with pytest.raises(MissingText, match=r"no message 'found\.camera\.melted' in zh_CN: add it to .*/doctor/text"):
        finding_texts(Finding("camera", False, "melted", "it melted."), words)


def test_each_status_of_the_page_about_the_doctor_has_a_chinese_sentence() -> None:
    words = words_of("zh_CN")
    page = (ROOT / "docs" / "doctor.md").read_text("utf-8")
    rows = re.findall(rf"^\| ({'|'.join(DEVICES)}) \|.*\| ([^|]*) \|$", page, re.M)
    assert {device for device, _ in rows} == {*DEVICES}
    for device, statuses in rows:
        assert all(f"found.{device}.{status}" in words for status in ("ok", *re.findall(r"`(\w+)`", statuses))), device


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("synced", [True, False])
def test_the_sheet_names_booth_time_findings_and_every_check(
    written: None, language: str, synced: bool, tmp_path: Path
) -> None:
    findings = [replace(one, ok=False, status="unsynced") if one.device == "clock" else one for one in WELL]
    sheet = sheet_of(booth(language, tmp_path), findings, EMPTY, WallTime(WALL.moment, synced))
    assert isinstance(sheet, Written)
    words, said = words_of(language), "\n".join(sheet.said)
    for sought in ("booth-1", "09:30", "jiangsu-2019", *map(words.text, ("wrong", "no_camera", "nobody"))):
        assert sought in said
    assert (words.text("unsynced") in said) is not synced
    assert all(check.replace("`", "") in said for check in checks_of(words))
    assert sheet.said.count(words.text("signature")) == 2


def test_no_measured_value_is_printed_because_a_card_is_among_them(written: None, tmp_path: Path) -> None:
    card = Finding("card", True, "ok", "the card was read.", {"number": "320102********0017", "name": "王*"})
    for language in LANGUAGES:
        sheet = sheet_of(booth(language, tmp_path), [card], EMPTY, WALL)
        assert isinstance(sheet, Written)
        assert not re.search(r"3201|王", "".join(sheet.said))


def test_a_fault_is_told_in_chinese_and_in_the_doctors_words() -> None:
    fault = Finding("camera", False, "device_fault", "no library.", {"fault": "fault.camera_library"})
    text, small = finding_texts(fault, words_of("zh_CN"))
    assert text.startswith("相机程序库无法载入。")
    assert small == "no library."
    assert finding_texts(fault, words_of("en")) == ("No library.", "")


def test_both_lamps_shine_for_the_picture_and_are_dark_after_it(
    clock: SteppingClock,
    rig: CameraRig,
    pins: Pins,
    tmp_path: Path,
) -> None:
    seen = pictures(booth("en", tmp_path), pins.factory, rig.factory, clock, models_folder())
    now = seen["now"]
    assert isinstance(now, np.ndarray)
    assert now.shape == (180, 320, 3)
    assert now.mean() > 200  # without lamps the rig's picture has 51, with one lamp about 180
    assert (pins.left, pins.right) == (0, 0)
    assert (seen["left"], seen["right"]) == ("no_calibration", "no_calibration")


@pytest.mark.parametrize("fault", [CameraFault.UNPLUGGED, CameraFault.STALL])
def test_without_a_camera_the_sheet_says_so(
    clock: SteppingClock,
    rig: CameraRig,
    pins: Pins,
    tmp_path: Path,
    fault: CameraFault,
) -> None:
    rig.fault = fault
    assert pictures(booth("en", tmp_path), pins.factory, rig.factory, clock, tmp_path)["now"] == "no_camera"
    assert (pins.left, pins.right) == (0, 0)


def test_without_lamps_there_is_a_picture_that_says_so(
    clock: SteppingClock,
    rig: CameraRig,
    tmp_path: Path,
) -> None:
    def no_pins() -> Pins:
        raise OSError("no chip")

    seen = pictures(booth("en", tmp_path), no_pins, rig.factory, clock, models_folder())
    assert isinstance(seen["now_dark"], np.ndarray)
    assert sheet_of(booth("en", tmp_path), WELL, seen, WALL).pages


def test_somebody_in_the_picture_is_never_printed(
    clock: SteppingClock,
    rig: CameraRig,
    pins: Pins,
    draw: Draw,
    tmp_path: Path,
) -> None:
    sitting, _ = draw(2)
    rig.scene_picture = lambda size, _: np.asarray(Image.fromarray(sitting).resize(size))
    camera = CameraConfig.model_validate({"main_size": (1280, 720), "lores_size": (1280, 720)})
    config = booth("en", tmp_path).model_copy(update={"camera": camera})
    assert pictures(config, pins.factory, rig.factory, clock, models_folder())["now"] == "somebody"
    assert pictures(config, pins.factory, rig.factory, clock, tmp_path)["now"] == "unseen", "no models"


def test_the_plates_of_the_calibration_are_shown(
    clock: SteppingClock,
    pins: Pins,
    tmp_path: Path,
) -> None:
    save(tmp_path, Calibrated(SAVED, {name: np.full((720, 1280, 3), 90, np.uint8) for name in PICTURES}))
    seen = pictures(booth("en", tmp_path), pins.factory, no_camera, clock, models_folder())
    assert [type(seen[side]) for side in ("left", "right")] == [np.ndarray, np.ndarray]


def test_a_booth_without_devices_gets_its_sheet_and_the_doctors_exit_status(
    clock: SteppingClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    config, file = tmp_path / "booth.toml", tmp_path / "acceptance.pdf"
    config.write_text(f'card.port = "{tmp_path}/none"\nvoice.enabled = false\nstorage.folder = "{tmp_path}"\n', "utf-8")
    monkeypatch.setattr(doctor, "SystemClock", lambda: clock)
    monkeypatch.setattr("kiosk.commands.doctor.lamps.SWITCH_S", 0)
    asked = ["doctor", "--acceptance", str(file), "--config", str(config)]
    assert main([*asked, "--json"]) == 1
    *told, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert [one["device"] for one in told] == [*DEVICES]
    assert last == {"acceptance": str(file)}
    assert file.read_bytes().startswith(b"%PDF-")
    assert main(asked) == 1
    assert capsys.readouterr().out == "", "an existing file is refused before any device is examined"


@pytest.mark.parametrize(
    "wrong", [["camera", "--config", "x"], ["--bundle", "b.zip", "--config", "x"], ["--off", "--config", "x"], []]
)
def test_the_sheet_is_of_all_devices_and_of_one_configuration(tmp_path: Path, wrong: list[str]) -> None:
    assert main(["doctor", "--acceptance", str(tmp_path / "new.pdf"), *wrong]) == 2
    assert list(tmp_path.iterdir()) == []


def test_when_all_is_well_the_exit_status_is_0(
    clock: SteppingClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config, file = tmp_path / "booth.toml", tmp_path / "new.pdf"
    config.write_text(f'storage.folder = "{tmp_path}"\n', "utf-8")
    monkeypatch.setattr(doctor, "SystemClock", lambda: clock)
    monkeypatch.setattr(doctor, "_examinations", lambda *_: {one.device: lambda one=one: one for one in WELL})
    assert main(["doctor", "--acceptance", str(file), "--config", str(config)]) == 0
    assert file.exists()
