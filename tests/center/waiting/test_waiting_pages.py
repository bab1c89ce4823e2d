"""The public page for numbers, and staff's page: what each sees and may do."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import requests

from center.accounts.model.roles import Role
from center.platform.limits import Rate
from center.waiting.pages import COOKIE
from center.web.app import application
from center.web.services import Services
from center.wiring.console import PAGES, services_of
from center.wiring.office import Office
from tests.center.office_server import OfficeServer, serving


def words(page: str) -> str:
    return re.sub(r"<[^>]+>|\s+", " ", page)


class Phone:
    """A graduate's phone: it has no login, and one cookie of ours."""

    def __init__(self, server: OfficeServer) -> None:
        self.server, self.cookies = server, dict[str, str]()

    def get(self, path: str = "/number") -> requests.Response:
        return requests.get(self.server.address + path, headers=self._headers(), allow_redirects=False, timeout=20)

    def post(self, path: str = "/number", site: str = "same-origin") -> requests.Response:
        headers = {**self._headers(), "Sec-Fetch-Site": site}
        answer = requests.post(self.server.address + path, headers=headers, allow_redirects=False, timeout=20)
        found = re.search(rf"{COOKIE}=([^;]*)", answer.headers.get("Set-Cookie", ""))
        if found is not None:
            self.cookies[COOKIE] = found[1]
        return answer

    def _headers(self) -> dict[str, str]:
        # requests' own cookie jar would not send a Secure cookie over plain HTTP.
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Accept-Language": "en", **({"Cookie": kept} if kept else {})}


def test_a_phone_takes_a_number_is_called_and_served(office_server: OfficeServer) -> None:
    phone, anna = Phone(office_server), office_server.client("anna")
    assert "Take a number" in words(phone.get().text)
    answer = phone.post()
    assert (answer.status_code, answer.headers["Location"]) == (303, "/number")
    cookie = answer.headers["Set-Cookie"].lower()
    assert all(word in cookie for word in ("httponly", "secure", "samesite=lax", "path=/"))
    assert "0 before you" in words(phone.get().text)
    assert "Call the next 001" in words(anna.get("/waiting").text)
    anna.post("/waiting", do="next")
    assert "It is your turn" in words(phone.get().text)
    assert "001" in words(Phone(office_server).get().text), "everybody sees which number is called"
    anna.post("/waiting", do="came", number="1")
    assert "Your number" not in words(phone.get().text)


def test_who_did_not_come_is_told_and_called_again(office_server: OfficeServer) -> None:
    phone, anna = Phone(office_server), office_server.client("anna")
    phone.post()
    anna.post("/waiting", do="next")
    anna.post("/waiting", do="missed", number="1")
    assert "Ask at the desk" in words(phone.get().text)
    assert "somebody else has just changed" in words(anna.post("/waiting", do="came", number="1").text).lower()
    anna.post("/waiting", do="again", number="1")
    assert "It is your turn" in words(phone.get().text)
    phone.post("/number/back")
    assert "Your number" not in words(phone.get().text)


def test_a_closed_queue_gives_no_number_and_says_so(office_server: OfficeServer) -> None:
    anna, phone = office_server.client("anna"), Phone(office_server)
    anna.post("/waiting", do="close")
    phone.post()
    assert not phone.cookies
    page = words(phone.get().text)
    assert "No more numbers are given today" in page
    anna.post("/waiting", do="open")
    assert "No more numbers are given today" not in words(phone.get().text)


def test_another_site_can_not_make_a_phone_take_or_lose_a_number(office_server: OfficeServer) -> None:
    phone = Phone(office_server)
    phone.post()
    assert phone.post("/number/back", site="cross-site").status_code == 403
    assert "Your number" in words(phone.get().text)


def test_only_staff_at_the_desk_see_and_call_numbers(office_server: OfficeServer) -> None:
    assert Phone(office_server).get("/waiting").headers["Location"].startswith("/login")
    school = office_server.client("school", Role.SCHOOL, "示范大学")
    assert school.get("/waiting").status_code == 403
    assert school.post("/waiting", do="next").status_code == 403


def limited(monkeypatch: pytest.MonkeyPatch, office: Office, services: Services) -> serving:
    """The office's pages with other limits."""
    monkeypatch.setattr("tests.center.office_server.make_console", lambda _: application(services, PAGES))
    return serving(office)


def test_one_address_gets_only_so_many_new_numbers(
    office_server: OfficeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    office = office_server.office
    services = replace(services_of(office), new_numbers=Rate(0.2, 2, lambda: now[0]))
    with limited(monkeypatch, office, services) as address:
        phones = [Phone(replace(office_server, address=address)) for _ in range(4)]
        assert [phone.post().status_code for phone in phones] == [303, 303, 429, 429]
        again = phones[3].post()
        assert (again.headers["Retry-After"], "Many numbers were just taken" in words(again.text)) == ("5", True)
        assert "Your number" in words(phones[0].post().text), "who has a number is shown it"
        assert phones[3].get().status_code == 200
        now[0] = 5
        assert phones[0].post().status_code == 303
        assert phones[3].post().status_code == 303, "the number shown before took nothing of the limit"
        assert len(office_server.office.waiting_numbers.state().waiting) == 3


def test_a_closed_queue_takes_nothing_of_the_limit(
    office_server: OfficeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = office_server.office
    office.waiting_numbers.close("anna")
    services = replace(services_of(office), new_numbers=Rate(1, 1, lambda: 0.0))
    with limited(monkeypatch, office, services) as address:
        phone = Phone(replace(office_server, address=address))
        assert {phone.post().status_code for _ in range(3)} == {303}


def test_a_campus_behind_one_address_takes_and_follows_its_numbers(office_server: OfficeServer) -> None:
    """A hundred phones at opening time, and each asks again at once: more than one address may ask other pages."""
    phones = [Phone(office_server) for _ in range(100)]
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(lambda phone: phone.post().status_code, phones)) == {303}
        asked = threads.map(lambda phone: [phone.get().status_code for _ in range(5)], phones)
        assert {status for some in asked for status in some} == {200}
    assert len(office_server.office.waiting_numbers.state().waiting) == 100


def test_many_polls_take_nothing_of_the_limit_of_other_pages(
    office_server: OfficeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = office_server.office
    services = replace(services_of(office), visits=Rate(1, 1, lambda: 0.0), polls=Rate(1, 3, lambda: 0.0))
    with limited(monkeypatch, office, services) as address:
        phone = Phone(replace(office_server, address=address))
        assert [phone.get().status_code for _ in range(4)] == [200, 200, 200, 429]
        assert [phone.get("/makeup").status_code for _ in range(2)] == [200, 429]


def test_staff_end_numbers_on_their_page_and_the_phone_is_told(office_server: OfficeServer) -> None:
    phone, anna = Phone(office_server), office_server.client("anna")
    phone.post()
    assert "hx-confirm" in anna.get("/waiting").text
    anna.post("/waiting", do="end", first="1")
    page = words(phone.get().text)
    assert "Your number was ended at the desk" in page
    phone.post()
    assert "Your number was ended" not in words(phone.get().text)
    assert office_server.office.waiting_numbers.state().waiting == (2,)
