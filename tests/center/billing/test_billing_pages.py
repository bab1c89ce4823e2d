"""The pages of settlement: the check, a letter, a payment, the account by two, by who may."""

import re

import pytest

from center.accounts.model.roles import Role
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, work
from tests.center.delivery.test_delivery_pages import OF, stocked
from tests.center.office_server import Client, OfficeServer

__all__ = ["stocked"]

ACCOUNT = {
    "name": "示范就业指导服务中心",
    "bank": "示范银行",
    "number": "3201 0100 0001 2345 678",
    "contact": "财务科 025-1",
}


def propose(client: Client) -> str:
    name, bank, number, contact = ACCOUNT.values()
    answer = client.post("/billing/payee", do="propose", name=name, bank=bank, number=number, contact=contact)
    return answer.text


def payable(server: OfficeServer) -> None:
    propose(server.client("sue", Role.SUPERVISOR))
    ben = server.client("ben", Role.SUPERVISOR)
    page = ben.get("/billing/payee").text
    fields = dict(re.findall(r'name="(payee|seen)" value="([^"]+)"', page))
    confirmed = ben.post("/billing/payee", do="confirm", payee=fields["payee"], seen=fields["seen"])
    assert "3201010000012345678" in confirmed.text


def test_a_supervisor_bills_a_school_and_notes_the_payment(stocked: OfficeServer) -> None:
    sue = stocked.client("sue", Role.SUPERVISOR)
    page = sue.get(f"/billing?of={OF}").text
    assert "No account has been confirmed" in page
    assert sue.post("/billing", of=OF).status_code == 409
    payable(stocked)
    page = sue.get(f"/billing?of={OF}").text
    assert "does not agree" not in page
    assert page.count(">agrees<") == 3
    assert sue.get(f"/billing/differences?of={OF}").content.startswith(b"PK")
    page = sue.post("/billing", of=OF).text
    (letter,) = set(re.findall(r"/billing/letter\?letter=(\d+)", page))
    pdf = sue.get(f"/billing/letter?letter={letter}")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")
    for path in (f"people?letter={letter}", f"table?of={OF}"):
        assert sue.get(f"/billing/{path}").content.startswith(b"PK")
    assert sue.get(f"/billing/reminder?letter={letter}").status_code == 404
    sue.post("/billing/remind", of=OF, letter=letter)
    assert sue.get(f"/billing/reminder?letter={letter}").content.startswith(b"%PDF")
    assert sue.post("/billing/pay", of=OF, do="pay", letter=letter, amount="zwölf", paid_on="").status_code == 400
    page = sue.post("/billing/pay", of=OF, do="pay", letter=letter, amount="12.00", paid_on="").text
    assert ">paid<" in page
    payment = re.findall(r'name="payment" value="(\d+)"', page)[0]
    assert ">open<" in sue.post("/billing/pay", of=OF, do="take_back", payment=payment).text
    page = sue.post("/billing/cancel", of=OF, letter=letter, reason="标准有误").text
    assert ">cancelled<" in page
    assert "15.50" in sue.post("/billing/fee", of=OF, fee="15.50").text


def test_the_letters_of_all_schools_are_one_download(stocked: OfficeServer) -> None:
    payable(stocked)
    sue = stocked.client("sue", Role.SUPERVISOR)
    sue.post("/billing/all", year=YEAR)
    work(stocked.office)
    page = sue.get("/billing").text
    assert SCHOOL in page
    assert "Download all letters" in page
    assert sue.post("/billing/all/take", year=YEAR).content.startswith(b"PK")


def test_who_proposed_an_account_can_t_confirm_it(stocked: OfficeServer) -> None:
    sue = stocked.client("sue", Role.SUPERVISOR)
    page = propose(sue)
    assert "another person confirms it" in page
    assert 'value="confirm"' not in page
    waiting = stocked.office.payees.waiting()
    assert waiting is not None
    answer = sue.post("/billing/payee", do="confirm", payee=str(waiting.payee_id), seen=waiting.payee.digest)
    assert answer.status_code == 403
    assert stocked.office.payees.current() is None


@pytest.mark.parametrize("role", [Role.STAFF, Role.ADMINISTRATOR])
def test_nobody_else_bills(stocked: OfficeServer, role: Role) -> None:
    client = stocked.client("x", role)
    for path in ("/billing", "/billing/payee", "/billing/letter", "/billing/people", "/billing/table"):
        assert client.get(path).status_code == 403
    for path in ("/billing", "/billing/all", "/billing/pay", "/billing/remind", "/billing/cancel", "/billing/payee"):
        assert client.post(path, of=OF).status_code == 403
