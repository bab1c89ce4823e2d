"""The page of passes, and what the public page of a receipt says of coming again."""

from datetime import datetime

import pytest

from center.accounts.model.roles import Role
from rules.season import CHINA
from tests.center.delivery.test_deliveries import SCHOOL, enter, person_of
from tests.center.factories import shot_id, somebody
from tests.center.office_server import Client, OfficeServer, file_shot
from wire.manifest import Times


def test_a_pass_is_issued_to_one_graduate_and_withdrawn(office_server: OfficeServer) -> None:
    enter(office_server.office, 1)
    sue = office_server.client("sue", Role.SUPERVISOR)
    page = sue.post("/passes/search", text=str(somebody(1).student_no)).text
    assert str(somebody(1).id_number) not in page
    row = page.split('name="row" value="')[1][:32]
    form = {"row": row, "reason": "appointment", "first": "2026-11-23", "last": "2026-11-24"}
    assert "The days are wrong" in sue.post("/passes", {**form, "last": "2026-11-01"}).text
    assert "The days are wrong" in sue.post("/passes", {**form, "reason": "because"}).text
    assert sue.post("/passes", form).headers["Location"] == "/passes"
    assert "has a pass for some of these days" in sue.post("/passes", form).text
    page = sue.get("/passes").text
    assert "2026-11-23 – 2026-11-24" in page
    sue.post("/passes/withdraw", {"pass": page.split('name="pass" value="')[1][:32]})
    assert "No pass is valid" in sue.get("/passes").text


@pytest.mark.parametrize(
    ("language", "words"), [("en", "attach the row and issue again"), ("zh", "请先对应再重新签发")]
)
def test_a_photo_under_a_bare_code_causes_a_pass_when_its_row_is_attached(
    office_server: OfficeServer, language: str, words: str
) -> None:
    """Until then the page says what staff can do."""
    office = office_server.office
    enter(office, 1)
    office_server.clock.now = datetime(2026, 11, 20, 10, tzinfo=CHINA)
    times = Times(**dict.fromkeys(("consented", "shot", "accepted"), office_server.clock.now), clock_synced=True)
    nothing = dict.fromkeys(("id_number", "exam_no", "school", "major", "class_name", "year"))
    person = somebody(1, **nothing, name="")
    file_shot(office, 1, person=person, flags=("provisional_row",), times=times)
    office_server.clock.now = datetime(2026, 11, 20, 17, 1, tzinfo=CHINA)
    session = office_server.client("sue", Role.SUPERVISOR)
    sue = Client(office_server, session.token, session.csrf_token, language)
    page = sue.post("/passes/last-days").text
    assert words in page
    assert f'href="/review/{shot_id(1)}"' in page
    assert office.passes.open() == []
    shot = office.queue.claim("anna", shot_id(1))
    (found,) = office.passes.find("sue", str(somebody(1).student_no))
    office.identity_answers.attach("anna", shot.shot_id, shot.version, found.row_id)
    assert words not in sue.post("/passes/last-days").text
    assert [one.row_id for one in office.passes.open()] == [found.row_id]


def test_a_receipt_says_how_one_hears_and_when_to_come_again(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1, person=person_of(1))
    page = office_server.client("anna").get("/r/RECE-000001").text
    assert "Keep this page" in page
    assert "2026-11-20" in page
    assert "09:00-11:30 13:30-17:00" in page
    assert str(somebody(1).name) not in page


@pytest.mark.parametrize("role", [Role.STAFF, Role.ADMINISTRATOR, Role.SCHOOL])
def test_nobody_else_opens_booths(office_server: OfficeServer, role: Role) -> None:
    client = office_server.client("x", role, SCHOOL if role is Role.SCHOOL else None)
    assert client.get("/passes").status_code == 403
    assert client.post("/passes/last-days").status_code == 403
