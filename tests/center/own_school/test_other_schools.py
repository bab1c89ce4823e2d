"""An account of a school tries every page of its own with every id of another school, and gets nothing."""

import io
import re
import zipfile
from collections.abc import Callable, Collection, Mapping
from urllib.parse import quote_plus, urlencode

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from center.accounts.model.roles import Right, Role, may
from center.audit.tables import AuditRow
from center.corrections.model import CaseKind
from center.own_school.pages import PAGES as OWN_PAGES
from center.own_school.tables import ClassCheckRow
from center.platform.tables import Base
from center.shots.model.staff_decision import Approve
from center.web.gate import Page
from center.web.page_request import AS_WORKBOOK
from center.wiring.console import PAGES
from tests.center.billing.test_billing import payable
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, enter, work
from tests.center.factories import shot_id, somebody
from tests.center.office_server import Client, OfficeServer, file_shot
from tests.center.web.page_fields import fields_of, words_of

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
        ling = server.colleague("ling").user_id
        case = office.corrections.open_case(ling, row, CaseKind.CAPTION, remark="说明有误")
        numbers_of = (str(made.delivery_id), key, row, str(case), str(letter.letter_id))
        self.ids = (*numbers_of, shot_id(11), shot_id(12), self.college, OTHER, "医学", f"{YEAR} {OTHER}")
        people = [somebody(number) for number in (11, 12)]
        numbers = [one for person in people for one in (person.student_no, person.id_number)]
        self.secrets = (OTHER, "医学", "临床1班", "医学院", "说明有误", self.password, *filter(None, numbers))


def counted(server: OfficeServer) -> dict[str, int]:
    """The rows of every table but those in which each request or login leaves its mark, and the queue of numbers, which
    anybody may join and nobody is named in."""
    left_out = {
        AuditRow.__tablename__,
        "sessions",
        "counters",
        "login_failures",
        "sent_forms",
        "waiting_days",
        "waiting_numbers",
    }
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


ENDS_THE_LOGIN = ("/logout", "/account/password")


def open_to(role: Role) -> list[Page]:
    """The pages that accounts of the role reach, of all there are; those that end the test's own login aside."""
    reached = [page for page in PAGES if page.public or page.right is None or may(role, page.right)]
    return [page for page in reached if page.path not in ENDS_THE_LOGIN]


def asked(client: Client, page: Page, values: Mapping[str, str], do: str) -> requests.Response:
    """The page with these values in every part of its address and every field that its code reads."""
    path = re.sub(r"\{(\w+)(?::\w+)?\}", lambda part: values[part[1]], page.path)
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
        return client.upload(path, f"{head}\n{','.join(row)}".encode(), **values, do=do)
    if page.method == "GET":
        return client.get(f"{path}?{urlencode(values)}")
    return client.post(path, {**values, "do": do, **CHOSEN})


CHOSEN = {"kind": "caption", "college": "x", "head_count": "1", "images": "满意", "organisation": "满意"}
"""Fields that must be right before the others are looked at."""


def hold(page: Page, answer: requests.Response, strange: Strange, typed: Collection[str]) -> None:
    """Nothing of the other school is in the answer, nor in the parts of a workbook; a refused form and a link to the
    same page keep what was typed, and a refusal names it."""
    assert answer.status_code < 500, page
    parts = [answer.content]
    if answer.content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            parts = [archive.read(name) for name in archive.namelist()]
    said = "".join(part.decode("utf-8", "replace") for part in parts)
    for one in typed:
        said = said.replace(f'value="{one}"', "").replace(quote_plus(one), "")
        if answer.status_code >= 400:
            said = said.replace(one, "")  # a refusal names what was asked for
    if page.file_bytes:
        said = said.replace(OTHER, "")  # it told us which school's name it refuses, as we had sent it
    assert [one for one in strange.secrets if one in said] == [], (page, answer.status_code)
    assert answer.headers.get("content-type") != "image/jpeg", page


def values_of(server: OfficeServer, client: Client, page: Page, pick: Callable[[str], str]) -> dict[str, str]:
    """A value for each name in the page's address and code. `pick`: chooses one for a name."""
    names = set(re.findall(r"\{(\w+)", page.path)) | fields_of(page) | {AS_WORKBOOK}
    values = {name: pick(name) for name in sorted(names - {"do", "csrf", *CHOSEN})}
    if "shot_id" in values:
        shot = values["shot_id"] if re.fullmatch("[0-9a-f]{32}", values["shot_id"]) else shot_id(11)
        ticket = server.office.office_keys.lookup("photo ticket", f"{client.csrf_token}\0{shot}").hex()[:32]
        values |= {"shot_id": shot, "ticket": ticket}
    return values


def always(one: str) -> Callable[[str], str]:
    return lambda _: one


@pytest.mark.parametrize("role", [Role.SCHOOL, Role.COLLEGE])
def test_every_page_is_asked_for_every_id_of_another_school_and_gives_or_changes_nothing(
    two_schools: tuple[OfficeServer, Client, Strange], role: Role
) -> None:
    server, client, strange = two_schools
    if role is Role.COLLEGE:
        client = server.client("math", role, SCHOOL)
    before = counted(server)
    pages = open_to(role)
    assert {page.path for page in pages} >= {page.path for page in OWN_PAGES if may(role, page.right or Right.PROGRESS)}
    for page in pages:
        for one in strange.ids:
            values = values_of(server, client, page, always(one))
            hold(page, asked(client, page, values, "mark"), strange, [one])
        assert counted(server) == before, page
    for page in PAGES:
        if page not in pages and page.path not in ENDS_THE_LOGIN:
            values = values_of(server, client, page, lambda name: PLACES.get(name, strange.ids[0]))
            answer = asked(client, page, values, "look")
            assert answer.status_code == 403, page
            hold(page, answer, strange, values.values())
    assert counted(server) == before


PLACES = {"job_id": "1", "call_id": "0" * 32, "half_day": "2026-09-01-am", "version": "1", "booth": "booth-1"}
"""Parts of staff's addresses that only take their own kind."""


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_page_gives_or_changes_anything_of_another_school(
    two_schools: tuple[OfficeServer, Client, Strange], data: st.DataObject
) -> None:
    server, client, strange = two_schools
    page = data.draw(st.sampled_from(open_to(Role.SCHOOL)))
    values = values_of(server, client, page, lambda name: data.draw(st.sampled_from(strange.ids), label=name))
    do = data.draw(st.sampled_from(words_of(page)), label="do")
    before = counted(server)
    answer = asked(client, page, values, do)
    hold(page, answer, strange, values.values())
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
    (shown,) = re.findall(r'name="seen" value="([^"]+)"', client.get(f"/checking?class={key}").text)
    assert client.post("/checking/confirm", {"class": key, "seen": shown}).status_code == 200
    assert ClassCheckRow.__tablename__ in counted(server)
