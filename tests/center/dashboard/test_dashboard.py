"""The season in counts, on both databases: whatever moved a shot, the counts are those of the shots."""

import contextlib
import json
from collections import Counter
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from center.__main__ import main
from center.dashboard.model import LateKind, bars
from center.platform.faults import OfficeFault
from center.season.model import read_year
from center.shots.counts import Counted, fold, shot_counts
from center.shots.model.shot import Stage
from center.shots.model.staff_decision import Approve, Reject
from center.shots.tables import DecisionRow, FeedRow, FindingRow, IdentityRow, ReportRow, ShotCountChangeRow, ShotRow
from center.wiring.office import Office
from rules.season import CHINA, day_in_china
from tests.center.conftest import file_shot
from tests.center.delivery.test_deliveries import SCHOOL, approve, decide, enter, person_of
from tests.center.factories import START, HandClock, shot_id, somebody
from wire.manifest import Times

DAY = day_in_china(START)


def plain_count(office: Office) -> dict[tuple[date, str, str], int]:
    """Counted the slow way."""
    counted: Counter[tuple[date, str, str]] = Counter()
    with office.database.read() as session:
        for row in session.execute(
            select(ShotRow.taken_at, ShotRow.school, ShotRow.stage, ShotRow.decision, ShotRow.replaced_by)
        ):
            if row.stage == Stage.QUEUED.value:
                state = "waiting"
            elif row.stage == Stage.DECIDED.value:
                state = row.decision if row.replaced_by is None else "replaced"
            else:
                continue
            counted[day_in_china(row.taken_at), row.school or "", state] += 1
    return dict(counted)


def kept_count(office: Office) -> dict[str, Counter[Any]]:
    found = shot_counts(office.database, date(2020, 1, 1), date(2030, 1, 1))
    assert found.total == sum(found.by_school.values(), Counter()), "by day and by school are the same shots"
    return {
        "days": Counter({(day, one): count for day, counts in found.by_day.items() for one, count in counts.items()}),
        "schools": Counter(
            {(school, one): count for school, counts in found.by_school.items() for one, count in counts.items()}
        ),
    }


def check(office: Office) -> None:
    plain = plain_count(office)
    days: Counter[tuple[date, str]] = Counter()
    schools: Counter[tuple[str, str]] = Counter()
    for (day, school, state), count in plain.items():
        days[day, state] += count
        schools[school, state] += count
    assert kept_count(office) == {"days": days, "schools": schools}


@pytest.mark.parametrize("seed", range(3))
def test_the_counts_are_those_of_the_shots_whatever_moved_them(office: Office, clock: HandClock, seed: int) -> None:
    chance = Random(seed)
    number = 0
    for step in range(60):
        clock.move(hours=chance.choice([0, 0, 1, 9]), seconds=11)
        match chance.randrange(6):
            case 0 | 1:
                number += 1
                at = clock.now - timedelta(hours=chance.randrange(40))
                times = Times(consented=at, shot=at, accepted=at, clock_synced=chance.random() < 0.7)
                who = somebody(chance.randrange(1, 8), school=chance.choice(["甲大学", "乙大学", None]))
                file_shot(office, number, person=who, times=times)
            case 2 | 3 if number:
                _decide_somehow(office, chance, number)
            case 4 if number:
                _reopen_somehow(office, chance, number)
            case _:
                fold(office.database)
        if step % 10 == 9:
            check(office)
    fold(office.database)
    check(office)
    with office.database.read() as session:
        assert session.execute(select(func.count()).select_from(ShotCountChangeRow)).scalar_one() == 0
    with office.database.write() as session:  # as a purge would
        gone = select(ShotRow.shot_id).where(ShotRow.stage == Stage.QUEUED.value).limit(1)
        for row in session.scalars(gone).all():
            _forget(session, row)
    check(office)


def _forget(session: Session, of: str) -> None:
    for table in (IdentityRow, ReportRow, FindingRow, DecisionRow, FeedRow):
        session.execute(delete(table).where(table.shot_id == of))
    session.execute(delete(ShotRow).where(ShotRow.shot_id == of))


