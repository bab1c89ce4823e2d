"""The eye as a worker, in lockstep: orders become events, and nothing outlives `forget`."""

import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from common.latest_slot import LatestSlot
from kiosk.core.events import (
    BurstFailed,
    BurstTaken,
    CodeKind,
    CodeRead,
    Event,
    FinishFault,
    LooksSeen,
    Measured,
    SeatSeen,
    ShootFault,
    TakeFinished,
    TakeRefused,
)
from kiosk.core.inputs import Sight
from kiosk.ports.clock import WallTime
from kiosk.ports.faults import PermanentFault
from kiosk.ports.frames import Burst, Frame
from kiosk.runtime.vault import SessionVault
from kiosk.vision.photo import finish
from kiosk.vision.photo.finish import original_of
from kiosk.vision.worker import EyeWorker
from rules.checks import CheckId
from rules.filecheck import check_file
from rules.profile import load_profile, profile_names
from sim.people import Light, Pose, drawn
from sim.twins.scene import Scene
from tests.vision.conftest import HALF, Draw, Picture
from tests.vision.test_codes import barcode

PROFILE = load_profile("jiangsu-2019")


@dataclass
class HandClock:
    """A clock that the test moves."""

    ns: int = 0

    def now_ns(self) -> int:
        return self.ns

    def wall(self) -> WallTime:
        return WallTime(datetime(2026, 11, 20, tzinfo=UTC), synced=True)


@dataclass
class Booth:
    """An eye with its slot, vault, clock and what it said."""

    models: Path
    live: LatestSlot[Frame] = field(default_factory=LatestSlot)
    vault: SessionVault = field(default_factory=SessionVault)
    clock: HandClock = field(default_factory=HandClock)
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.eye = EyeWorker(
            self.models, PROFILE, self.live, self.events.append, self.vault, self.clock, main_size=HALF
        )
        self.eye.open()

    def show(self, rgb: Picture, after_ns: int = 70_000_000) -> list[Event]:
        self.clock.ns += after_ns
        self.live.put(Frame(rgb, self.clock.ns))
        return self.run()

    def judge(self, burst: Burst) -> None:
        self.eye.expect(burst.request)
        self.eye.judge_burst(burst)

    def run(self) -> list[Event]:
        before = len(self.events)
        self.eye.poll(0.0)
        return self.events[before:]


@pytest.fixture
def booth(models: Path) -> Iterator[Booth]:
    made = Booth(models)
    yield made
    made.eye.close()


def shots(*pictures: Picture) -> Burst:
    return Burst(7, 1, tuple(Frame(picture, 1000 + number) for number, picture in enumerate(pictures)))


def test_it_looks_only_while_watching(booth: Booth, draw: Draw) -> None:
    frame, _ = draw(1)
    assert booth.show(frame) == []
    booth.eye.watch(True)
    (measured,) = booth.show(frame)
    assert isinstance(measured, Measured)
    assert measured.measures.faces == 1
    assert measured.measures.frame_ns == booth.clock.ns
    booth.eye.watch(False)
    assert booth.show(frame) == []


def test_a_frame_is_measured_once(booth: Booth, draw: Draw) -> None:
    booth.eye.watch(True)
    assert len(booth.show(draw(1)[0])) == 1
    assert booth.run() == []


def test_every_live_check_is_measured_within_four_frames(booth: Booth, draw: Draw) -> None:
    booth.eye.watch(True)
    frame, _ = draw(1)
    booth.show(frame)
    told: set[CheckId] = set()
    for _ in range(4):
        (measured,) = booth.show(frame)
        assert isinstance(measured, Measured)
        told |= set(measured.measures.values)
    assert {CheckId.EYES_OPEN, CheckId.SHARP, CheckId.EXPOSURE, CheckId.LIGHT_EVEN, CheckId.ROLL} <= told


@pytest.mark.parametrize("name", profile_names())
def test_every_live_limit_of_a_profile_is_measured(booth: Booth, draw: Draw, name: str) -> None:
    frame, _ = draw(1)
    told: set[CheckId] = set()
    for sight, turns in ((Sight.WORN, 1), (Sight.POSE, 5)):
        booth.eye.watch(True, sight)
        for _ in range(turns):
            (seen,) = booth.show(frame)
            assert isinstance(seen, Measured | LooksSeen)
            told |= set(seen.measures.values)
    assert {rule.check for rule in load_profile(name).live_rules} <= told


