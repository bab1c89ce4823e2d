"""A refused login takes the same steps whatever was wrong: nobody learns from its time who has an account."""

import pytest
from sqlalchemy import event, select

from center.accounts.service import Accounts
from center.accounts.tables import LoginFailureRow
from center.audit.tables import AuditRow
from center.wiring.office import Office
from tests.center.accounts.test_accounts import PASSWORD, Person
from tests.center.factories import HandClock

WRONG = "a wrong enough passphrase"

pytestmark = pytest.mark.usefixtures("quick_hashes")


def steps(office: Office, monkeypatch: pytest.MonkeyPatch, name: str, password: str, code: str) -> list[str]:
    """Everything slow that a refused login does, in its order: statements, ends of transactions, passwords that are
    hashed, secrets of apps that are opened.
    """
    done: list[str] = []
    engine = office.database.engine
    keys, accounts = type(office.office_keys), Accounts
    opened, verified = keys.open, accounts._verified

    def executed(*given: object) -> None:
        done.append(str(given[2]))

    def noted(name: str, real: object) -> object:
        def call(*given: object) -> object:
            done.append(name)
            return real(*given)  # type: ignore[operator]

        return call

    event.listen(engine, "before_cursor_execute", executed)
    event.listen(engine, "commit", lambda _: done.append("commit"))
    with monkeypatch.context() as patch:
        patch.setattr(keys, "open", noted("open", opened))
        patch.setattr(accounts, "_verified", noted("hash", verified))
        assert office.accounts.login(name, password, code, place="203.0.113.9") is None
    event.remove(engine, "before_cursor_execute", executed)
    # How a savepoint ends differs, and takes no time: the transaction that ends after it is what is written.
    return [one for one in done if "SAVEPOINT" not in one]


def test_an_unknown_name_a_closed_account_and_every_wrong_part_take_the_same_steps(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, bert = Person(office, "anna"), Person(office, "bert")
    office.accounts.disable("test", "bert")
    tries = {
        "password": ("anna", WRONG, anna.code()),
        "code": ("bert", WRONG, "000000"),
        "closed": ("bert", PASSWORD, bert.code()),
        "unknown": ("carl", WRONG, "000000"),
    }
    for times in range(9):
        found = {what: steps(office, monkeypatch, *of) for what, of in tries.items() if what != "code"}
        assert found["unknown"] == found["password"] == found["closed"], f"try {times + 1}"
    assert "INSERT" not in "".join(found["unknown"]), "locked, like an account"
    assert steps(office, monkeypatch, "anna", WRONG, "000000") == found["password"]


def test_a_wrong_code_takes_the_same_steps_as_a_wrong_password(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = Person(office)
    office.accounts.login("nobody", WRONG, "000000")
    by_password = steps(office, monkeypatch, "anna", WRONG, anna.code())
    assert steps(office, monkeypatch, "anna", PASSWORD, "000000") == by_password


def test_unknown_names_leave_no_name_and_nothing_in_the_audit(office: Office, clock: HandClock) -> None:
    anna = Person(office)
    for _ in range(3):
        office.accounts.login("a password typed here", PASSWORD, "000000")
    with office.database.read() as session:
        assert "user.refused" not in session.scalars(select(AuditRow.action)).all()
        (row,) = session.scalars(select(LoginFailureRow))
        assert (row.failures, row.at) == (3, clock())
        assert "typed" not in row.user_id
    assert not office.audit.verify(office.database)[2]
    assert anna.login() is not None, "each name is counted by itself"
