"""The campus lists: imports them, removes them, and finds who is on them."""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.campus.model import CampusReading, CampusRow, read_campus_list
from center.campus.tables import CampusImportRow, CampusNamedRow, CampusRowRow
from center.platform.clock import Clock
from center.platform.database import Database, batched
from center.platform.faults import NotThere
from center.platform.foreign_tables.values import Sheet
from center.platform.office_keys import OfficeKeys
from center.platform.person_keys import id_key, student_key
from center.platform.tables import CounterRow
from center.roster.model.matching import Numbers, names_agree
from center.roster.sealed_rows import name_lookup
from center.roster.service import Roster, ids_up_to
from rules.names import clean_code, fold_code
from wire.manifest import Person
from wire.roster_change import RosterRow

_COUNTER = "campus"
_KIND = "campus"
_AT_ONCE = 500
_LISTS_SHOWN = 50
# This statement is built once, because it is used for every shot that arrives.
_PHOTOGRAPHED = select(
    CampusRowRow.id_lookup, CampusRowRow.student_lookup, CampusRowRow.year, CampusRowRow.row_id, CampusRowRow.sealed
).where(
    or_(
        CampusRowRow.id_lookup.in_(bindparam("by_id", expanding=True)),
        CampusRowRow.student_lookup.in_(bindparam("by_student", expanding=True)),
    )
)


@dataclass(frozen=True, slots=True)
class CampusOutcome:
    """The result for a file: how many of its people are new, and how many are on another list already (`same`).
    `written` False: nothing was changed, and the counts say what an import would change."""

    reading: CampusReading
    new: int
    same: int
    written: bool
    taken: bool  # whether the file is good enough to be imported


@dataclass(frozen=True, slots=True)
class CampusImport:
    """A list that was imported. `rows`: how many of its people were on no other list; `same`: how many were on another
    list already; `refused`: how many rows of the file were refused."""

    import_id: int
    by: str
    at: datetime
    school: str
    rows: int
    same: int
    refused: int
    taken_back_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Listed:
    """A row of the lists, and its id."""

    row_id: str
    row: CampusRow


