"""A form that arrives twice (a double click, a reload of the answer) does once what it asks for."""

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page as Window
from sqlalchemy import Connection, Engine, event, func, select
from starlette.responses import Response

from center.accounts.model.roles import Role
from center.accounts.sent_forms import SentForms
from center.accounts.tables import SentFormRow
from center.audit.tables import AuditRow
from center.platform.faults import Conflict, NotNow, Unavailable, WrongRequest
from center.platform.tables import Base
from center.web.app import application
from center.web.gate import Page
from center.web.page_request import PageRequest
from center.wiring.console import PAGES, services_of
from center.wiring.office import Office
from tests.center.delivery.test_deliveries import SCHOOL
from tests.center.office_server import Client, OfficeServer, serving, wait_until
from tests.center.web.stocked_office import seen, stock

NOT_COMPARED = {"sessions", "sent_forms", "counters", "login_failures", "audit_head", AuditRow.__tablename__}
"""Tables in which every request leaves its mark."""
LEFT_OUT = {"/logout", "/account/password", "/login", "/workbook", "/account/end-session", "/accounts/end-session"}
"""Forms that end the test's login, or change nothing."""
TO_ACT_ON = {"zoe", "another", "math"}
"""Accounts that are acted on; the others are the test's own."""
WORDS = {"number": "1", "date": "2026-09-20", "email": "a@b.example", "checkbox": "yes", "radio": "yes"}
NAMED = {
    "mail": "a@b.example",
    "amount": "1.00",
    "fee": "15",
    "majors": "物理",
    "name": "another",
    "reason": "核对有误",
    "line": "马上就来",
}


@dataclass
class SentForm:
    """A form of a page: where it goes, its fields as a person would send them."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Forms(HTMLParser):
    """The forms of a page that change something; each button with a value makes one of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[SentForm] = []
        self._form: SentForm | None = None
        self._buttons: list[dict[str, str]] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = of.get("hx-post") or (of.get("action", "") if of.get("method") == "post" else "")
            files = of.get("hx-ext") == "raw-file"
            self._form, self._buttons = (SentForm(action) if action and not files else None), []
        if self._form is None:
            return
        name, kind = of.get("name", ""), of.get("type", "text")
        if tag == "input" and name:
            chosen = of.get("value") or NAMED.get(name) or WORDS.get(kind, "1")
            if kind != "radio" or name not in self._form.fields:
                self._form.fields[name] = chosen
        elif tag == "textarea" and name:
            self._form.fields[name] = "核对有误"
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and of.get("value") and self._select not in self._form.fields:
            self._form.fields[self._select] = of["value"]
        elif tag == "button" and name:
            self._buttons.append({name: of.get("value", "")})

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._form is not None:
            for button in self._buttons or [{}]:
                self.found.append(SentForm(self._form.action, {**self._form.fields, **button}))
            self._form = None
        elif tag == "select":
            self._select = ""


def forms_of(html: str) -> list[SentForm]:
    parser = Forms()
    parser.feed(html)
    return parser.found


