"""The page of the audit."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from sqlalchemy import text

from center.accounts.model.roles import Role
from center.audit.service import Audit
from center.commands.jobs import make_runner
from center.shots.model.staff_decision import Approve, Reject
from tests.center.factories import shot_id
from tests.center.office_server import OfficeServer, file_shot


def decided(office_server: OfficeServer, number: int, staff_decision: Approve | Reject, seconds: float = 5) -> None:
    who = office_server.colleague("anna").user_id
    shot = office_server.office.queue.claim(who, shot_id(number))
    office_server.clock.move(seconds=seconds)
    office_server.office.queue.decide(who, shot.shot_id, shot.version, staff_decision)


def test_the_audit_page_proves_the_chain_and_finds_a_changed_row(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    decided(office_server, 1, Approve())
    sue = office_server.client("sue", Role.SUPERVISOR)
    assert "being verified" in sue.post("/audit/verify").text
    assert 'hx-get="/audit/verified"' in sue.get("/audit").text, "it asks again while the job goes on"
    work(office_server)
    assert "It holds" in sue.get("/audit/verified").text
    assert "hx-get" not in sue.get("/audit").text.partition('id="verified"')[2].partition(">")[0]
    assert "approved" in sue.get(f"/audit?about={shot_id(1)}").text
    with office_server.office.database.engine.connect() as connection:
        for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text("UPDATE audit SET actor = 'somebody else' WHERE action = 'shot.approved'"))
        connection.commit()
    assert "It holds" in sue.get("/audit").text, "as it was found then"
    sue.post("/audit/verify")
    work(office_server)
    page = sue.get("/audit").text
    assert "does not hold in 1 places" in page
    assert "the entry was changed, or the one before it" in page


def work(office_server: OfficeServer) -> None:
    """Do the jobs that wait."""
    while make_runner(office_server.office).run_one():
        pass


def test_no_request_reads_the_whole_chain(office_server: OfficeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    sue = office_server.client("sue", Role.SUPERVISOR)
    with monkeypatch.context() as patch:
        patch.setattr(Audit, "verify", None)
        assert sue.post("/audit/verify").status_code == 200
    work(office_server)
    assert "It holds" in sue.get("/audit").text


def test_an_auditor_who_sees_no_jobs_sees_the_proof(office_server: OfficeServer) -> None:
    auditor = office_server.client("ada", Role.AUDITOR)
    auditor.post("/audit/verify")
    work(office_server)
    assert "It holds" in auditor.get("/audit/verified").text


def test_a_proof_that_was_cancelled_is_not_shown_as_one(office_server: OfficeServer) -> None:
    sue = office_server.client("sue", Role.SUPERVISOR)
    sue.post("/audit/verify")
    office_server.office.jobs.cancel("root", office_server.office.jobs.newest(1)[0].job_id)
    page = sue.get("/audit").text
    assert "without a result" in page
    assert "It holds" not in page


def test_the_page_shows_the_proof_when_the_job_has_ended(
    office_server: OfficeServer, browser_window: Callable[..., Page]
) -> None:
    window = browser_window("sue", Role.SUPERVISOR)
    window.goto(f"{office_server.address}/audit")
    window.keyboard.press("v")
    window.get_by_text("being verified").wait_for()
    work(office_server)
    window.get_by_text("It holds").wait_for()