class CampusList:
    """All lists together. Threads may share it; `who` is an account's id or a command's user."""

    def __init__(self, database: Database, office_keys: OfficeKeys, audit: Audit, roster: Roster, clock: Clock) -> None:
        self._database = database
        self._roster = roster
        self._office_keys = office_keys
        self._audit = audit
        self._clock = clock

    def import_list(
        self, who: str, sheets: Sequence[Sheet], *, school: str, year: str, good_rows: bool, dry_run: bool
    ) -> CampusOutcome:
        """Read a list and import it, unless a row is refused or `dry_run` is set. If a person of the file is already on
        another list, the stored row stays as it is, and both lists name it.

        `school`, `year`: the values for rows whose sheet has no such column; `good_rows`: import the good rows even if
        others are refused. Raises `RosterFault`, `Unavailable`.
        """
        reading = read_campus_list(sheets, school, year)
        taken = bool(reading.rows) and (not reading.refused or good_rows)
        by_lookup = {self._lookup(row): row for row in reading.rows}
        if dry_run or not taken:
            with self._database.read() as session:
                known = _known(session, by_lookup)
            return CampusOutcome(reading, len(by_lookup) - len(known), len(known), written=False, taken=taken)
        now = self._clock()
        with self._database.write() as session:
            # Only one import runs at a time: else two imports of the same file would both count its rows as new.
            session.execute(select(CounterRow.value).where(CounterRow.name == _COUNTER).with_for_update()).one()
            known = _known(session, by_lookup)
            fresh = {lookup: row for lookup, row in by_lookup.items() if lookup not in known}
            schools = sorted({row.school for row in reading.rows})
            named = schools[0] if len(schools) == 1 else ""
            counts = {"rows": len(fresh), "same": len(known), "refused": reading.refused}
            import_id: int = session.execute(
                insert(CampusImportRow)
                .values(by=who, at=now, school=named, **counts)
                .returning(CampusImportRow.import_id)
            ).scalar_one()
            rows = [self._values(import_id, lookup, row) for lookup, row in fresh.items()]
            if rows:
                session.execute(insert(CampusRowRow), rows)
                self._tell_booths(session, fresh.values())
            row_ids = [*known.values(), *(row["row_id"] for row in rows)]
            named_by = [{"row_id": row_id, "import_id": import_id} for row_id in row_ids]
            session.execute(insert(CampusNamedRow), named_by)
            self._audit.append(session, now, who, "campus.put", str(import_id), {**counts, "schools": schools[:20]})
        return CampusOutcome(reading, len(fresh), len(known), written=True, taken=True)

    def imports(self) -> list[CampusImport]:
        """The newest 50 lists. Raises `Unavailable`."""
        columns = [getattr(CampusImportRow, name) for name in CampusImport.__slots__]
        query = select(*columns).order_by(CampusImportRow.import_id.desc()).limit(_LISTS_SHOWN)
        with self._database.read() as session:
            return [CampusImport(*row) for row in session.execute(query)]

    def take_back(self, who: str, import_id: int) -> int:
        """Take a list back. People whom no other list names are removed; returns how many. Raises `NotThere`,
        `Unavailable`.
        """
        now = self._clock()
        with self._database.write() as session:
            found = session.execute(
                update(CampusImportRow)
                .where(CampusImportRow.import_id == import_id, CampusImportRow.taken_back_at.is_(None))
                .values(taken_back_at=now)
                .returning(CampusImportRow.import_id)
            ).first()
            if found is None:
                raise NotThere("there is no campus list {import_id}, or it was taken back before", import_id=import_id)
            # Imports and withdrawals of lists run one at a time, as in `import_list`.
            session.execute(select(CounterRow.value).where(CounterRow.name == _COUNTER).with_for_update()).one()
            session.execute(delete(CampusNamedRow).where(CampusNamedRow.import_id == import_id))
            unnamed = ~exists().where(CampusNamedRow.row_id == CampusRowRow.row_id)
            gone_rows = delete(CampusRowRow).where(unnamed).returning(CampusRowRow.row_id, CampusRowRow.sealed)
            rows = session.execute(gone_rows.execution_options(synchronize_session=False)).all()
            self._tell_booths(session, [self._opened(row.row_id, row.sealed) for row in rows])
            gone = len(rows)
            self._audit.append(session, now, who, "campus.taken_back", str(import_id), {"rows": gone})
        return gone

    def photographed(self, session: Session, rows: Mapping[str, RosterRow]) -> set[str]:
        """The ids of the roster rows, among `rows` (id -> row), whose people are on a campus list. People are compared
        by year and ID number or, if the list has no ID number, by year, school and student number; then the list must
        not give another name than the roster.
        """
        ids = {row: row_id for row_id, row in rows.items()}
        return {ids[row] for row, _ in self._listed(session, ids)}

    def row_ids(self, session: Session, rows: Iterable[RosterRow]) -> set[str]:
        """The ids of the campus lists' rows that name the people of these roster rows. People are compared as in
        `photographed`."""
        return {listed.row_id for _, listed in self._listed(session, rows)}

    def _tell_booths(self, session: Session, rows: Iterable[CampusRow]) -> None:
        """Have booths read the roster rows of these people again: booths then show 已有照片, or no longer show it."""
        rows = tuple(rows)
        by_student = [(row.school, row.student_no) for row in rows if not row.id_number]
        self._roster.touch(session, [row.id_number for row in rows if row.id_number], by_student)

    def of_person(self, session: Session, lookup: bytes | None, rows: Iterable[RosterRow]) -> list[CampusRow]:
        """The campus lists' rows of one person. `lookup`: the keyed hash of the ID number; `rows`: the person's roster
        rows. A campus row without an ID number must have the student number and the year of one of `rows`, and no other
        name: in another year, or after a change of the roster, somebody else can have the same student number. Raises
        `OfficeKeysFault`.
        """
        by_id = select(CampusRowRow.row_id, CampusRowRow.sealed).where(CampusRowRow.id_lookup == lookup)
        found = {row.row_id: self._opened(row.row_id, row.sealed) for row in session.execute(by_id)}
        return list((found | {listed.row_id: listed.row for _, listed in self._listed(session, rows)}).values())

    def keyed(self, session: Session, school: str) -> dict[str, Numbers]:
        """Row id -> numbers and name, as keyed hashes, of everybody of a school who was photographed on campus; only
        rows without an ID number are decrypted, and have a name. Raises `OfficeKeysFault`.
        """
        columns = CampusRowRow.row_id, CampusRowRow.id_lookup, CampusRowRow.year, CampusRowRow.sealed
        found = {}
        for row in session.execute(select(*columns).where(CampusRowRow.school == school)):
            if row.id_lookup is not None:
                found[row.row_id] = Numbers(row.id_lookup, year=row.year)
                continue
            opened = self._opened(row.row_id, row.sealed)
            student = student_key(self._office_keys, school, opened.student_no)
            name = name_lookup(self._office_keys, opened.name) or b""
            found[row.row_id] = Numbers("", student, opened.year, name)
        return found

    def opened(self, session: Session, row_ids: Iterable[str]) -> list[CampusRow]:
        """The content of these rows of the lists, in the order of the ids. Raises `OfficeKeysFault`."""
        wanted = list(row_ids)
        found: dict[str, CampusRow] = {}
        for some in batched(wanted):
            query = select(CampusRowRow.row_id, CampusRowRow.sealed).where(CampusRowRow.row_id.in_(some))
            found |= {row.row_id: self._opened(row.row_id, row.sealed) for row in session.execute(query)}
        return [found[row_id] for row_id in wanted if row_id in found]

    def rows_up_to(self, session: Session, year: int) -> list[str]:
        """The ids of the campus lists' rows of people who graduate in `year` or earlier."""
        return ids_up_to(session, CampusRowRow.row_id, CampusRowRow.year, year)

    def remove(self, session: Session, row_ids: Sequence[str]) -> None:
        """Remove these rows inside the caller's transaction. The lists keep the counts that were stored at their
        import.
        """
        for table in (CampusNamedRow, CampusRowRow):
            session.execute(delete(table).where(table.row_id.in_(row_ids)))

    def fill_years(self) -> int:
        """Store the year in a column for rows that an earlier version of the program wrote without it; returns for how
        many. Idempotent. Raises `OfficeKeysFault`."""
        filled = 0
        while True:
            with self._database.write() as session:
                query = select(CampusRowRow.row_id, CampusRowRow.sealed).where(CampusRowRow.year.is_(None))
                lacking = session.execute(query.limit(_AT_ONCE)).all()
                if not lacking:
                    return filled
                years = [{"row_id": row.row_id, "year": self._opened(row.row_id, row.sealed).year} for row in lacking]
                session.execute(update(CampusRowRow), years)
                filled += len(years)

    def by_school(self) -> dict[str, int]:
        """How many people of each school are on a list. Raises `Unavailable`."""
        query = select(CampusRowRow.school, func.count()).group_by(CampusRowRow.school)
        with self._database.read() as session:
            return dict(session.execute(query).all())

    def _listed(self, session: Session, rows: Iterable[RosterRow]) -> list[tuple[RosterRow, "_Listed"]]:
        """For each of these roster rows, the campus lists' rows of the same person, compared as in `photographed`."""
        wanted: dict[bytes, list[RosterRow]] = {}
        for row in rows:
            for lookup in self._lookups(row):
                wanted.setdefault(lookup, []).append(row)
        found = []
        for some in batched(wanted):
            query = select(CampusRowRow.lookup, CampusRowRow.row_id, CampusRowRow.sealed)
            for one in session.execute(query.where(CampusRowRow.lookup.in_(some))):
                listed = _Listed(one.row_id, self._opened(one.row_id, one.sealed))
                by_id = bool(listed.row.id_number)
                found += [
                    (row, listed) for row in wanted[one.lookup] if by_id or names_agree(listed.row.name, row.name)
                ]
        return found

    def _opened(self, row_id: str, sealed: bytes) -> CampusRow:
        return _opened(self._office_keys, row_id, sealed)

    def _lookup(self, row: CampusRow) -> bytes:
        return self._office_keys.lookup("campus", row.key)

    def _lookups(self, row: RosterRow) -> list[bytes]:
        """The keyed hashes (`CampusRowRow.lookup`) under which the person of a roster row can be on a campus list."""
        number, student = fold_code(row.id_number), clean_code(row.student_no)
        known_as = (number, "") if number else ("",)
        return [self._lookup(CampusRow(row.year, row.school, student, one, "")) for one in known_as]

    def _values(self, import_id: int, lookup: bytes, row: CampusRow) -> dict[str, object]:
        row_id = secrets.token_hex(16)
        sealed = self._office_keys.seal(_KIND, row_id, json.dumps(asdict(row), ensure_ascii=False).encode())
        return {
            "row_id": row_id,
            "import_id": import_id,
            "lookup": lookup,
            "id_lookup": id_lookup(self._office_keys, row.id_number),
            "student_lookup": student_lookup(self._office_keys, row.school, row.student_no),
            "school": row.school,
            "year": row.year,
            "sealed": sealed,
        }


