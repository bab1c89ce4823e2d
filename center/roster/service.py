"""The roster: all schools' rows, how they are imported, found and removed. Booths read its changes from the feed
(`center.roster.feed`).

A row is identified by year, school and student number. It has a random id (`row_id`), which stays the same when its
content is corrected. A change of a row gives it the next place in the feed.
"""

import re
import secrets
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from center.audit.service import Audit
from center.platform.clock import Clock
from center.platform.database import Database, batched
from center.platform.office_keys import OfficeKeys
from center.platform.person_keys import id_key, student_key
from center.platform.tables import CounterRow
from center.roster.model.matching import Numbers, SchoolRows
from center.roster.sealed_rows import SealedRows
from center.roster.tables import COUNTER, RosterEntry
from center.roster.versions import record
from rules.names import fold_code, fold_name
from rules.season import day_in_china
from wire.roster_change import RosterRow

_OF_CONTENT = (
    *("content", "sealed", "id_lookup", "student_lookup", "exam_lookup", "name_lookup"),
    *("year", "class_key", "person_key"),
)
_YEAR = re.compile(r"[0-9]{4}")
_AT_ONCE = 500
# the most schools that an audit entry names: a file is of one school, or of a university with its faculties
_MOST_SCHOOLS = 20

IMPORTED = "roster"
"""The subject under which the audit records each import."""


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """How many rows an import added, corrected and left as they were."""

    new: int
    changed: int
    same: int


@dataclass(frozen=True, slots=True)
class RosterMatch:
    """A row that was found. `provisional`: staff made it, and its school has not sent it yet."""

    row_id: str
    row: RosterRow
    provisional: bool


class KeyedRow(NamedTuple):
    """A roster row's id, year and keyed hashes. It is a tuple for speed: a page counts the thousands of rows of a
    school."""

    row_id: str
    year: str
    id_lookup: bytes
    person_key: bytes
    name_lookup: bytes
    class_key: bytes
    content: bytes  # differs as soon as a field of the row is corrected


