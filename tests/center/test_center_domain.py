"""The office's rules on plain values."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from center.accounts.model.login import check_password, lock_until, session_over
from center.accounts.model.roles import Right, Role, check_school, may, require
from center.audit.model import FIRST, Break, Entry, Sealed, breaks, seal
from center.intake.model import Opened, Refusal, open_shot
from center.platform.configuration import CenterConfig, LimitsConfig
from center.platform.faults import ApprovedAlready, MovedOn, NotAllowed, WrongRequest
from center.shots.model.person import lookup_text, receipt_text
from center.shots.model.rank import Rank, clean_flags, rank
from center.shots.model.report import read_report
from center.shots.model.retake import Earlier, approved_photo, check_approval
from center.shots.model.shot import Shot, Stage, State, claim, decide, reopen, undo
from center.shots.model.staff_decision import OTHER, REASONS, Recrop, Reject, recrop_faults
from rules.checks import CheckId
from rules.photo import Crop, PlainSides, solve_crop
from rules.profile import load_profile
from rules.spec import FaceGeometry
from tests.center.conftest import sent
from tests.center.factories import PROFILE, START, shot_id, somebody
from wire.decision import Decision

LEASE, UNDO = timedelta(seconds=90), timedelta(seconds=10)
QUEUED = Shot(shot_id(1), Stage.QUEUED)


def test_a_shot_goes_from_queued_to_final_by_its_moves_and_by_time() -> None:
    held = claim(QUEUED, "anna", START, LEASE)
    decided = decide(held, "anna", held.version, Decision.APPROVED, START, UNDO)
    states = [QUEUED.state(START), held.state(START), held.state(START + LEASE), decided.state(START)]
    assert states == [State.QUEUED, State.CLAIMED, State.QUEUED, State.PROVISIONAL]
    assert decided.state(START + UNDO) is State.FINAL
    assert replace(decided, replaced_by=shot_id(2)).state(START) is State.REPLACED
    again = reopen(decided, "sue", decided.version, START + UNDO)
    assert (again.state(START + UNDO), again.version) == (State.QUEUED, decided.version + 1)


def test_what_a_booth_was_told_is_final_whatever_this_clock_says() -> None:
    """Two servers' clocks may differ by more than the time for undo."""
    held = claim(QUEUED, "anna", START, LEASE)
    told = replace(decide(held, "anna", held.version, Decision.APPROVED, START, UNDO), told=True)
    assert told.state(START) is State.FINAL
    with pytest.raises(Exception, match="final"):
        undo(told, "anna", told.version, START, LEASE)


@pytest.mark.parametrize("stage", [Stage.RECEIVED, Stage.REFUSED])
def test_what_is_not_in_the_queue_can_not_be_claimed_or_decided(stage: Stage) -> None:
    shot = Shot(shot_id(1), stage)
    with pytest.raises(MovedOn, match=stage.value):
        claim(shot, "anna", START, LEASE)
    with pytest.raises(MovedOn):
        decide(shot, "anna", 1, Decision.APPROVED, START, UNDO)


def test_reasons_are_the_notices_rules_and_ones_own_words() -> None:
    assert {"glasses", "hair_brows", "top_colour", "background_even", OTHER} <= set(REASONS)
    assert not {"file", "distance", "centre_x"} & set(REASONS)
    Reject(("glasses", OTHER), "a hat")


@pytest.mark.parametrize(
    ("reasons", "note"),
    [((), ""), (("nonsense",), ""), (("glasses", "glasses"), ""), ((OTHER,), " "), ((OTHER,), "x" * 501)],
)
def test_a_rejection_nobody_could_explain_is_refused(reasons: tuple[str, ...], note: str) -> None:
    with pytest.raises(WrongRequest):
        Reject(reasons, note)


def test_a_note_is_not_in_a_rejections_repr() -> None:
    assert "王" not in repr(Reject((OTHER,), "王五 wears a hat"))


FACE = FaceGeometry(pupil_l=(560, 700), pupil_r=(720, 700), hair_top=420, chin=950, face_l=470, face_r=810)
SIZE = (1280, 1600)


def mend_of(crop: Crop) -> Recrop:
    return Recrop(crop.scale, crop.dx, crop.dy)


def test_the_solved_crop_is_a_legal_mend_and_moving_it_far_is_not() -> None:
    crop = solve_crop(FACE, SIZE, PROFILE.photo, PlainSides())
    assert isinstance(crop, Crop)
    assert recrop_faults(mend_of(crop), FACE, SIZE, PROFILE.photo, PlainSides()) == ()
    assert "hair_top" in " ".join(
        recrop_faults(replace(mend_of(crop), dy=crop.dy - 60), FACE, SIZE, PROFILE.photo, PlainSides())
    )
    assert "scale" in " ".join(recrop_faults(Recrop(1.5, 0, 0), FACE, SIZE, PROFILE.photo, PlainSides()))
    assert "beyond" in " ".join(recrop_faults(mend_of(crop), FACE, (1000, 1600), PROFILE.photo, PlainSides()))


