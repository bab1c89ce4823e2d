"""Messages: strict, frozen, silent about values, and only the sequences that make sense."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from wire.decision import Decision, DecisionPage, ShotDecision
from wire.faults import MessageError
from wire.heartbeat import DeviceFailure, Heartbeat
from wire.help_call import HelpAnswer, HelpCall, HelpState
from wire.instructions import Instructions, PassKind
from wire.live_help import HelpDirection, HelpView
from wire.model import MAX_MESSAGE_BYTES, WireModel
from wire.problem import Problem, ProblemType
from wire.receipt import Receipt, RefusedShot, ShotsAnswer, ShotsAsked, ShotStatus
from wire.roster_change import RosterPage, RowRemoved

NOW = datetime(2026, 9, 20, 10, tzinfo=UTC)
SHOT = "ab" * 16
DIGEST = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
KINDS: tuple[type[WireModel], ...] = (
    Receipt,
    ShotsAsked,
    ShotsAnswer,
    DecisionPage,
    RosterPage,
    Instructions,
    HelpCall,
    HelpView,
    HelpDirection,
    HelpAnswer,
    Heartbeat,
    Problem,
)


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
        Receipt.decode(receipt.encode().replace(b'"schema_version":2', b'"schema_version":3'))


def test_a_message_says_where_it_is_wrong_and_never_with_what() -> None:
    row = dict.fromkeys(("year", "school", "major", "class_name", "student_no", "name", "sex", "exam_no"), "x")
    page = {
        "schema_version": 2,
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
        ShotDecision(sequence=1, shot_id=SHOT, decision=decision, reasons=reasons, decided_at=NOW)


@pytest.mark.parametrize(("places", "following"), [((2, 1), 1), ((1, 1), 1), ((1, 2), 3), ((0,), 0)])
def test_a_feed_comes_in_rising_sequence(places: tuple[int, ...], following: int) -> None:
    with pytest.raises(ValidationError):
        DecisionPage(
            decisions=tuple(
                ShotDecision(sequence=place, shot_id=SHOT, decision=Decision.APPROVED, decided_at=NOW)
                for place in places
            ),
            next=following,
            more=False,
        )
    with pytest.raises(ValidationError):
        RosterPage(
            changes=tuple(RowRemoved(sequence=place, row_id=SHOT) for place in places), next=following, more=False
        )


def test_an_empty_page_keeps_its_place() -> None:
    assert DecisionPage(decisions=(), next=44, more=False).next == 44
    assert RosterPage(changes=(), next=0, more=False).changes == ()


def test_a_problems_type_is_a_known_one() -> None:
    for kind in ProblemType:
        assert Problem.decode(Problem(type=kind, title="t", status=400, detail="").encode()).type is kind
    with pytest.raises(MessageError, match="type: enum"):
        Problem.decode(b'{"type":"/problems/other","title":"t","status":400,"detail":""}')


SEASON = {
    "version": 1,
    "source": "s",
    "first_day": "08-01",
    "last_day": "11-20",
    "hours": [{"opens": "09:00", "closes": "11:30"}],
    "exceptions": [],
    "years": [],
}
PASS = {
    "pass_id": "c" * 32,
    "kind": "late",
    "row_id": "d" * 32,
    "valid_from": "2026-09-20T09:00:00+08:00",
    "valid_until": "2026-09-20T10:00:00+08:00",
}


def instructions(season: dict[str, object], **more: object) -> bytes:
    """`Instructions` with this season."""
    return json.dumps({"schema_version": 2, "season": SEASON | season, **more}).encode()


@pytest.mark.parametrize(
    "season",
    [
        {"first_day": "08-1"},
        {"first_day": "13-01"},
        {"hours": []},
        {"hours": [{"opens": "11:30", "closes": "09:00"}]},
        {"hours": [{"opens": "9:00", "closes": "24:00"}]},
        {"hours": [{"opens": "09:00", "closes": "09:30"}] * 13},
        {"exceptions": [{"day": "2026-09-18", "hours": [], "note": "x" * 201}]},
        {"exceptions": [{"day": "2026-09-18", "hours": []}] * 2},
        {"exceptions": [{"day": "0001-01-01", "hours": []}]},
        {"years": [{"year": 3000, "source": "s", "holidays": [], "working_weekends": []}]},
        {"version": -1},
        {"more": 1},
    ],
)
def test_a_season_out_of_its_bounds_is_refused(season: dict[str, object]) -> None:
    assert Instructions.decode(instructions({})).season.version == 1
    with pytest.raises(MessageError, match="Instructions is not right: season"):
        Instructions.decode(instructions(season))


@pytest.mark.parametrize(
    "passes",
    [
        [PASS, PASS],
        [PASS | {"valid_until": PASS["valid_from"]}],
        [PASS | {"kind": "other"}],
        [PASS | {"row_id": "11010519491231002X"}],
        [PASS | {"pass_id": f"{number:032x}"} for number in range(5_001)],
    ],
)
def test_a_pass_out_of_its_bounds_is_refused(passes: list[dict[str, object]]) -> None:
    assert Instructions.decode(instructions({}, passes=[PASS])).passes[0].kind is PassKind.LATE
    with pytest.raises(MessageError):
        Instructions.decode(instructions({}, passes=passes))


@pytest.mark.parametrize(
    "release",
    [
        {"version": "0.3", "digest": DIGEST, "size_bytes": 1},
        {"version": "0.3.0;rm", "digest": DIGEST, "size_bytes": 1},
        {"version": "0.3.0", "digest": DIGEST, "size_bytes": 0},
        {"version": "0.3.0", "digest": DIGEST, "size_bytes": (8 << 30) + 1},
    ],
)
def test_a_release_out_of_its_bounds_is_refused(release: dict[str, object]) -> None:
    with pytest.raises(MessageError, match="release"):
        Instructions.decode(instructions({}, release=release))


@pytest.mark.parametrize("shot_ids", [(), (SHOT, SHOT), tuple(f"{number:032x}" for number in range(201))])
def test_one_to_200_shots_are_asked_for_each_once(shot_ids: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError):
        ShotsAsked(shot_ids=shot_ids)


def test_a_shot_is_answered_once() -> None:
    receipt = Receipt(shot_id=SHOT, digest=DIGEST, status=ShotStatus.RECEIVED, received_at=NOW)
    with pytest.raises(ValidationError, match="each shot is answered once"):
        ShotsAnswer(receipts=(receipt,), refused=(RefusedShot(shot_id=SHOT, type=ProblemType.UNKNOWN_SHOT),))


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (HelpState.ANSWERED, None),
        (HelpState.WAITING, "x"),
        (HelpState.ANSWERED, "a\nb"),
        (HelpState.ANSWERED, "x" * 121),
    ],
)
def test_an_answer_to_a_call_is_one_line_when_it_is_answered(state: HelpState, line: str | None) -> None:
    with pytest.raises(ValidationError):
        HelpAnswer(call_id=SHOT, state=state, line=line)


def test_a_device_may_fail_for_several_causes_each_named_once() -> None:
    storage = [DeviceFailure(device="storage", cause=cause) for cause in ("fault.storage_full", "fault.storage_broken")]
    beat = Heartbeat(
        booth_id="booth-1",
        at=NOW,
        clock_synced=True,
        version="0.2.0",
        profile="jiangsu-2019",
        uptime_s=0,
        waiting_envelopes=0,
        free_bytes=0,
        failures=tuple(storage),
    )
    assert Heartbeat.decode(beat.encode()) == beat
    with pytest.raises(MessageError, match="value_error"):
        Heartbeat.decode(beat.model_copy(update={"failures": (storage[0], storage[0])}).encode())
    with pytest.raises(MessageError, match="temperature_c"):
        Heartbeat.decode(beat.model_copy(update={"temperature_c": 900.0}).encode())
