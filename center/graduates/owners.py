"""Says whose a photo is, and which photos are a graduate's. This is the only place where the office decides it.

A photo is filed under the strongest number that its booth knew: the ID number, else the student number within a school,
else a bare code (a student number or an exam number). So one graduate can have several records. The rosters say which
records are of the same person. A student number is unique within a year only, so the year of a photo counts. A school
can give a student number to somebody else, so the name that was filed with the photo counts, too
(`center.roster.model.matching`, by which photos are counted and delivered, has the same rule).

A bare code does not prove whose a photo is: the graduate who showed the code can be of a school whose roster has not
come yet. So a record under a bare code belongs to nobody on the rosters. `Owners.may_be` says whose it may be, which is
enough to keep data and to show them to staff, but not to delete them or to hand them over.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from center.platform.database import batched
from center.platform.office_keys import OfficeKeys
from center.platform.person_keys import bare_code_key
from center.roster.model.findings import UNKNOWN
from center.roster.model.matching import names_agree
from center.roster.sealed_rows import name_lookup
from center.roster.service import Roster
from center.roster.tables import RosterEntry
from center.shots.identities import open_person
from center.shots.model.person import year_of
from center.shots.tables import IdentityRow, PersonRow, ShotRow
from rules.names import fold_code, fold_name
from wire.manifest import Person

_Name = bytes
"""The keyed hash of a name, in the form used to compare names."""


class Owner(NamedTuple):
    """Somebody who has photos. `key`: the keyed hash of the ID number if a roster tells it; else the look-up key of the
    record, because the office then knows no other record of this owner.

    `year` None: the owner has the photos of all years. `year` and `name` are set only if the record alone does not tell
    whose a photo is. There are two such cases. Rosters have the record's student number, but not for exactly one person
    of the photo's year and name. Or no roster has the number, and the record has photos of several years or several
    names, or a photo whose name is deleted. Then `key` is the record's look-up key, `year` the photo's year ("" if it
    has none), and `name` the name that was filed with the photo (None if there is none).
    """

    key: bytes
    year: str | None = None
    name: _Name | None = None


@dataclass(frozen=True, slots=True)
class DataSubject:
    """One graduate.

    `person_ids`: the ids of the graduate's own records; `by_student`: the ids of records of which only some photos are
    the graduate's, because somebody else can have, or have had, the same student number; `shots`: the graduate's photos
    in all these records, the oldest first; `rows`: the graduate's rows on the rosters of all years, the oldest first.
    """

    owner: Owner
    person_ids: tuple[str, ...]
    by_student: tuple[str, ...]
    shots: tuple[str, ...]
    rows: tuple[str, ...]

    def named_by(self, person: InstrumentedAttribute[Any], shot: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        """The SQL condition that a table's row is about this graduate. `person` and `shot`: the table's columns that
        name a record and a photo."""
        return or_(person.in_(self.person_ids), and_(person.in_(self.by_student), shot.in_(self.shots)))


class _Filed(NamedTuple):
    """A record and one of its photos; a record without photos has no shot."""

    lookup: bytes
    person_id: str
    shot_id: str | None
    year: str | None


class _Row(NamedTuple):
    """A roster row: its year, id and keyed hashes."""

    year: str
    row_id: str
    id_lookup: bytes
    person_key: bytes
    name: _Name | None


class Owners:
    """Finds owners and what is theirs. Threads may share it. All methods raise `OfficeKeysFault`."""

    def __init__(self, office_keys: OfficeKeys, roster: Roster) -> None:
        self._office_keys = office_keys
        self._roster = roster

    def of_photos(self, session: Session, *conditions: ColumnElement[bool]) -> set[Owner]:
        """The owners of the photos that meet all conditions, which are about `ShotRow` and `PersonRow`."""
        columns = PersonRow.lookup, PersonRow.person_id, ShotRow.shot_id, ShotRow.year
        query: Any = select(*columns).join(ShotRow, ShotRow.person_id == PersonRow.person_id).where(*conditions)
        return set(self._owners(session, [_Filed(*row) for row in session.execute(query)]).values())

    def of_shots(self, session: Session, shot_ids: Iterable[str], *conditions: ColumnElement[bool]) -> set[Owner]:
        """The owners of the photos, among these, that meet all conditions."""
        return {
            owner
            for some in batched(shot_ids)
            for owner in self.of_photos(session, ShotRow.shot_id.in_(some), *conditions)
        }

    def of_rows(self, session: Session, column: InstrumentedAttribute[Any], values: Collection[Any]) -> set[Owner]:
        """The graduates of the roster rows whose `column` of `RosterEntry` has one of these values."""
        return {Owner(row.id_lookup) for row in _rows(session, column, values)}

    def holders(self, session: Session, codes: Iterable[str], school: str | None = None) -> dict[str, set[Owner]]:
        """For each code (cleaned, upper case) everybody who has it as a student number or an exam number, at `school`
        or, if that is None, at any school.
        """
        by_lookup = {self._office_keys.lookup("student", code): code for code in codes}
        holders: dict[str, set[Owner]] = {code: set() for code in by_lookup.values()}
        columns: tuple[Any, ...] = RosterEntry.student_lookup, RosterEntry.exam_lookup
        for column in columns:
            for some in batched(by_lookup):
                there = column.in_(some), RosterEntry.sealed.is_not(None), RosterEntry.id_lookup.is_not(None)
                query: Any = select(column, RosterEntry.id_lookup, RosterEntry.school).where(*there)
                for lookup, key, at in session.execute(query).all():
                    if school in (None, at):
                        holders[by_lookup[lookup]].add(Owner(key))
        return holders

    def may_be(self, session: Session, owners: Collection[Owner]) -> set[Owner]:
        """These owners, and those who may be the same people. A graduate on the rosters and the owner of photos under a
        bare code may be the same person if the code is a number of this graduate and of nobody else on the rosters.
        """
        found, keys = set(owners), {one.key for one in owners}
        bare = self._bare_codes(session, keys - {row.id_lookup for row in _rows(session, RosterEntry.id_lookup, keys)})
        found |= _only_ones(self.holders(session, bare.values()).values())
        codes = self._codes_of(session, _rows(session, RosterEntry.id_lookup, {one.key for one in found}))
        holders = self.holders(session, codes.values())
        for some in batched(lookup for lookup, code in codes.items() if _only_ones([holders[code]])):
            found |= self.of_photos(session, PersonRow.lookup.in_(some))
        return found

    def may_have(self, session: Session, subject: DataSubject) -> tuple[str, ...]:
        """The ids of the photos of other owners who may be the same person as this graduate (`may_be`)."""
        others = self.may_be(session, [subject.owner]) - {subject.owner}
        return tuple(shot_id for one in self.subjects(session, others).values() for shot_id in one.shots)

    def subjects(self, session: Session, owners: Collection[Owner]) -> dict[Owner, DataSubject]:
        """For each owner, the records, photos and roster rows that are the owner's."""
        rows = _rows(session, RosterEntry.id_lookup, {one.key for one in owners})
        whole = {one.key for one in owners if one.year is None}  # keys of records that are wholly the owner's
        filed = _filed(session, {one.key for one in owners} | {row.person_key for row in rows})
        owner_of = self._owners(session, filed)
        own: defaultdict[Owner, list[str]] = defaultdict(list)
        photos: defaultdict[Owner, list[_Filed]] = defaultdict(list)
        for one in filed:
            if one.lookup in whole:
                own[Owner(one.lookup)].append(one.person_id)
            if one.shot_id is not None:
                photos[owner_of[one]].append(one)
        return {
            owner: DataSubject(
                owner,
                person_ids=tuple(dict.fromkeys(own[owner])),
                by_student=tuple(dict.fromkeys(one.person_id for one in photos[owner] if one.lookup not in whole)),
                shots=tuple(str(one.shot_id) for one in photos[owner]),
                rows=tuple(row.row_id for row in rows if row.id_lookup == owner.key),
            )
            for owner in owners
        }

    def _owners(self, session: Session, filed: Collection[_Filed]) -> dict[_Filed, Owner]:
        """The owner of each of these photos."""
        lookups = {one.lookup for one in filed}
        rows: dict[bytes, list[_Row]] = {}
        for row in _rows(session, RosterEntry.person_key, lookups):
            rows.setdefault(row.person_key, []).append(row)
        # A record under a student number or a code may be of several people. Only the identities filed with its photos
        # tell whether it is.
        numbers = lookups - {row.id_lookup for row in _rows(session, RosterEntry.id_lookup, lookups)}
        people: dict[bytes, dict[str, Person | None]] = {}
        for lookup, shot_id, person in self._people(session, numbers):
            people.setdefault(lookup, {})[shot_id] = person
        several = {lookup for lookup, of_record in people.items() if _of_several(of_record.values())}
        found = {}
        for one in filed:
            name = self._name(people.get(one.lookup, {}).get(one.shot_id or ""))
            of_year = [row for row in rows.get(one.lookup, ()) if one.year in (None, row.year)]
            keys = {row.id_lookup for row in of_year}
            if len(keys) == 1 and any(names_agree(name, row.name) for row in of_year):
                found[one] = Owner(keys.pop())
            elif one.lookup in rows or one.lookup in several:
                found[one] = Owner(one.lookup, one.year or "", name)
            else:
                found[one] = Owner(one.lookup)
        return found

    def _name(self, person: Person | None) -> _Name | None:
        return None if person is None else name_lookup(self._office_keys, person.name)

    def _bare_codes(self, session: Session, lookups: Collection[bytes]) -> dict[bytes, str]:
        """Look-up key -> the bare code under which the record was filed. Records that have an ID number or a school are
        left out.
        """
        codes: dict[bytes, str] = {}
        for lookup, _, person in self._people(session, lookups, ShotRow.school.is_(None)):
            code = "" if person is None else fold_code(person.student_no or "")
            if code and person is not None and not person.id_number:
                codes[lookup] = code
        return codes

    def _people(
        self, session: Session, lookups: Collection[bytes], *conditions: ColumnElement[bool]
    ) -> Iterator[tuple[bytes, str, Person | None]]:
        """For each photo of these records that meets all conditions: the record's look-up key, the photo's id, and the
        person on the photo (None if the identity was deleted).
        """
        for some in batched(lookups):
            query: Any = (
                select(PersonRow.lookup, ShotRow.shot_id, IdentityRow.sealed)
                .join(ShotRow, ShotRow.person_id == PersonRow.person_id)
                .outerjoin(IdentityRow, IdentityRow.shot_id == ShotRow.shot_id)
                .where(PersonRow.lookup.in_(some), *conditions)
            )
            for row in session.execute(query).all():
                person = None if row.sealed is None else open_person(self._office_keys, row.shot_id, row.sealed)
                yield row.lookup, row.shot_id, person

    def _codes_of(self, session: Session, rows: Iterable[_Row]) -> dict[bytes, str]:
        """Look-up key -> code: the bare codes under which the graduates of these roster rows may have records. A booth
        files a graduate under a bare code if it has no roster row for the code.
        """
        opened = self._roster.opened(session, [row.row_id for row in rows]).values()
        codes = {fold_code(number) for row in opened for number in (row.student_no, row.exam_no)}
        return {bare_code_key(self._office_keys, code): code for code in codes - {"", UNKNOWN}}


