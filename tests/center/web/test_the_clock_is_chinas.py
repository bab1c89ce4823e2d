"""Days and years that people read are China's, by whatever clock the machine runs; dates that no calendar has are
refused.
"""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from center.accounts.model.roles import Role
from center.platform.faults import MovedOn
from tests.center.office_server import OfficeServer

CENTER = Path(__file__).parents[3] / "center"
NEW_YEAR = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
"""Half an hour into 2027 in China."""
UNSAID = re.compile(r"\{[\w.]*\b(?:\w+_)?(?:at|now):%[^}]*%[HMd][^}]*\}(?! UTC)|\bnow\(?\)?\.year\b|clock\(\)\.year\b")
"""A moment, which the office keeps in UTC, written out or asked for its year without saying by whose clock."""
OF_UTC = {"restoring.py", "seal_keys.py"}  # a folder's name and a key file's comment


def test_the_year_begins_when_it_begins_in_china(office_server: OfficeServer) -> None:
    office_server.clock.now = NEW_YEAR
    sue = office_server.client("sue", Role.SUPERVISOR)
    assert office_server.office.roster.present_year() == 2027
    for path in ("/campus", "/billing", "/schools"):
        assert re.search(r'value="2027"|[?]year=2027', sue.get(path).text), path


def test_a_time_in_a_refusal_is_chinas() -> None:
    assert "00:30:00" in str(MovedOn("a" * 32, "approved", None, NEW_YEAR))


def test_no_moment_is_written_out_in_utc_without_saying_so() -> None:
    found = [
        f"{path.name}: {match[0]}"
        for path in CENTER.rglob("*.py")
        if path.name not in OF_UTC
        for match in UNSAID.finditer(path.read_text())
    ]
    assert found == []


@pytest.mark.parametrize("year", ["0000", "0001", "1999", "9998", "9999"])
def test_years_that_no_calendar_has_are_no_fault(office_server: OfficeServer, year: str) -> None:
    sue, auditor = office_server.client("sue", Role.SUPERVISOR), office_server.client("audit", Role.AUDITOR)
    for day in (f"{year}-01-01", f"{year}-12-31"):
        queries = (f"dashboard?year={year}", f"reconciliation?day={day}", f"day?of={day}", f"week?of={day}")
        for path in (*queries, f"reconciliation/{day}-am"):
            assert sue.get(f"/{path}").status_code < 500, path
        assert auditor.post("/audit-export", first=day, last=day).status_code < 500, day
