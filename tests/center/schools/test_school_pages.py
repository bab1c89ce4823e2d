"""The pages of schools: announced numbers, and what a version of a roster changed, masked."""

import re
from datetime import UTC, datetime

import pytest

from center.accounts.model.roles import Role
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, enter
from tests.center.factories import somebody
from tests.center.office_server import OfficeServer


def test_announced_numbers_and_versions(office_server: OfficeServer) -> None:
    enter(office_server.office, 1, 2)
    enter(office_server.office, 1, class_name="2班")
    sue = office_server.client("sue", Role.SUPERVISOR)
    form = {"school": SCHOOL, "year": YEAR, "announced": "3", "name": "王老师", "phone": "", "mail": ""}
    assert sue.post("/schools", form).headers["Location"] == f"/schools?year={YEAR}"
    page = sue.get("/schools").text
    assert "王老师" in page
    assert '<span class="bad">-1</span>' in page
    sue.post("/schools", {**form, "announced": "-", "name": ""})
    page = sue.get("/schools").text
    assert "王老师" in page, "what is left empty stays"
    assert '<span class="bad">-1</span>' not in page, "nothing announced"
    assert "is a number" in sue.post("/schools", {**form, "announced": "many"}).text
    assert "look again" in sue.post("/schools", {**form, "mail": "wang"}).text
    assert "/schools/versions/2" in sue.get(f"/schools/versions?of={SCHOOL}").text
    page = sue.get("/schools/versions/2").text
    assert "1班 → 2班" in page
    assert "Not in the file" in page
    assert str(somebody(1).student_no) not in page
    assert sue.get("/schools/versions/77").status_code == 404


def test_a_new_year_takes_notes_before_it_has_a_roster_and_a_mistyped_school_can_go(
    office_server: OfficeServer,
) -> None:
    enter(office_server.office, 1, 2)
    sue = office_server.client("sue", Role.SUPERVISOR)
    office_server.clock.now = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)  # the next year has begun in China
    sue = office_server.client("sue", Role.SUPERVISOR)
    page = sue.get("/schools").text
    assert f"· {YEAR}</h1>" in page
    assert re.findall(r'href="/schools\?year=(\d+)"', page) == ["2028", "2027", "2026"]
    page = sue.get("/schools?year=2028").text
    assert "· 2028</h1>" in page
    assert f'<option value="{SCHOOL}">' in page, "schools of other years are offered"
    form = {"year": "2028", "announced": "", "name": "", "phone": "", "mail": ""}
    sue.post("/schools", form, school=SCHOOL, announced="3", mail="wang@shifan.example")
    sue.post("/schools", form, school="示泛大学", announced="3", mail="wang@shifan.example")
    assert "示泛大学" in sue.get("/schools?year=2028").text
    sue.post("/schools", form, school="示泛大学", announced="-")
    assert "示泛大学" in sue.get("/schools?year=2028").text, "its contact stays"
    sue.post("/schools", form, school="示泛大学", mail="-")
    page = sue.get("/schools?year=2028").text
    assert "示泛大学" not in page
    assert "wang@shifan.example" in page


@pytest.mark.parametrize(("role", "status"), [(Role.STAFF, 403), (Role.ADMINISTRATOR, 200), (Role.SCHOOL, 403)])
def test_who_may(office_server: OfficeServer, role: Role, status: int) -> None:
    client = office_server.client("x", role, SCHOOL if role is Role.SCHOOL else None)
    assert client.get("/schools").status_code == status
