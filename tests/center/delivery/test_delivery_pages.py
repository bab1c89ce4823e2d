"""The page of deliveries: seen, made, taken, handed over, by who may."""

import hashlib
import re
import subprocess

import pytest

from center.accounts.model.roles import Role
from center.shots.model.staff_decision import Approve
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, decide, enter, person_of, work
from tests.center.factories import shot_id, somebody
from tests.center.office_server import OfficeServer, file_shot

OF = f"{YEAR} {SCHOOL}"


@pytest.fixture
def stocked(office_server: OfficeServer) -> OfficeServer:
    """Two approved photos of a school, one of them of nobody on the roster, and a graduate without any."""
    enter(office_server.office, 1, 3)
    for number in (1, 2):
        file_shot(office_server.office, number, person=person_of(number))
        shot = office_server.office.queue.claim("anna", shot_id(number))
        office_server.office.queue.decide("anna", shot.shot_id, shot.version, Approve())
    office_server.clock.move(seconds=11)
    return office_server


def test_a_supervisor_sees_what_a_school_gets_and_what_is_missing_makes_it_and_takes_it(stocked: OfficeServer) -> None:
    sue = stocked.client("sue", Role.SUPERVISOR)
    page = sue.get(f"/deliveries?of={OF}").text
    assert "import the school&#39;s roster" in page
    assert "0 wait for staff, 0 must be taken again, 1 of 2 on the roster have no photo" in page
    page = sue.post("/deliveries", of=OF).text
    password = re.findall(r'once-value digits">([^<]+)<', page)[0]
    number = re.findall(r'name="delivery" value="(\d+)"', page)[0]
    assert "<progress" in page
    assert sue.post("/deliveries/take", delivery=number).status_code == 409, "it is being built"
    assert sue.get(f"/deliveries/slip?delivery={number}").status_code == 409
    assert "<progress" in sue.get("/jobs/1?back=/deliveries").text
    assert "Delivery pack" in sue.get("/jobs").text
    work(stocked.office)
    assert 'hx-get="/deliveries"' in sue.get("/jobs/1?back=/deliveries").text, "the page it stands on is loaded anew"
    taken = sue.post("/deliveries/take", delivery=number)
    assert taken.headers["content-type"] == "application/zip"
    assert taken.content.startswith(b"PK")
    slip = sue.get(f"/deliveries/slip?delivery={number}")
    assert slip.content.startswith(b"%PDF")
    words = subprocess.run(["pdftotext", "-", "-"], input=slip.content, capture_output=True, check=True).stdout.decode()
    for said in ("交接单", SCHOOL, "新增 1 张", hashlib.sha256(taken.content).hexdigest()[:32]):
        assert said in words
    for kept in (password, somebody(1).name, str(somebody(1).student_no)):
        assert kept not in words
    assert sue.get("/deliveries/slip?delivery=99").status_code == 404
    assert sue.get("/deliveries/slip").status_code == 400
    assert password in sue.post("/deliveries/password", delivery=number, of=OF).text
    page = sue.post("/deliveries/hand-over", delivery=number, of=OF, receiver="王老师，当面").text
    assert "王老师，当面" in page
    assert sue.post("/deliveries", of=OF).status_code == 409
    assert sue.post("/deliveries/take", delivery="99").status_code == 404
    assert sue.post("/deliveries", of="").status_code == 400


def test_a_file_that_is_not_kept_any_more_is_built_again_and_a_job_is_cancelled(stocked: OfficeServer) -> None:
    sue = stocked.client("sue", Role.SUPERVISOR)
    sue.post("/deliveries", of=OF)
    assert sue.post("/jobs/cancel", job="1").status_code == 303
    assert "Build the file" in sue.get(f"/deliveries?of={OF}").text
    assert "<progress" in sue.post("/deliveries/build", delivery="1", of=OF).text
    assert sue.post("/jobs/cancel", job="1").status_code == 409
    assert stocked.client("anna").get("/jobs").status_code == 403
    assert stocked.client("anna").post("/jobs/cancel", job="2").status_code == 403


def test_only_the_ticked_classes_are_delivered(office_server: OfficeServer) -> None:
    for number in (1, 2, 3):
        enter(office_server.office, number, class_name=f"{number}班")
        file_shot(office_server.office, number, person=person_of(number))
        decide(office_server.office, office_server.clock, number)
    sue = office_server.client("sue", Role.SUPERVISOR)
    page = sue.get(f"/deliveries?of={OF}").text
    names = re.findall(r'name="class" value="([^"]+)" checked', page)
    assert len(names) == 3
    assert f'name="shown" value="{len(names)}"' in page
    assert sue.post("/deliveries", of=OF, shown="3").status_code == 400, "none is ticked"
    sue.post("/deliveries", {"class": [names[0], names[2]]}, of=OF, shown="3")
    page = sue.get(f"/deliveries?of={OF}").text
    assert "New 2" in page
    assert 'name="class"' not in page, "one class is left"


@pytest.mark.parametrize("role", [Role.STAFF, Role.ADMINISTRATOR])
def test_nobody_else_delivers(stocked: OfficeServer, role: Role) -> None:
    client = stocked.client("x", role)
    for path in ("/deliveries", "/deliveries/slip?delivery=1"):
        assert client.get(path).status_code == 403
    for path in (
        "/deliveries",
        "/deliveries/build",
        "/deliveries/take",
        "/deliveries/password",
        "/deliveries/hand-over",
    ):
        assert client.post(path, of=OF, delivery="1", receiver="x").status_code == 403


@pytest.mark.parametrize("path", ["/deliveries", "/prints", "/prints/release", "/prints/take", "/prints/sent"])
def test_a_form_without_its_school_does_not_take_the_address_for_it(stocked: OfficeServer, path: str) -> None:
    sue = stocked.client("sue", Role.SUPERVISOR)
    answer = sue.post(f"{path}?of={OF}", format="cut", day="2026-11-20")
    assert answer.status_code == 400
    assert "the form came without of" in answer.text
    assert stocked.office.deliveries.all(SCHOOL) == []
