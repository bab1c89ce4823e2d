"""An account of a school tries every page of its own with every id of another school, and gets nothing."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from center.accounts.model.roles import Role
from center.audit.tables import AuditRow
from center.corrections.model import CaseKind
from center.own_school.pages import PAGES as OWN_PAGES
from center.own_school.tables import ClassCheckRow
from center.platform.tables import Base
from center.shots.model.staff_decision import Approve
from tests.center.billing.test_billing import payable
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, enter, work
from tests.center.factories import shot_id, somebody
from tests.center.office_server import Client, OfficeServer, file_shot

OTHER = "另一大学"


class Strange:
    """Another school with a roster, a photo, a delivery, a case, a checked class and a college; and its ids."""

    def __init__(self, server: OfficeServer) -> None:
        office = server.office
        enter(office, 11, 12, school=OTHER, major="医学", class_name="临床1班")
        for number in (11, 12):
            file_shot(office, number, person=somebody(number, school=OTHER, year=YEAR))
            shot = office.queue.claim("anna", shot_id(number))
            office.queue.decide("anna", shot.shot_id, shot.version, Approve())
            server.clock.move(seconds=11)
        made, self.password = office.deliveries.make("sue", OTHER, YEAR)
        work(office)
        payable(office)
        letter = office.billing.issue("sue", OTHER, YEAR, None)
        client = server.client("ling", Role.SCHOOL, OTHER)
        self.college = "ling.med"
        assert client.post("/colleges", name="med", college="医学院", majors="医学").status_code == 200
        (key,) = set(re.findall(r"class=([0-9a-f]{16,})", client.get("/checking").text))
        page = client.get(f"/checking?class={key}").text
        row = re.findall(r'name="row" value="([^"]+)"', page)[0]
        case = office.corrections.open_case("ling", row, CaseKind.CAPTION, remark="说明有误")
        numbers_of = (str(made.delivery_id), key, row, str(case), str(letter.letter_id))
        self.ids = (*numbers_of, shot_id(11), shot_id(12), self.college, OTHER, "医学", f"{YEAR} {OTHER}")
        people = [somebody(number) for number in (11, 12)]
        numbers = [one for person in people for one in (person.student_no, person.id_number)]
        self.secrets = (OTHER, "医学", "临床1班", "医学院", "说明有误", self.password, *filter(None, numbers))


def counted(server: OfficeServer) -> dict[str, int]:
    """The rows of every table but the audit's, sessions' and jobs' own."""
    left_out = {AuditRow.__tablename__, "sessions", "counters"}
    with server.office.database.read() as session:
        return {
            table.name: session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in Base.metadata.sorted_tables
            if table.name not in left_out
        }


@pytest.fixture
def two_schools(office_server: OfficeServer) -> tuple[OfficeServer, Client, Strange]:
    enter(office_server.office, 1, 2)
    strange = Strange(office_server)
    return office_server, office_server.client("shifan", Role.SCHOOL, SCHOOL), strange


FIELDS = ("class", "row", "case", "delivery", "name", "majors", "year", "of", "school", "letter")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_page_gives_or_changes_anything_of_another_school(
    two_schools: tuple[OfficeServer, Client, Strange], data: st.DataObject
) -> None:
    server, client, strange = two_schools
    page = data.draw(st.sampled_from(OWN_PAGES))
    chosen = {field: data.draw(st.sampled_from(strange.ids), label=field) for field in FIELDS}
    shot = data.draw(st.sampled_from([shot_id(11), shot_id(12)]))
    ticket = server.office.office_keys.lookup("photo ticket", f"{client.csrf_token}\0{shot}").hex()[:32]
    path = page.path.replace("{shot_id:shot}", shot).replace("{ticket}", ticket).replace("{letter}", chosen["delivery"])
    do = data.draw(st.sampled_from(["look", "import", "mark", "take_back", "disable", "password", "app"]))
    form = {**chosen, "do": do, "kind": "caption", "college": "x", "head_count": "1", "images": "满意"}
    form["organisation"] = "满意"
    before = counted(server)
    if page.file_bytes:
        row = (
            YEAR,
            OTHER,
            "医学",
            "临床1班",
            "2026000099",
            str(somebody(99).id_number),
            "王一",
            "女",
            "26320102150001",
        )
        head = "Bynd,xxmc,Zymc,Bjmc,Xh,Sfzh,Xm,Xb,Ksh"
        answer = client.upload(path, f"{head}\n{','.join(row)}".encode(), **form)
    elif page.method == "GET":
        query = "&".join(f"{name}={value}" for name, value in chosen.items() if data.draw(st.booleans(), label=name))
        answer = client.get(f"{path}?{query}")
    else:
        answer = client.post(path, form)
    assert answer.status_code < 500
    said = answer.content.decode("utf-8", "replace")
    said = said.replace(f'value="{chosen["name"]}"', "")  # a refused form keeps what was typed
    if page.file_bytes:
        said = said.replace(OTHER, "")  # it told us which school's name it refuses, as we had sent it
    assert [one for one in strange.secrets if one in said] == [], (page, answer.status_code)
    assert answer.headers["content-type"] != "image/jpeg"
    assert counted(server) == before, page


def test_the_other_schools_own_account_does_get_them(two_schools: tuple[OfficeServer, Client, Strange]) -> None:
    server, _, strange = two_schools
    client = server.client("ling", Role.SCHOOL, OTHER)
    delivery, key, row, case, letter, shot, *_ = strange.ids
    ticket = server.office.office_keys.lookup("photo ticket", f"{client.csrf_token}\0{shot}").hex()[:32]
    assert client.get(f"/checking/{shot}/{ticket}.jpg").headers["content-type"] == "image/jpeg"
    assert client.get(f"/checking?class={key}").status_code == 200
    assert client.post("/letters/take", letter=letter).content.startswith(b"%PDF")
    assert client.post("/letters/confirm", letter=letter).status_code == 200
    assert client.post("/letters/confirm", letter=letter).status_code == 409
    billing = server.client("liu", Role.SUPERVISOR).get(f"/billing?of={YEAR} {OTHER}").text
    assert "(ling)" in billing, "staff see that the school has confirmed, and who"
    assert client.post("/packs/take", delivery=delivery).content.startswith(b"PK")
    assert client.post("/checking/mark", {"class": key, "case": case, "do": "take_back"}).status_code == 200
    assert client.post("/checking/mark", {"class": key, "row": row, "kind": "caption"}).status_code == 200
    assert client.post("/checking/confirm", {"class": key}).status_code == 200
    assert ClassCheckRow.__tablename__ in counted(server)