def _decide_somehow(office: Office, chance: Random, number: int) -> None:
    said = Approve() if chance.random() < 0.5 else Reject(("glasses",))
    with contextlib.suppress(OfficeFault):
        shot = office.queue.claim("anna", shot_id(chance.randrange(1, number + 1)))
        office.queue.decide("anna", shot.shot_id, shot.version, said)
        if chance.random() < 0.3:
            office.queue.undo("anna", shot.shot_id, shot.version + 1)


def _reopen_somehow(office: Office, chance: Random, number: int) -> None:
    with contextlib.suppress(OfficeFault):
        office.queue.reopen("sue", shot_id(chance.randrange(1, number + 1)), 3)


def test_a_photo_counts_on_the_day_it_was_taken_not_on_which_it_came(office: Office) -> None:
    days_ago = START - timedelta(days=3)
    for number, synced in ((1, True), (2, False)):
        times = Times(consented=days_ago, shot=days_ago, accepted=days_ago, clock_synced=synced)
        file_shot(office, number, times=times)
    found = office.dashboards.of()
    assert {day: counts.total() for day, counts in found.by_day.items()} == {DAY - timedelta(days=3): 1, DAY: 1}


def late_of(office: Office) -> dict[LateKind, int]:
    return {one.kind: one.count for one in office.dashboards.of().late}


def test_the_dashboard_says_what_came_what_waits_and_what_is_late(office: Office, clock: HandClock) -> None:
    enter(office, 1, 2, 3, 4)
    approve(office, clock, 1)
    file_shot(office, 2, person=person_of(2))
    decide(office, clock, 2, Reject(("glasses", "head_cover")))
    file_shot(office, 3, person=person_of(3))
    found = office.dashboards.of()
    (school,) = found.schools
    assert (school.school, school.approved, school.waiting, school.retake, school.of) == (SCHOOL, 1, 1, 1, 4)
    assert found.total == {Counted.APPROVED: 1, Counted.WAITING: 1, Counted.REJECTED: 1}
    assert found.reasons == (("glasses", 1), ("head_cover", 1))
    assert late_of(office) == {}
    clock.move(days=1)
    assert late_of(office) == {LateKind.HALF_DAYS: 1}, "the working day after it is still going on"
    clock.move(days=1)
    assert late_of(office) == {LateKind.HALF_DAYS: 1, LateKind.REVIEW: 1}


def test_each_season_counts_the_roster_of_its_own_year(office: Office, clock: HandClock) -> None:
    enter(office, 1, 2, 3, 4)
    enter(office, 5, 6, year="2025")
    enter(office, 7, year="2025", school="另一大学")
    assert [(one.school, one.of) for one in office.dashboards.of(2026).schools] == [(SCHOOL, 4)]
    assert {one.school: one.of for one in office.dashboards.of(2025).schools} == {SCHOOL: 2, "另一大学": 1}


def test_a_delivery_without_a_receiver_is_late_after_five_working_days(office: Office, clock: HandClock) -> None:
    enter(office, 1)
    approve(office, clock, 1)
    made, _ = office.deliveries.make("sue", SCHOOL, "2026")
    for days, late in ((5, 0), (3, 1)):
        clock.move(days=days)
        assert late_of(office).get(LateKind.HAND_OVER, 0) == late
    office.deliveries.hand_over("sue", made.delivery_id, "王老师")
    assert LateKind.HAND_OVER not in late_of(office)


def test_in_a_year_that_is_not_confirmed_work_is_late_by_weekdays_and_the_dashboard_says_so(
    office: Office, clock: HandClock
) -> None:
    clock.now = datetime(2031, 9, 4, 10, tzinfo=CHINA)  # a Thursday
    enter(office, 1, 2)
    approve(office, clock, 1)
    office.deliveries.make("sue", SCHOOL, "2026")
    file_shot(
        office,
        2,
        person=person_of(2),
        times=Times(consented=clock(), shot=clock(), accepted=clock(), clock_synced=True),
    )
    assert office.dashboards.of().unconfirmed == (2031,)
    for days, late in (
        (1, set()),  # Friday, the working day after it, still goes on
        (3, {LateKind.REVIEW}),  # Monday
        (4, {LateKind.REVIEW, LateKind.HAND_OVER}),
    ):
        clock.move(days=days)
        assert set(late_of(office)) - {LateKind.HALF_DAYS} == late, clock()
    assert late_of(office)[LateKind.HALF_DAYS] == 1
    office.seasons.change("sue", 0, read_year("2031", "通知", "", ""))
    assert office.dashboards.of().unconfirmed == ()


