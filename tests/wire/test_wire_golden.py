"""Golden files of version 2 of the messages, and of version 1 of the manifest: today's code reads and writes them byte
for byte.

A golden file is a promise to every booth and office already out there. It is never changed: a new form gets a new
version and new files beside these. Version 1 of the messages was never released; its files are here to be refused.
"""

import json
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from wire.decision import Decision, DecisionPage, ShotDecision
from wire.digest import content_digest
from wire.enrolment import Enrolled, Enrolment, Invitation
from wire.envelope import build, open_envelope
from wire.faults import MessageError
from wire.heartbeat import DeviceFailure, Heartbeat, HeartbeatAnswer
from wire.help_call import HelpAnswer, HelpCall, HelpState
from wire.instructions import (
    CalendarYear,
    DayHours,
    Holiday,
    Instructions,
    Opening,
    Pass,
    PassKind,
    Release,
    Season,
)
from wire.live_help import HelpDirection, HelpView, LiveCheck, still_of
from wire.manifest import Manifest, Person, Times
from wire.model import WireModel
from wire.number_queue import NumberQueue
from wire.problem import Problem, ProblemType
from wire.receipt import Receipt, RefusedShot, ShotsAnswer, ShotsAsked, ShotStatus
from wire.roster_change import RosterPage, RosterRow, RowRemoved, RowSet

GOLDEN = Path(__file__).parent / "golden"
CHINA = timezone(timedelta(hours=8))
SHOT = "5f2a9c0e4b7d41d3a86f0c1e2d3b4a59"
ROW = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"


def at(hour: int, minute: int, second: int = 0) -> datetime:
    """A moment of the golden day."""
    return datetime(2026, 9, 20, hour, minute, second, tzinfo=CHINA)


MANIFEST = Manifest(
    shot_id=SHOT,
    booth_id="booth-1",
    receipt="K7QM-2R9D",
    profile="jiangsu-2019",
    consent_version="jiangsu-2019-1",
    person=Person(
        name="阿依古丽·\ue863",
        id_number="11010519491231002X",
        student_no="2026000001",
        exam_no=None,
        school="示范大学",
        major="数学与应用数学",
        class_name="1班",
        year="2026",
    ),
    identified_by="both",
    opaque_codes=("AAECAwT/",),
    flags=("clock_unsynced",),
    times=Times(consented=at(9, 30), shot=at(9, 31, 5), accepted=at(9, 31, 40), clock_synced=False),
    checks=(
        {"check": "roll", "value": 0.4, "verdict": "pass"},
        {"check": "glare", "value": None, "verdict": "unknown"},
    ),
    finish={
        "scale": 0.4777,
        "dx": -96.25,
        "dy": -28.0,
        "bytes": 33120,
        "dpi": [300, 300],
        "original": {"width": 873, "height": 1164, "scale": 0.714286, "dx": -72.143, "dy": -96.143},
    },
    versions={"kiosk": "0.1.0"},
)
PHOTO = bytes.fromhex("ffd8ffe000104a46494600010101012c012c0000ffd9")  # the shortest thing with a JPEG's two ends
ORIGINAL = PHOTO[:2] + bytes.fromhex("fffe000401ff") + PHOTO[2:]  # another shortest one
ENVELOPE = build(MANIFEST, PHOTO, ORIGINAL)
BARE = build(MANIFEST, PHOTO)

