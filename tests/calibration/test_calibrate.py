"""`kiosk calibrate` on the twins, whose truth is known; the calibration on disk; and what the doctor says of it."""

import io
import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
import pytest

from kiosk.__main__ import main
from kiosk.commands import calibrate
from kiosk.commands.calibrate import Result
from kiosk.commands.calibrate.guide import Step, Terminal
from kiosk.commands.calibrate.steps import CalibrationRefused
from kiosk.commands.doctor.calibration import examine_calibration
from kiosk.commands.doctor.finding import Finding
from kiosk.core.session.lighting import Levels
from kiosk.core.session.state import State
from kiosk.ports.calibration import Calibration, LampLevels, PlateExposures, Zero
from kiosk.ports.config import BoothConfig, CameraConfig
from kiosk.runtime.calibration import FILE, KEPT, Calibrated, CalibrationFault, applied, calibrations_in, load, save
from kiosk.runtime.lights import lamp_range
from sim.calibrating import CalibrationBooth, Truth
from sim.play import scenario as scenarios
from sim.play.stage import Stage
from sim.play.world import World
from sim.twins.camera_light import REFERENCE_COLOUR_GAINS
from sim.twins.picamera2 import CameraFault

MOMENT = datetime.fromisoformat("2026-08-01T08:30:00+08:00")
GREY = np.full((4, 6, 3), 90, np.uint8)
PICTURES = {name: GREY + index for index, name in enumerate(("dark", "left", "right"))}
SAVED = Calibration(
    moment=MOMENT,
    clock_synced=True,
    colour_gains=(1.8, 2.2),
    lens_position=0.83,
    lamps=LampLevels(left=0.9, right=0.5),
    zero=Zero(yaw=1.0, pitch=-2.5),
    plates=PlateExposures(dark=40_000, left=20_000, right=19_000),
)


# the measurements, against what is true


@pytest.fixture(scope="module")
def booth(tmp_path_factory: pytest.TempPathFactory) -> CalibrationBooth:
    return CalibrationBooth(tmp_path_factory.mktemp("calibrated"))


@pytest.fixture(scope="module")
def found(booth: CalibrationBooth) -> Result:
    return booth.calibrate()


def test_a_known_cast_of_the_light_is_removed(booth: CalibrationBooth, found: Result) -> None:
    gains = found.calibration.colour_gains
    assert gains is not None
    true = [rest / cast for rest, cast in zip(REFERENCE_COLOUR_GAINS, booth.truth.cast, strict=True)]
    assert gains == pytest.approx(true, rel=0.02)
    assert found.figures["cast_before"] > 5
    assert found.figures["cast_after"] < 1


def test_the_levels_found_light_the_face_evenly(found: Result) -> None:
    lamps = found.calibration.lamps
    assert lamps is not None
    assert lamps.left > 1.5 * lamps.right, "the left lamp gives less than half"
    assert abs(found.figures["light_even"]) < 0.03


def test_the_lens_position_is_the_one_autofocus_found(found: Result) -> None:
    assert found.calibration.lens_position == 0.83


def test_zero_is_how_a_straight_head_looks_to_a_tilted_camera(tmp_path: Path, found: Result) -> None:
    level = CalibrationBooth(tmp_path, Truth(tilt_deg=0.0, turn_deg=4.0)).calibrate((Step.SEATED,)).calibration.zero
    tilted = found.calibration.zero
    assert level is not None
    assert tilted is not None
    assert level.yaw - tilted.yaw == pytest.approx(4.0, abs=1.5)
    assert 1.5 < tilted.pitch - level.pitch < 6.5  # the drawn head was tilted by 5 degrees


@pytest.mark.parametrize("step", [Step.SEATED, Step.EMPTY])
@pytest.mark.parametrize("told", [CameraConfig(), CameraConfig(lens_position=1.5, colour_gains=(2.0, 2.0))])
def test_it_looks_through_the_camera_as_the_booth_will(
    monkeypatch: pytest.MonkeyPatch, step: Step, told: CameraConfig
) -> None:
    class Looks(Exception):
        pass

    def watching(camera: CameraConfig, *_: object) -> None:
        raise Looks(camera)

    monkeypatch.setattr(calibrate, "watching", watching)
    config, nothing = BoothConfig(camera=told), MagicMock()
    with pytest.raises(Looks) as looks:
        calibrate._Booth(config, nothing, nothing, nothing, nothing, None).make(step, Result(SAVED, {}))
    (camera,) = looks.value.args
    booth = applied(config, SAVED).camera
    assert camera.colour_gains == booth.colour_gains
    assert camera.lens_position == (None if step is Step.SEATED else booth.lens_position), "the seated are focused on"


def test_no_picture_of_a_person_is_kept(found: Result) -> None:
    assert found.folder is not None
    names = {path.name for path in found.folder.iterdir()}
    assert names == {FILE, "grey-card.png", "plate-dark.png", "plate-left.png", "plate-right.png"}


def test_what_was_saved_is_what_is_loaded(booth: CalibrationBooth, found: Result) -> None:
    again = load(booth.config.storage.folder)
    assert again is not None
    assert again.calibration == found.calibration
    assert all(np.array_equal(again.plates[name], found.plates[name]) for name in found.plates)


