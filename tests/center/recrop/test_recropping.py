"""A recrop cuts the photo anew from the original: legal, beside what came, given on in its place. On both databases."""

import hashlib
import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import select

from center.audit.tables import AuditRow
from center.intake.model import Opened, Refusal, open_shot
from center.platform.configuration import CenterConfig
from center.platform.faults import MovedOn, NotThere, WrongRequest
from center.platform.photos import photo_name
from center.platform.seal_keys import add_seal_key
from center.recrop.model import Original, recrop_faults, recropped_photo
from center.recrop.tables import RecroppedRow
from center.shots.model.staff_decision import Approve, Recrop, RecroppedPhoto, Reject
from center.wiring.office import Office
from kiosk.ports.eye import FinishedPhoto
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.models import models_folder
from kiosk.vision.photo.finish import finish
from rules.filecheck import check_file
from rules.finish_report import RecropSource
from rules.photo import PlainSides
from rules.profile import BackgroundMode, load_profile
from sim.people import Light, Pose, drawn
from sim.twins.scene import Scene
from tests.center.conftest import manifest
from tests.center.factories import START, HandClock, photo, shot_id
from tests.center.office_server import FINISH, original
from wire import envelope

PROFILE = load_profile("jiangsu-2019")
BLUE = PROFILE.background
AS_CUT = Recrop(1 / 1.4, -72.0, -96.0)
DOWN = Recrop(1 / 1.4, -72.0, -86.0)


def sent(number: int = 1, finer: bytes | None = None, finish: dict[str, Any] | None = None) -> bytes:
    made = manifest(number, finish=FINISH if finish is None else finish)
    return envelope.build(made, photo(), original() if finer is None else finer)


def filed(office: Office, number: int = 1) -> str:
    data = sent(number)
    shot = office.intake.receive("booth-1", shot_id(number), hashlib.sha256(data).digest(), data)
    assert not shot.refusal, shot.refusal
    return shot.shot_id


def approve(office: Office, recrop: Recrop | None) -> None:
    held = office.queue.claim("anna", shot_id(1))
    kept = None if recrop is None else office.recropping.make(shot_id(1), recrop)
    office.queue.decide("anna", shot_id(1), held.version, Approve(recrop=recrop), recropped=kept)


def pixels(jpeg: bytes) -> np.ndarray[Any, np.dtype[np.int16]]:
    with Image.open(io.BytesIO(jpeg)) as picture:
        return np.asarray(picture.convert("RGB"), np.int16)


