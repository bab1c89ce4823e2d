"""The season's page: a supervisor changes it, everybody else is kept out, what is wrong is said beside the form."""

import pytest

from center.accounts.model.roles import Role
from tests.center.office_server import OfficeServer


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
        ({"do": "year", "year": "2027", "source": "x", "holidays": "元旦 2026-01-01"}, "holidays of 2027"),
    ],
)
def test_what_is_wrong_stands_beside_the_form(office_server: OfficeServer, form: dict[str, str], said: str) -> None:
    sue = office_server.client("sue", Role.SUPERVISOR)
    answer = sue.post("/season", {"version": "0", **form})
    assert answer.status_code == 400
    assert answer.headers["HX-Retarget"] == "#season-fault"
    assert said.replace("need its", "needs its") in answer.text


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