def test_the_lamps_are_dark_and_the_camera_closed_afterwards(booth: CalibrationBooth, found: Result) -> None:
    assert found.folder is not None
    assert (booth.pins.left, booth.pins.right, booth.rig.camera) == (0.0, 0.0, None)


def test_the_report_is_json_with_every_part(found: Result) -> None:
    report = json.loads(json.dumps(found.report()))
    assert {"saved", "moment", "colour_gains", "lens_position", "lamps", "zero", "plates", "measured"} <= set(report)


def test_one_step_alone_leaves_the_rest_as_it_was(tmp_path: Path) -> None:
    booth = CalibrationBooth(tmp_path)
    save(booth.config.storage.folder, Calibrated(SAVED, PICTURES))
    found = booth.calibrate((Step.EMPTY,)).calibration
    assert (found.colour_gains, found.lamps, found.zero) == (SAVED.colour_gains, SAVED.lamps, SAVED.zero)
    assert found.plates != SAVED.plates


# what can't be calibrated


class Unhelpful(CalibrationBooth):
    """The helper does something else than asked."""

    def __init__(self, folder: Path, does: Step | None) -> None:
        super().__init__(folder)
        self._does = does

    def ask(self, step: Step) -> None:
        self.step = self._does


@pytest.mark.parametrize(
    ("asked", "does", "words"),
    [
        (Step.GREY_CARD, Step.SEATED, "not one even grey"),
        (Step.SEATED, Step.EMPTY, "no face was seen"),
        (Step.EMPTY, Step.SEATED, "somebody is in the picture"),
    ],
)
def test_a_booth_that_is_not_as_asked_is_refused_and_nothing_saved(
    tmp_path: Path, asked: Step, does: Step, words: str
) -> None:
    booth = Unhelpful(tmp_path, does)
    with pytest.raises(CalibrationRefused, match=words):
        booth.calibrate((asked,))
    assert load(booth.config.storage.folder) is None
    assert (booth.pins.left, booth.pins.right) == (0.0, 0.0)


def test_a_card_in_the_dark_is_refused(tmp_path: Path) -> None:
    booth = CalibrationBooth(tmp_path)
    booth.rig.fault = CameraFault.DARK
    with pytest.raises(CalibrationRefused, match="too dark for a grey card"):
        booth.calibrate((Step.GREY_CARD,))


# on disk


def test_the_newest_calibration_counts_and_old_ones_go(tmp_path: Path) -> None:
    for day in range(KEPT + 2):
        moment = MOMENT + timedelta(days=day)
        save(tmp_path, Calibrated(SAVED.model_copy(update={"moment": moment}), PICTURES))
    loaded = load(tmp_path)
    assert loaded is not None
    assert loaded.calibration.moment == MOMENT + timedelta(days=KEPT + 1)
    assert len(list(calibrations_in(tmp_path).iterdir())) == KEPT


@pytest.mark.parametrize("there", [1, KEPT])
def test_a_calibration_made_while_the_clock_is_behind_is_the_newest(tmp_path: Path, there: int) -> None:
    for day in range(there):
        save(tmp_path, Calibrated(SAVED.model_copy(update={"moment": MOMENT + timedelta(days=day)}), PICTURES))
    for behind in range(KEPT + 1):
        made = SAVED.model_copy(update={"moment": MOMENT - timedelta(days=200 - behind), "lens_position": behind / 100})
        assert save(tmp_path, Calibrated(made, PICTURES)).is_dir()
        loaded = load(tmp_path)
        assert loaded is not None
        assert loaded.calibration == made


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to another account")
def test_what_root_calibrates_is_the_service_s(tmp_path: Path) -> None:
    booth = CalibrationBooth(tmp_path)
    storage = booth.config.storage.folder
    storage.mkdir(parents=True, exist_ok=True)
    os.chown(storage, 4_711, 4_712)
    booth.calibrate((Step.EMPTY,))
    made = [storage / "calibration", *(storage / "calibration").rglob("*")]
    assert len(made) > 3
    assert {(path.stat().st_uid, path.stat().st_gid) for path in made} == {(4_711, 4_712)}


def test_a_calibration_that_was_cut_off_is_not_seen(tmp_path: Path) -> None:
    save(tmp_path, Calibrated(SAVED, PICTURES))
    (calibrations_in(tmp_path) / ".20270101T000000.new").mkdir()
    loaded = load(tmp_path)
    assert loaded is not None
    assert loaded.calibration == SAVED


def test_without_a_calibration_there_is_none(tmp_path: Path) -> None:
    assert load(tmp_path) is None


