"""The audit's rows cannot be changed unnoticed, on both databases."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from center.audit.tables import AuditRow
from center.jobs.work import JobCancelled
from center.wiring.office import Office


def test_the_audit_refuses_to_be_changed_on_both_databases(office: Office) -> None:
    for statement in ("UPDATE audit SET actor = 'nobody'", "DELETE FROM audit"):
        with pytest.raises(DBAPIError, match="append-only"), office.database.write() as session:
            session.execute(text(statement))
    assert office.audit.verify(office.database)[2] == []


def test_a_changed_audit_row_is_found_even_with_the_trigger_gone(office: Office) -> None:
    for number in range(3):
        office.booths.enrol("admin", f"hall-{number}")
    names = ["audit_append_only"] if not office.database.is_sqlite else ["audit_append_only_update"]
    with office.database.write() as session:
        for name in names:
            session.execute(text(f"DROP TRIGGER {name}" + ("" if office.database.is_sqlite else " ON audit")))
        session.execute(text("UPDATE audit SET subject = 'hall-9' WHERE place = 2"))
    length, _, found = office.audit.verify(office.database)
    assert (length, [one.place for one in found]) == (4, [2])


def test_a_long_audit_is_verified_page_by_page(plain_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("center.audit.service._AT_ONCE", 3)
    for number in range(8):
        plain_office.booths.enrol("admin", f"hall-{number}")
    length, newest, found = plain_office.audit.verify(plain_office.database)
    assert (length, found) == (9, [])
    assert plain_office.audit.has_hash(plain_office.database, newest.hex())
    assert not plain_office.audit.has_hash(plain_office.database, "no hex")
    with plain_office.database.read() as session:
        assert session.scalars(select(AuditRow.place).order_by(AuditRow.place)).all() == list(range(1, 10))


def test_a_verification_tells_how_far_it_is_and_can_be_ended(
    plain_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("center.audit.service._AT_ONCE", 3)
    for number in range(7):
        plain_office.booths.enrol("admin", f"hall-{number}")
    told: list[tuple[int, int]] = []
    plain_office.audit.verify(plain_office.database, lambda at, of: told.append((at, of)))
    assert told == [(0, 8), (3, 8), (6, 8)]

    def cancelled(_at: int, _of: int) -> None:
        raise JobCancelled

    with pytest.raises(JobCancelled):
        plain_office.audit.verify(plain_office.database, cancelled)


def test_entries_of_a_period_are_found_by_an_index(office: Office) -> None:
    query = "SELECT place FROM audit WHERE at >= 1 AND at < 2 AND action = 'user.login' ORDER BY place LIMIT 9"
    with office.database.write() as session:
        if office.database.is_sqlite:
            plan = session.execute(text(f"EXPLAIN QUERY PLAN {query}")).all()
        else:
            session.execute(text("SET LOCAL enable_seqscan = off"))  # a table of a few rows is read as a whole
            plan = session.execute(text(f"EXPLAIN {query}")).all()
    assert "ix_audit_at" in str(plan)