MESSAGES: dict[str, WireModel] = {
    "invitation-2.json": Invitation(
        office="https://photos.example.edu.cn",
        booth_id="booth-1",
        code="7KQ2M-9RDXP-4TW8H-CE3NV",
        seal_to=(
            "age1flkcz5vcx0fm74tspvwxd4cz9nvrwl8gc8z96yxund2dujggw3ustsp0jj",
            "age1njnqf977jnvfr3uypr9g6cdkw3kdpp6rzvwkjduvnw2rsqr5q43sj5g423",
        ),
    ),
    "enrolment-2.json": Enrolment(booth_id="booth-1", code="7KQ2M-9RDXP-4TW8H-CE3NV"),
    "enrolled-2.json": Enrolled(booth_id="booth-1", credential="V2h5IGRvIHlvdSBkZWNvZGUgdGhpcz8gSGVsbG8uLi4"),
    "manifest-1.json": MANIFEST,
    "receipt-received-2.json": Receipt(
        shot_id=SHOT, digest=content_digest(ENVELOPE), status=ShotStatus.RECEIVED, received_at=at(9, 31, 41)
    ),
    "receipt-verified-2.json": Receipt(
        shot_id=SHOT,
        digest=content_digest(ENVELOPE),
        status=ShotStatus.VERIFIED,
        received_at=at(9, 31, 41),
        verified_at=at(9, 31, 44),
    ),
    "decision-page-2.json": DecisionPage(
        decisions=(
            ShotDecision(sequence=41, shot_id=SHOT, decision=Decision.APPROVED, decided_at=at(10, 2)),
            ShotDecision(
                sequence=44,
                shot_id="e" * 32,
                decision=Decision.REJECTED,
                reasons=("glasses", "hair_brows"),
                decided_at=at(10, 3),
            ),
        ),
        next=44,
        more=False,
    ),
    "roster-page-2.json": RosterPage(
        changes=(
            RowSet(
                sequence=7,
                row_id=ROW,
                row=RosterRow(
                    year="2026",
                    school="示范大学",
                    major="数学与应用数学",
                    class_name="1班",
                    student_no="2026000001",
                    id_number="11010519491231002X",
                    name="阿依古丽·\ue863",
                    sex="女",
                    exam_no="26320102150001",
                ),
                photographed=True,
            ),
            RowRemoved(sequence=9, row_id="f" * 32),
        ),
        next=9,
        more=True,
    ),
    "heartbeat-2.json": Heartbeat(
        booth_id="booth-1",
        at=at(11, 0),
        clock_synced=True,
        version="0.1.0",
        profile="jiangsu-2019",
        uptime_s=7260,
        waiting_envelopes=2,
        oldest_waiting_s=95,
        free_bytes=21_474_836_480,
        season_version=3,
        free_inodes=1_900_000,
        memory_available_bytes=2_147_483_648,
        temperature_c=54.5,
        under_voltage=False,
        throttled=False,
        calibrated_at=at(8, 0),
        failures=(
            DeviceFailure(device="lamp_left", cause="fault.lamp_dead", since=at(10, 58)),
            DeviceFailure(device="storage", cause="fault.storage_full"),
        ),
    ),
    "heartbeat-answer-2.json": HeartbeatAnswer(office_time=at(11, 0, 1)),
    "shots-asked-2.json": ShotsAsked(shot_ids=(SHOT, "e" * 32)),
    "shots-answer-2.json": ShotsAnswer(
        receipts=(
            Receipt(
                shot_id=SHOT, digest=content_digest(ENVELOPE), status=ShotStatus.RECEIVED, received_at=at(9, 31, 41)
            ),
        ),
        refused=(RefusedShot(shot_id="e" * 32, type=ProblemType.UNKNOWN_SHOT),),
    ),
    "instructions-2.json": Instructions(
        season=Season(
            version=3,
            source="补拍公告",
            first_day="08-01",
            last_day="11-20",
            hours=(Opening(opens="09:00", closes="11:30"), Opening(opens="13:30", closes="17:00")),
            exceptions=(
                DayHours(day=date(2026, 9, 18), hours=(Opening(opens="09:00", closes="11:30"),), note="下午培训"),
                DayHours(day=date(2026, 11, 6), hours=()),
            ),
            years=(
                CalendarYear(
                    year=2026,
                    source="国办发明电",
                    holidays=(Holiday(name="国庆节", first=date(2026, 10, 1), last=date(2026, 10, 7)),),
                    working_weekends=(date(2026, 9, 20), date(2026, 10, 10)),
                ),
            ),
        ),
        passes=(
            Pass(pass_id="c" * 32, kind=PassKind.LATE, row_id=ROW, valid_from=at(13, 30), valid_until=at(17, 0)),
            Pass(pass_id="d" * 32, kind=PassKind.RESHOOT, row_id="f" * 32, valid_from=at(9, 0), valid_until=at(11, 30)),
        ),
        release=Release(version="0.3.0", digest=content_digest(PHOTO), size_bytes=91_000_000),
    ),
    "help-view-2.json": HelpView(
        booth_id="booth-1",
        call_id="b" * 32,
        screen="pose",
        instruction="请摘下眼镜",
        checks=(
            LiveCheck(check="roll", result="pass", value=-0.4, min=-3.0, max=3.0),
            LiveCheck(check="glasses", result="fail", value=21.5, min=None, max=15.0),
            LiveCheck(check="ears", result="unknown", value=None, min=0.2, max=None),
        ),
        agreement="given",
        still=still_of(b"\xff\xd8\xff\xe0JFIF\xff\xd9"),
    ),
    "help-direction-2.json": HelpDirection(call_id="b" * 32, release="glasses"),
    "help-call-2.json": HelpCall(booth_id="booth-1", call_id="b" * 32, at=at(11, 0), screen="pose"),
    "help-answer-2.json": HelpAnswer(call_id="b" * 32, state=HelpState.ANSWERED, line="我们马上过来"),
    "number-queue-2.json": NumberQueue(called=(12, 14, 13), waiting=27, given=True),
    "problem-1.json": Problem(
        type=ProblemType.OTHER_DIGEST,
        title="Another envelope has this shot id",
        status=409,
        detail="The stored envelope has another digest. Send it under the shot id of its own manifest.",
    ),
}


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_todays_code_writes_the_golden_message(name: str) -> None:
    assert MESSAGES[name].encode() == (GOLDEN / name).read_bytes()


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_todays_code_reads_the_golden_message(name: str) -> None:
    message = MESSAGES[name]
    read = type(message).decode((GOLDEN / name).read_bytes())
    assert read == message
    assert read.encode() == (GOLDEN / name).read_bytes()


