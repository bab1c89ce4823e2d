"""Versions of a roster. Each import or correction that changes a roster makes a version, with the rows that were new,
changed, or not in the file. It is recorded in the transaction of the change. Rows and their fields are sealed; the
counts are not.
"""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from center.platform.database import Database
from center.platform.faults import NotThere
from center.platform.office_keys import OfficeKeys
from center.roster.tables import RosterVersionRow
from wire.roster_change import RosterRow

_KIND = "roster version"
_MOST_LINES = 2_000
"""How many changes of one import are listed; further changes are only counted."""

School = tuple[str, str]
"""School and year."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of a row whose value an import changed."""

    name: str
    before: str = field(repr=False)
    after: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RowChange:
    """What an import did to a row. `fields`: what changed; empty if the row is new or absent. `absent`: the file lacks
    the row, and the row stays."""

    student_no: str = field(repr=False)
    name: str = field(repr=False)
    fields: tuple[FieldChange, ...] = ()
    absent: bool = False


@dataclass(frozen=True, slots=True)
class RosterVersion:
    """A version of a school's roster. `rows`: how many rows the roster has in this version."""

    version_id: int
    school: str
    year: str
    by: str
    at: datetime
    new: int
    changed: int
    absent: int
    rows: int


def differences(before: RosterRow, after: RosterRow) -> tuple[FieldChange, ...]:
    """The fields that differ, in the roster's order."""
    was, now = before.model_dump(), after.model_dump()
    return tuple(FieldChange(name, was[name], now[name]) for name in was if was[name] != now[name])


def record(
    session: Session,
    office_keys: OfficeKeys,
    who: str,
    now: datetime,
    rows: Sequence[RosterRow],
    before: Mapping[str, Sequence[RosterRow]],
) -> None:
    """Store a version for each school and year whose roster an import or a correction changed.

    `rows`: the file's good rows, or all rows of the year after a correction; `before`: school -> its rows before the
    change.
    """
    wanted: dict[School, list[RosterRow]] = {}
    for row in rows:
        wanted.setdefault((row.school, row.year), []).append(row)
    for (school, year), given in sorted(wanted.items()):
        known = {_key(row): row for row in before.get(school, ()) if row.year == year}
        fresh = {_key(row): row for row in given}
        lines = list(_lines(known, fresh))
        new = sum(not one.fields and not one.absent for one in lines)
        changed = sum(bool(one.fields) for one in lines)
        if not new and not changed:
            continue
        words = json.dumps([asdict(one) for one in lines[:_MOST_LINES]], ensure_ascii=False).encode()
        seal_id = secrets.token_hex(16)
        values = {
            "school": school,
            "year": year,
            "by": who,
            "at": now,
            "new": new,
            "changed": changed,
            "absent": len(lines) - new - changed,
            "rows": len(known.keys() | fresh.keys()),
            "seal_id": seal_id,
            "sealed": office_keys.seal(_KIND, seal_id, words),
        }
        session.execute(insert(RosterVersionRow).values(**values))


def _lines(known: Mapping[str, RosterRow], fresh: Mapping[str, RosterRow]) -> Iterable[RowChange]:
    """Changed rows first, then new ones, then those that the file did not have."""
    for key, row in sorted(fresh.items()):
        if key in known and (fields := differences(known[key], row)):
            yield RowChange(row.student_no, row.name, fields)
    for key, row in sorted(fresh.items()):
        if key not in known:
            yield RowChange(row.student_no, row.name)
    for key, row in sorted(known.items()):
        if key not in fresh:
            yield RowChange(row.student_no, row.name, absent=True)


def _key(row: RosterRow) -> str:
    return row.student_no.upper()


_COLUMNS = tuple(getattr(RosterVersionRow, name) for name in RosterVersion.__slots__)


def versions_of(session: Session, school: str, limit: int) -> list[RosterVersion]:
    """The versions of a school's roster, the newest first, at most `limit`."""
    query = select(*_COLUMNS).where(RosterVersionRow.school == school)
    return [
        RosterVersion(*row) for row in session.execute(query.order_by(RosterVersionRow.version_id.desc()).limit(limit))
    ]


def newest_versions(session: Session, year: str) -> dict[str, RosterVersion]:
    """School -> the newest version of its roster of a year."""
    newest = select(func.max(RosterVersionRow.version_id)).where(RosterVersionRow.year == year)
    query = select(*_COLUMNS).where(RosterVersionRow.version_id.in_(newest.group_by(RosterVersionRow.school)))
    return {row.school: RosterVersion(*row) for row in session.execute(query)}


def version_of(database: Database, office_keys: OfficeKeys, version_id: int) -> tuple[RosterVersion, list[RowChange]]:
    """A version and its changes, at most `_MOST_LINES` of them. Raises `NotThere`, `OfficeKeysFault`."""
    query = select(*_COLUMNS, RosterVersionRow.seal_id, RosterVersionRow.sealed).where(
        RosterVersionRow.version_id == version_id
    )
    with database.read() as session:
        row = session.execute(query).one_or_none()
    if row is None:
        raise NotThere("there is no version {version_id} of a roster", version_id=version_id)
    *columns, seal_id, sealed = row
    lines = json.loads(office_keys.open(_KIND, seal_id, sealed))
    changes = [
        RowChange(one["student_no"], one["name"], tuple(FieldChange(**each) for each in one["fields"]), one["absent"])
        for one in lines
    ]
    return RosterVersion(*columns), changes
