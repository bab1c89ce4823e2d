"""Finds a graduate by something that the graduate can state in full: a receipt's code, a number, a name.

Only whole values are looked up, by their keyed hashes; there is no list to browse and no search by a part. Every search
is audited with the shots that it showed, never with the text that was typed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.office_keys import OfficeKeys
from center.review.second_review import second_review_of
from center.roster.service import Roster
from center.shots.model.person import receipt_text, school_of, year_of
from center.shots.model.shot import Shot
from center.shots.service import SHOT_COLUMNS, shot_of
from center.shots.tables import IdentityRow, PersonRow, ShotRow
from rules.names import clean_code
from wire.manifest import Person
from wire.roster_change import RosterRow

LONGEST = 80
_MOST_ROWS = 20
_MOST_SHOTS = 60


@dataclass(frozen=True, slots=True)
class ShotFound:
    """A shot of the graduate, as the asker may see it."""

    shot: Shot
    booth_id: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Graduate:
    """Somebody who was found: on a roster, photographed, or both. Pages must show the data masked."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)
    student_no: str = field(repr=False)
    school: str
    class_name: str
    on_roster: bool
    shots: tuple[ShotFound, ...]  # the newest first
    row_id: str = ""  # the roster row, if the person has no photo


class _Filed(NamedTuple):
    """A shot and the record under which it is filed."""

    person_id: str
    found: ShotFound


class GraduateSearch:
    """Searches for graduates. Threads may share it; `who` is an account's id."""

    def __init__(self, database: Database, office_keys: OfficeKeys, audit: Audit, roster: Roster, clock: Clock) -> None:
        self._database = database
        self._office_keys = office_keys
        self._audit = audit
        self._roster = roster
        self._clock = clock

    def find(self, who: str, typed: str) -> list[Graduate]:
        """Everybody whose receipt, student number, ID number or whole name on a roster is `typed`, each with the photos
        of all their records. The audit records this.

        A graduate who is on no roster is found by receipt and ID number.
        """
        words = typed.strip()[:LONGEST]
        with self._database.read() as session:
            matches = self._roster.find(session, [words], _MOST_ROWS) if words else []
            rows = [match.row for match in matches]
            shots = self._shots(session, who, words, rows) if words else []
            people = self._people(session, [one.found.shot.shot_id for one in shots])
            numbers = list({one.id_number or one.student_no or "" for one in people.values()})
            theirs = [match.row for match in self._roster.find(session, numbers, _MOST_SHOTS)] if numbers else []
            theirs = [row for row in theirs if row not in rows and any(_same(row, one) for one in people.values())]
            if theirs:  # the rows lead to the photos that were filed under another number of the same people
                shots = self._shots(session, who, words, [*rows, *theirs])
                people = self._people(session, [one.found.shot.shot_id for one in shots])
        found = _together(rows, theirs, shots, people, {match.row: match.row_id for match in matches})
        shown = [one.shot.shot_id for graduate in found for one in graduate.shots]
        with self._database.write() as session:
            self._audit.append(
                session, self._clock(), who, "graduate.searched", "", {"found": len(found), "shots": shown}
            )
        return found

    def _shots(self, session: Session, who: str, words: str, rows: Sequence[RosterRow]) -> list[_Filed]:
        """The shots of everybody who matches, the newest first."""
        texts = {f"id {clean_code(words).upper()}", f"student  {clean_code(words).upper()}"}
        for row in rows:
            texts |= {f"id {_code(row.id_number)}", f"student {row.school} {_code(row.student_no)}"}
        texts |= {f"student  {code}" for code in self._bare_codes(session, rows)}
        lookups = [self._office_keys.lookup("person", text) for text in texts]
        receipt = self._office_keys.lookup("receipt", receipt_text(words))
        meant = select(PersonRow.person_id).where(PersonRow.lookup.in_(lookups))
        by_receipt = select(ShotRow.person_id).where(ShotRow.receipt_lookup == receipt)
        query = (
            select(*SHOT_COLUMNS, ShotRow.person_id, ShotRow.booth_id, ShotRow.received_at)
            .where(or_(ShotRow.person_id.in_(meant), ShotRow.person_id.in_(by_receipt)))
            .order_by(ShotRow.received_at.desc(), ShotRow.shot_id)
            .limit(_MOST_SHOTS)
        )
        found = []
        for line in session.execute(query).all():
            shot = shot_of(line)
            # The reviewer of a second review, who must not know of the decision, sees the shot as waiting here, too.
            second = second_review_of(session, who, shot)
            seen = shot if second is None else second.shot
            found.append(_Filed(line.person_id, ShotFound(seen, line.booth_id, line.received_at)))
        return found

    def _bare_codes(self, session: Session, rows: Sequence[RosterRow]) -> set[str]:
        """The numbers of these rows that nobody else on a roster has as a student number. A booth that has no row for a
        code files the photo under the code alone.
        """
        codes = {_code(code): _code(row.id_number) for row in rows for code in (row.student_no, row.exam_no)}
        holders = [match.row for match in self._roster.find(session, list(codes), _MOST_SHOTS)] if codes else []
        taken = {_code(row.student_no) for row in holders if codes.get(_code(row.student_no)) != _code(row.id_number)}
        return codes.keys() - taken - {""}

    def _people(self, session: Session, shot_ids: Sequence[str]) -> dict[str, Person]:
        rows = session.execute(
            select(IdentityRow.shot_id, IdentityRow.sealed).where(IdentityRow.shot_id.in_(shot_ids))
        ).all()
        return {row.shot_id: Person.decode(self._office_keys.open("identity", row.shot_id, row.sealed)) for row in rows}