def looks_of(events: list[Event]) -> dict[CheckId, float | None]:
    (seen,) = events
    assert isinstance(seen, LooksSeen)
    return dict(seen.measures.values)


def test_a_live_frame_has_values_for_what_is_worn(booth: Booth) -> None:
    live = {rule.check: rule.limit for rule in PROFILE.live_rules}
    booth.eye.watch(True, Sight.WORN)
    for traits, wrong in (
        ({}, set()),
        ({"glasses": "clear"}, {CheckId.GLASSES}),
        ({"fringe": 1.15}, {CheckId.HAIR_BROWS}),
        ({"top_colour": (52, 92, 74)}, {CheckId.TOP_COLOUR}),
    ):
        frame = Scene().picture((1280, 720), Light(), [(drawn(1, **traits), Pose())])
        told = looks_of(booth.show(frame, after_ns=1_000_000_000))
        assert {check for check, value in told.items() if value is not None and live[check].side(value)} == wrong


def test_a_mask_is_seen_before_the_pose(booth: Booth, draw: Draw) -> None:
    limit = next(rule.limit for rule in PROFILE.live_rules if rule.check is CheckId.OCCLUSION)
    booth.eye.watch(True, Sight.WORN)
    frame, truth = draw(1)
    bare = looks_of(booth.show(frame, after_ns=1_000_000_000))[CheckId.OCCLUSION]
    eyes, width = truth.pupils[0][1], truth.face_r - truth.face_l
    masked = frame.copy()
    masked[round(eyes + 0.3 * width) : round(eyes + 0.95 * width), round(truth.face_l) : round(truth.face_r)] = (
        110,
        160,
        200,
    )
    worn = looks_of(booth.show(masked, after_ns=1_000_000_000))[CheckId.OCCLUSION]
    assert bare is not None
    assert worn is not None
    assert (limit.side(bare), limit.side(worn)) == (0, 1)


def test_a_look_at_what_is_worn_leaves_time_for_all_else(booth: Booth, draw: Draw) -> None:
    booth.eye.watch(True, Sight.WORN)
    frame, _ = draw(1)
    assert [len(booth.show(frame)) for _ in range(11)] == [1, *[0] * 9, 1]


def test_who_turns_away_to_tidy_up_is_not_judged(booth: Booth, draw: Draw) -> None:
    booth.eye.watch(True, Sight.WORN)
    seen = booth.show(draw(1, yaw_deg=25.0)[0])
    assert looks_of(seen) == {}
    assert isinstance(seen[0], LooksSeen)
    assert seen[0].measures.faces == 1
    wall = np.full((720, 1280, 3), 200, np.uint8)
    for _ in range(2):  # the face is lost, then nobody is there
        seen = booth.show(wall, after_ns=1_000_000_000)
    assert isinstance(seen[0], LooksSeen)
    assert seen[0].measures.faces == 0


def test_a_look_at_the_seat_tells_who_is_there_and_nothing_else(booth: Booth, draw: Draw) -> None:
    booth.eye.watch(True, Sight.SEAT)
    frame, _ = draw(1)
    (seen,) = booth.show(frame)
    assert seen == SeatSeen(seen.at_ns, faces=1)
    assert booth.show(frame) == [], "twice a second is enough"
    wall = np.full((720, 1280, 3), 200, np.uint8)
    for _ in range(2):
        (seen,) = booth.show(wall, after_ns=600_000_000)
    assert seen == SeatSeen(seen.at_ns, faces=0)