def coarse(jpeg: bytes) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The picture without its grain, which an original shows otherwise: means of 16 x 16 pixels."""
    return np.asarray(pixels(jpeg).reshape(40, 16, 30, 16, 3).mean(axis=(1, 3)))


def test_the_booths_own_crop_gives_the_booths_photo_again() -> None:
    cut = recropped_photo(Original(original(), BLUE), AS_CUT, PROFILE)
    assert check_file(cut, PROFILE.photo) == ()
    assert np.abs(coarse(cut) - coarse(photo())).max() < 8


def test_a_recropped_photo_is_moved_by_what_was_said_and_nothing_else() -> None:
    cut, moved = (pixels(recropped_photo(Original(original(), BLUE), recrop, PROFILE)) for recrop in (AS_CUT, DOWN))
    assert np.abs(moved[10:] - cut[:-10]).mean() < 3
    assert np.abs(moved[:40] - np.array(BLUE.rgb)).max() < 16


def test_the_scale_is_about_the_edges_of_both_pictures() -> None:
    ground = Image.new("RGB", (800, 1000), BLUE.rgb)
    ground.paste((200, 200, 200), (200, 300, 600, 1000))
    file = io.BytesIO()
    ground.save(file, "JPEG", quality=95)
    cut = np.asarray(Original(file.getvalue(), BLUE).cut(Recrop(0.75, -60.0, -90.0), PROFILE.photo), np.int16)
    person = np.abs(cut - np.array(BLUE.rgb)).max(axis=2) > 60
    rows, columns = np.flatnonzero(person.any(axis=1)), np.flatnonzero(person.any(axis=0))
    assert (rows[0], rows[-1]) == (135, 639)  # 0.75 * 300 - 90
    assert (columns[0], columns[-1]) == (90, 389)  # 0.75 * 200 - 60 to 0.75 * 600 - 60


@given(st.floats(0.4, 1.0), st.floats(-400, 200), st.floats(-400, 200))
@settings(max_examples=40, deadline=None)
def test_every_legal_crop_shows_person_or_background_and_nothing_between(scale: float, dx: float, dy: float) -> None:
    source, told = Original(original(), BLUE), RecropSource.read(FINISH)
    assert told is not None
    recrop = Recrop(scale, dx, dy)
    if recrop_faults(recrop, told.face, source.size, PROFILE.photo, source.plain_sides()):
        return
    cut = np.asarray(source.cut(recrop, PROFILE.photo), np.int16)
    assert cut.shape == (640, 480, 3)
    corners = cut[:30, :60], cut[:30, -60:]
    assert all(np.abs(corner - np.array(BLUE.rgb)).max() <= 20 for corner in corners)


def test_background_goes_on_only_where_the_whole_edge_is_background() -> None:
    assert Original(original(), BLUE).plain_sides() == PlainSides(top=True, left=True, right=True)
    picture = Image.open(io.BytesIO(original()))
    picture.paste((90, 60, 50), (0, 900, 4, 1000))  # a shoulder that leaves at the left
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90)
    assert Original(file.getvalue(), BLUE).plain_sides() == PlainSides(top=True, left=False, right=True)
    kept = BLUE.model_copy(update={"mode": BackgroundMode.KEEP})
    assert Original(original(), kept).plain_sides() == PlainSides()


def test_a_recropped_photo_goes_on_and_what_came_stays(office: Office, clock: HandClock) -> None:
    filed(office)
    assert office.recropping.finished(shot_id(1)) == photo()
    approve(office, DOWN)
    finished = office.recropping.finished(shot_id(1))
    assert check_file(finished, PROFILE.photo) == ()
    assert finished != photo()
    with office.database.read() as session:
        row = session.scalars(select(RecroppedRow)).one()
        noted = session.scalars(select(AuditRow).where(AuditRow.action == "shot.approved")).one().detail
    assert noted["photo"] == row.sha256.hex()
    data = office.photos.get(photo_name(shot_id(1), row.sha256))
    assert hashlib.sha256(data).digest() == row.sha256
    again = office.envelopes.open(shot_id(1), hashlib.sha256(sent()).digest())
    assert again.photo == photo()


def test_an_undone_recrop_gives_the_photo_as_it_came(office: Office) -> None:
    filed(office)
    approve(office, DOWN)
    held = office.queue.undo("anna", shot_id(1), 3)
    assert office.recropping.finished(shot_id(1)) == photo()
    office.queue.decide("anna", shot_id(1), held.version, Approve())
    assert office.recropping.finished(shot_id(1)) == photo()


def test_a_recropped_photo_is_sealed_as_booths_seal_theirs(config: CenterConfig, clock: HandClock) -> None:
    add_seal_key(config.seal_keys, START)
    with Office.open(config, clock) as office:
        office.booths.enrol("test", "booth-1")
        filed(office)
        approve(office, DOWN)
        with office.database.read() as session:
            row = session.scalars(select(RecroppedRow)).one()
        assert office.photos.get(photo_name(shot_id(1), row.sha256)).startswith(b"age-encryption.org/v1")
        assert check_file(office.recropping.finished(shot_id(1)), PROFILE.photo) == ()


@pytest.mark.parametrize("recrop", [Recrop(1.2, -72, -96), Recrop(1 / 1.4, -72, -20), Recrop(1 / 1.4, float("nan"), 0)])
def test_an_illegal_crop_makes_no_photo(plain_office: Office, recrop: Recrop) -> None:
    filed(plain_office)
    with pytest.raises(WrongRequest, match="not legal"):
        plain_office.recropping.make(shot_id(1), recrop)


def test_a_recrop_without_its_photo_is_no_decision_nor_a_photo_without_recrop(plain_office: Office) -> None:
    filed(plain_office)
    held = plain_office.queue.claim("anna", shot_id(1))
    with pytest.raises(WrongRequest):
        plain_office.queue.decide("anna", shot_id(1), held.version, Approve(recrop=DOWN))
    with pytest.raises(WrongRequest):
        plain_office.queue.decide(
            "anna", shot_id(1), held.version, Reject(("glasses",)), recropped=RecroppedPhoto(bytes(32), 1)
        )


def test_a_recrop_that_came_too_late_leaves_nothing_that_counts(plain_office: Office, clock: HandClock) -> None:
    filed(plain_office)
    held = plain_office.queue.claim("anna", shot_id(1))
    kept = plain_office.recropping.make(shot_id(1), DOWN)
    clock.move(minutes=5)
    plain_office.queue.claim("bob", shot_id(1))
    with pytest.raises(MovedOn):
        plain_office.queue.decide("anna", shot_id(1), held.version, Approve(recrop=DOWN), recropped=kept)
    assert plain_office.recropping.finished(shot_id(1)) == photo()


def test_shots_without_an_original_are_not_recropped(plain_office: Office) -> None:
    data = envelope.build(manifest(1, finish=FINISH), photo())
    plain_office.intake.receive("booth-1", shot_id(1), hashlib.sha256(data).digest(), data)
    with pytest.raises(WrongRequest, match="no original"):
        plain_office.recropping.make(shot_id(1), DOWN)
    with pytest.raises(NotThere):
        plain_office.recropping.original(shot_id(1))
    with pytest.raises(NotThere):
        plain_office.recropping.finished(shot_id(2))


@pytest.mark.parametrize("finer", [b"GIF89a", original()[:9_000]])
def test_an_original_whose_pixels_can_not_be_read_is_reported_when_somebody_recrops(finer: bytes) -> None:
    with pytest.raises(WrongRequest, match="can't be read"):
        Original(finer, BLUE)


def opened(data: bytes) -> Opened | Refusal:
    return open_shot(data, shot_id(1), "booth-1", {"jiangsu-2019": PROFILE})


@pytest.mark.parametrize(
    ("finer", "finish", "reason"),
    [
        (b"GIF89a", FINISH, "no whole JPEG"),
        (original() + b"<script>", FINISH, "after the picture"),
        (photo(), FINISH, "480 x 640 px, the manifest says 873 x 1164"),
        (original(), {}, "does not say what original.jpg is"),
        (original(), {"original": {"width": 10**9, "height": 10**9}}, "does not say what original.jpg is"),
        (bytes(70_000), FINISH, "60000"),
    ],
)
def test_an_original_that_is_not_what_the_manifest_says_refuses_the_envelope(
    finer: bytes, finish: dict[str, Any], reason: str
) -> None:
    result = opened(sent(finer=finer, finish=finish))
    assert isinstance(result, Refusal)
    assert reason in str(result)


def test_an_envelope_with_its_original_is_opened() -> None:
    assert isinstance(opened(sent()), Opened)
    assert len(sent()) < 110_000


def test_the_office_can_recrop_what_a_booth_makes(plain_office: Office) -> None:
    frame = np.array(Scene().picture((2304, 1296), Light(), [(drawn(1), Pose())]))
    made = finish(frame, PictureAnalyzer(models_folder()), PROFILE)
    assert isinstance(made, FinishedPhoto), made
    assert made.original is not None
    data = envelope.build(manifest(1, finish=dict(made.report)), made.jpeg, made.original())
    filed = plain_office.intake.receive("booth-1", shot_id(1), hashlib.sha256(data).digest(), data)
    assert not filed.refusal, filed.refusal
    assert len(data) < 115_000
    source = plain_office.recropping.recroppable(shot_id(1))
    booths = source.recrop_source.crop
    as_cut = recropped_photo(source.original, Recrop(booths.scale, booths.dx, booths.dy), PROFILE)
    assert np.abs(pixels(as_cut) - pixels(made.jpeg)).mean() < 2
    down = Recrop(booths.scale, booths.dx, booths.dy + 8)
    kept = plain_office.recropping.make(shot_id(1), down)
    held = plain_office.queue.claim("anna", shot_id(1))
    plain_office.queue.decide("anna", shot_id(1), held.version, Approve(recrop=down), recropped=kept)
    finished = pixels(plain_office.recropping.finished(shot_id(1)))
    assert np.abs(finished[8:] - pixels(made.jpeg)[:-8]).mean() < 2
