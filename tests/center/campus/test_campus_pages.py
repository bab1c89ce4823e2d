"""The page of campus lists."""

import pytest

from center.accounts.model.roles import Role
from tests.center.office_server import OfficeServer
from tests.center.roster.roster_files import NUMBER


def test_a_list_is_looked_at_imported_and_taken_back(office_server: OfficeServer) -> None:
    sue = office_server.client("sue", Role.SUPERVISOR)
    file = f"姓名,身份证号\n甲,{NUMBER}\n".encode()
    form = {"school": "示范大学", "year": "2026"}
    assert "Nothing was changed" in sue.upload("/campus", file, do="look", **form).text
    page = sue.upload("/campus", file, do="import", **form).text
    assert "Imported." in page
    assert NUMBER not in page
    assert "示范大学" in sue.get("/campus").text
    assert sue.post("/campus/take-back", list="1").headers["Location"] == "/campus"
    assert "taken back 2026" in sue.get("/campus").text
    bad = sue.upload("/campus", "姓名,身份证号\n甲,1234\n".encode(), do="import", **form).text
    assert "there is no row to import" in bad
    assert sue.upload("/campus", b"\x00\x01", do="import", **form).status_code == 400


@pytest.mark.parametrize(("role", "status"), [(Role.STAFF, 403), (Role.ADMINISTRATOR, 200), (Role.SCHOOL, 403)])
def test_who_may(office_server: OfficeServer, role: Role, status: int) -> None:
    client = office_server.client("x", role, "示范大学" if role is Role.SCHOOL else None)
    assert client.get("/campus").status_code == status