def test_a_guess_about_the_december_before_is_said_in_january(office: Office, clock: HandClock) -> None:
    office.seasons.change("sue", 0, read_year("2031", "通知", "", ""))
    clock.now = datetime(2031, 1, 10, 10, tzinfo=CHINA)  # ten working days ago was in 2030
    assert office.dashboards.of().unconfirmed == (2030,)
    clock.move(days=10)
    assert office.dashboards.of().unconfirmed == ()
    clock.now = datetime(2032, 1, 10, 10, tzinfo=CHINA)
    assert office.dashboards.of().unconfirmed == (2032,)
    clock.now = datetime(2033, 1, 10, 10, tzinfo=CHINA)
    assert office.dashboards.of().unconfirmed == (2032, 2033)


def test_the_command_names_the_guessed_years_too(
    plain_office: Office,
    clock: HandClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock.now = datetime(2032, 1, 10, 10, tzinfo=CHINA)
    enter(plain_office, 1)
    approve(plain_office, clock, 1)
    plain_office.deliveries.make("sue", SCHOOL, "2026")
    clock.move(days=9)
    config = tmp_path / "center.toml"
    config.write_text(f'folder = "{plain_office.config.folder}"\n')
    monkeypatch.setattr("center.wiring.office.Office.open", partial(Office.open, clock=clock))
    assert main(["dashboard", "--config", str(config)]) == 0
    assert "by weekdays: the holidays of 2032 are not confirmed" in capsys.readouterr().out
    assert main(["dashboard", "--json", "--config", str(config)]) == 0
    assert json.loads(capsys.readouterr().out)["unconfirmed_years"] == [2032]


def test_a_season_is_from_its_first_day_to_the_next_ones(office: Office, clock: HandClock) -> None:
    office.seasons.change("sue", 0, read_year("2027", "通知", "", ""))
    file_shot(office, 1)
    clock.now = START.replace(year=2027, month=3)
    assert (office.dashboards.of().year, office.dashboards.of().taken) == (2026, 1)
    clock.now = START.replace(year=2027, month=8, day=2)
    assert (office.dashboards.of().year, office.dashboards.of().taken) == (2027, 0)
    assert office.dashboards.of(2026).taken == 1


def test_schools_with_most_left_to_do_come_first() -> None:
    counted = {
        "甲": Counter({Counted.APPROVED: 9}),
        "乙": Counter({Counted.WAITING: 2}),
        "": Counter({Counted.REJECTED: 1}),
    }
    made = bars(counted, {"丙": 40, "甲": 10})
    assert [(one.school, one.of, one.widest) for one in made] == [
        ("乙", 0, 2),
        ("", 0, 1),
        ("丙", 40, 40),
        ("甲", 10, 10),
    ]


def test_the_command_says_what_the_page_says(
    plain_office: Office, clock: HandClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    enter(plain_office, 1, 2)
    approve(plain_office, clock, 1)
    config = tmp_path / "center.toml"
    config.write_text(f'folder = "{plain_office.config.folder}"\n')
    assert main(["dashboard", "--year", "2026", "--json", "--config", str(config)]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["schools"] == {SCHOOL: {"approved": 1, "waiting": 0, "retake": 0, "roster": 2}}
    assert said["days"] == {DAY.isoformat(): 1}
    assert main(["dashboard", "--year", "2026", "--config", str(config)]) == 0
    assert "1 approved, 0 waiting, 0 to retake of 2 on the roster" in capsys.readouterr().out
