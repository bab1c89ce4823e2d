"""Measures that must hold on strangers: what a fault changes is told, what people differ in is not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kiosk.vision.checks import expression
from kiosk.vision.checks.brows import brow_height
from kiosk.vision.checks.cover import occlusion
from kiosk.vision.checks.eyewear import glare, glasses
from kiosk.vision.checks.hair import hair_brows
from kiosk.vision.checks.headmap import HeadMap, filled, head_map, to_map, window
from kiosk.vision.checks.light import light_even
from kiosk.vision.checks.personal_baseline import BROWS_MOVED
from kiosk.vision.checks.pose import IRIS_PER_DEG, IRIS_UP, iris_up, pitch_with_eyes, pose
from kiosk.vision.checks.smile import smile
from kiosk.vision.face.face import Face
from kiosk.vision.face.find import FaceFinder
from kiosk.vision.face.iris import EyeFit
from kiosk.vision.face.landmarks import CHIN, LIPS_INNER_BOTTOM, LIPS_INNER_TOP
from kiosk.vision.pixels import from_lab
from rules.checks import CheckId
from rules.profile import load_profile
from sim.people import Pose
from tests.vision.conftest import HALF, Draw, Picture

PROFILE = load_profile("national-2017")

PLAIN_SMILE, CHANGED = 0.7, 0.27
"""Beyond the first a file is refused (the profile's `refuse`); the second is what a smile changes at least."""


@pytest.fixture(scope="module")
def finder(models: Path) -> FaceFinder:
    return FaceFinder(models)


def found(finder: FaceFinder, picture: Picture) -> Face:
    face = finder.find(picture).face
    assert face is not None
    return face


@pytest.fixture(scope="module")
def rest(finder: FaceFinder, draw: Draw) -> tuple[Picture, Face]:
    picture = draw(1, HALF)[0]
    return picture, found(finder, picture)


@pytest.fixture
def head(rest: tuple[Picture, Face]) -> HeadMap:
    return head_map(*rest)


@pytest.mark.parametrize("turn", [{"pitch_deg": -8.0}, {"pitch_deg": 8.0}, {"yaw_deg": 8.0}])
def test_a_turned_head_is_no_smile(
    finder: FaceFinder, draw: Draw, rest: tuple[Picture, Face], turn: dict[str, float]
) -> None:
    turned = found(finder, draw(1, HALF, **turn)[0])
    assert abs(smile(turned) - smile(rest[1])) < CHANGED


def test_a_broad_smile_is_a_plain_one(finder: FaceFinder, draw: Draw) -> None:
    assert smile(found(finder, draw(1, HALF, smile=1.0)[0])) > PLAIN_SMILE


def test_a_mirrored_mesh_smiles_as_much(rest: tuple[Picture, Face], finder: FaceFinder) -> None:
    mirrored = found(finder, np.ascontiguousarray(rest[0][:, ::-1]))
    assert smile(mirrored) == pytest.approx(smile(rest[1]), abs=0.05)


def painted(head: HeadMap, colour: tuple[int, int, int], rows: int, below: int = 0) -> HeadMap:
    """A band of this many rows of the map along the line between the lips, or below it."""
    rgb = head.rgb.copy()
    top, bottom = (to_map(head.mesh[list(edge)]) for edge in (LIPS_INNER_TOP, LIPS_INNER_BOTTOM))
    for x in range(int(top[0, 0]), int(top[-1, 0])):
        middle = (np.interp(x, top[:, 0], top[:, 1]) + np.interp(x, bottom[:, 0], bottom[:, 1])) / 2
        start = round(middle - rows / 2) + below
        rgb[start : start + rows, x] = colour
    return HeadMap(rgb, head.inside, head.mesh, head.lids, head.pupils, head.person, head.ground)


def test_teeth_in_a_thin_gap_are_reported_and_closed_lips_are_not(head: HeadMap) -> None:
    assert expression.teeth(head) < 0.05
    assert expression.teeth(painted(head, (225, 218, 200), 4)) > 0.05


def test_neither_the_dark_of_a_seam_nor_gloss_on_the_lip_is_teeth(head: HeadMap) -> None:
    assert expression.teeth(painted(head, (60, 22, 24), 3)) < 0.05
    assert expression.teeth(painted(head, (240, 225, 225), 3, below=9)) < 0.05


def test_an_arched_lid_is_open_however_little_is_seen_in_the_eye(rest: tuple[Picture, Face]) -> None:
    face = rest[1]
    dim = replace(face, crop=np.full_like(face.crop, 60))
    open_gap = min(expression.eye_openness(eye) for eye in (face.eye_l, face.eye_r))
    assert expression.eyes_open(dim) == pytest.approx(open_gap)


def test_a_flat_lid_needs_an_eye_in_its_gap(finder: FaceFinder, draw: Draw) -> None:
    shut = found(finder, draw(1, HALF, eyelids=0.0)[0])
    assert expression.eyes_open(replace(shut, crop=np.full_like(shut.crop, 60))) < 0.1


def darkened(head: HeadMap, down_to: float) -> HeadMap:
    """Both eyes darkened from the lids down to `down_to` units below them."""
    rgb = head.rgb.copy()
    for (x, _), lids in zip(head.pupils, head.lids, strict=True):
        lid = float(lids[:9, 1].max())
        rgb[window((x - 0.2, float(lids[:, 1].min()), x + 0.2, lid + down_to))] = (14, 12, 12)
    return HeadMap(rgb, head.inside, head.mesh, head.lids, head.pupils, head.person, head.ground)


def test_dark_eyes_and_lashes_are_no_lens_and_a_dark_lens_is(head: HeadMap) -> None:
    assert glare(darkened(head, 0.10)) < 0.04
    assert glare(darkened(head, 0.24)) == 1.0


def test_a_thin_golden_frame_as_light_as_the_skin_is_reported(head: HeadMap) -> None:
    golden = head.lab.copy()
    rows = [head.pupils[:, 1].mean() - 0.05, float(head.lids[:, :9, 1].max()) + 0.15]
    for y in rows:
        golden[window((-0.8, y, 0.8, y + 0.02))][..., 2] += 30
    framed = HeadMap(from_lab(golden), head.inside, head.mesh, head.lids, head.pupils, head.person, head.ground)
    assert glasses(head) < 14.5 < glasses(framed)


def lit(face: Face, share: float, rows: slice) -> Face:
    """The crop's left half brighter by a share, in some of its rows."""
    crop = face.crop.astype(np.float32)
    crop[rows, : crop.shape[1] // 2] *= share
    return replace(face, crop=np.asarray(np.clip(crop, 0, 255), np.uint8))


def test_one_sided_light_is_reported_and_a_bright_cheek_alone_is_not(rest: tuple[Picture, Face]) -> None:
    face = rest[1]
    assert abs(light_even(lit(face, 0.6, slice(None)))) > 0.125
    places = face.square.to_cut(face.mesh[:, :2], face.crop.shape[0])
    mouth = int(places[13, 1]) - 8
    assert abs(light_even(lit(face, 0.6, slice(0, mouth)))) < 0.06


def raised(face: Face, degrees: float) -> Face:
    """Both irises moved up by what the eyes do to stay on the lens when the head bends down by `degrees`."""

    def moved(eye: EyeFit) -> EyeFit:
        width = float(np.hypot(*(eye.lids[8] - eye.lids[0])))
        return replace(eye, pupil=eye.pupil - np.array([0, IRIS_PER_DEG * degrees * width], np.float32))

    return replace(face, eye_l=moved(face.eye_l), eye_r=moved(face.eye_r))


def test_eyes_that_turn_up_to_the_lens_say_that_the_head_is_bent(rest: tuple[Picture, Face]) -> None:
    face = rest[1]
    bent = raised(face, 20)
    assert pitch_with_eyes(bent) < pitch_with_eyes(face) - 8
    assert pose(bent).pitch == pose(face).pitch, "the mesh alone does not see it"


def tipped(face: Face, degrees: float) -> Face:
    """The mesh turned about the line of the ears, the eyes left as they are: what the shape of a face does, too."""
    turn, middle = np.radians(degrees), face.mesh.mean(axis=0)
    cos, sin = np.cos(turn), np.sin(turn)
    matrix = np.array([[1, 0, 0], [0, cos, sin], [0, -sin, cos]], np.float32)
    return replace(face, mesh=((face.mesh - middle) @ matrix.T + middle).astype(np.float32))


def test_the_shape_of_a_face_is_no_bent_head_and_a_bent_head_no_shape(rest: tuple[Picture, Face]) -> None:
    (live,) = (rule for rule in PROFILE.live_rules if rule.check is CheckId.PITCH)
    level = rest[1]
    level = raised(level, (IRIS_UP - iris_up(level)) / IRIS_PER_DEG)
    level = tipped(level, -pose(level).pitch)
    assert abs(pitch_with_eyes(level)) < 1
    for degrees in (-13, -10, 10, 13):
        assert live.limit.side(pitch_with_eyes(tipped(level, degrees))) == 0, degrees
    for degrees in (-18, 18):
        assert live.limit.side(pitch_with_eyes(tipped(level, degrees))) == np.sign(degrees)
        assert live.limit.side(pitch_with_eyes(raised(tipped(level, degrees / 2), -degrees))) == np.sign(degrees)


@pytest.mark.parametrize("pitch", [-20.0, 20.0])
def test_a_drawn_head_that_bends_and_keeps_its_eyes_on_the_lens_is_reported(
    finder: FaceFinder, draw: Draw, pitch: float
) -> None:
    live = next(rule for rule in PROFILE.live_rules if rule.check is CheckId.PITCH)
    seen = Pose(pitch_deg=pitch).eyes_on_lens()
    bent = found(finder, draw(1, HALF, pitch_deg=pitch, gaze_y=seen.gaze_y)[0])
    assert live.limit.side(pitch_with_eyes(bent)) == np.sign(pitch)


@pytest.mark.parametrize(("brows", "sign"), [(1.0, 1), (-1.0, -1)])
def test_moved_brows_are_measured_against_the_own_rest(
    finder: FaceFinder, draw: Draw, rest: tuple[Picture, Face], brows: float, sign: int
) -> None:
    moved = found(finder, draw(1, HALF, brows=brows)[0])
    assert sign * (brow_height(moved) - brow_height(rest[1])) > 0.9 * BROWS_MOVED


@pytest.mark.parametrize("still", [{"pitch_deg": -8.0}, {"yaw_deg": 8.0}, {"eyelids": 0.3}])
def test_neither_a_nod_nor_a_blink_moves_the_brows(
    finder: FaceFinder, draw: Draw, rest: tuple[Picture, Face], still: dict[str, float]
) -> None:
    same = found(finder, draw(1, HALF, **still)[0])
    assert abs(brow_height(same) - brow_height(rest[1])) < 0.5 * BROWS_MOVED


def test_in_a_blink_the_eyes_say_nothing_of_the_head(rest: tuple[Picture, Face]) -> None:
    face = rest[1]

    def shut(eye: EyeFit) -> EyeFit:
        lids = eye.lids.copy()
        lids[9:] = lids[[7, 6, 5, 4, 3, 2, 1]]
        return replace(eye, lids=lids, pupil=eye.pupil + np.float32(20))

    blinking = replace(face, eye_l=shut(face.eye_l))
    assert abs(pitch_with_eyes(blinking)) <= abs(pose(face).pitch)


def test_a_half_face_at_the_edge_is_a_second_one(finder: FaceFinder, draw: Draw) -> None:
    picture, truth = draw(1, HALF)
    middle = round((truth.face_l + truth.face_r) / 2)
    left = max(0, middle - 500)
    one = picture[:, left : middle + 500]
    assert finder.find(one).second_share == 0
    both = np.concatenate([one, picture[:, left:middle]], axis=1)
    seen = finder.find(np.ascontiguousarray(both))
    assert seen.face is not None
    assert seen.face.mesh[:, 0].mean() < one.shape[1], "the whole face is judged"
    assert seen.second_share > 0.03


def test_a_pale_reflection_does_not_take_the_place_of_a_clear_face(finder: FaceFinder, draw: Draw) -> None:
    picture, truth = draw(1, HALF)
    middle = round((truth.face_l + truth.face_r) / 2)
    one = picture[:, max(0, middle - 500) : middle + 500]
    pale = np.asarray(230 + (one.astype(np.float32) - 128) * 0.12, np.uint8)
    for pair in ((pale, one), (one, pale)):
        seen = finder.find(np.ascontiguousarray(np.concatenate(pair, axis=1)))
        assert seen.face is not None
        at_left = bool(seen.face.mesh[:, 0].mean() < one.shape[1])
        assert at_left == (pair[0] is one)


def shaded(head: HeadMap, *boxes: tuple[float, float, float, float]) -> HeadMap:
    """Boxes of the map in the shade that lies between fingers."""
    rgb = head.rgb.copy()
    for box in boxes:
        rgb[window(box)] = (rgb[window(box)] * 0.5).astype(np.uint8)
    return replace(head, rgb=rgb)


def test_a_finger_on_the_lips_refuses_and_fingers_across_ask_staff(head: HeadMap) -> None:
    nose, chin = float(head.mesh[2, 1]), float(head.mesh[CHIN, 1])
    lip = float(head.mesh[17, 1])
    assert occlusion(head) < 0.12
    upright = [(x, nose + 0.1, x + 0.03, chin) for x in (-0.1, 0.1)]
    assert occlusion(shaded(head, *upright)) > 0.15
    across = [(-0.4, y, 0.4, y + 0.03) for y in (nose + 0.1, lip + 0.08)]
    assert 0.12 < occlusion(shaded(head, *across)) < 0.15


def parted(head: HeadMap, beside: float) -> HeadMap:
    """Dark hair from a parting in the middle, which passes the brows so far beside the middle of the face."""
    rgb = head.rgb.copy()
    brow, top = float(head.mesh[105, 1]), float(head.mesh[10, 1]) - 0.1
    for side in (-1, 1):
        slant = (side * 0.7 * beside, (top + brow) / 2)
        inner = [(0.0, top), slant, (side * beside, brow - 0.1), (side * beside, 0.05)]
        outer = [(side * (beside + 0.4), 0.05), (side * (beside + 0.4), brow - 0.1), (side * 0.6, top - 0.1)]
        rgb[filled(np.array([*inner, *outer], np.float32))] = (24, 20, 18)
    return replace(head, rgb=rgb)


def test_hair_parted_in_the_middle_is_told_by_how_much_of_the_brows_it_hides(head: HeadMap) -> None:
    shot = next(rule for rule in PROFILE.shot_rules if rule.check is CheckId.HAIR_BROWS)
    assert shot.refuse is not None
    ends = sorted(abs(float(head.mesh[point, 0])) for point in (70, 107))
    free, half = ends[1] + 0.03, sum(ends) / 2
    assert shot.limit.side(hair_brows(parted(head, free))) == 0
    assert shot.refuse.side(hair_brows(parted(head, half))) == 1
    shares = [hair_brows(parted(head, beside)) for beside in np.linspace(free, half, 5)]
    assert shares == sorted(shares)
