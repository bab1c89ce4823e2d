"""A school's page of its own graduates."""

from center.accounts.model.roles import Role
from center.shots.model.staff_decision import Approve, Reject
from tests.center.factories import shot_id, somebody
from tests.center.office_server import OfficeServer, file_shot


def decided(office_server: OfficeServer, number: int, staff_decision: Approve | Reject, seconds: float = 5) -> None:
    who = office_server.colleague("anna").user_id
    shot = office_server.office.queue.claim(who, shot_id(number))
    office_server.clock.move(seconds=seconds)
    office_server.office.queue.decide(who, shot.shot_id, shot.version, staff_decision)


def test_staff_see_the_graduates_of_one_school_or_of_all_masked(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1, person=somebody(1, school="甲大学", student_no="2026111111"))
    file_shot(office_server.office, 2, person=somebody(2, school="乙大学", student_no="2026222222"))
    anna = office_server.client("anna")
    page = anna.get("/school?school=甲大学").text
    assert "2026****11" in page
    assert "2026****22" not in page
    assert "/shots/" not in page
    assert "2026****22" in anna.get("/school").text


def test_a_school_sees_no_page_of_staff(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1, person=somebody(1, school="甲大学"))
    school = office_server.client("jia", Role.SCHOOL, "甲大学")
    for path in ("/school", "/queue", f"/review/{shot_id(1)}", "/numbers", "/booths", "/accounts", "/audit"):
        assert school.get(path).status_code == 403
    assert school.get("/").headers["location"] == "/progress"


def test_a_photo_counts_as_approved_when_its_decision_is_final(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    bob = office_server.client("bob")
    decided(office_server, 1, Approve())
    assert "<strong>0</strong><span>approved" in bob.get("/school").text
    office_server.clock.move(seconds=11)
    assert "<strong>1</strong><span>approved" in bob.get("/school").text