def contents(server: OfficeServer) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but the ones in which each request leaves its mark."""
    with server.office.database.read() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
            if table.name not in NOT_COMPARED
        }


def entries(server: OfficeServer) -> int:
    with server.office.database.read() as session:
        return session.execute(select(func.count()).select_from(AuditRow)).scalar_one()


def page_of(path: str) -> Page:
    """The page of the table at which a form arrives."""
    for page in PAGES:
        pattern = re.sub(r"\{\w+(?::\w+)?\}", "[^/]+", page.path)
        if page.method == "POST" and re.fullmatch(pattern, path):
            return page
    raise AssertionError(path)


def test_no_form_of_any_page_changes_anything_the_second_time(office_server: OfficeServer) -> None:
    known = stock(office_server)
    for _ in range(4):
        office_server.office.waiting_numbers.take()
    office_server.colleague("zoe")
    clients = dict[Role, Client]()
    sent, twice, audited = set(), [], []
    for one in seen(known):
        if one.role is None:
            continue
        school = SCHOOL if one.role in (Role.SCHOOL, Role.COLLEGE) else None
        client = clients.get(one.role) or office_server.client(f"x.{one.role.value}", one.role, school)
        clients[one.role] = client
        for form in forms_of(client.get(one.path).text):
            path = urlsplit(form.action).path
            page = page_of(path)
            if path in LEFT_OUT or page.path in sent or form.fields.get("name", "zoe") not in TO_ACT_ON:
                continue
            fields = {**form.fields, "csrf": client.csrf_token}
            first = client.post(form.action, fields)
            if first.status_code >= 400:
                continue
            sent.add(page.path)
            before, audit_before = contents(office_server), entries(office_server)
            client.post(form.action, fields)
            after = contents(office_server)
            twice += [(page.path, name) for name in after if after[name] != before[name]]
            audited += [page.path] if page.once and entries(office_server) != audit_before else []
    assert twice == []
    assert audited == [], "a form that was done before is no second entry in the audit"
    assert sent >= {
        *("/accounts/monitor", "/accounts/reset-password", "/attendance/note", "/billing/pay", "/calls", "/colleges"),
        *("/checking/mark", "/corrections/close", "/deliveries", "/feedback", "/prints/sent", "/schools", "/season"),
        *("/reconciliation/{booth}/{half_day}/count", "/waiting"),
    }


@pytest.mark.parametrize("by_script", [False, True])
def test_the_second_arrival_leads_where_the_first_one_did(office_server: OfficeServer, by_script: bool) -> None:
    anna, queue = office_server.client("anna"), office_server.office.waiting_numbers
    for _ in range(3):
        queue.take()
    (number,) = {form.fields["once"] for form in forms_of(anna.get("/waiting").text) if form.fields.get("do") == "next"}
    headers = {"HX-Request": "true"} if by_script else {}
    answers = [anna.post("/waiting", headers=headers, do="next", once=number) for _ in range(2)]
    assert {answer.headers.get("HX-Redirect" if by_script else "Location") for answer in answers} == {"/waiting"}
    assert queue.state().called == (1,)
    anna.post("/waiting", do="next", once=forms_of(anna.get("/waiting").text)[-1].fields["once"])
    assert queue.state().called == (1, 2), "another form is another call"


class Counted:
    """Pages that count how often they do something, and end in every way."""

    def __init__(self, server: OfficeServer) -> None:
        self.done = 0
        self.ends: Callable[[PageRequest], Response] = lambda request: Response("done")
        page = Page("POST", "/counted", self._do, once=True)
        self.console = application(services_of(server.office), [page])

    def _do(self, request: PageRequest) -> Response:
        self.done += 1
        return self.ends(request)


@pytest.fixture
def counted(office_server: OfficeServer) -> Iterator[tuple[Counted, Client, Client]]:
    counted = Counted(office_server)
    anna, bob = office_server.client("anna"), office_server.client("bob")
    with serving(office_server.office, counted.console) as address:
        office_server.address = address
        yield counted, anna, bob


def test_what_was_done_is_refused_the_second_time_and_said(counted: tuple[Counted, Client, Client]) -> None:
    page, anna, bob = counted
    assert anna.post("/counted", once="a").status_code == 200
    again = anna.post("/counted", once="a")
    assert (again.status_code, page.done) == (409, 1)
    assert "This form was sent before" in again.text
    assert "Somebody else" not in again.text
    assert 'href="/counted">Open the page again' in again.text
    assert anna.post("/counted", once="b").status_code == 200, "another form"
    assert bob.post("/counted", once="a").status_code == 200, "another login"
    assert anna.post("/counted", csrf="", once="c").status_code == 403
    assert anna.post("/counted", once="c").status_code == 200, "who was turned away had done nothing"
    assert page.done == 4


@pytest.mark.parametrize("ends", ["refused", "fault of the form"])
def test_what_was_refused_may_be_sent_again(counted: tuple[Counted, Client, Client], ends: str) -> None:
    page, anna, _ = counted

    def refuse(request: PageRequest) -> Response:
        if ends == "refused":
            raise WrongRequest("only plain forms are read here")
        return request.form_fault("place", "no")

    page.ends = refuse
    assert anna.post("/counted", once="a").status_code == 400
    page.ends = lambda request: Response("done")
    assert anna.post("/counted", once="a").status_code == 200
    assert anna.post("/counted", once="a").status_code == 409
    assert page.done == 2


@pytest.mark.parametrize("fault", [ZeroDivisionError(), NotNow("the database is away"), Unavailable("no printer")])
def test_what_may_have_been_done_before_a_fault_is_not_done_again(
    counted: tuple[Counted, Client, Client], fault: Exception
) -> None:
    page, anna, _ = counted

    def fail(request: PageRequest) -> Response:
        raise fault

    page.ends = fail
    assert anna.post("/counted", once="a").status_code in (500, 503)
    page.ends = lambda request: Response("done")
    again = anna.post("/counted", once="a")
    assert (again.status_code, page.done) == (409, 1)
    assert anna.post("/counted", once="b").status_code == 200, "the page loaded again"


def test_a_form_whose_first_arrival_is_refused_at_this_moment_is_a_conflict(office: Office) -> None:
    forms = SentForms(office.database, office.clock)
    assert forms.begin("login", "a") is None

    def forgotten(connection: Connection, _: object, statement: str, *__: object) -> None:
        if statement.startswith("INSERT INTO sent_forms"):
            connection.exec_driver_sql("DELETE FROM sent_forms")

    event.listen(Engine, "after_cursor_execute", forgotten)
    try:
        with pytest.raises(Conflict, match="was sent before"):
            forms.begin("login", "a")
    finally:
        event.remove(Engine, "after_cursor_execute", forgotten)


def test_of_two_that_arrive_together_one_is_done(counted: tuple[Counted, Client, Client]) -> None:
    page, anna, _ = counted
    here, go_on = threading.Event(), threading.Event()

    def slow(request: PageRequest) -> Response:
        here.set()
        assert go_on.wait(20)
        return Response("done")

    page.ends = slow
    with ThreadPoolExecutor(1) as beside:
        first = beside.submit(anna.post, "/counted", once="a")
        assert here.wait(20)
        assert anna.post("/counted", once="a").status_code == 409
        go_on.set()
        assert first.result().status_code == 200
    assert page.done == 1


def test_numbers_of_ended_logins_are_deleted(office_server: OfficeServer) -> None:
    office_server.client("anna").post("/waiting", do="next", once="a")
    office_server.clock.move(hours=13)
    office_server.client("anna").post("/waiting", do="next", once="b")
    with office_server.office.database.read() as session:
        assert session.execute(select(func.count()).select_from(SentFormRow)).scalar_one() == 1


@pytest.mark.xdist_group("browser")
def test_a_double_click_calls_one_number(office_server: OfficeServer, browser_window: Callable[..., Window]) -> None:
    queue = office_server.office.waiting_numbers
    for _ in range(3):
        queue.take()
    window = browser_window("anna")
    window.goto(f"{office_server.address}/waiting")
    window.locator("#call-next").dblclick()
    wait_until(lambda: bool(queue.state().called))
    window.locator("#came-1").wait_for()
    window.wait_for_load_state("networkidle")
    assert queue.state().called == (1,)
    window.locator("#call-next").click()
    wait_until(lambda: queue.state().called == (1, 2))
