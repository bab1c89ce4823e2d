"""The season's page: a supervisor changes it, everybody else is kept out, what is wrong is said beside the form."""

import re

import pytest

from center.accounts.model.roles import Role
from tests.center.office_server import Client, OfficeServer


def test_a_supervisor_closes_a_day_and_opens_it_again(office_server: OfficeServer) -> None:
    sue = office_server.client("sue", Role.SUPERVISOR)
    assert "Open" in sue.get("/season").text
    answer = sue.post("/season", do="day", version="0", day="2026-09-01", hours="", note="设备检修")
    assert answer.headers["Location"] == "/season"
    page = sue.get("/season").text
    assert "Closed today" in page
    assert page.count("设备检修") == 3, "in the calendar, in the table and in the history"
    sue.post("/season", do="usual", version="1", day="2026-09-01")
    assert "No date has hours of its own" in sue.get("/season").text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"do": "hours", "hours": "17:00-09:00"}, "Write hours like"),
        ({"do": "window", "first": "11-20", "last": "08-01"}, "Write the days like"),
        ({"do": "day", "day": "tomorrow", "hours": ""}, "Write dates like"),
        ({"do": "year", "year": "2027", "source": "", "holidays": ""}, "need its source"),
        ({"do": "year", "year": "2027", "source": "x", "holidays": "元旦 2026-01-01"}, "is not in 2027"),
    ],
)
def test_what_is_wrong_stands_beside_the_form(office_server: OfficeServer, form: dict[str, str], said: str) -> None:
    sue = office_server.client("sue", Role.SUPERVISOR)
    answer = sue.post("/season", {"version": "0", **form})
    assert answer.status_code == 400
    assert answer.headers["HX-Retarget"] == "#season-fault"
    assert said.replace("need its", "needs its") in answer.text


IN_2027 = {"do": "year", "year": "2027", "source": "国办发明电"}
IMPOSSIBLE = [
    {"do": "hours", "hours": "17:00-09:00"},
    {"do": "hours", "hours": "09:00-12:00 11:00-15:00"},
    {"do": "hours", "hours": "13:00-15:00 09:00-12:00"},
    {"do": "hours", "hours": "25:00-26:00"},
    {"do": "window", "first": "11-20", "last": "08-01"},
    {"do": "window", "first": "02-30", "last": "08-01"},
    {"do": "day", "day": "2026-13-01", "hours": ""},
    {"do": "day", "day": "2026-09-01", "hours": "09:00-12:00 11:00-15:00"},
    {"do": "day", "day": "2026-09-01", "hours": "", "note": "长" * 300},
    {**IN_2027, "source": "", "holidays": ""},
    {**IN_2027, "year": "27", "holidays": ""},
    {**IN_2027, "holidays": "元旦 2026-01-01"},
    {**IN_2027, "holidays": "元旦"},
    {**IN_2027, "holidays": "元旦 2027-01-03 2027-01-01"},
    {**IN_2027, "holidays": "元旦 2027-01-32"},
    {**IN_2027, "holidays": "元旦 2027-01-01", "worked": "2027-01-04"},
    {**IN_2027, "holidays": "元旦 2027-01-01 2027-01-03", "worked": "2027-01-02"},
]


@pytest.mark.parametrize("form", IMPOSSIBLE, ids=str)
def test_a_refusal_in_chinese_has_no_english_words(office_server: OfficeServer, form: dict[str, str]) -> None:
    login = office_server.client("sue", Role.SUPERVISOR)
    sue = Client(office_server, login.token, login.csrf_token, "zh")
    answer = sue.post("/season", {"version": "0", "worked": "", "note": "", **form})
    assert answer.status_code == 400
    assert answer.headers["HX-Retarget"] == "#season-fault"
    (said,) = re.findall(r'id="season-fault".*?</', answer.text, re.DOTALL)
    said = re.sub("<[^>]*>|^[^>]*>", " ", said)
    assert re.search("[\u4e00-\u9fff]", said), said
    assert not re.search("[A-Za-z]{2,}", said), said


def test_two_supervisors_at_once_do_not_overwrite_each_other(office_server: OfficeServer) -> None:
    sue, tom = (office_server.client(name, Role.SUPERVISOR) for name in ("sue", "tom"))
    assert sue.post("/season", do="hours", version="0", hours="09:00-12:00").status_code == 303
    assert tom.post("/season", do="hours", version="0", hours="10:00-12:00").status_code == 409
    assert "09:00-12:00" in tom.get("/season").text


@pytest.mark.parametrize("role", [Role.STAFF, Role.ADMINISTRATOR, Role.SCHOOL])
def test_nobody_else_may(office_server: OfficeServer, role: Role) -> None:
    client = office_server.client("x", role, "示范大学" if role is Role.SCHOOL else None)
    assert client.get("/season").status_code == 403
    assert client.post("/season", do="hours", version="0", hours="09:00-12:00").status_code == 403