def _opened(office_keys: OfficeKeys, row_id: str, sealed: bytes) -> CampusRow:
    return CampusRow(**json.loads(office_keys.open(_KIND, row_id, sealed)))


def id_lookup(office_keys: OfficeKeys, id_number: str | None) -> bytes | None:
    """The keyed hash of an ID number, the same hash as in the roster; None without a number."""
    number = fold_code(id_number or "")
    return id_key(office_keys, number) if number else None


def student_lookup(office_keys: OfficeKeys, school: str | None, student_no: str | None) -> bytes | None:
    """The keyed hash of a school's student number; None if either is missing."""
    number = fold_code(student_no or "")
    return office_keys.lookup("campus student", f"{school}\0{number}") if number and school else None


def photographed_on_campus(session: Session, office_keys: OfficeKeys, people: Sequence[Person]) -> list[bool]:
    """For each of `people`, whether a campus list of their year has the ID number or, if there is none, the student
    number without another name. For a person without a year, the lists of all years count. Raises `OfficeKeysFault`.
    """
    keys = [
        (id_lookup(office_keys, one.id_number), None)
        if one.id_number
        else (None, student_lookup(office_keys, one.school, one.student_no))
        for one in people
    ]
    by_id = {number for number, _ in keys if number is not None}
    by_student = {number for _, number in keys if number is not None}
    if not by_id and not by_student:
        return [False] * len(people)
    rows = session.connection().execute(_PHOTOGRAPHED, {"by_id": list(by_id), "by_student": list(by_student)})
    listed: dict[bytes, list[tuple[str | None, str]]] = {}  # the year and the name of each row; "": any name
    for row in rows:
        if row.id_lookup in by_id:
            listed.setdefault(row.id_lookup, []).append((row.year, ""))
        if row.student_lookup in by_student:
            name = _opened(office_keys, row.row_id, row.sealed).name
            listed.setdefault(row.student_lookup, []).append((row.year, name))
    return [
        _of_year(
            {year for year, name in listed.get(number or student or b"", ()) if names_agree(one.name, name)},
            clean_code(one.year or ""),
        )
        for (number, student), one in zip(keys, people, strict=True)
    ]


def _of_year(years: set[str | None], year: str) -> bool:
    """Whether campus lists of `years` count for a person of `year`. A year that is not known is None in `years`, and
    an empty text in `year`."""
    return bool(years & {year, None}) if year else bool(years)


def _known(session: Session, lookups: Iterable[bytes]) -> dict[bytes, str]:
    """Hash -> id of the campus lists' row that is stored under it; hashes without a row are left out."""
    known: dict[bytes, str] = {}
    for some in batched(lookups):
        found = session.execute(select(CampusRowRow.lookup, CampusRowRow.row_id).where(CampusRowRow.lookup.in_(some)))
        known.update((row.lookup, row.row_id) for row in found)
    return known