def test_the_frame_with_open_eyes_is_the_best_of_a_burst(booth: Booth, draw: Draw) -> None:
    blink, fine = draw(1, HALF, eyelids=0.1)[0], draw(1, HALF)[0]
    booth.judge(shots(blink, fine, blink))
    (taken,) = booth.run()
    assert isinstance(taken, BurstTaken)
    assert (taken.request, taken.take) == (7, 1)
    booth.eye.finish(1)
    (finished,) = booth.run()
    assert isinstance(finished, TakeFinished)
    assert 0 < finished.score <= 1
    photo = booth.eye.photo(1)
    assert photo is not None
    assert check_file(photo.jpeg, PROFILE.photo) == ()
    verdicts = {row["id"]: row["verdict"] for row in photo.checks}
    assert verdicts["eyes_open"] == "pass"
    assert verdicts["file"] == "pass"
    assert verdicts["gaze"] == "pass"


def test_a_burst_of_closed_eyes_is_lost_and_one_of_nobody_has_no_face(booth: Booth, draw: Draw) -> None:
    wall = np.full((HALF[1], HALF[0], 3), 200, np.uint8)
    for pictures, fault in (((draw(1, HALF, eyelids=0.0)[0],), ShootFault.POSE_LOST), ((wall,), ShootFault.NO_FACE)):
        booth.judge(shots(*pictures))
        (failed,) = booth.run()
        assert isinstance(failed, BurstFailed)
        assert failed.fault is fault


@pytest.mark.parametrize(
    ("waived", "lost"), [(CheckId.EYES_OPEN, False), (CheckId.GLASSES, True), (CheckId.ROLL, True)]
)
def test_a_burst_is_not_lost_by_the_check_that_staff_waived_but_by_every_other(
    booth: Booth, draw: Draw, waived: CheckId, lost: bool
) -> None:
    booth.eye.forgive(1, waived)
    booth.judge(shots(draw(1, HALF, eyelids=0.0)[0]))
    (ended,) = booth.run()
    assert isinstance(ended, BurstFailed) is lost


def test_a_take_that_can_t_be_legal_is_refused(booth: Booth, draw: Draw) -> None:
    picture, truth = draw(1, HALF)
    booth.judge(shots(np.ascontiguousarray(picture[round(truth.hair_top) + 12 :])))
    booth.run()
    booth.eye.finish(1)
    (refused,) = booth.run()
    assert isinstance(refused, TakeRefused)
    assert refused.fault is FinishFault.TOO_LITTLE_ROOM_ABOVE
    assert booth.eye.photo(1) is None


def test_somebody_who_looked_in_during_the_burst_makes_the_take_unusable(booth: Booth, draw: Draw) -> None:
    who = [(drawn(4), Pose(x_cm=36, distance_cm=140)), (drawn(1), Pose())]
    booth.eye.watch(True)
    booth.show(draw(1)[0])
    booth.judge(shots(Scene().picture(HALF, Light(), who)))
    (taken,) = booth.run()
    assert isinstance(taken, BurstTaken)
    booth.eye.finish(1)
    (refused,) = booth.run()
    assert isinstance(refused, TakeRefused)
    assert refused.fault is FinishFault.TWO_FACES


def test_nothing_of_a_person_outlives_forget(booth: Booth, draw: Draw) -> None:
    booth.judge(shots(draw(1, HALF)[0]))
    booth.run()
    booth.eye.finish(1)
    booth.eye.forget()
    assert booth.run() == []
    booth.eye.finish(1)
    (refused,) = booth.run()
    assert isinstance(refused, TakeRefused)
    assert booth.eye.photo(1) is None


def test_a_closed_eye_holds_nothing_of_a_person_after_forget(booth: Booth, draw: Draw) -> None:
    """The eye is closed by a fault, which may last. The session ends meanwhile."""
    picture = draw(1, HALF)[0]
    frame = weakref.ref(picture)
    booth.judge(shots(picture))
    del picture
    booth.run()
    booth.eye.close()
    assert frame() is not None, "the session may still go on"
    booth.eye.forget()
    assert frame() is None


def test_a_burst_that_arrives_after_its_session_is_dropped(booth: Booth, draw: Draw) -> None:
    picture = draw(1, HALF)[0]
    frame = weakref.ref(picture)
    booth.eye.expect(7)
    booth.eye.forget()
    booth.eye.judge_burst(shots(picture))
    del picture
    assert booth.run() == []
    assert frame() is None, "nothing holds the picture of somebody who has left"
    booth.judge(shots(draw(1, HALF)[0]))
    assert [type(event) for event in booth.run()] == [BurstTaken]


