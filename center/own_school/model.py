"""What an account of a school sees: its own school, or the majors of one college. Pure.

The account names the school, and a request never does. Everything in an address or a form is checked against the scope.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from center.accounts.account import Account
from center.attendance.model import AttendanceState
from center.corrections.model import CaseKind
from center.platform.faults import Conflict, NotAllowed
from wire.roster_change import RosterRow


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose data an account of a school or college sees. `majors` None: all majors of the school."""

    school: str
    majors: frozenset[str] | None = None
    college: str = ""  # the college whose account it is; empty: the account is the school's own

    def is_of(self, account: Account) -> bool:
        """Whether another account belongs to this school or, for a college's account, to this college."""
        return account.school == self.school and (self.majors is None or account.college == self.college)

    def covers(self, row: RosterRow) -> bool:
        """Whether the scope covers the graduate of a roster row."""
        return row.school == self.school and self.has_major(row.major)

    def has_major(self, major: str) -> bool:
        """Whether a major of the school is within the scope."""
        return self.majors is None or major in self.majors


def scope_of(account: Account) -> Scope:
    """The scope of a school's or college's account. Raises `NotAllowed` for any other account."""
    if account.school is None:
        raise NotAllowed("this page is for accounts of schools and their colleges")
    return Scope(account.school, None if account.majors is None else frozenset(account.majors), account.college or "")


@dataclass(frozen=True, slots=True)
class RowState:
    """A roster row's id, the state of its attendance, its approved photo, and the keyed hash of its fields."""

    row_id: str
    attendance: AttendanceState
    shot_id: str | None
    content: bytes


class Checked(StrEnum):
    """Whether somebody at the school has checked a class."""

    NOT_YET = "not_yet"
    DONE = "done"
    CHANGED = "changed"  # the class was checked, but a row or an approved photo was added, removed or changed since


@dataclass(frozen=True, slots=True)
class SchoolClass:
    """A class as its school sees it. `key`: identifies it in addresses without revealing anything about it."""

    key: str
    major: str
    class_name: str
    rows: tuple[RowState, ...] = field(repr=False)
    checked: Checked
    checked_at: datetime | None = None
    checked_by: str = ""

    @property
    def counts(self) -> Counter[AttendanceState]:
        """How many graduates have each state."""
        return Counter(one.attendance for one in self.rows)

    @property
    def seen(self) -> str:
        """The fingerprint of what the page shows."""
        return fingerprint(self.rows)


class ClassChanged(Conflict):
    """The class has changed since the page showed it, so it is not confirmed."""


class NotOwn(Conflict):
    """Somebody else reported the mistake: only the office deals with it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A mistake that somebody reported and that the office has not dealt with yet. It is about one row."""

    case_id: int
    kind: CaseKind
    own: bool  # an account within the scope made it, and may withdraw it


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A graduate to be checked: the roster row, the photo that belongs to it (in `state`), and the open marks."""

    state: RowState
    row: RosterRow = field(repr=False)
    marks: tuple[Mark, ...]


def fingerprint(rows: Iterable[RowState], *, with_rows: bool = True) -> str:
    """A value that changes when the class gets or loses a row, or when a field or the approved photo of a row changes.
    `with_rows` False: the value does not depend on the fields; versions before 0.2 stored it in this form.
    """
    lines = sorted(f"{one.row_id} {one.shot_id or ''}{' ' + one.content.hex() if with_rows else ''}" for one in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def total(classes: Sequence[SchoolClass]) -> Counter[AttendanceState]:
    """How many graduates of all these classes have each state."""
    return sum((one.counts for one in classes), Counter())
