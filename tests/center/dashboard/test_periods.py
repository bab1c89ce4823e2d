"""The daily sheet and the week: counts, waiting, retakes by reason, days to the school, the year before beside it."""

import re
from datetime import date, timedelta

from center.accounts.model.roles import Role
from center.dashboard.periods import A_YEAR_BEFORE, Periods, Spread, spread
from center.shots.counts import Counted
from center.shots.model.staff_decision import Reject
from center.wiring.office import Office
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, decide, enter, person_of
from tests.center.factories import START, HandClock
from tests.center.office_server import OfficeServer, file_shot
from wire.manifest import Times

DAY = date(2026, 9, 1)


def busy_day(office: Office, clock: HandClock) -> None:
    """Four photos at nine: one decided after an hour, one after three, one never; one delivered two days later."""
    enter(office, 1, 2, 3)
    times = Times(consented=clock.now, shot=clock.now, accepted=clock.now, clock_synced=True)
    for number in (1, 2, 3):
        file_shot(office, number, person=person_of(number), times=times)
    clock.move(hours=1)
    decide(office, clock, 1)
    clock.move(hours=2)
    decide(office, clock, 2, Reject(("glasses", "gaze")))
    clock.move(hours=45)
    office.deliveries.make("sue", SCHOOL, YEAR)


def test_a_day_tells_counts_waits_reasons_and_the_days_to_the_school(office: Office, clock: HandClock) -> None:
    busy_day(office, clock)
    found = Periods(office.database).of(DAY, DAY)
    assert found.taken == {Counted.APPROVED: 1, Counted.REJECTED: 1, Counted.WAITING: 1}
    assert (found.people, found.decided) == (3, 2)
    assert found.wait.median_s is not None
    assert found.wait.p90_s is not None
    assert 3_600 <= found.wait.median_s < 3_700
    assert 10_800 <= found.wait.p90_s < 10_900
    assert found.reasons == (("gaze", 1), ("glasses", 1))
    assert found.to_school == Spread(0, None, None), "the pack was made two days later"
    week = Periods(office.database).of(date(2026, 8, 31), date(2026, 9, 6))
    assert week.to_school.count == 1
    assert week.to_school.median_s is not None
    assert 2 * 86_400 <= week.to_school.median_s < 2.1 * 86_400


def test_a_decision_taken_back_counts_nowhere(office: Office, clock: HandClock) -> None:
    enter(office, 1)
    file_shot(office, 1, person=person_of(1))
    shot = office.queue.claim("anna", f"{1:032x}")
    decided = office.queue.decide("anna", shot.shot_id, shot.version, Reject(("glasses",)))
    office.queue.undo("anna", shot.shot_id, decided.version)
    found = Periods(office.database).of(DAY, DAY)
    assert (found.decided, found.reasons) == (0, ())


def test_a_day_begins_at_midnight_in_china(office: Office, clock: HandClock) -> None:
    enter(office, 1)
    clock.now = START.replace(hour=16, minute=30)  # half past midnight of the second
    file_shot(office, 1, person=person_of(1))
    decide(office, clock, 1)
    periods = Periods(office.database)
    assert (periods.of(DAY, DAY).decided, periods.of(DAY + timedelta(days=1), DAY + timedelta(days=1)).decided) == (
        0,
        1,
    )


def test_quantiles_are_values_that_were_there() -> None:
    assert spread([]) == Spread(0, None, None)
    assert spread([7_000]) == Spread(1, 7, 7)
    assert spread([number * 1000 for number in range(1, 11)]) == Spread(10, 5, 9)


def test_the_week_stands_beside_the_same_weekdays_a_year_before(office_server: OfficeServer) -> None:
    office, clock = office_server.office, office_server.clock
    clock.now = START - A_YEAR_BEFORE
    busy_day(office, clock)
    clock.now = START
    file_shot(office, 9, person=person_of(9))
    sue = office_server.client("sue", Role.SUPERVISOR)
    page = sue.get("/week?of=2026-09-03").text
    assert "2026-08-31 – 2026-09-06" in re.sub("<[^>]+>", "", page)
    assert "2025-09-01 to 2025-09-07" in page
    row = page[page.index("Photos taken") :][:300]
    assert [part.split("<")[0].strip() for part in row.split('">')[1:3]] == ["1", "3"]
    assert "gaze" in page or "looks" in page.lower()
    assert "printable" in page
    assert sue.get("/day").status_code == 200
    for wrong in ("x", "2026-13-01", "0001-01-01", "9999-12-31"):
        assert sue.get(f"/week?of={wrong}").status_code == 400