def _together(
    rows: Sequence[RosterRow],
    theirs: Sequence[RosterRow],
    shots: Sequence[_Filed],
    people: Mapping[str, Person],
    row_ids: Mapping[RosterRow, str],
) -> list[Graduate]:
    """First the people who were photographed: by roster row, or by record if they are on no roster; then the others of
    `rows`.
    """
    of_rows: dict[RosterRow, list[ShotFound]] = {}
    of_records: dict[str, list[ShotFound]] = {}
    for one in shots:
        person = people.get(one.found.shot.shot_id)
        if person is None:
            continue  # the identity of the photo's person was deleted
        row = _row_of((*rows, *theirs), person)
        some = of_records.setdefault(one.person_id, []) if row is None else of_rows.setdefault(row, [])
        some.append(one.found)
    found = [_of_row(row, some) for row, some in of_rows.items()]
    for some in of_records.values():
        person = people[some[0].shot.shot_id]
        numbers = (person.id_number or "", person.student_no or "")
        where = (person.school or "", person.class_name or "")
        found.append(Graduate(person.name, *numbers, *where, on_roster=False, shots=tuple(some)))
    found.sort(key=lambda one: one.shots[0].received_at, reverse=True)
    return [*found, *(_of_row(row, (), row_ids[row]) for row in rows if row not in of_rows)]


def _row_of(rows: Sequence[RosterRow], person: Person) -> RosterRow | None:
    """The person's row; of several, the one of the photo's year, school and student number."""

    def alike(row: RosterRow) -> tuple[bool, ...]:
        number = _code(person.student_no or "")
        return row.year == year_of(person), row.school == school_of(person), _code(row.student_no) == number

    return max((row for row in rows if _same(row, person)), key=alike, default=None)


def _of_row(row: RosterRow, shots: Sequence[ShotFound], row_id: str = "") -> Graduate:
    return Graduate(
        row.name,
        row.id_number,
        row.student_no,
        row.school,
        row.class_name,
        on_roster=True,
        shots=tuple(shots),
        row_id=row_id,
    )


def _same(row: RosterRow, person: Person) -> bool:
    if person.id_number:
        return _code(person.id_number) == _code(row.id_number)
    code, school = _code(person.student_no or ""), school_of(person)
    return bool(code) and (
        (code == _code(row.student_no) and school in (None, row.school)) or (code == _code(row.exam_no) and not school)
    )


def _code(number: str) -> str:
    return clean_code(number).upper()
