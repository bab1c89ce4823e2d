"""The page of retention: purge after a tick, requests and holds as cases."""

import pytest

from center.accounts.model.roles import Role
from center.shots.model.staff_decision import Approve
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, enter, work
from tests.center.factories import somebody
from tests.center.office_server import OfficeServer, file_shot


def test_requests_and_holds_are_cases(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    sue = office_server.client("sue", Role.SUPERVISOR)
    number = str(somebody(1).id_number)
    assert "180 days after the photo" in sue.get("/retention").text
    assert "No photo, or photos that may be of several people" in sue.post("/retention/case", do="see", number="1").text
    for do in ("see", "delete", "hold"):
        assert sue.post("/retention/case", do=do, number=number, reason="更正未结").headers["Location"] == "/retention"
    page = sue.get("/retention").text
    assert "更正未结" in page
    assert number not in page
    answer = sue.post("/retention/answer", do="see", request="1")
    assert answer.headers["Content-Type"] == "application/zip"
    assert "a hold keeps" in sue.post("/retention/answer", do="delete", request="2").text
    sue.post("/retention/lift", hold="1")
    assert sue.post("/retention/answer", do="delete", request="2").headers["Location"] == "/retention"
    assert "done" in sue.get("/retention").text
    assert sue.post("/retention/purge").status_code == 400, "not without the tick"


def test_a_deletion_that_is_not_done_says_why_and_nothing_else(office_server: OfficeServer) -> None:
    """No hold keeps these data: the roster no longer leads to the photo."""
    office = office_server.office
    enter(office, 1)
    file_shot(office, 1, person=somebody(1, id_number=None, school=SCHOOL, year=YEAR))
    sue = office_server.client("sue", Role.SUPERVISOR)
    sue.post("/retention/case", do="delete", number=str(somebody(1).id_number))
    with office.database.read() as session:
        (row,) = office.roster.find(session, [str(somebody(1).id_number)], 5)
    office.roster.remove("sue", [row.row_id])
    said = sue.post("/retention/answer", do="delete", request="1").text
    assert "Nothing was deleted: the rosters no longer say" in said
    assert "hold" not in said


def test_the_purge_says_what_it_did(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    shot = office_server.office.queue.claim("anna", f"{1:032x}")
    office_server.office.queue.decide("anna", shot.shot_id, shot.version, Approve())
    office_server.clock.move(days=200)
    sue = office_server.client("sue", Role.SUPERVISOR)
    assert "<progress" in sue.post("/retention/purge", sure="yes").text
    assert 'name="sure"' not in sue.get("/retention").text, "nobody asks for it twice"
    work(office_server.office)
    page = sue.get("/retention").text
    assert ": 1 photos" in page
    assert "<progress" not in page


@pytest.mark.parametrize("role", [Role.STAFF, Role.ADMINISTRATOR, Role.SCHOOL])
def test_nobody_else_may(office_server: OfficeServer, role: Role) -> None:
    client = office_server.client("x", role, "示范大学" if role is Role.SCHOOL else None)
    assert client.get("/retention").status_code == 403
    assert client.post("/retention/purge", sure="yes").status_code == 403
