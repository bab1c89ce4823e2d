"""The pages for everybody: what graduates are told before they come, and how far their photo is."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import requests
from sqlalchemy import update
from starlette.requests import Request

from center.accounts.model.roles import Role
from center.api.access import BoothAccess
from center.api.problems import Refused
from center.booths.tables import HeartbeatRow
from center.makeup.service import Crowd
from center.platform.faults import TooOften
from center.platform.limits import Rate
from center.shots.model.staff_decision import Approve
from center.web.app import application
from center.web.catalog import catalog
from center.web.gate import take_one
from center.wiring.console import PAGES, services_of
from kiosk.runtime.submission import new_receipt
from rules.profile import Prepare
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, enter, person_of, work
from tests.center.factories import shot_id, somebody
from tests.center.office_server import OfficeServer, beat, file_shot, serving
from tests.center.receipts.test_receipt_pages import receipt

CODE = "RECE-000001"


def read(office_server: OfficeServer, path: str, language: str = "en") -> requests.Response:
    return requests.get(office_server.address + path, headers={"Accept-Language": language}, timeout=20)


def typed(office_server: OfficeServer, code: str) -> requests.Response:
    headers = {"Origin": office_server.address, "Accept-Language": "en"}
    return requests.post(f"{office_server.address}/r", {"code": code}, headers=headers, timeout=20)


def delivered(office_server: OfficeServer) -> None:
    """Shot 1, approved and taken by its school."""
    office = office_server.office
    enter(office, 1)
    file_shot(office, 1, person=person_of(1))
    shot = office.queue.claim("anna", shot_id(1))
    office.queue.decide("anna", shot.shot_id, shot.version, Approve())
    office_server.clock.move(seconds=11)
    made, _ = office.deliveries.make("sue", SCHOOL, YEAR)
    office_server.clock.move(hours=24)
    office.deliveries.hand_over("sue", made.delivery_id, "王老师")


def test_strangers_read_where_when_what_to_bring_and_how_the_photo_must_look(office_server: OfficeServer) -> None:
    page = read(office_server, "/makeup")
    assert page.status_code == 200
    for said in (
        "203 Shanghai Road",
        "2026-08-01 to 2026-11-20",
        "09:00",
        "Your student card",
        "A white top",
        "Open now",
    ):
        assert said in page.text
    assert "南京市上海路203号" in read(office_server, "/makeup", "zh-CN").text


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (datetime(2026, 9, 5, 2, tzinfo=UTC), "Closed today: no working day"),
        (datetime(2026, 9, 1, 14, tzinfo=UTC), "Closed at this hour"),
        (datetime(2026, 12, 1, 2, tzinfo=UTC), "are over"),
        (datetime(2026, 6, 1, 2, tzinfo=UTC), "have not begun"),
    ],
)
def test_when_it_is_closed_the_page_says_why_and_until_when(
    office_server: OfficeServer, now: datetime, said: str
) -> None:
    office_server.clock.now = now
    page = read(office_server, "/makeup").text
    assert said in page
    assert "Opens again: " in page or "ask your school" in page


def test_the_queue_is_what_booths_did_in_the_last_half_hour_and_names_nobody(office_server: OfficeServer) -> None:
    assert "No booth has been heard of lately" in read(office_server, "/makeup").text
    office_server.clock.move(minutes=2)
    beat(office_server, "booth-1")
    for number in range(1, 12):
        file_shot(office_server.office, number)
    page = read(office_server, "/makeup").text
    assert "Booths serving: 1. People photographed in the last 30 minutes: 11." in page
    assert "Many people now" in page
    assert somebody(1).name not in page
    office_server.clock.move(minutes=31)
    beat(office_server, "booth-1")
    assert "Few people now" in read(office_server, "/makeup").text


def test_the_queue_is_looked_up_once_a_minute_however_many_ask(office_server: OfficeServer) -> None:
    first = office_server.office.makeup.now()
    file_shot(office_server.office, 1)
    assert office_server.office.makeup.now() is first
    office_server.clock.move(seconds=60)
    assert office_server.office.makeup.now() is not first
    assert first.crowd is Crowd.UNKNOWN


def test_every_advice_of_every_profile_has_its_words() -> None:
    for one in Prepare:
        assert f"makeup.{one.value.replace('.', '_')}" in catalog("zh").messages


def test_a_receipt_follows_the_photo_to_the_school_and_its_prints(office_server: OfficeServer) -> None:
    delivered(office_server)
    page = receipt(office_server, CODE).text
    assert "Delivered to your school" in page
    assert "2026-09-02" in page
    office_server.clock.move(hours=24)
    sue = office_server.client("sue", Role.SUPERVISOR)
    assert sue.post("/prints/sent", of=f"{YEAR} {SCHOOL}", how="EMS 1").status_code == 409, "they are locked"
    sue.post("/prints/release", of=f"{YEAR} {SCHOOL}", reason="checked by phone")
    assert sue.post("/prints/sent", of=f"{YEAR} {SCHOOL}", how=" ").status_code == 400
    assert "EMS 1" in sue.post("/prints/sent", of=f"{YEAR} {SCHOOL}", how="EMS 1").text
    page = receipt(office_server, CODE).text
    assert "Prints sent to your school" in page
    assert "2026-09-03" in page
    work(office_server.office)


def test_prints_sent_before_a_photo_was_delivered_are_not_its_own(office_server: OfficeServer) -> None:
    office = office_server.office
    office.print_locks.unlock("sue", SCHOOL, YEAR, "by phone")
    office.print_sendings.note("sue", SCHOOL, YEAR, "EMS 1")
    office_server.clock.move(hours=1)
    delivered(office_server)
    assert "Delivered to your school" in receipt(office_server, CODE).text
    office_server.clock.move(hours=1)
    office.print_sendings.note("sue", SCHOOL, YEAR, "EMS 2")
    assert "Prints sent" in receipt(office_server, CODE).text
    assert [one.how for one in office.print_sendings.of_school(SCHOOL, YEAR)] == ["EMS 2", "EMS 1"]


def test_a_photo_that_was_withdrawn_is_not_delivered_any_more(office_server: OfficeServer) -> None:
    delivered(office_server)
    office = office_server.office
    file_shot(office, 2, person=person_of(1))
    shot = office.queue.claim("anna", shot_id(2))
    office.queue.decide("anna", shot.shot_id, shot.version, Approve(replaces=shot_id(1)))
    office_server.clock.move(seconds=11)
    assert "Photo approved" in receipt(office_server, "RECE-000002").text


def test_no_page_for_everybody_shows_anything_of_a_person(office_server: OfficeServer) -> None:
    delivered(office_server)
    person = somebody(1)
    for answer in (
        read(office_server, "/makeup"),
        read(office_server, "/r"),
        receipt(office_server, CODE),
        typed(office_server, CODE),
    ):
        for secret in (person.name, person.id_number, person.student_no, SCHOOL, "王老师", shot_id(1)):
            assert secret
            assert secret not in answer.text.replace(CODE, "")
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers


def test_a_typed_code_stands_in_no_address_and_is_read_however_it_is_typed(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    for code in (CODE, "rece 000001", " RECE000001 "):
        answer = typed(office_server, code)
        assert "Waiting for review" in answer.text
        assert not answer.history
        assert "RECE" not in answer.url
        assert "000001" not in answer.text


def test_a_booths_code_has_128_random_bits_and_more() -> None:
    codes = {new_receipt() for _ in range(200)}
    assert len(codes) == 200
    signs = {sign for code in codes for sign in code.replace("-", "")}
    length = min(len(code.replace("-", "")) for code in codes)
    assert len(signs) ** length >= 2**128


def test_an_almost_right_code_is_answered_as_any_wrong_one(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    wrong = [receipt(office_server, code) for code in ("RECE-000002", "RECE-00000", "XXXX-XXXXXX", "' OR 1=1")]
    assert {answer.status_code for answer in wrong} == {404}
    assert len({answer.text for answer in wrong}) == 1


def test_a_heartbeat_of_another_version_of_the_office_counts_as_none(office_server: OfficeServer) -> None:
    for booth in ("booth-1", "booth-2"):
        beat(office_server, booth)
    with office_server.office.database.write() as session:
        session.execute(
            update(HeartbeatRow).where(HeartbeatRow.booth_id == "booth-1").values(message='{"schema_version": 99}')
        )
    assert office_server.client("anna").get("/makeup").status_code == 200
    assert office_server.office.makeup.now().serving == 1


def test_wrong_codes_delay_no_right_one_of_the_same_address(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    for number in range(60):
        assert receipt(office_server, f"GUESS{number}").status_code == 404
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: receipt(office_server, CODE).status_code, range(60)))
    assert set(answers) == {200}


@pytest.mark.parametrize(
    ("address", "same", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:3::1"),
        ("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"),
        ("fe80::1%eth0", "fe80::2%eth0", "fe80:0:0:1::1"),
        ("testclient", "testclient", ""),
    ],
)
def test_a_limit_by_address_is_one_by_the_network_of_one_customer(
    office_server: OfficeServer, address: str, same: str, other: str
) -> None:
    pages, rate = Rate(1, 2, lambda: 0.0), Rate(1, 2, lambda: 0.0)
    booths = BoothAccess(office_server.office.booths, rate, rate)

    def refusals(host: str) -> int:
        request = Request({"type": "http", "client": (host, 1)})
        asked: tuple[Callable[[], None], ...] = (
            lambda: take_one(pages, request),
            lambda: booths.count_refusal(request),
        )
        count = 0
        for ask in asked:
            try:
                ask()
            except (TooOften, Refused):
                count += 1
        return count

    assert [refusals(one) for one in (address, same, address, same)] == [0, 0, 2, 2]
    assert refusals(other) == 0


def test_what_is_given_back_is_there_again_and_never_more_than_the_burst() -> None:
    now = [0.0]
    rate = Rate(1, 2, lambda: now[0])
    rate.give_back("never seen")
    assert rate.take("a") == 0
    rate.give_back("a")
    rate.give_back("a")
    assert [rate.take("a") == 0 for _ in range(3)] == [True, True, False]


def test_one_address_reads_only_so_many_pages_and_logins_are_not_held_up(
    office_server: OfficeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = replace(services_of(office_server.office), visits=Rate(1, 3, lambda: 0.0))
    monkeypatch.setattr("tests.center.office_server.make_console", lambda _: application(services, PAGES))
    with serving(office_server.office) as address:
        limited = replace(office_server, address=address)
        assert [read(limited, "/makeup").status_code for _ in range(5)] == [200, 200, 200, 429, 429]
        assert {read(limited, path).status_code for path in ("/r", "/r/X")} == {429}
        assert read(limited, "/login").status_code == 200
        assert limited.client("anna").get("/queue").status_code == 200


def test_the_way_from_page_to_page_needs_no_login(office_server: OfficeServer) -> None:
    seen, left = set(), ["/makeup"]
    while left:
        path = left.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = read(office_server, path)
        assert answer.status_code == 200, path
        left += [found for found in re.findall(r'href="(/[a-z]*)"', answer.text) if not found.startswith("/static")]
    assert seen >= {"/makeup", "/r", "/login"}