@given(st.floats(), st.floats(), st.floats())
def test_no_mend_that_is_called_legal_breaks_a_limit(scale: float, dx: float, dy: float) -> None:
    recrop = Recrop(scale, dx, dy)
    if recrop_faults(recrop, FACE, SIZE, PROFILE.photo, PlainSides(top=True)):
        return
    placed = Crop(scale, dx, dy, 0.0).place(FACE)
    spec = PROFILE.photo
    assert spec.hair_top_px.min <= placed.hair_top <= spec.hair_top_px.max
    assert spec.eyes_px.min <= placed.eyes <= spec.eyes_px.max
    assert scale <= spec.max_scale


def earlier(number: int, decision: Decision | None, year: str | None = "2026", *, replaced: bool = False) -> Earlier:
    stage = Stage.QUEUED if decision is None else Stage.DECIDED
    return Earlier(shot_id(number), stage, decision, replaced, year)


def test_the_standing_photo_is_the_approved_one_of_the_year_that_was_not_replaced() -> None:
    approved = earlier(1, Decision.APPROVED)
    assert approved_photo([earlier(2, Decision.REJECTED), earlier(3, None), approved], "2026") == shot_id(1)
    assert approved_photo([approved], "2029") is None
    assert (
        approved_photo([approved], None) == approved_photo([earlier(1, Decision.APPROVED, None)], "2029") == shot_id(1)
    )
    assert approved_photo([earlier(1, Decision.APPROVED, replaced=True)], "2026") is None


def test_an_approved_photo_is_replaced_only_by_its_name() -> None:
    check_approval(shot_id(2), None, None)
    check_approval(shot_id(2), shot_id(1), shot_id(1))
    for named in (None, shot_id(3)):
        with pytest.raises(ApprovedAlready):
            check_approval(shot_id(2), shot_id(1), named)


def test_every_role_may_what_its_work_needs_and_no_more() -> None:
    assert may(Role.STAFF, Right.REVIEW)
    assert not may(Role.STAFF, Right.REOPEN)
    assert may(Role.SUPERVISOR, Right.REOPEN)
    assert not may(Role.ADMINISTRATOR, Right.REVIEW)
    assert {right for right in Right if may(Role.SCHOOL, right)} == {Right.STATUS}
    assert all(any(may(role, right) for role in Role) for right in Right)
    with pytest.raises(NotAllowed, match="supervisor"):
        require(Role.STAFF, Right.REOPEN)
    with pytest.raises(NotAllowed):
        check_school(Role.SCHOOL, None)


def chain(count: int, key: bytes = b"k") -> tuple[list[Sealed], tuple[int, bytes]]:
    rows, before = [], FIRST
    for place in range(1, count + 1):
        entry = Entry(place, START, "anna", "shot.shown", shot_id(place), {"reasons": ["glasses"]})
        before = seal(key, before, entry)
        rows.append(Sealed(entry, before))
    return rows, (count, before)


def test_an_untouched_chain_holds() -> None:
    for count in (0, 1, 5):
        rows, head = chain(count)
        assert list(breaks(b"k", rows, head)) == []


@given(st.integers(0, 5), st.sampled_from(["actor", "action", "subject", "detail", "at", "hash", "gone", "swapped"]))
def test_every_change_of_any_row_is_found_where_it_is(at: int, what: str) -> None:
    rows, head = chain(6)
    row = rows[at]
    if what == "gone":
        del rows[at]
    elif what == "swapped":
        rows[at], rows[at - 1] = rows[at - 1], rows[at]
    elif what == "hash":
        rows[at] = replace(row, hash=bytes(32))
    elif what == "detail":
        rows[at] = replace(row, entry=replace(row.entry, detail={"reasons": ["ears"]}))
    elif what == "at":
        rows[at] = replace(row, entry=replace(row.entry, at=START + timedelta(milliseconds=1)))
    else:
        fields = {"actor": row.entry.actor, "action": row.entry.action, "subject": row.entry.subject} | {what: "nobody"}
        rows[at] = Sealed(Entry(row.entry.place, START, **fields, detail=row.entry.detail), row.hash)
    found = list(breaks(b"k", rows, head))
    assert found
    if what not in ("gone", "swapped"):
        assert found[0].place == at + 1


def test_a_cut_end_and_a_chain_of_another_key_are_found() -> None:
    rows, head = chain(6)
    assert [one.place for one in breaks(b"k", rows[:-2], head)] == [5]
    assert len(list(breaks(b"k", *chain(3, b"other")))) == 3
    assert isinstance(next(breaks(b"k", rows, (6, bytes(32)))), Break)


