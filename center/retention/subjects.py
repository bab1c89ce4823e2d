"""Finds everything under which the office has filed the graduate whom a request or a hold is about.

A photo is filed under the strongest number that its booth knew: the ID number, else the student number within a school,
else a bare code. So one graduate can have several records. The rosters say which of them are of the same person.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, insert, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from center.platform.faults import Conflict, NotThere, WrongRequest
from center.platform.office_keys import OfficeKeys
from center.retention.model import FoundBy
from center.roster.model.findings import UNKNOWN
from center.roster.service import Roster
from center.roster.tables import RosterEntry
from center.shots.model.person import receipt_text
from center.shots.tables import IdentityRow, PersonRow, ShotRow
from rules.names import clean_code, clean_name
from wire.manifest import Person

_AT_ONCE = 500  # look-ups in one statement


@dataclass(frozen=True, slots=True)
class DataSubject:
    """One graduate. `key`: the keyed hash of the ID number if a roster has it, else the look-up of the only record.

    `person_ids`: the ids of the graduate's own records; `by_student`: the ids of records under a student number that
    somebody of another year can have, too; `shots`: the graduate's photos in all these records, the oldest first;
    `rows`: the graduate's rows on the rosters of all years.
    """

    key: bytes
    person_ids: tuple[str, ...]
    by_student: tuple[str, ...]
    shots: tuple[str, ...]
    rows: tuple[str, ...]

    def named_by(self, person: InstrumentedAttribute[Any], shot: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        """Whether a table's row, which names a record and a photo, is about this graduate."""
        return or_(person.in_(self.person_ids), and_(person.in_(self.by_student), shot.in_(self.shots)))


class _Row(NamedTuple):
    """A roster row by its keys."""

    row_id: str
    year: str
    id_lookup: bytes
    person_key: bytes


class _Several(Exception):
    """The rosters give a student number to several people."""


