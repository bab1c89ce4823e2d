"""Accounts: one way in, and every other one shut without telling why."""

from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from sqlalchemy import select

from center.accounts.account import Login
from center.accounts.model.roles import Role
from center.accounts.tables import SessionRow, UserRow
from center.wiring.office import Office
from tests.center.factories import HandClock

PASSWORD = "a long enough passphrase"


class Person:
    """Somebody with an account and an authenticator app."""

    def __init__(self, office: Office, name: str = "anna", role: Role = Role.STAFF) -> None:
        address = office.accounts.add("test", name, role, PASSWORD)
        self.office, self.name = office, name
        self.app = pyotp.TOTP(parse_qs(urlsplit(address).query)["secret"][0])

    def code(self, at: datetime | None = None) -> str:
        return self.app.at(at or self.office.clock())

    def login(self, password: str = PASSWORD, code: str | None = None) -> Login | None:
        return self.office.accounts.login(self.name, password, self.code() if code is None else code)


def test_name_password_and_code_together_let_in(office: Office) -> None:
    anna = Person(office)
    login = anna.login()
    assert login is not None
    assert (login.account.name, login.account.role) == ("anna", Role.STAFF)
    again = office.accounts.session(login.token)
    assert again is not None
    assert again.csrf_token == login.csrf_token
    assert office.accounts.name_of(login.account.user_id) == "anna"


def test_any_wrong_part_lets_nobody_in(plain_office: Office) -> None:
    anna = Person(plain_office)
    assert anna.login(password="a wrong enough passphrase") is None
    assert anna.login(code="000000") is None
    assert anna.login(code="") is None
    assert plain_office.accounts.login("nobody", PASSWORD, "000000") is None
    assert anna.login() is not None


def test_a_code_works_once(plain_office: Office, clock: HandClock) -> None:
    anna = Person(plain_office)
    code = anna.code()
    assert anna.login(code=code) is not None
    assert anna.login(code=code) is None
    clock.move(seconds=30)
    assert anna.login() is not None


def test_a_phone_whose_clock_is_half_a_minute_off_still_works_and_more_does_not(
    plain_office: Office, clock: HandClock
) -> None:
    anna, bert = Person(plain_office, "anna"), Person(plain_office, "bert")
    clock.move(seconds=60)
    old, older = clock(), clock()
    clock.move(seconds=30)
    assert anna.login(code=anna.code(old)) is not None
    clock.move(seconds=30)
    assert bert.login(code=bert.code(older)) is None


def test_five_failures_lock_the_account_for_a_while_even_for_its_owner(plain_office: Office, clock: HandClock) -> None:
    anna = Person(plain_office)
    for _ in range(5):
        assert anna.login(password="a wrong enough passphrase") is None
    assert anna.login() is None
    clock.move(seconds=61)
    assert anna.login() is not None
    with plain_office.database.read() as session:
        assert session.scalars(select(UserRow)).one().failures == 0


def test_a_session_ends_by_logout_by_time_and_with_its_account(plain_office: Office, clock: HandClock) -> None:
    accounts = plain_office.accounts
    anna = Person(plain_office)
    tokens = []
    for _ in range(3):
        login = anna.login()
        assert login is not None
        tokens.append(login.token)
        clock.move(seconds=30)
    accounts.logout(tokens[0])
    assert accounts.session(tokens[0]) is None
    clock.move(minutes=28)
    assert accounts.session(tokens[1]) is not None
    clock.move(minutes=28)
    assert accounts.session(tokens[2]) is None
    assert accounts.session(tokens[1]) is not None
    accounts.disable("test", "anna")
    assert accounts.session(tokens[1]) is None
    assert anna.login() is None
    assert accounts.session("no token") is None


def test_no_password_token_or_secret_stands_in_the_database(plain_office: Office) -> None:
    anna = Person(plain_office)
    login = anna.login()
    assert login is not None
    raw = Path(plain_office.config.folder / "office.sqlite").read_bytes()
    for secret in (PASSWORD, login.token, anna.app.secret):
        assert secret.encode() not in raw
    with plain_office.database.read() as session:
        assert session.scalars(select(UserRow)).one().password_hash.startswith("$argon2id$")
        assert len(session.scalars(select(SessionRow)).one().token_hash) == 32


def test_logins_and_refusals_are_in_the_audit(plain_office: Office) -> None:
    anna = Person(plain_office)
    anna.login(password="a wrong enough passphrase")
    login = anna.login()
    assert login is not None
    with plain_office.database.read() as session:
        actions = [one.action for one in plain_office.audit.entries(session, login.account.user_id)]
    assert actions == ["user.added", "user.refused", "user.login"]


@pytest.mark.parametrize("name", ["", "a b", "x" * 41, "<script>", "anna'--"])
def test_a_name_that_is_none_is_refused(plain_office: Office, name: str) -> None:
    with pytest.raises(Exception, match="1 to 40"):
        plain_office.accounts.add("test", name, Role.STAFF, PASSWORD)
