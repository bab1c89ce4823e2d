"""The page of attendance: counts by class and names to copy, for supervisors."""

import pytest

from center.accounts.model.roles import Role
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, enter, person_of
from tests.center.factories import somebody
from tests.console.office_server import OfficeServer, file_shot


def test_a_supervisor_sees_who_came_and_copies_who_is_missing_without_numbers(office_server: OfficeServer) -> None:
    enter(office_server.office, 1)
    enter(office_server.office, 2, name="李四")
    file_shot(office_server.office, 1, person=person_of(1))
    sue = office_server.client("sue", Role.SUPERVISOR)
    assert SCHOOL in sue.get("/attendance").text
    page = sue.get(f"/attendance?of={SCHOOL}").text
    assert f"{SCHOOL} · {YEAR}" in page
    assert "数学 1班（1 人）：李四" in page
    for kept in (somebody(2).id_number, somebody(2).student_no, somebody(1).name):
        assert kept
        assert kept not in page
    assert sue.get("/attendance?of=nowhere").status_code == 404


@pytest.mark.parametrize("role", [Role.STAFF, Role.ADMINISTRATOR, Role.SCHOOL])
def test_nobody_else_sees_it(office_server: OfficeServer, role: Role) -> None:
    school = SCHOOL if role is Role.SCHOOL else None
    assert office_server.client("x", role, school).get(f"/attendance?of={SCHOOL}").status_code == 403