def _of_several(people: Collection[Person | None]) -> bool:
    """Whether the photos of one record may be of several people. This is so if no photo has an ID number and, besides,
    one of three things is true: the photos have several years; they have several names; the identities of some of them
    are deleted, but not of all.
    """
    named = [one for one in people if one is not None]
    if not named or any(one.id_number for one in named):
        return False
    years, names = {year_of(one) for one in named}, {fold_name(one.name) for one in named}
    return len(named) < len(people) or len(years - {None}) > 1 or len(names - {""}) > 1


def _only_ones(holders: Iterable[set[Owner]]) -> set[Owner]:
    """Everybody who is the only holder of a code."""
    return {owner for some in holders if len(some) == 1 for owner in some}


def _rows(session: Session, column: Any, values: Collection[Any]) -> list[_Row]:
    """The roster rows, except removed ones, whose `column` has one of these values, the oldest year first."""
    columns: Any = (
        *(RosterEntry.year, RosterEntry.row_id, RosterEntry.id_lookup),
        *(RosterEntry.person_key, RosterEntry.name_lookup),
    )
    there = RosterEntry.sealed.is_not(None), RosterEntry.id_lookup.is_not(None), RosterEntry.person_key.is_not(None)
    found: list[_Row] = []
    for some in batched(values):
        found += [_Row(*row) for row in session.execute(select(*columns).where(*there, column.in_(some)))]
    return sorted(found, key=lambda row: (row.year, row.row_id))


def _filed(session: Session, lookups: Collection[bytes]) -> list[_Filed]:
    """The records under these keys with their photos, the oldest first."""
    found: list[Any] = []
    for some in batched(lookups):
        query: Any = select(ShotRow.received_at, ShotRow.shot_id, ShotRow.year, PersonRow.lookup, PersonRow.person_id)
        query = query.select_from(PersonRow).outerjoin(ShotRow, ShotRow.person_id == PersonRow.person_id)
        found += session.execute(query.where(PersonRow.lookup.in_(some))).all()
    found.sort(key=lambda row: (row.shot_id is None, row.received_at, row.shot_id))
    return [_Filed(row.lookup, row.person_id, row.shot_id, row.year) for row in found]
