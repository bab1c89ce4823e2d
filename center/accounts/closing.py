"""Which accounts are closed together: when a school's last open account is closed, the accounts of its colleges are
closed, too, because nobody else manages them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Row, exists, select, update
from sqlalchemy.orm import Session, aliased

from center.accounts.account import Account
from center.accounts.model.roles import Role
from center.accounts.tables import SessionRow, UserRow
from center.platform.faults import NotThere, WrongRequest


def closing_with(session: Session, user_id: str) -> list[str]:
    """The ids of the open college accounts that are closed together with this account, ordered by name. Empty if this
    account is not a school's, or while another account of the school is open.
    """
    school = _school(session, user_id, Role.SCHOOL)
    if school is None:
        return []
    if any(one.disabled_at is None and one.user_id != user_id for one in _held(session, school)):
        return []
    return _open_colleges(session, school)


def closing_counts(accounts: Iterable[Account]) -> Mapping[str, int]:
    """How many open accounts of colleges would be closed with each school's account (its id), as `Accounts.disable`
    does it. Accounts with which none would be closed are left out.
    """
    open_ones = [one for one in accounts if not one.disabled]
    schools = Counter(one.school for one in open_ones if one.role is Role.SCHOOL)
    colleges = Counter(one.school for one in open_ones if one.role is Role.COLLEGE)
    return {
        one.user_id: colleges[one.school]
        for one in open_ones
        if one.role is Role.SCHOOL and schools[one.school] == 1 and colleges[one.school]
    }


def left_open(session: Session) -> list[str]:
    """The schools that have open accounts of colleges, although all their own accounts are closed."""
    own = aliased(UserRow)
    of_school = exists().where(own.school == UserRow.school, own.role == Role.SCHOOL.value)
    query = select(UserRow.school).where(
        UserRow.role == Role.COLLEGE.value,
        UserRow.disabled_at.is_(None),
        of_school,
        ~of_school.where(own.disabled_at.is_(None)),
    )
    return [school for school in session.scalars(query.distinct()) if school]


def closing_late(session: Session, school: str) -> list[str]:
    """If all of a school's own accounts are closed: the ids of its colleges' open accounts, ordered by name."""
    schools = _held(session, school)
    return _open_colleges(session, school) if schools and all(one.disabled_at is not None for one in schools) else []


def require_open_school(session: Session, user_id: str) -> None:
    """Raise `WrongRequest` if this is the account of a college whose school has only closed accounts."""
    school = _school(session, user_id, Role.COLLEGE)
    if school is None:
        return
    schools = _held(session, school)
    if schools and all(one.disabled_at is not None for one in schools):
        raise WrongRequest("the account of the school is closed: open that one first")


def require_open(session: Session, who: str) -> None:
    """Raise `NotThere` if the account `who` was closed meanwhile. Until the transaction ends nobody can close it."""
    mine = select(UserRow.name, UserRow.disabled_at).where(UserRow.user_id == who).with_for_update()
    found = session.execute(mine).one_or_none()
    if found is not None and found.disabled_at is not None:
        raise NotThere("there is no open account {name!r}", name=found.name)


def end_sessions(session: Session, user_ids: Iterable[str], now: datetime) -> None:
    """End all sessions of these accounts."""
    session.execute(
        update(SessionRow)
        .where(SessionRow.user_id.in_(list(user_ids)), SessionRow.ended_at.is_(None))
        .values(ended_at=now)
    )


def _open_colleges(session: Session, school: str) -> list[str]:
    """The ids of a school's open accounts of colleges, by name."""
    colleges = select(UserRow.user_id).where(
        UserRow.school == school, UserRow.role == Role.COLLEGE.value, UserRow.disabled_at.is_(None)
    )
    return list(session.scalars(colleges.order_by(UserRow.name)))


def _school(session: Session, user_id: str, role: Role) -> str | None:
    """The school of an account of this role; None if the account has another role."""
    query = select(UserRow.school).where(UserRow.user_id == user_id, UserRow.role == role.value)
    return session.execute(query).scalar_one_or_none()


def _held(session: Session, school: str) -> Sequence[Row[str, datetime | None]]:
    """The school's own accounts, locked until the transaction ends. Without the lock, two accounts that are closed at
    the same moment would each see the other one as open.
    """
    query = select(UserRow.user_id, UserRow.disabled_at).where(
        UserRow.school == school, UserRow.role == Role.SCHOOL.value
    )
    return session.execute(query.order_by(UserRow.user_id).with_for_update()).all()
