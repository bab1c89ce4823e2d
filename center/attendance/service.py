"""Attendance of a school, counted from the roster and the photos at each request.

Counting compares keyed hashes, so that a page about thousands of people decrypts no person's row. Names are decrypted
only when somebody asks for them, and then the audit records that they were shown.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from center.attendance.model import (
    AbsenceReason,
    Attendance,
    AttendanceState,
    AttendanceStates,
    Group,
    Photographed,
    PhotographedRow,
    PhotographedRows,
    attendance,
    attendance_states,
)
from center.attendance.tables import AbsenceRow
from center.audit.service import Audit
from center.campus.model import CampusRow
from center.campus.service import CampusList
from center.platform.clock import Clock
from center.platform.database import Database, batched
from center.platform.faults import NotThere, WrongRequest
from center.platform.office_keys import OfficeKeys
from center.platform.person_keys import student_key
from center.roster.model.matching import Numbers, RowIndex
from center.roster.sealed_rows import name_lookup
from center.roster.service import KeyedRow, Roster
from center.shots.final import replaced_for_good
from center.shots.identities import open_person, people_on, person_on
from center.shots.model.shot import Stage
from center.shots.tables import IdentityRow, PersonRow, ShotRow
from rules.names import fold_code
from wire.decision import Decision
from wire.roster_change import RosterRow

_MOST_WORDS = 200
_WORDS = "absence"
_QUEUED, _APPROVED = Stage.QUEUED.value, Decision.APPROVED.value
_SEEN = (_QUEUED, Stage.DECIDED.value)
_PHOTO_COLUMNS = (
    ShotRow.shot_id,
    ShotRow.person_id,
    ShotRow.year,
    ShotRow.stage,
    ShotRow.decision,
    ShotRow.told,
    ShotRow.final_at,
)


@dataclass(frozen=True, slots=True)
class Absence:
    """Why somebody was not photographed, and who noted it."""

    reason: AbsenceReason
    by: str
    at: datetime
    words: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class MemoLine:
    """A line of the memo (备忘表): somebody who was not photographed, or has to retake the photo."""

    row_id: str
    row: RosterRow = field(repr=False)
    state: AttendanceState
    absence: Absence | None


class Attendances:
    """The attendance of all schools. Threads may share it; `who` is an account's id or a command's user."""

    def __init__(
        self,
        database: Database,
        office_keys: OfficeKeys,
        audit: Audit,
        roster: Roster,
        campus: CampusList,
        clock: Clock,
    ) -> None:
        self._database = database
        self._office_keys = office_keys
        self._audit = audit
        self._roster = roster
        self._campus = campus
        self._clock = clock

    def schools(self) -> list[str]:
        """Every school with a roster, in order."""
        with self._database.read() as session:
            return self._roster.schools(session)

    def years(self, school: str) -> list[str]:
        """The years of graduation in a school's roster, the newest first."""
        with self._database.read() as session:
            return self._roster.years(session, school)

    def counts(self, school: str, year: str) -> Attendance:
        """How many graduates have each state, by class; for the names of major and class, one row of each class is
        decrypted. Raises `NotThere`, `OfficeKeysFault`."""
        with self._database.read() as session:
            rows = self._roster.keyed(session, school)
            found = self._states(session, school, year, rows)
            classes: dict[bytes, Counter[AttendanceState]] = {}
            row_of: dict[bytes, str] = {}  # for each class, one row from which its name is read
            for row, state in zip(rows, found.of_rows, strict=True):
                if state is not None:
                    row_of.setdefault(row.class_key, row.row_id)
                    classes.setdefault(row.class_key, Counter())[state] += 1
            named = self._roster.opened(session, list(row_of.values()))
        groups = []
        for class_key, counts in classes.items():
            named_row = named[row_of[class_key]]
            groups.append(Group(named_row.major, named_row.class_name, counts, ()))
        groups.sort(key=lambda one: (one.major, one.class_name))
        return Attendance(tuple(groups), found.without_row, found.double, found.campus_too, found.campus_unplaced)

    def photographed_rows(self, session: Session, school: str, year: str) -> PhotographedRows:
        """Each roster row whose graduate was photographed, with its photos, inside the caller's transaction; no name is
        decrypted. Raises `NotThere`."""
        rows = self._roster.keyed(session, school)
        found = self._states(session, school, year, rows)
        photographed = [
            PhotographedRow(rows[at].row_id, rows[at].class_key, state, tuple(photos), at in found.on_campus)
            for at, photos in sorted(found.photos.items())
            if (state := found.of_rows[at]) is not None
        ]
        return PhotographedRows(tuple(photographed), found.unplaced)

    def placed(
        self, session: Session, school: str, year: str
    ) -> dict[bytes, list[tuple[str, AttendanceState, str | None, bytes]]]:
        """For each class key: the roster rows, each with its state, its newest approved photo, and the keyed hash of
        its fields; no name is decrypted.

        Empty for a school without a roster of the year. Raises `OfficeKeysFault`.
        """
        rows = self._roster.keyed(session, school)
        if not any(row.year == year for row in rows):
            return {}
        found = self._states(session, school, year, rows)
        classes: dict[bytes, list[tuple[str, AttendanceState, str | None, bytes]]] = {}
        for at, (row, state) in enumerate(zip(rows, found.of_rows, strict=True)):
            if state is not None:
                classes.setdefault(row.class_key, []).append(
                    (row.row_id, state, _approved_of(found.photos.get(at, ())), row.content)
                )
        return classes

    def of(self, who: str, school: str, year: str) -> Attendance:
        """Who was photographed and who is missing, by name. The audit records this. Raises `NotThere`,
        `OfficeKeysFault`."""
        with self._database.read() as session:
            self._require_rows(self._roster.years(session, school), school, year)
            found = self.count(session, school, year)
        self._shown(who, school, year, found.counts.total())
        return found

    def count(self, session: Session, school: str, year: str) -> Attendance:
        """Like `of`, inside the caller's transaction, and without an entry in the audit. If the school has no roster of
        the year, the result has no people.

        Photos are matched by keyed hashes, so that somebody whose identity was deleted is not said to be missing.
        Raises `OfficeKeysFault`.
        """
        rows = self._roster.keyed(session, school)
        found = self._found(session, school, year, rows)
        of_year = [row.row_id for row, state in zip(rows, found.of_rows, strict=True) if state is not None]
        opened = self._roster.opened(session, of_year)
        return attendance(found, [opened.get(row.row_id) for row in rows])

    def memo(self, who: str, school: str, year: str) -> list[MemoLine]:
        """Everybody who was not photographed or has to retake the photo, in class order, each with the reason if staff
        noted one. The audit records this.

        Raises `NotThere`, `OfficeKeysFault`.
        """
        with self._database.read() as session:
            rows = self._roster.keyed(session, school)
            found = self._states(session, school, year, rows)
            wanted = {
                row.row_id: state
                for row, state in zip(rows, found.of_rows, strict=True)
                if state in (AttendanceState.MISSING, AttendanceState.RETAKE)
            }
            opened = self._roster.opened(session, list(wanted))
            absences = self.noted(session, list(wanted))
            lines = [MemoLine(row_id, row, wanted[row_id], absences.get(row_id)) for row_id, row in opened.items()]
        self._shown(who, school, year, len(lines))
        return sorted(lines, key=lambda one: (one.row.major, one.row.class_name, one.row.student_no))

    def campus_without_row(self, who: str, school: str, year: str) -> list[CampusRow]:
        """The people on the school's campus lists of the year who belong to no row of its roster of this year: their
        number is not on it, or is only on another year's, or their student number stands there with another name. They
        count nowhere. The audit records that they were shown. Raises `NotThere`, `OfficeKeysFault`.
        """
        with self._database.read() as session:
            rows = self._roster.keyed(session, school)
            found = self._campus.opened(session, self._states(session, school, year, rows).campus_unplaced)
        if found:
            self._shown(who, school, year, len(found))
        return sorted(found, key=lambda one: (one.student_no, one.id_number))

    def note(self, who: str, row_id: str, reason: AbsenceReason | None, words: str = "") -> None:
        """Note why somebody was not photographed; None removes the note. Raises `NotThere`, `WrongRequest`."""
        words = words.strip()
        if len(words) > _MOST_WORDS:
            raise WrongRequest("a remark has at most {most} characters", most=_MOST_WORDS)
        now = self._clock()
        with self._database.write() as session:
            if self._roster.row(session, row_id) is None:
                raise NotThere("this roster row is gone: load the page again")
            session.execute(delete(AbsenceRow).where(AbsenceRow.row_id == row_id))
            if reason is not None:
                sealed = self._office_keys.seal(_WORDS, row_id, words.encode()) if words else None
                values = {"row_id": row_id, "reason": reason.value, "words_sealed": sealed, "noted_by": who}
                session.execute(insert(AbsenceRow).values(**values, noted_at=now))
            said = "" if reason is None else reason.value
            self._audit.append(session, now, who, "attendance.noted", row_id, {"reason": said})

    def _states(self, session: Session, school: str, year: str, rows: Sequence[KeyedRow]) -> AttendanceStates:
        self._require_rows([row.year for row in rows], school, year)
        return self._found(session, school, year, rows)

    def _found(self, session: Session, school: str, year: str, rows: Sequence[KeyedRow]) -> AttendanceStates:
        years, id_numbers = [row.year for row in rows], [row.id_lookup for row in rows]
        student_nos, names = [row.person_key for row in rows], [row.name_lookup for row in rows]
        index = RowIndex(years, id_numbers, student_nos, names)
        photos = self._keyed_photos(session, school, Counter(id_numbers), frozenset(student_nos))
        return attendance_states(index, years, year, photos, self._campus.keyed(session, school))

    def _require_rows(self, years: Sequence[str], school: str, year: str) -> None:
        if year not in years:
            raise NotThere("there is no roster of {school} for {year}: import it first", school=school, year=year)

    def _shown(self, who: str, school: str, year: str, rows: int) -> None:
        # In a transaction of its own: a writing transaction that decrypts a whole school would block all other writers.
        detail: dict[str, str | int] = {"school": school, "year": year, "rows": rows}
        with self._database.write() as session:
            self._audit.append(session, self._clock(), who, "attendance.shown", school, detail)

    def noted(self, session: Session, row_ids: Sequence[str]) -> dict[str, Absence]:
        """Row id -> why staff noted that this graduate was not photographed; rows without a note are left out. Raises
        `OfficeKeysFault`."""
        found: dict[str, Absence] = {}
        for some in batched(row_ids):
            for row in session.scalars(select(AbsenceRow).where(AbsenceRow.row_id.in_(some))):
                sealed = row.words_sealed
                words = "" if sealed is None else self._office_keys.open(_WORDS, row.row_id, sealed).decode()
                found[row.row_id] = Absence(AbsenceReason(row.reason), row.noted_by, row.noted_at, words)
        return found

    def _keyed_photos(
        self, session: Session, school: str, known_by_id: Counter[bytes], student_nos: Collection[bytes]
    ) -> list[Photographed]:
        """The same photos as `photos`, and also those whose identity was deleted. Each photo's person is known by the
        keyed hash of the ID number, or of school and student number. Only two kinds of shots are decrypted: those of a
        person who is on the school's rosters twice, and those whose record has a student number of the rosters instead
        of an ID number. `known_by_id`: how many rows have each hash of an ID number; `student_nos`: the rows' hashes of
        school and student number.
        """
        now = self._clock()
        query = (
            select(*_PHOTO_COLUMNS, replaced_for_good(now).label("replaced"), PersonRow.lookup)
            .join(PersonRow, PersonRow.person_id == ShotRow.person_id)
            .where(ShotRow.school == school, ShotRow.stage.in_(_SEEN))
            .order_by(ShotRow.queued_at, ShotRow.shot_id)
        )
        photos = []
        # The query runs on the connection, because the session would search each row for mapped classes, which is
        # slower.
        shots = session.connection().execute(query).all()
        names = self._names(session, [shot.shot_id for shot in shots if shot.lookup in student_nos])
        for shot in shots:
            often = known_by_id.get(shot.lookup, 0)
            if not often:
                numbers = Numbers("", shot.lookup, shot.year, names.get(shot.shot_id) or b"")
            else:  # only for a person with several roster rows, the student number must tell which row is meant
                student = self._student_key(session, shot.shot_id, school) if often > 1 else b""
                numbers = Numbers(shot.lookup, student, shot.year)
            photos.append(Photographed(shot.shot_id, shot.person_id, _state_of(shot, now), numbers))
        return photos

    def _names(self, session: Session, shot_ids: Sequence[str]) -> dict[str, bytes | None]:
        """The keyed hash of the name filed with each of these shots; None if the name is empty. Shots whose identity
        was deleted are left out."""
        people = people_on(session, self._office_keys, shot_ids)
        return {shot_id: name_lookup(self._office_keys, person.name) for shot_id, person in people.items()}

    def _student_key(self, session: Session, shot_id: str, school: str) -> bytes:
        """The keyed hash of a shot's student number; empty if there is none, or if the identity was deleted."""
        person = person_on(session, self._office_keys, shot_id)
        student = "" if person is None else fold_code(person.student_no or "")
        return student_key(self._office_keys, school, student) if student else b""

    def photos(self, session: Session, school: str) -> list[Photographed]:
        """The photos of a school that wait for staff or were decided, oldest first, without those whose identity was
        deleted. Raises `OfficeKeysFault`.
        """
        now = self._clock()
        query = (
            select(*_PHOTO_COLUMNS, replaced_for_good(now).label("replaced"), IdentityRow.sealed)
            .join(IdentityRow, IdentityRow.shot_id == ShotRow.shot_id)
            .where(ShotRow.school == school, ShotRow.stage.in_(_SEEN))
            .order_by(ShotRow.queued_at, ShotRow.shot_id)
        )
        photos = []
        for shot in session.execute(query):
            person = open_person(self._office_keys, shot.shot_id, shot.sealed)
            numbers = Numbers.of(person, shot.year)
            photos.append(Photographed(shot.shot_id, shot.person_id, _state_of(shot, now), numbers))
        return photos


def _approved_of(photos: Sequence[Photographed]) -> str | None:
    """The newest approved photo of a row's photos, which are ordered oldest first."""
    return next((one.shot_id for one in reversed(photos) if one.state is AttendanceState.APPROVED), None)


def _state_of(shot: Any, now: datetime) -> AttendanceState:
    if shot.stage == _QUEUED or not (shot.told or shot.final_at <= now):
        return AttendanceState.WAITING
    if shot.decision == _APPROVED and not shot.replaced:
        return AttendanceState.APPROVED
    return AttendanceState.RETAKE
