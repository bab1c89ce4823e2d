"""A shot's states, decisions, rank and person, on plain values."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from center.platform.faults import ApprovedAlready, MovedOn, WrongRequest
from center.platform.office_keys import OfficeKeys
from center.platform.person_keys import bare_code_key, id_key, student_key
from center.shots.model.person import key_of, receipt_text
from center.shots.model.rank import Rank, clean_flags, rank
from center.shots.model.report import read_report
from center.shots.model.retake import Earlier, approved_photo, check_approval
from center.shots.model.shot import Shot, Stage, State, claim, decide, reopen, undo
from center.shots.model.staff_decision import OTHER, REASONS, Reject
from rules.checks import CheckId
from tests.center.factories import START, shot_id, somebody
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
    sent = replace(decide(held, "anna", held.version, Decision.APPROVED, START, UNDO), in_feed=True)
    assert sent.state(START) is State.FINAL
    with pytest.raises(Exception, match="final"):
        undo(sent, "anna", sent.version, START, LEASE)


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


def test_flags_that_are_no_names_count_as_one() -> None:
    assert clean_flags(["code_only", "x" * 41, "<b>", "code_only"]) == ("code_only", "unnamed_flag")
    assert (rank(()), rank(("code_only",))) == (Rank.PLAIN, Rank.FLAGGED)
    assert len(clean_flags(f"flag_{number}" for number in range(100))) == 17


@given(st.lists(st.dictionaries(st.text(), st.none() | st.floats() | st.text() | st.booleans() | st.lists(st.text()))))
def test_any_check_report_is_read_without_complaint(rows: list[dict[str, JsonValue]]) -> None:
    known = {check.value for check in CheckId}
    assert all(result.check.value in known for result in read_report(rows))


def test_a_person_is_found_by_number_else_by_student_number_within_the_school() -> None:
    keys = OfficeKeys(bytes(32))
    number = somebody(1, id_number=" 1101051949１２３１002x ")
    assert key_of(keys, number) == id_key(keys, "11010519491231002X")
    assert key_of(keys, somebody(1, id_number=None)) == student_key(keys, "示范大学", "2026000001")
    assert key_of(keys, somebody(1, id_number=" ", school=None)) == bare_code_key(keys, "2026000001")
    assert key_of(keys, somebody(1, id_number="", student_no=" ")) is None


def test_a_receipts_code_is_the_same_however_it_is_typed() -> None:
    assert receipt_text(" k7qm 2r9d ") == receipt_text("K7QM-2R9D") == "K7QM2R9D"