class Roster:
    """All schools' rows. Threads may share it."""

    def __init__(self, database: Database, office_keys: OfficeKeys, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._office_keys = office_keys
        self._sealed = SealedRows(office_keys)
        self._audit = audit
        self._clock = clock
        self.importing = threading.Lock()  # one file at a time: reading a file takes much memory

    def import_rows(self, who: str, rows: Sequence[RosterRow], left_out: int = 0) -> ImportCounts:
        """Add rows or correct known ones: all rows or none. Identical rows change nothing. If two rows are of the same
        student, the later one is used. The audit records every import with its schools and counts; `left_out`: how many
        rows of the file were refused. Raises `Unavailable`.
        """
        by_lookup = {self._sealed.lookup(row): row for row in rows}
        with self._database.write() as session:
            place = _lock_counter(session)
            known = _known(session, by_lookup)
            before = {school: self.of_school(session, school) for school in {row.school for row in by_lookup.values()}}
            added, corrected = [], []
            for lookup, row in by_lookup.items():
                was = known.get(lookup)
                if was is not None and was.content == self._sealed.content(row) and not was.provisional:
                    continue
                place += 1
                row_id = secrets.token_hex(16) if was is None else was.row_id
                values = self._sealed.values(row_id, row, place)
                if was is None:
                    added.append({"row_id": row_id, "lookup": lookup, **values})
                else:
                    corrected.append({"row_id": row_id, **values})
            if added:
                session.execute(insert(RosterEntry), added)
            if corrected:
                session.execute(update(RosterEntry), corrected)
            new, changed = len(added), len(corrected)
            if new or changed:
                _set_counter(session, place)
                record(session, self._office_keys, who, self._clock(), list(by_lookup.values()), before)
            done = ImportCounts(new, changed, len(by_lookup) - new - changed)
            counts = {"new": new, "changed": changed, "same": done.same, "left_out": left_out}
            schools = sorted({row.school for row in by_lookup.values()})[:_MOST_SCHOOLS]
            self._audit.append(session, self._clock(), who, "roster.put", IMPORTED, {**counts, "schools": schools})
        return done

    def change(self, session: Session, who: str, row_id: str, **fields: str) -> RosterRow | None:
        """Change fields of one row, none of which identifies the row, inside the caller's transaction; no other row is
        written, and a provisional row stays one. If a field changes, the roster gets a new version. Returns the row as
        it was before the change; None if it does not exist. Raises `OfficeKeysFault`.
        """
        place = _lock_counter(session) + 1
        row = self.row(session, row_id)
        if row is None:
            return None
        changed = row.model_copy(update=fields)
        assert self._sealed.lookup(changed) == self._sealed.lookup(row), "another student's row"
        if changed != row:
            rows = self.of_school(session, row.school)
            of_year = [changed if one == row else one for one in rows if one.year == row.year]
            values = self._sealed.values(row_id, changed, place)
            del values["provisional"]
            session.execute(update(RosterEntry).where(RosterEntry.row_id == row_id).values(**values))
            _set_counter(session, place)
            record(session, self._office_keys, who, self._clock(), of_year, {row.school: rows})
        return row

    def compare(self, rows: Sequence[RosterRow]) -> ImportCounts:
        """What `put` would do with these rows. Raises `Unavailable`."""
        by_lookup = {self._sealed.lookup(row): row for row in rows}
        with self._database.read() as session:
            known = _known(session, by_lookup)
        new = len(by_lookup) - len(known)
        changed = sum(
            was.provisional or was.content != self._sealed.content(by_lookup[at]) for at, was in known.items()
        )
        return ImportCounts(new, changed, len(by_lookup) - new - changed)

    def present_year(self) -> int:
        """The year now in China, by the office's clock."""
        return day_in_china(self._clock()).year

    def numbers_of_others(self, rows: Sequence[RosterRow]) -> set[str]:
        """The ID numbers of `rows` that also belong to another student in the roster. Raises `Unavailable`."""
        numbers = {row.id_number: id_key(self._office_keys, row.id_number) for row in rows}
        with self._database.read() as session:
            students: dict[bytes, set[bytes]] = {}
            for some in batched(set(numbers.values())):
                query = select(RosterEntry.id_lookup, RosterEntry.lookup).where(RosterEntry.id_lookup.in_(some))
                for number, student in session.execute(query):
                    assert number is not None, "asked for by number"
                    students.setdefault(number, set()).add(student)
        return {
            row.id_number for row in rows if students.get(numbers[row.id_number], set()) - {self._sealed.lookup(row)}
        }

    def other_schools(self, rows: Sequence[RosterRow]) -> Counter[tuple[str, str]]:
        """How many people of `rows` are also on another school's roster of the same year, for each pair (the school in
        `rows`, the other school). Raises `Unavailable`."""
        by_number: dict[bytes, list[RosterRow]] = {}
        for row in rows:
            by_number.setdefault(id_key(self._office_keys, row.id_number), []).append(row)
        found: Counter[tuple[str, str]] = Counter()
        with self._database.read() as session:
            for some in batched(by_number):
                query = select(RosterEntry.id_lookup, RosterEntry.school, RosterEntry.year).where(
                    RosterEntry.id_lookup.in_(some), RosterEntry.sealed.is_not(None)
                )
                for number, school, year in session.execute(query):
                    assert number is not None, "asked for by number"
                    here = {row.school for row in by_number[number] if row.year == year and row.school != school}
                    found.update((one, school) for one in here)
        return found

    def newest_years(self, schools: Iterable[str]) -> dict[str, str]:
        """School -> the newest year of its roster; schools without one are left out."""
        with self._database.read() as session:
            years = {school: self.years(session, school) for school in schools}
        return {school: found[0] for school, found in years.items() if found}

    def add_provisional(self, session: Session, row: RosterRow) -> str | None:
        """Add a row that staff made, inside their transaction; returns its id, or None if the roster has this
        student already.

        Booths get the row like any other row. When the school sends a row of this student, the school's row replaces
        it.
        """
        lookup = self._sealed.lookup(row)
        place = _lock_counter(session) + 1
        known = session.execute(
            select(RosterEntry.row_id, RosterEntry.sealed).where(RosterEntry.lookup == lookup)
        ).one_or_none()
        if known is not None and known.sealed is not None:
            return None
        row_id: str = secrets.token_hex(16) if known is None else known.row_id
        values = self._sealed.values(row_id, row, place) | {"provisional": True}
        if known is None:
            session.execute(insert(RosterEntry).values(row_id=row_id, lookup=lookup, **values))
        else:
            session.execute(update(RosterEntry).where(RosterEntry.row_id == row_id).values(**values))
        _set_counter(session, place)
        return row_id

    def row(self, session: Session, row_id: str, *, provisional: bool = False) -> RosterRow | None:
        """The content of a row; None if it does not exist, or if `provisional` is set and the row is not provisional.

        The row is locked until the transaction ends, so that nobody can remove it while the caller attaches it to a
        photo.
        Raises `OfficeKeysFault`.
        """
        query = select(RosterEntry.sealed).where(RosterEntry.row_id == row_id).with_for_update()
        if provisional:
            query = query.where(RosterEntry.provisional)
        sealed = session.execute(query).scalar_one_or_none()
        return None if sealed is None else self._sealed.opened(row_id, sealed)

    def rows_up_to(self, session: Session, year: int) -> list[str]:
        """The ids of the rows whose graduates are of `year` or earlier."""
        return ids_up_to(session, RosterEntry.row_id, RosterEntry.year, year)

    def row_ids(self, session: Session, rows: Sequence[RosterRow]) -> dict[RosterRow, str]:
        """The id of each of these rows; rows whose student is not on the roster are left out."""
        by_lookup = {self._sealed.lookup(row): row for row in rows}
        return {by_lookup[lookup]: known.row_id for lookup, known in _known(session, by_lookup).items()}

    def peek(self, session: Session, row_id: str) -> RosterMatch | None:
        """A row, read without a lock; None if it does not exist. Raises `OfficeKeysFault`."""
        row = session.get(RosterEntry, row_id)
        if row is None or row.sealed is None:
            return None
        return RosterMatch(row_id, self._sealed.opened(row_id, row.sealed), row.provisional)

    def find(self, session: Session, texts: Sequence[str], limit: int) -> list[RosterMatch]:
        """At most `limit` rows whose ID number, student number or whole name is one of `texts`, the newest first."""
        codes = [fold_code(text) for text in texts]
        names = [fold_name(text) for text in texts]
        wanted = or_(
            RosterEntry.id_lookup.in_([id_key(self._office_keys, code) for code in codes if code]),
            RosterEntry.student_lookup.in_([self._office_keys.lookup("student", code) for code in codes if code]),
            RosterEntry.name_lookup.in_([self._office_keys.lookup("name", name) for name in names if name]),
        )
        query = select(RosterEntry).where(RosterEntry.sealed.is_not(None), wanted)
        rows = session.scalars(query.order_by(RosterEntry.sequence.desc()).limit(limit)).all()
        return [
            RosterMatch(row.row_id, self._sealed.opened(row.row_id, row.sealed), row.provisional)
            for row in rows
            if row.sealed is not None
        ]

    def row_of(self, session: Session, school: str | None, numbers: Numbers) -> RosterMatch | None:
        """The roster row of the person in a photo. It is found by the same rules by which attendance is counted, photos
        are delivered and letters are made (`RowIndex`). Returns None if no row matches, or if several match and nothing
        tells which is right. If `school` is None, the row with the ID number is searched in all schools, and the result
        is also None if rows of several schools have it. Then a student number leads to no row: the person can be of a
        school whose roster has not come yet.

        `numbers`: the person's numbers and name as text, not as hashes, with the year under which the photo was filed.
        Raises `OfficeKeysFault`.
        """
        if school is None and not numbers.id_number:
            return None
        wanted = str(numbers.id_number or numbers.student_no)
        found = [one for one in self.find(session, [wanted], _AT_ONCE) if school in (None, one.row.school)]
        if len({one.row.school for one in found}) != 1:
            return None
        place = SchoolRows([one.row for one in found]).place(numbers)
        return None if place.row is None else found[place.row]

    def of_school(self, session: Session, school: str) -> list[RosterRow]:
        """The content of all rows of a school, except removed ones. Raises `OfficeKeysFault`."""
        query = select(RosterEntry.row_id, RosterEntry.sealed).where(
            RosterEntry.school == school, RosterEntry.sealed.is_not(None)
        )
        return [self._sealed.opened(row.row_id, row.sealed) for row in session.execute(query)]

    def rows_by_school(self, year: str | None) -> dict[str, int]:
        """How many rows each school has on its roster of a year, or of all years; schools without any are left out.

        Raises `Unavailable`.
        """
        of_year = RosterEntry.year.is_not(None) if year is None else RosterEntry.year == year
        query = select(RosterEntry.school, func.count()).where(of_year)
        with self._database.read() as session:
            return dict(session.execute(query.group_by(RosterEntry.school)).all())

    def schools(self, session: Session) -> list[str]:
        """Every school with a row, in order."""
        # One statement that steps from school to school along the index, because reading all rows would take long: a
        # school has thousands of them.
        there = RosterEntry.year.is_not(None)
        step = select(func.min(RosterEntry.school).label("school")).where(there).cte("step", recursive=True)
        following = select(func.min(RosterEntry.school)).where(there, RosterEntry.school > step.c.school)
        steps = step.union_all(select(following.scalar_subquery()).where(step.c.school.is_not(None)))
        return sorted(session.scalars(select(steps.c.school).where(steps.c.school.is_not(None))))

    def years(self, session: Session, school: str) -> list[str]:
        """The years of a school's rows, the newest first."""
        query = select(RosterEntry.year).where(RosterEntry.school == school, RosterEntry.year.is_not(None)).distinct()
        return sorted((str(year) for year in session.scalars(query)), reverse=True)

    def keyed(self, session: Session, school: str) -> list[KeyedRow]:
        """Every row of a school by its keyed hashes; nothing is decrypted."""
        columns = (
            *(RosterEntry.row_id, RosterEntry.year, RosterEntry.id_lookup),
            *(RosterEntry.person_key, RosterEntry.name_lookup, RosterEntry.class_key, RosterEntry.content),
        )
        query: Any = select(*columns).where(RosterEntry.school == school, RosterEntry.year.is_not(None))
        return [KeyedRow(*row) for row in session.connection().execute(query)]

    def opened(self, session: Session, row_ids: Sequence[str]) -> dict[str, RosterRow]:
        """The content of each of these rows; rows that do not exist are left out. Raises `OfficeKeysFault`."""
        found: dict[str, RosterRow] = {}
        for some in batched(row_ids):
            query = select(RosterEntry.row_id, RosterEntry.sealed).where(
                RosterEntry.row_id.in_(some), RosterEntry.sealed.is_not(None)
            )
            found |= {row.row_id: self._sealed.opened(row.row_id, row.sealed) for row in session.execute(query)}
        return found

    def fill_keys(self) -> int:
        """Add the keyed hashes that rows lack because an earlier version of the program stored them; returns how many
        rows lacked some. Idempotent. Raises `OfficeKeysFault`."""
        filled = 0
        while True:
            with self._database.write() as session:
                query = select(RosterEntry.row_id, RosterEntry.sealed)
                keys = RosterEntry.class_key, RosterEntry.exam_lookup, RosterEntry.name_lookup
                old = or_(*(column.is_(None) for column in keys))
                lacking = session.execute(query.where(RosterEntry.sealed.is_not(None), old).limit(_AT_ONCE)).all()
                if not lacking:
                    return filled
                rows = [
                    {"row_id": row.row_id, **self._sealed.keys(self._sealed.opened(row.row_id, row.sealed))}
                    for row in lacking
                ]
                session.execute(update(RosterEntry), rows)
                filled += len(rows)

    def provisional(self, session: Session, limit: int) -> list[RosterMatch]:
        """The newest provisional rows that no school has replaced. Raises `OfficeKeysFault`."""
        query = select(RosterEntry.row_id, RosterEntry.sealed).where(
            RosterEntry.provisional, RosterEntry.sealed.is_not(None)
        )
        rows = session.execute(query.order_by(RosterEntry.sequence.desc()).limit(limit)).all()
        return [RosterMatch(row.row_id, self._sealed.opened(row.row_id, row.sealed), provisional=True) for row in rows]

    def remove_rows(self, session: Session, row_ids: Sequence[str]) -> int:
        """Remove rows inside the caller's transaction; returns how many. The content of a removed row is deleted. Its
        id stays and gets a new place, so that booths read the removal in the feed.
        """
        removed = 0
        place = _lock_counter(session)
        for row_id in dict.fromkeys(row_ids):
            known = RosterEntry.row_id == row_id, RosterEntry.sealed.is_not(None)
            if session.execute(select(RosterEntry.row_id).where(*known)).first() is None:
                continue
            place += 1
            removed += 1
            gone = dict.fromkeys(_OF_CONTENT)
            session.execute(
                update(RosterEntry)
                .where(RosterEntry.row_id == row_id)
                .values(sequence=place, provisional=False, **gone)
            )
        if removed:
            _set_counter(session, place)
        return removed

    def remove(self, who: str, row_ids: Sequence[str]) -> int:
        """Remove rows as `remove_rows` does, and record this in the audit; returns how many. Raises `Unavailable`."""
        with self._database.write() as session:
            return self.remove_in(session, who, row_ids)

    def remove_in(self, session: Session, who: str, row_ids: Sequence[str]) -> int:
        """Like `remove`, inside the caller's transaction."""
        removed = self.remove_rows(session, row_ids)
        if removed:
            self._audit.append(session, self._clock(), who, "roster.removed", "roster", {"removed": removed})
        return removed

    def touch(self, session: Session, id_numbers: Iterable[str], students: Iterable[tuple[str, str]]) -> int:
        """Give the rows of these people new places, inside the caller's transaction, so that booths read them once
        more. It is called when somebody's name is put on a campus list or taken off it: the feed tells booths with each
        row whether its person was photographed on campus, but the row itself does not contain this. `students`: pairs
        of school and student number. Returns how many rows got a new place.
        """
        by_id = {id_key(self._office_keys, one) for one in id_numbers}
        by_student = {student_key(self._office_keys, school, number) for school, number in students}
        place = start = _lock_counter(session)
        for column, lookups in ((RosterEntry.id_lookup, by_id), (RosterEntry.person_key, by_student)):
            for some in batched(lookups):
                query = select(RosterEntry.row_id).where(column.in_(some), RosterEntry.sealed.is_not(None))
                touched = []
                for row_id in session.scalars(query):
                    place += 1
                    touched.append({"row_id": row_id, "sequence": place})
                if touched:
                    session.execute(update(RosterEntry), touched)
        if place > start:
            _set_counter(session, place)
        return place - start


def ids_up_to(
    session: Session, row_id: InstrumentedAttribute[str], year: InstrumentedAttribute[str | None], until: int
) -> list[str]:
    """The `row_id` of every row of a table whose `year` is `until` or earlier. A year with further characters (2026届),
    as earlier versions of the program accepted it from staff, counts as the year in it.
    """
    found = {one: _YEAR.search(one) for one in session.scalars(select(year).distinct()) if one is not None}
    due = [one for one, number in found.items() if number is not None and int(number[0]) <= until]
    return list(session.scalars(select(row_id).where(year.in_(due))))


@dataclass(frozen=True, slots=True)
class _Known:
    """The columns of a row of the table that an import compares. `content`: the keyed hash of the row's fields; None if
    the row was removed, or if an earlier version of the program stored it.
    """

    row_id: str
    content: bytes | None
    provisional: bool


def _known(session: Session, lookups: Iterable[bytes]) -> dict[bytes, _Known]:
    """For each keyed hash of year, school and student number (`RosterEntry.lookup`), the row that has it, even if this
    row was removed. The result has no entry for a hash that no row has.
    """
    columns = RosterEntry.lookup, RosterEntry.row_id, RosterEntry.content, RosterEntry.provisional
    return {
        row.lookup: _Known(row.row_id, row.content, row.provisional)
        for some in batched(lookups)
        for row in session.execute(select(*columns).where(RosterEntry.lookup.in_(some)))
    }


def _lock_counter(session: Session) -> int:
    """The newest place in the feed. The counter is locked until the transaction ends, so that booths can read rows in
    the order of places only."""
    return session.execute(select(CounterRow.value).where(CounterRow.name == COUNTER).with_for_update()).scalar_one()


def _set_counter(session: Session, value: int) -> None:
    session.execute(update(CounterRow).where(CounterRow.name == COUNTER).values(value=value))
