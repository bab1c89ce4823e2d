"""The page of the audit."""

from collections.abc import Callable

from playwright.sync_api import Page
from sqlalchemy import text

from center.accounts.model.roles import Role
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
    assert "It holds" in sue.post("/audit/verify").text
    assert "approved" in sue.get(f"/audit?about={shot_id(1)}").text
    with office_server.office.database.engine.connect() as connection:
        for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text("UPDATE audit SET actor = 'somebody else' WHERE action = 'shot.approved'"))
        connection.commit()
    assert "does not hold in" in sue.post("/audit/verify").text


def test_the_proof_of_a_long_chain_may_take_longer_than_a_page(
    office_server: OfficeServer, browser_window: Callable[..., Page]
) -> None:
    window = browser_window("sue", Role.SUPERVISOR)
    window.goto(f"{office_server.address}/audit")
    window.evaluate("htmx.config.timeout = 1")  # no page comes within a millisecond
    window.keyboard.press("v")
    window.get_by_text("It holds").wait_for()
