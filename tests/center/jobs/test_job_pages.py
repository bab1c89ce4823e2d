"""The pages of jobs, and what a newer version of the office stored."""

import pytest
from sqlalchemy import text

from center.accounts.model.roles import Role
from tests.center.office_server import OfficeServer


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_kind_of_job_of_a_newer_version_is_shown_as_it_is_stored(office_server: OfficeServer, language: str) -> None:
    sue = office_server.client("sue", Role.SUPERVISOR)
    sue.get(f"/language/{language}")
    sue.post("/audit/verify")
    job_id = office_server.office.jobs.newest(1)[0].job_id
    with office_server.office.database.write() as session:
        session.execute(text("UPDATE jobs SET kind = 'of_tomorrow'"))
    for address in ("/jobs", f"/jobs/{job_id}"):
        page = sue.get(address)
        assert page.status_code == 200, address
        assert "of_tomorrow" in page.text, address
