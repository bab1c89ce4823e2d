"""Messages: strict, frozen, silent about values, and only the sequences that make sense."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from wire.faults import MessageError
from wire.heartbeat import Heartbeat
from wire.model import MAX_MESSAGE_BYTES, WireModel
from wire.problem import Problem, ProblemType
from wire.receipt import Receipt, ShotStatus
from wire.roster_change import RosterPage, RowRemoved
from wire.verdict import Decision, Verdict, VerdictPage

NOW = datetime(2026, 9, 20, 10, tzinfo=UTC)
SHOT = "ab" * 16
DIGEST = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
KINDS: tuple[type[WireModel], ...] = (Receipt, VerdictPage, RosterPage, Heartbeat, Problem)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.binary(max_size=60))
def test_no_bytes_raise_anything_but_a_message_error(kind: type[WireModel], data: bytes) -> None:
    with pytest.raises(MessageError, match=kind.__name__):
        kind.decode(data)


def test_a_message_too_large_is_not_read() -> None:
    with pytest.raises(MessageError, match=f"at most {MAX_MESSAGE_BYTES} are read"):
        Receipt.decode(b" " * (MAX_MESSAGE_BYTES + 1))


def test_a_message_of_another_version_is_refused() -> None:
    receipt = Receipt(shot_id=SHOT, digest=DIGEST, status=ShotStatus.RECEIVED, received_at=NOW)
    with pytest.raises(MessageError, match="schema_version: literal_error"):
        Receipt.decode(receipt.encode().replace(b'"schema_version":1', b'"schema_version":2'))


def test_a_message_says_where_it_is_wrong_and_never_with_what() -> None:
    row = dict.fromkeys(("year", "school", "major", "class_name", "student_no", "name", "sex", "exam_no"), "x")
    page = {
        "schema_version": 1,
        "changes": [{"kind": "set", "sequence": 1, "row_id": SHOT, "row": {**row, "id_number": 110105194912310029}}],
        "next": 1,
        "more": False,
    }
    with pytest.raises(MessageError) as refused:
        RosterPage.decode(json.dumps(page).encode())
    assert "changes.0.set.row.id_number: string_type" in str(refused.value)
    assert "110105194912310029" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_receipt_is_frozen() -> None:
    receipt = Receipt(shot_id=SHOT, digest=DIGEST, status=ShotStatus.RECEIVED, received_at=NOW)
    with pytest.raises(ValidationError, match="frozen"):
        setattr(receipt, "status", ShotStatus.VERIFIED)  # noqa: B010 - the type checker would refuse the plain form


def test_times_carry_their_zone() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        Receipt(shot_id=SHOT, digest=DIGEST, status=ShotStatus.RECEIVED, received_at=NOW.replace(tzinfo=None))


@pytest.mark.parametrize(("status", "verified_at"), [(ShotStatus.VERIFIED, None), (ShotStatus.RECEIVED, NOW)])
def test_a_receipt_says_when_it_was_verified_exactly_if_it_was(
    status: ShotStatus, verified_at: datetime | None
) -> None:
    with pytest.raises(ValidationError, match="verified_at is given exactly when status is verified"):
        Receipt(shot_id=SHOT, digest=DIGEST, status=status, received_at=NOW, verified_at=verified_at)


@pytest.mark.parametrize(("decision", "reasons"), [(Decision.REJECTED, ()), (Decision.APPROVED, ("glasses",))])
def test_a_rejection_has_reasons_and_an_approval_has_none(decision: Decision, reasons: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError, match="a rejection has reasons"):
        Verdict(sequence=1, shot_id=SHOT, decision=decision, reasons=reasons, decided_at=NOW)


@pytest.mark.parametrize(("places", "following"), [((2, 1), 1), ((1, 1), 1), ((1, 2), 3), ((0,), 0)])
def test_a_feed_comes_in_rising_sequence(places: tuple[int, ...], following: int) -> None:
    with pytest.raises(ValidationError):
        VerdictPage(
            verdicts=tuple(
                Verdict(sequence=place, shot_id=SHOT, decision=Decision.APPROVED, decided_at=NOW) for place in places
            ),
            next=following,
            more=False,
        )
    with pytest.raises(ValidationError):
        RosterPage(
            changes=tuple(RowRemoved(sequence=place, row_id=SHOT) for place in places), next=following, more=False
        )


def test_an_empty_page_keeps_its_place() -> None:
    assert VerdictPage(verdicts=(), next=44, more=False).next == 44
    assert RosterPage(changes=(), next=0, more=False).changes == ()


def test_a_problems_type_is_a_known_one() -> None:
    for kind in ProblemType:
        assert Problem.decode(Problem(type=kind, title="t", status=400, detail="").encode()).type is kind
    with pytest.raises(MessageError, match="type: enum"):
        Problem.decode(b'{"type":"/problems/other","title":"t","status":400,"detail":""}')