def test_todays_code_writes_the_golden_envelope() -> None:
    assert (GOLDEN / "envelope-1.zip").read_bytes() == ENVELOPE
    assert (GOLDEN / "envelope-without-original-1.zip").read_bytes() == BARE


def test_todays_code_reads_the_golden_envelope() -> None:
    opened = open_envelope((GOLDEN / "envelope-1.zip").read_bytes())
    assert opened.manifest == MANIFEST
    assert (opened.photo, opened.original) == (PHOTO, ORIGINAL)
    bare = open_envelope((GOLDEN / "envelope-without-original-1.zip").read_bytes())
    assert (bare.manifest, bare.photo, bare.original) == (MANIFEST, PHOTO, None)


REFUSED: dict[str, type[WireModel]] = {
    "enrolment-1.json": Enrolment,
    "enrolled-1.json": Enrolled,
    "receipt-received-1.json": Receipt,
    "receipt-verified-1.json": Receipt,
    "verdict-page-1.json": DecisionPage,
    "roster-page-1.json": RosterPage,
    "heartbeat-1.json": Heartbeat,
    "heartbeat-answer-1.json": HeartbeatAnswer,
}


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_message_of_version_1_is_refused_by_its_version(name: str) -> None:
    with pytest.raises(MessageError, match="schema_version: literal_error: this program reads version 2 only, update"):
        REFUSED[name].decode((GOLDEN / name).read_bytes())


@pytest.mark.parametrize("name", sorted(name for name in MESSAGES if name.endswith("-2.json")))
def test_a_message_without_a_version_is_refused(name: str) -> None:
    fields = json.loads((GOLDEN / name).read_bytes())
    del fields["schema_version"]
    with pytest.raises(MessageError, match="schema_version: missing: this program reads version 2 only"):
        type(MESSAGES[name]).decode(json.dumps(fields).encode())


def test_no_golden_file_is_forgotten() -> None:
    envelopes = {"envelope-1.zip", "envelope-without-original-1.zip"}
    assert {path.name for path in GOLDEN.iterdir()} == {*MESSAGES, *REFUSED, *envelopes}