def damage(folder: Path, harm: str) -> None:
    file = folder / FILE
    match harm:
        case "garbled":
            file.write_text("lamps = [", encoding="utf-8")
        case "unknown_key":
            file.write_text("colour = 1\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
        case "no_plate":
            (folder / "plate-left.png").unlink()
        case "no_picture":
            (folder / "plate-left.png").write_bytes(b"no picture")
        case "no_file":
            file.unlink()


HARMS = ("garbled", "unknown_key", "no_plate", "no_picture", "no_file")


@pytest.mark.parametrize("harm", HARMS)
def test_a_damaged_calibration_names_the_file_and_the_remedy(tmp_path: Path, harm: str) -> None:
    folder = save(tmp_path, Calibrated(SAVED, PICTURES))
    damage(folder, harm)
    with pytest.raises(CalibrationFault, match=r"kiosk calibrate again") as raised:
        load(tmp_path)
    assert str(folder / FILE) in str(raised.value)


@pytest.mark.parametrize("harm", HARMS)
def test_the_remedy_begins_whatever_is_damaged(tmp_path: Path, harm: str) -> None:
    booth = CalibrationBooth(tmp_path)
    damage(save(booth.config.storage.folder, Calibrated(SAVED, PICTURES)), harm)
    with pytest.raises(CalibrationFault, match="leave --only out"):
        booth.calibrate((Step.EMPTY,))  # one part alone has no others to keep
    booth.rig.fault = CameraFault.DARK
    with pytest.raises(CalibrationRefused, match="too dark for a grey card"):
        booth.calibrate()
    assert any("It is replaced now" in words for words in booth.messages)


def test_the_remedy_repairs_a_damaged_calibration(tmp_path: Path) -> None:
    booth = CalibrationBooth(tmp_path)
    damage(save(booth.config.storage.folder, Calibrated(SAVED, PICTURES)), "garbled")
    found = booth.calibrate()
    again = load(booth.config.storage.folder)
    assert again is not None
    assert again.calibration == found.calibration


# in use


def test_the_booth_takes_what_was_calibrated_where_it_is_told_nothing_else() -> None:
    found = applied(BoothConfig(), SAVED).camera
    assert (found.lens_position, found.colour_gains) == (0.83, (1.8, 2.2))
    told = BoothConfig(camera=CameraConfig(lens_position=1.5, colour_gains=(2.0, 2.0)))
    assert applied(told, SAVED) == told
    assert applied(told, None) is told


def test_the_session_begins_at_the_calibrated_levels() -> None:
    assert lamp_range(BoothConfig().lamps, Levels(0.9, 0.5)).working == Levels(0.9, 0.5)


def test_a_booth_that_was_calibrated_begins_its_sessions_so(tmp_path: Path) -> None:
    save(tmp_path / "booth", Calibrated(SAVED, {name: np.full((720, 1280, 3), 90, np.uint8) for name in PICTURES}))
    scenario = scenarios.load("card-happy")
    world = World(scenario, tmp_path)
    try:
        stage = Stage(scenario, world, tmp_path)
        world.start()
        while world.booth.loop.session.state is not State.PREPARE:
            stage.turn()
        lighting = world.booth.loop.session.lighting
    finally:
        world.close()
    assert lighting is not None
    assert lighting.levels == Levels(0.9, 0.5)


# what the doctor says


def examined(booth: CalibrationBooth) -> Finding:
    return examine_calibration(booth.config, booth.rig.factory, booth.clock, poll_s=0.0)


def test_an_empty_booth_that_is_as_it_was_is_well(booth: CalibrationBooth, found: Result) -> None:
    assert found.folder is not None
    finding = examined(booth)
    assert (finding.ok, finding.status) == (True, "ok")
    assert float(str(finding.details["matching"])) > 0.99


def test_a_camera_that_was_moved_is_seen(booth: CalibrationBooth, found: Result) -> None:
    assert found.folder is not None
    booth.moved_px = 30
    try:
        finding = examined(booth)
    finally:
        booth.moved_px = 0
    assert (finding.ok, finding.status) == (False, "moved")
    assert "camera or the backdrop was moved" in finding.message


def test_an_old_calibration_is_stale(booth: CalibrationBooth, found: Result) -> None:
    assert found.folder is not None
    booth.clock.jump_wall(61 * 86_400)
    try:
        finding = examined(booth)
    finally:
        booth.clock.jump_wall(-61 * 86_400)
    assert (finding.status, finding.details["days"]) == ("stale", 61)


def test_no_calibration_and_a_damaged_one_are_reported(tmp_path: Path) -> None:
    booth = CalibrationBooth(tmp_path)
    assert examined(booth).status == "missing"
    folder = save(booth.config.storage.folder, Calibrated(SAVED, PICTURES))
    (folder / FILE).write_text("x", encoding="utf-8")
    assert examined(booth).status == "damaged"
    save(booth.config.storage.folder, Calibrated(SAVED.model_copy(update={"plates": None})))
    assert examined(booth).status == "no_plate"


# at the keyboard


def test_the_terminal_asks_on_standard_error_and_waits_for_enter(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    Terminal().ask(Step.SEATED)
    Terminal().tell("found")
    seen = capsys.readouterr()
    assert seen.out == ""
    assert "Step 2 of 3" in seen.err
    assert "found" in seen.err
    with pytest.raises(EOFError):
        Terminal().ask(Step.EMPTY)


def test_a_configuration_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calibrate", "--config", str(tmp_path / "none.toml")]) == 2
    assert "none.toml: cannot be read" in capsys.readouterr().err
