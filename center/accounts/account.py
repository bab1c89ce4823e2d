"""Accounts and logins as values."""

from dataclasses import dataclass

from center.accounts.model.roles import Role
from center.accounts.tables import UserRow


@dataclass(frozen=True, slots=True)
class Account:
    """An account of staff, a school or a college."""

    user_id: str
    name: str
    role: Role
    school: str | None
    disabled: bool = False
    college: str = ""
    majors: tuple[str, ...] | None = None  # the majors that a college's account sees; None: all of its school
    must_change: bool = False  # somebody else set the password: only the page to change it is open


@dataclass(frozen=True, slots=True)
class Login:
    """A session: its account, the secret in the browser's cookie (`token`), and the token that the session's forms must
    carry.
    """

    account: Account
    token: str
    csrf_token: str
    browser: str = ""  # after a login: the value by which this browser is recognised the next time


def account_of(row: UserRow) -> Account:
    """The account in a row."""
    return Account(
        row.user_id,
        row.name,
        Role(row.role),
        row.school,
        row.disabled_at is not None,
        row.college or "",
        None if row.majors is None else tuple(row.majors),
        row.must_change,
    )
