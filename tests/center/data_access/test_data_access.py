"""An auditor takes who saw whom, when and why, as a workbook; the taking is in the audit itself."""

import io
import re
from pathlib import Path

import openpyxl

from center.accounts.model.roles import Right, Role, may
from center.data_access.model import ACCESSES, OF_ONE_SHOT
from center.data_access.service import MOST_DAYS
from tests.center.delivery.test_deliveries import SCHOOL, enter, person_of
from tests.center.factories import shot_id, somebody
from tests.center.office_server import OfficeServer, file_shot

CENTER = Path(__file__).parents[3] / "center"
SHOWS_NOBODY = re.compile(
    r"^(shot\.(skipped|set_aside|approved|rejected|undone|settled|reopened|recropped)|second\..*|photos?\..*|user\..*"
    r"|session\..*|monitor\..*|half_day\..*|campus\..*|school\..*|pass\.(issued|withdrawn)|data\..*|season\..*"
    r"|delivery\.(made|password|handed_over|held_back)|attendance\.noted|job\..*|correction\.(form|opened|closed|number)"
    r"|prints\.(released|asked|sent)|letters?\..*|class\.checked|payee\..*|billing\..*|booth\..*|roster\.(put|removed"
    r"|taken_back)|backup\..*|office\..*|mail\..*|audit\..*|releases?\..*|help\..*|call\..*|update\..*|desk\..*"
    r"|waiting\..*)$"
)
"""Actions that show no graduate's data, or only what was typed or brought by the same person."""


def rows(data: bytes) -> list[dict[str, str]]:
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    titles, *body = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, titles), (str(cell or "") for cell in row), strict=True)) for row in body]


def test_every_access_is_there_with_who_whom_and_why_masked(office_server: OfficeServer) -> None:
    enter(office_server.office, 1)
    file_shot(office_server.office, 1, person=person_of(1))
    anna = office_server.client("anna")
    anna.get(f"/review/{shot_id(1)}")
    anna.post("/find", what=str(somebody(1).student_no))
    auditor = office_server.client("audit", Role.AUDITOR)
    assert auditor.get("/").headers["location"] == "/audit-export"
    assert auditor.get("/audit-export").status_code == 200
    answer = auditor.post("/audit-export", first="2026-09-01", last="2026-09-01")
    found = rows(answer.content)
    looked = [one for one in found if one["Why"] == "review of a photo"]
    assert looked
    assert {one["Who"] for one in looked} == {"anna"}
    person = somebody(1)
    assert looked[0]["School or object"] == SCHOOL
    assert looked[0]["Photo"] == shot_id(1)
    assert looked[0]["Name"].endswith("*")
    assert "****" in looked[0]["Student number"]
    assert any(one["Why"] == "finding a graduate" for one in found)
    said = repr(found)
    for secret in (person.name, str(person.student_no), str(person.id_number)):
        assert secret not in said
    assert "took who saw whom" in auditor.get("/audit").text


def test_only_auditors_take_it_and_they_open_nothing_else(office_server: OfficeServer) -> None:
    assert [role for role in Role if may(role, Right.EXPORT_AUDIT)] == [Role.AUDITOR]
    for role in set(Role) - {Role.AUDITOR}:
        assert office_server.client(role.value, role).get("/audit-export").status_code == 403
    auditor = office_server.client("audit", Role.AUDITOR)
    for path in ("/queue", "/find", "/dashboard", "/deliveries", "/accounts", "/progress"):
        assert auditor.get(path).status_code == 403


def test_days_that_are_none_or_too_many_are_refused(office_server: OfficeServer) -> None:
    auditor = office_server.client("audit", Role.AUDITOR)
    for first, last in (("2026-09-02", "2026-09-01"), ("x", "2026-09-01"), ("2026-01-01", "2026-09-01"), ("", "")):
        answer = auditor.post("/audit-export", first=first, last=last)
        assert answer.status_code == 400
        assert f"1 to {MOST_DAYS} days" in answer.text


def test_an_action_of_the_audit_is_a_data_access_or_shows_nobody() -> None:
    actions = {
        found
        for path in CENTER.rglob("*.py")
        for found in re.findall(r'append\([^()]*(?:\(\))?[^()]*"([a-z_]+\.[a-z_]+)"', path.read_text("utf-8"))
    }
    assert len(actions) > 60
    assert [one for one in sorted(actions - set(ACCESSES)) if not SHOWS_NOBODY.match(one)] == []
    assert set(ACCESSES) >= OF_ONE_SHOT