def test_flags_that_are_no_names_count_as_one() -> None:
    assert clean_flags(["code_only", "x" * 41, "<b>", "code_only"]) == ("code_only", "unnamed_flag")
    assert (rank(()), rank(("code_only",))) == (Rank.PLAIN, Rank.FLAGGED)
    assert len(clean_flags(f"flag_{number}" for number in range(100))) == 17


@given(st.lists(st.dictionaries(st.text(), st.none() | st.floats() | st.text() | st.booleans() | st.lists(st.text()))))
def test_any_check_report_is_read_without_complaint(rows: list[dict[str, JsonValue]]) -> None:
    known = {check.value for check in CheckId}
    assert all(result.check.value in known for result in read_report(rows))


PROFILES = {"jiangsu-2019": load_profile("jiangsu-2019")}
LEGAL = sent(1)


@given(st.integers(0, len(LEGAL) - 1), st.integers(1, 255))
def test_a_changed_byte_anywhere_never_raises(at: int, change: int) -> None:
    data = bytearray(LEGAL)
    data[at] ^= change
    assert isinstance(open_shot(bytes(data), shot_id(1), "booth-1", PROFILES), Opened | Refusal)


@given(st.binary(max_size=200))
def test_any_bytes_are_opened_or_refused_with_a_reason(data: bytes) -> None:
    refused = open_shot(data, shot_id(1), "booth-1", PROFILES)
    assert isinstance(refused, Refusal)
    assert str(refused)


def test_a_person_is_found_by_number_else_by_student_number_within_the_school() -> None:
    number = somebody(1, id_number=" 1101051949１２３１002x ")
    assert lookup_text(number) == "id 11010519491231002X"
    assert lookup_text(somebody(1, id_number=None)) == "student 示范大学 2026000001"
    assert lookup_text(somebody(1, id_number=None, school=None)) == "student  2026000001"
    assert lookup_text(somebody(1, id_number="", student_no=" ")) is None


def test_a_receipts_code_is_the_same_however_it_is_typed() -> None:
    assert receipt_text(" k7qm 2r9d ") == receipt_text("K7QM-2R9D") == "K7QM2R9D"


def disguised(password: str, number: int) -> str:
    """A common password as people make it long enough."""
    doubled = password * (12 // len(password) + 1)
    counted = password + "123456789012"[: max(6, 12 - len(password))]
    return (doubled, counted, f"{password}-{password}-{password}-1", f"{counted}!")[number % 4]


@pytest.mark.slow
def test_the_three_thousand_commonest_passwords_are_refused_in_every_disguise() -> None:
    common = list(FREQUENCY_LISTS["passwords"])[:3_000]
    assert len(common) == 3_000
    for number, password in enumerate(common):
        long = disguised(password, number)
        assert len(long) >= 12
        with pytest.raises(WrongRequest):
            check_password(long, "")


@pytest.mark.parametrize(
    "password", ["woaini1314520", "qwertyuiop123", "Jiangsu2026!!", "administrator1", "1q2w3e4r5t6y7u"]
)
def test_passwords_that_are_long_and_known_are_refused(password: str) -> None:
    with pytest.raises(WrongRequest, match="four words"):
        check_password(password, "anna")


@pytest.mark.parametrize("password", ["correct-horse-battery-staple", "毕业照片要白衬衫不戴眼镜", "kx7#Lq9!vTz2pW"])
def test_good_passwords_of_any_kind_are_taken(password: str) -> None:
    check_password(password, "anna")


@pytest.mark.parametrize("password", ["short", "x" * 129, "aaaaaaaaaaaaaa", "anna's passphrase"])
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(WrongRequest):
        check_password(password, "anna")


def test_an_account_is_locked_for_longer_with_every_failure() -> None:
    assert lock_until(4, START) is None
    assert lock_until(5, START) == START + timedelta(minutes=1)
    assert lock_until(7, START) == START + timedelta(minutes=4)
    assert lock_until(1_000, START) == START + timedelta(hours=1)


def test_a_session_ends_when_idle_and_after_a_day_of_work() -> None:
    assert not session_over(START, START + timedelta(hours=11), START + timedelta(hours=11, minutes=29))
    assert session_over(START, START, START + timedelta(minutes=30))
    assert session_over(START, START + timedelta(hours=12), START + timedelta(hours=12))


def test_a_configuration_is_frozen_and_whole() -> None:
    config = CenterConfig()
    with pytest.raises(ValueError, match="frozen"):
        config.folder = config.keys
    with pytest.raises(ValueError, match="in_flight_bytes"):
        CenterConfig(limits=LimitsConfig(in_flight_bytes=1 << 20))