class DataSubjects:
    """Finds whom a request or a hold is about. Threads may share it."""

    def __init__(self, office_keys: OfficeKeys, roster: Roster) -> None:
        self._office_keys = office_keys
        self._roster = roster

    def find(self, session: Session, number: str, school: str) -> tuple[DataSubject, FoundBy]:
        """The graduate with this ID number, this student number of `school`, or this receipt's code, and the kind of
        number by which the office found the graduate. Raises `NotThere`; `WrongRequest` if they are several people;
        `OfficeKeysFault`.
        """
        try:
            ways = {
                FoundBy.NUMBER: self._numbered(session, number, school),
                FoundBy.ROSTER: self._on_roster(session, number, school),
                FoundBy.RECEIPT: self._with_receipt(session, number),
            }
        except _Several:
            raise _several() from None
        found = {key: self._subject(session, key) for key in {key for keys in ways.values() for key in keys}}
        found = {key: one for key, one in found.items() if one.shots}
        if len(found) > 1:
            raise _several()
        for key, subject in found.items():
            return subject, next(way for way, keys in ways.items() if key in keys)
        raise NotThere(
            "no photo is of somebody with this number: give the ID number, student number and school, or the code of "
            "the receipt"
        )

    def of_record(self, session: Session, person_id: str, year: str | None = None) -> DataSubject:
        """The graduate of a record, or of its photo of a `year`. Raises `Conflict` if the rosters give its student
        number to several people by now; `OfficeKeysFault`.
        """
        try:
            return self._subject(session, self._key_of(session, session.get_one(PersonRow, person_id).lookup, year))
        except _Several:
            raise Conflict(
                "the rosters now give this student number to several people: refuse the request, and note another one "
                "with the ID number"
            ) from None

    def bare_records(self, session: Session, row_ids: Sequence[str]) -> set[str]:
        """The ids of the records under a bare code that only the graduates of these rows have."""
        found: set[str] = set()
        for some in _lots(list(self._bare_keys(session, row_ids))):
            found.update(session.scalars(select(PersonRow.person_id).where(PersonRow.lookup.in_(some))))
        return found

    def record(self, session: Session, subject: DataSubject) -> str:
        """The record by which a request or a hold names this graduate; if the graduate has no record, one is made."""
        by_key = select(PersonRow.person_id).where(PersonRow.lookup == subject.key)
        person_id = session.execute(by_key).scalar_one_or_none() or next(iter(subject.person_ids), None)
        if person_id is None:
            person_id = secrets.token_hex(16)
            session.execute(insert(PersonRow).values(person_id=person_id, lookup=subject.key))
        return person_id

    def _numbered(self, session: Session, number: str, school: str) -> set[bytes]:
        """The keys of the people with a record of this very number."""
        code = clean_code(number).upper()
        if not code:
            return set()
        wanted = [self._key(f"id {code}"), self._key(f"student {clean_name(school)} {code}")]
        records = session.scalars(select(PersonRow.lookup).where(PersonRow.lookup.in_(wanted)))
        return {self._key_of(session, lookup) for lookup in records}

    def _on_roster(self, session: Session, number: str, school: str) -> set[bytes]:
        """The keys of the people with this number on a roster; nobody if it is a bare code without a school."""
        code = clean_code(number).upper()
        if not code:
            return set()
        by_student = RosterEntry.person_key == self._key(f"student {clean_name(school)} {code}")
        by_id = RosterEntry.id_lookup == self._key(f"id {code}")
        keys = {row.id_lookup for condition in (by_id, by_student) for row in _rows(session, condition)}
        if len(keys) > 1:
            raise _Several
        if not keys and school:
            # A booth that has no row for a code knows no school either.
            keys = {key for key in (self._key(f"student  {code}"),) if not self._holders(session, [code])[code]}
        return keys

    def _with_receipt(self, session: Session, code: str) -> set[bytes]:
        """The keys of the people on the photos with this receipt."""
        receipt = receipt_text(code)
        if not receipt:
            return set()
        query = (
            select(PersonRow.lookup, ShotRow.year)
            .join(ShotRow, ShotRow.person_id == PersonRow.person_id)
            .where(ShotRow.receipt_lookup == self._office_keys.lookup("receipt", receipt))
        )
        return {self._key_of(session, row.lookup, row.year) for row in session.execute(query).all()}

    def _key_of(self, session: Session, lookup: bytes, year: str | None = None) -> bytes:
        """The key of the graduate to whom a record belongs by the rosters. `year`: the year of the photo that is asked
        about. Raises `_Several`.
        """
        rows = _rows(session, RosterEntry.person_key == lookup)
        keys = {row.id_lookup for row in rows if year in (None, row.year)}
        if len(keys) > 1 or (rows and not keys):
            raise _Several
        if not keys:
            keys = set().union(*self._holders(session, self._bare_codes(session, lookup)).values())
        return keys.pop() if len(keys) == 1 else lookup

    def _bare_codes(self, session: Session, lookup: bytes) -> list[str]:
        """The code under which a record without ID number and school was filed; none for another record."""
        query = (
            select(IdentityRow.shot_id, IdentityRow.sealed)
            .join(ShotRow, ShotRow.shot_id == IdentityRow.shot_id)
            .join(PersonRow, PersonRow.person_id == ShotRow.person_id)
            .where(PersonRow.lookup == lookup, ShotRow.school.is_(None))
        )
        people = (
            Person.decode(self._office_keys.open("identity", row.shot_id, row.sealed))
            for row in session.execute(query.limit(1))
        )
        codes = (clean_code(one.student_no or "").upper() for one in people if not one.id_number)
        return [code for code in codes if code]

    def _holders(self, session: Session, codes: Iterable[str]) -> dict[str, set[bytes]]:
        """For each code the ID numbers, by keyed hash, of everybody who has it as a student number or an exam number,
        whatever the school.
        """
        by_lookup = {self._office_keys.lookup("student", code): code for code in codes}
        holders: dict[str, set[bytes]] = {code: set() for code in by_lookup.values()}
        columns: tuple[Any, ...] = RosterEntry.student_lookup, RosterEntry.exam_lookup
        for column in columns:
            for some in _lots(list(by_lookup)):
                there = column.in_(some), RosterEntry.sealed.is_not(None), RosterEntry.id_lookup.is_not(None)
                query: Any = select(column, RosterEntry.id_lookup).where(*there)
                for lookup, key in session.execute(query).all():
                    holders[by_lookup[lookup]].add(key)
        return holders

    def _subject(self, session: Session, key: bytes) -> DataSubject:
        rows = _rows(session, RosterEntry.id_lookup == key)
        keys = {row.person_key for row in rows}
        others = [row for row in _rows(session, RosterEntry.person_key.in_(keys)) if row.id_lookup != key]
        own = {key, *self._bare_keys(session, [row.row_id for row in rows])}
        known = select(PersonRow.lookup, PersonRow.person_id).where(PersonRow.lookup.in_(own | keys))
        people = {row.lookup: row.person_id for row in session.execute(known)}
        records = tuple(people[one] for one in sorted(own) if one in people)
        mine: list[ColumnElement[bool]] = [ShotRow.person_id.in_(records)]
        for one in keys & people.keys():
            # A student number is unique only within a year.
            taken = {row.year for row in others if row.person_key == one}
            years = {row.year for row in rows if row.person_key == one} - taken
            of_year = ShotRow.year.in_(years) if taken else or_(ShotRow.year.in_(years), ShotRow.year.is_(None))
            mine.append(and_(ShotRow.person_id == people[one], of_year))
        shots = session.scalars(select(ShotRow.shot_id).where(or_(*mine)).order_by(ShotRow.received_at))
        in_order = tuple(row.row_id for row in sorted(rows, key=lambda row: (row.year, row.row_id)))
        by_student = tuple(people[one] for one in sorted(keys) if one in people)
        return DataSubject(key, records, by_student, tuple(shots), in_order)

    def _bare_keys(self, session: Session, row_ids: Sequence[str]) -> set[bytes]:
        """The keys of the records under a bare code (a student number or an exam number) of a graduate on these rows,
        if nobody else has that code.
        """
        owners: dict[str, set[bytes]] = {}
        for row in self._roster.opened(session, row_ids).values():
            for code in {clean_code(row.student_no).upper(), clean_code(row.exam_no).upper()} - {"", UNKNOWN}:
                owners.setdefault(code, set()).add(self._key(f"id {clean_code(row.id_number).upper()}"))
        holders = self._holders(session, owners)
        return {self._key(f"student  {code}") for code, who in owners.items() if len(who | holders[code]) == 1}

    def _key(self, text: str) -> bytes:
        return self._office_keys.lookup("person", text)


def _rows(session: Session, condition: ColumnElement[bool]) -> list[_Row]:
    """The present rows of the rosters that meet a condition."""
    columns: Any = RosterEntry.row_id, RosterEntry.year, RosterEntry.id_lookup, RosterEntry.person_key
    there = RosterEntry.sealed.is_not(None), RosterEntry.id_lookup.is_not(None), RosterEntry.person_key.is_not(None)
    return [_Row(*row) for row in session.execute(select(*columns).where(*there, condition)).all()]


def _lots(lookups: Sequence[bytes]) -> list[Sequence[bytes]]:
    return [lookups[start : start + _AT_ONCE] for start in range(0, len(lookups), _AT_ONCE)]


def _several() -> WrongRequest:
    return WrongRequest(
        "several people have this number: give the ID number, or the receipt's code of one of the photos"
    )
