"""Logins leave no rows behind for ever, and an account has only so many sessions at once."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from center.accounts import old_logins
from center.accounts.model.login import FAILURES_KEPT, MOST_SESSIONS, SESSION_AT_MOST
from center.accounts.tables import LoginFailureRow, SessionRow
from center.commands.jobs import _when_idle
from center.wiring.office import Office
from tests.center.accounts.test_accounts import Person
from tests.center.factories import HandClock

pytestmark = pytest.mark.usefixtures("quick_hashes")


def rows(office: Office, table: type[SessionRow | LoginFailureRow]) -> int:
    with office.database.read() as session:
        return session.execute(select(func.count()).select_from(table)).scalar_one()


def test_the_process_that_does_jobs_deletes_sessions_that_are_over_but_each_accounts_newest(
    office: Office, clock: HandClock
) -> None:
    anna, bert = Person(office, "anna"), Person(office, "bert")
    for _ in range(3):
        assert anna.login() is not None
        clock.move(seconds=30)
    assert bert.login() is not None
    _when_idle(office)
    assert rows(office, SessionRow) == 4
    clock.move(seconds=SESSION_AT_MOST.total_seconds())
    present = anna.login()
    assert present is not None
    _when_idle(office)
    assert rows(office, SessionRow) == 2, "anna's present one, and bert's last, by which his account is reviewed"
    assert office.accounts.session(present.token) is not None
    assert {one.account.name: one.last_login is not None for one in office.account_reviews.all()} == {
        "anna": True,
        "bert": True,
    }


def test_failures_are_forgotten_a_day_after_the_last_one_and_a_lock_is_not_lifted_before(
    office: Office, clock: HandClock
) -> None:
    anna = Person(office)
    for name in (*["anna"] * 9, *(f"nobody-{number}" for number in range(20))):
        office.accounts.login(name, "a wrong enough passphrase", "000000")
        if name == "anna":
            clock.move(hours=1)
    assert rows(office, LoginFailureRow) == 21
    clock.move(seconds=(FAILURES_KEPT - timedelta(hours=1)).total_seconds() - 1)
    office.old_logins.delete()
    assert rows(office, LoginFailureRow) == 21
    clock.move(hours=1)
    office.old_logins.delete()
    assert rows(office, LoginFailureRow) == 20
    clock.move(hours=1)
    office.old_logins.delete()
    assert rows(office, LoginFailureRow) == 0
    assert anna.login() is not None


def test_rows_go_in_transactions_of_a_bounded_size_until_none_is_left(
    office: Office, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(old_logins, "AT_ONCE", 10)
    anna = Person(office)
    login = anna.login()
    assert login is not None
    with office.database.write() as session:
        for number in range(25):
            at = clock() - timedelta(days=2, seconds=number)
            values = {"csrf_token": "", "created_at": at, "seen_at": at, "user_id": login.account.user_id}
            session.execute(insert(SessionRow).values(token_hash=bytes([number]), **values))
    assert [office.old_logins.delete() for _ in range(4)] == [10, 10, 5, 0]
    assert rows(office, SessionRow) == 1
    clock.move(minutes=59)
    with office.database.write() as session:
        session.execute(insert(SessionRow).values(token_hash=b"old", **values))
    assert office.old_logins.delete() == 0, "asked for each second, but done once an hour"
    clock.move(minutes=1)
    assert office.old_logins.delete() == 1


def test_one_session_more_than_an_account_may_have_ends_the_one_not_used_for_longest(
    office: Office, clock: HandClock
) -> None:
    anna, tokens = Person(office), []
    for _ in range(MOST_SESSIONS):
        login = anna.login()
        assert login is not None
        tokens.append(login.token)
        clock.move(seconds=61)
    assert office.accounts.session(tokens[0]) is not None, "used now"
    clock.move(seconds=30)
    login = anna.login()
    assert login is not None
    assert [office.accounts.session(token) is not None for token in tokens] == [
        number != 1 for number in range(MOST_SESSIONS)
    ]
    with office.database.read() as session:
        assert office.audit.entries(session, login.account.user_id)[-1].detail == {"ended": 1}
