"""Passes on both databases: exactly one person, some days; the last days leave nobody without photo or pass."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from center.__main__ import main
from center.audit.tables import AuditRow
from center.passes.model import Pass, PassReason, last_days, valid_days
from center.platform.faults import Conflict, NotThere, WrongRequest
from center.receipts.service import ReceiptState, coming_again, receipt_state
from center.season.model import DayChange
from center.shots.model.staff_decision import Approve, Reject
from center.shots.tables import ShotRow
from center.wiring.office import Office
from rules.season import CHINA, load_season
from tests.center.conftest import file_shot
from tests.center.delivery.test_deliveries import SCHOOL, decide, enter, person_of
from tests.center.factories import HandClock, shot_id, somebody
from wire.manifest import Times

TABLE = load_season("jiangsu")
LAST = date(2026, 11, 20)  # a Friday


def at(day: int, clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{day} {clock}").replace(tzinfo=CHINA)


def row_of(office: Office, number: int) -> str:
    (found,) = office.passes.find("sue", str(somebody(number).student_no))
    return found.row_id


def photographed(office: Office, clock: HandClock, number: int, when: datetime) -> None:
    clock.now = when
    times = Times(consented=when, shot=when, accepted=when, clock_synced=True)
    file_shot(office, number, person=person_of(number), times=times)


def test_a_pass_is_for_one_row_and_some_days(office: Office, clock: HandClock) -> None:
    enter(office, 1, 2)
    clock.now = at(20, "10:00")
    made = office.passes.issue("sue", row_of(office, 1), PassReason.APPOINTMENT, date(2026, 11, 23), date(2026, 11, 24))
    assert office.passes.open() == [made]
    assert office.passes.open([SCHOOL]) == [made]
    assert office.passes.open(["别的大学"]) == []
    moments = [
        (at(22, "23:59:59"), False),
        (at(23, "00:00"), True),
        (at(24, "23:59:59"), True),
        (at(25, "00:00"), False),
    ]
    assert [made.in_force(moment) for moment, _ in moments] == [expected for _, expected in moments]
    clock.now = at(25, "08:00")
    assert office.passes.open() == []


def test_a_row_has_one_pass_for_a_day_and_a_withdrawn_one_opens_nothing(office: Office, clock: HandClock) -> None:
    enter(office, 1)
    clock.now = at(20, "10:00")
    row = row_of(office, 1)
    made = office.passes.issue("sue", row, PassReason.CORRECTION, LAST, LAST)
    with pytest.raises(Conflict, match="has a pass"):
        office.passes.issue("tom", row, PassReason.APPOINTMENT, LAST, date(2026, 11, 23))
    office.passes.withdraw("tom", made.pass_id)
    assert office.passes.open() == []
    with pytest.raises(NotThere, match="withdrawn before"):
        office.passes.withdraw("tom", made.pass_id)
    office.passes.issue("tom", row, PassReason.APPOINTMENT, LAST, date(2026, 11, 23))
    with office.database.read() as session:
        rows = session.execute(select(AuditRow.action, AuditRow.actor).where(AuditRow.action.like("pass.%"))).all()
    assert [tuple(row) for row in rows] == [
        ("pass.searched", "sue"),
        ("pass.issued", "sue"),
        ("pass.withdrawn", "tom"),
        ("pass.issued", "tom"),
    ]


def test_a_pass_is_used_up_by_an_approved_photo_that_was_taken_after_it_was_issued(
    office: Office, clock: HandClock
) -> None:
    enter(office, 1, 2)
    photographed(office, clock, 1, at(18, "10:00"))
    decide(office, clock, 1)
    clock.now = at(19, "10:00")
    made = office.passes.issue("sue", row_of(office, 1), PassReason.CORRECTION, LAST, date(2026, 11, 24))
    assert office.passes.open() == [made], "the photo that must be taken again does not use it up"
    with office.database.write() as session:
        session.execute(update(ShotRow).values(taken_at=at(30, "10:00")))
    assert office.passes.open() == [made], "nor if its booth's clock was ahead"
    with office.database.write() as session:
        session.execute(update(ShotRow).values(taken_at=at(18, "10:00")))
    times = Times(consented=at(20, "10:00"), shot=at(20, "10:00"), accepted=at(20, "10:00"), clock_synced=True)
    clock.now = at(20, "10:01")
    file_shot(office, 3, person=person_of(1), times=times)
    assert office.passes.open() == [made], "it is not decided yet"
    decide(office, clock, 3, Approve(replaces=shot_id(1)))
    assert office.passes.open() == []
    other = office.passes.issue("sue", row_of(office, 2), PassReason.APPOINTMENT, LAST, date(2026, 11, 24))
    assert office.passes.open() == [other], "another person's photo uses nothing up"


@pytest.mark.parametrize(("name", "used"), [("王小明", True), ("", True), ("司马光", False)])
def test_a_photo_known_by_the_student_number_alone_uses_up_nobody_elses_pass(
    office: Office, clock: HandClock, name: str, *, used: bool
) -> None:
    enter(office, 1)
    clock.now = at(19, "10:00")
    office.passes.issue("sue", row_of(office, 1), PassReason.CORRECTION, LAST, date(2026, 11, 24))
    clock.now = at(20, "10:01")
    times = Times(consented=clock.now, shot=clock.now, accepted=clock.now, clock_synced=True)
    file_shot(office, 1, person=somebody(1, id_number=None, name=name, school=SCHOOL, year="2026"), times=times)
    decide(office, clock, 1)
    assert (office.passes.open() == []) is used


def test_days_that_make_no_sense_are_refused(office: Office, clock: HandClock) -> None:
    enter(office, 1)
    clock.now = at(20, "10:00")
    row = row_of(office, 1)
    for first, last in ((LAST, LAST - timedelta(1)), (date(2026, 11, 1), date(2026, 11, 2)), (LAST, date(2027, 2, 1))):
        with pytest.raises(WrongRequest):
            office.passes.issue("sue", row, PassReason.APPOINTMENT, first, last)
    with pytest.raises(NotThere, match="no such roster row"):
        office.passes.issue("sue", "0" * 32, PassReason.APPOINTMENT, LAST, LAST)


def test_the_last_days_are_served_ones_and_valid_for_five_working_days_more() -> None:
    assert last_days(TABLE, 2026) == (date(2026, 11, 18), date(2026, 11, 19), LAST)
    assert valid_days(TABLE, at(19, "10:00")) == (date(2026, 11, 19), date(2026, 11, 27))


@pytest.mark.parametrize(
    ("taken", "decided", "expected"),
    [
        (at(20, "16:00"), None, [0, 1, 1]),
        (at(20, "16:00"), at(20, "16:30"), [0, 0, 0]),
        (at(20, "16:00"), at(21, "09:00"), [0, 1, 1]),
        (at(18, "16:00"), None, [1, 1, 1]),
        (at(17, "16:00"), None, [0, 0, 0]),  # a fourth day before the end
    ],
)
def test_a_photo_of_the_last_days_is_decided_before_closing_or_should_lead_to_a_pass(
    office: Office, clock: HandClock, taken: datetime, decided: datetime | None, expected: list[int]
) -> None:
    enter(office, 1)
    photographed(office, clock, 1, taken)
    found = []
    for now in (at(20, "16:59"), at(20, "17:00"), at(21, "10:00")):
        if decided is not None and clock.now < decided <= now:
            clock.now = decided
            decide(office, clock, 1, Reject(("glasses",)))
        clock.now = max(clock.now, now)
        found.append(office.passes.waiting_for_pass())
    assert found == expected


def test_everybody_of_the_last_days_has_a_decision_or_a_pass(office: Office, clock: HandClock) -> None:
    enter(office, 1, 2, 3)
    photographed(office, clock, 1, at(20, "10:00"))
    decide(office, clock, 1)
    photographed(office, clock, 2, at(20, "10:05"))
    photographed(office, clock, 3, at(19, "15:00"))
    photographed(office, clock, 4, at(20, "16:00"))  # on no roster
    assert office.passes.waiting_for_pass() == 1, "today's can still be decided"
    clock.now = at(20, "17:01")
    assert office.passes.waiting_for_pass() == 3
    done = office.passes.last_days("sue")
    assert (done.issued, done.without_row) == ((shot_id(2), shot_id(3)), (shot_id(4),))
    assert office.passes.last_days("tom").issued == (), "again is harmless"
    assert {one.last for one in office.passes.open()} == {date(2026, 11, 27)}
    decide(office, clock, 3)
    assert [one.shot_id for one in office.passes.open()] == [shot_id(2)], "who has a photo needs no pass"
    decide(office, clock, 2, Reject(("glasses",)))
    assert [one.shot_id for one in office.passes.open()] == [shot_id(2)]


def test_the_receipt_says_until_when_and_at_which_hours_to_come_again(office: Office, clock: HandClock) -> None:
    enter(office, 1)
    photographed(office, clock, 1, at(20, "10:00"))
    code = "RECE-000001"

    def answer() -> tuple[ReceiptState, date | None, bool]:
        found = receipt_state(office.database, office.office_keys, office.clock, code)
        assert found is not None
        services = office.database, office.office_keys, office.seasons, office.passes
        again = coming_again(*services, office.clock, code)
        return found.state, again.until, again.by_appointment

    assert answer() == (ReceiptState.WAITING, LAST, False)
    clock.now = at(20, "18:00")
    office.passes.last_days("sue")
    assert answer() == (ReceiptState.WAITING, date(2026, 11, 27), True)
    decide(office, clock, 1, Reject(("glasses",)))
    assert answer() == (ReceiptState.RETAKE, date(2026, 11, 27), True)
    clock.now = datetime(2026, 12, 1, 10, tzinfo=CHINA)
    assert answer() == (ReceiptState.RETAKE, None, False), "the window is over and so is the pass"


def test_a_moved_closing_hour_moves_the_rule(office: Office, clock: HandClock) -> None:
    enter(office, 1)
    office.seasons.change("sue", 0, DayChange(LAST, TABLE.rules.hours[:1]))
    photographed(office, clock, 1, at(20, "10:00"))
    clock.now = at(20, "11:30")
    assert office.passes.waiting_for_pass() == 1


def test_the_command_does_what_the_page_does(
    plain_office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    enter(plain_office, 1)
    config = tmp_path / "center.toml"
    config.write_text(f'folder = "{plain_office.config.folder}"\n')
    today = datetime.now(CHINA).date()

    def run(*words: str, code: int = 0) -> str:
        assert main(["passes", *words, "--config", str(config)]) == code
        said = capsys.readouterr()
        return said.out + said.err

    number = str(somebody(1).student_no)
    made = json.loads(run("issue", number, today.isoformat(), today.isoformat(), "--json"))
    assert made["name"] == "王*"
    assert made["pass"] in run("list")
    assert "withdrawn" in run("withdraw", made["pass"])
    assert run("list") == ""
    assert "0 roster rows fit" in run("issue", "nobody", today.isoformat(), today.isoformat(), code=1)
    assert "issued" in run("last-days")


def test_a_pass_in_force_is_neither_early_nor_withdrawn() -> None:
    made = Pass("x", PassReason.APPOINTMENT, "y", "", LAST, LAST, "sue", at(20, "08:00"), withdrawn_at=at(20, "09:00"))
    assert not made.in_force(at(20, "10:00"))