def test_a_code_seen_while_its_session_ends_stays_nowhere(booth: Booth, monkeypatch: pytest.MonkeyPatch) -> None:
    read = booth.eye._reader.read

    def ending(rgb: Picture) -> object:
        found = read(rgb)
        booth.eye.forget()
        booth.vault.forget()
        return found

    booth.eye.listen(True)
    monkeypatch.setattr(booth.eye._reader, "read", ending)
    assert booth.show(barcode("20190001234")) == []
    assert len(booth.vault) == 0


def test_the_original_is_made_while_the_graduate_chooses_once_and_with_the_same_bytes(
    booth: Booth, draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[bytes | None] = []

    def counted(*given: Any) -> bytes | None:
        made.append(original_of(*given))
        return made[-1]

    monkeypatch.setattr(finish, "original_of", counted)
    booth.judge(shots(draw(1, HALF)[0]))
    booth.eye.finish(1)
    booth.run()
    (finished,) = booth.run()
    assert isinstance(finished, TakeFinished)
    assert not made, "the graduate sees the photo first"
    booth.run()
    assert len(made) == 1
    photo = booth.eye.photo(1)
    assert photo is not None
    assert photo.original is not None
    assert photo.original() == made[0]
    assert made[0] is not None
    booth.run()
    assert len(made) == 1


def test_the_picture_in_full_size_is_let_go_once_photo_and_original_are_made(booth: Booth, draw: Draw) -> None:
    picture = draw(1, HALF)[0]
    frame = weakref.ref(picture)
    booth.judge(shots(picture))
    del picture
    booth.eye.finish(1)
    booth.run()
    booth.run()
    assert frame() is not None, "the original is still to be made of it"
    booth.run()
    photo = booth.eye.photo(1)
    assert photo is not None
    assert photo.original is not None
    assert frame() is None, "36 MB for each take of a session"


def test_an_original_that_can_not_be_made_ahead_stops_nothing_and_is_tried_again_when_the_photo_is_saved(
    booth: Booth, draw: Draw, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(*_: Any) -> bytes | None:
        raise RuntimeError("of somebody")

    with monkeypatch.context() as broken:
        broken.setattr(finish, "original_of", failing)
        booth.judge(shots(draw(1, HALF)[0]))
        booth.eye.finish(1)
        for _ in range(3):
            booth.run()
        photo = booth.eye.photo(1)
        assert photo is not None
        assert photo.original is not None
        with pytest.raises(RuntimeError):
            photo.original()
    assert "RuntimeError" in caplog.text
    assert "of somebody" not in caplog.text


def test_an_original_of_a_session_that_ended_is_not_made(
    booth: Booth, draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    monkeypatch.setattr(finish, "original_of", lambda *given: made.append(given))
    booth.judge(shots(draw(1, HALF)[0]))
    booth.eye.finish(1)
    booth.run()
    booth.run()
    booth.eye.forget()
    booth.run()
    assert not made


def test_a_code_held_up_is_reported_once_and_again_after_it_was_away(booth: Booth) -> None:
    frame, away = barcode("20190001234"), np.full((720, 1280, 3), 150, np.uint8)
    booth.eye.listen(True)
    (read,) = booth.show(frame)
    assert isinstance(read, CodeRead)
    assert read.kind is CodeKind.STUDENT_OR_EXAM_NUMBER
    assert booth.vault.get(read.code, str) == "20190001234"
    assert booth.show(frame, 1_900_000_000) == []
    assert booth.show(frame, 1_900_000_000) == []
    booth.show(away)
    assert len(booth.show(frame, 2_100_000_000)) == 1


def test_codes_are_read_only_while_listening(booth: Booth) -> None:
    booth.eye.watch(True)
    assert not [event for event in booth.show(barcode("20190001234")) if isinstance(event, CodeRead)]
    assert len(booth.vault) == 0


def test_missing_models_are_a_permanent_fault_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(PermanentFault, match="kiosk models fetch"):
        Booth(tmp_path)
