"""The dashboard is where a supervisor's work begins."""

import pytest

from center.accounts.model.roles import Role
from tests.center.delivery.test_deliveries import SCHOOL, enter, person_of
from tests.center.office_server import OfficeServer, file_shot


def test_a_supervisor_begins_with_the_season_at_a_glance(office_server: OfficeServer) -> None:
    enter(office_server.office, 1, 2)
    file_shot(office_server.office, 1, person=person_of(1))
    office_server.clock.move(days=2)
    sue = office_server.client("sue", Role.SUPERVISOR)
    assert sue.get("/").headers["Location"] == "/dashboard"
    page = sue.get("/dashboard").text
    assert SCHOOL in page
    assert "Photos undecided after a whole working day" in page
    assert 'href="/queue"' in page
    assert "2026-09-01 Served 09:00-11:30 13:30-17:00 · 1" in page, "the calendar says each day's photos"
    assert "No roster" in sue.get("/dashboard?year=2019").text, "this roster is another year's"
    assert sue.get("/dashboard?year=x").status_code == 200


@pytest.mark.parametrize(("role", "home"), [(Role.STAFF, "/queue"), (Role.ADMINISTRATOR, "/booths")])
def test_others_begin_elsewhere(office_server: OfficeServer, role: Role, home: str) -> None:
    client = office_server.client("x", role)
    assert client.get("/").headers["Location"] == home
    assert client.get("/dashboard").status_code == 403
