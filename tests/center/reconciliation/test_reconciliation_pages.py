"""The pages of half days: two of the office sign, one alone can't, nothing on the sheet is about a person."""

import re

import pytest

from center.accounts.model.roles import Role
from tests.center.factories import somebody
from tests.center.office_server import Client, OfficeServer, file_shot

AT = "/reconciliation/booth-1/2026-09-01-am"


def digest(client: Client) -> str:
    found = re.search(r'name="digest" value="([0-9a-f]{64})"', client.get(AT).text)
    assert found
    return found[1]


def test_two_accounts_freeze_a_half_day(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    office_server.clock.move(hours=3)
    anna, bob = (office_server.client(name) for name in ("anna", "bob"))
    assert "booth-1 · morning" in anna.get("/reconciliation?day=2026-09-01").text
    assert anna.post(f"{AT}/count", counted="2").headers["Location"] == AT
    page = anna.get(AT).text
    assert "The booth counted 2, 1 came" in page
    assert str(somebody(1).name) not in page
    assert str(somebody(1).id_number) not in page
    refused = anna.post(f"{AT}/sign", digest=digest(anna))
    assert (refused.status_code, refused.headers["HX-Retarget"]) == (400, "#half-day-fault")
    assert "not explained yet" in refused.text
    for about in ("count", f"waiting {1:032x}"):
        anna.post(f"{AT}/explain", about=about, words="下午处理")
    stale = digest(anna)
    assert anna.post(f"{AT}/sign", digest=stale).status_code == 303
    assert "You have signed already" in anna.post(f"{AT}/sign", digest=stale).text
    assert bob.post(f"{AT}/sign", digest="0" * 64).status_code == 400
    assert bob.post(f"{AT}/sign", digest=digest(bob)).status_code == 303
    page = bob.get(AT).text
    assert "anna" in page
    assert 'name="digest"' not in page, "there is nothing to sign any more"
    assert "Two have signed" in bob.post(f"{AT}/count", counted="3").text


def test_the_booths_list_is_entered_and_names_what_is_missing(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    anna = office_server.client("anna")
    assert "a shot in each line" in anna.post(f"{AT}/list", listed="42").text
    assert anna.post(f"{AT}/list", listed=f"{1:032x}\n{2:032x}").headers["Location"] == AT
    page = anna.get(AT).text
    assert "The booth has it, it has not come" in page
    assert f'href="/review/{2:032x}"' not in page, "there is no such photo to look at"


@pytest.mark.parametrize(
    "address", ["/reconciliation?day=x", "/reconciliation/booth-1/x", "/reconciliation/no/2026-09-01-am"]
)
def test_what_is_not_there_is_said(office_server: OfficeServer, address: str) -> None:
    assert office_server.client("anna").get(address).status_code in (400, 404)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.SCHOOL])
def test_nobody_else_signs(office_server: OfficeServer, role: Role) -> None:
    client = office_server.client("x", role, "示范大学" if role is Role.SCHOOL else None)
    assert client.get("/reconciliation").status_code == 403
    assert client.post(f"{AT}/sign", digest="0" * 64).status_code == 403
