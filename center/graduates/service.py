"""Finds a graduate by something that the graduate can state in full: a receipt's code, a number, a name.

Only whole values are looked up, by their keyed hashes; there is no list to browse and no search by a part. Every search
is audited with the shots that it showed, never with the text that was typed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.graduates.owners import Owner, Owners
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.office_keys import OfficeKeys
from center.platform.person_keys import bare_code_key, id_key
from center.review.second_review import second_review_of
from center.roster.service import Roster
from center.roster.tables import RosterEntry
from center.shots.identities import people_on
from center.shots.model.person import receipt_text, school_of, year_of
from center.shots.model.shot import Shot
from center.shots.service import SHOT_COLUMNS, shot_of
from center.shots.tables import PersonRow, ShotRow
from rules.names import fold_code
from wire.manifest import Person
from wire.roster_change import RosterRow

LONGEST = 80
_MOST_ROWS = 20
# the most shots of each graduate, the newest ones; if all graduates shared one limit, some who were photographed would
# seem to have no photo
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


class GraduateSearch:
    """Searches for graduates. Threads may share it; `who` is an account's id."""

    def __init__(self, database: Database, office_keys: OfficeKeys, audit: Audit, roster: Roster, clock: Clock) -> None:
        self._database = database
        self._office_keys = office_keys
        self._audit = audit
        self._roster = roster
        self._owners = Owners(office_keys, roster)
        self._clock = clock

    def find(self, who: str, typed: str) -> list[Graduate]:
        """Everybody whose receipt, student number, ID number or whole name on a roster is `typed`, each with the photos
        of all their records. The audit records this.

        A graduate who is on no roster is found by receipt and ID number.
        """
        words = typed.strip()[:LONGEST]
        found: list[Graduate] = []
        if words:
            with self._database.read() as session:
                found = self._found(session, who, words)
        shown = [one.shot.shot_id for graduate in found for one in graduate.shots]
        with self._database.write() as session:
            self._audit.append(
                session, self._clock(), who, "graduate.searched", "", {"found": len(found), "shots": shown}
            )
        return found

    def _found(self, session: Session, who: str, words: str) -> list[Graduate]:
        """First the people who were photographed, each once for every roster row under which they have photos; then
        the others on a roster.
        """
        named = {match.row_id: match.row for match in self._roster.find(session, [words], _MOST_ROWS)}
        subjects = self._owners.subjects(session, self._meant(session, words, list(named))).values()
        shots = self._shots(session, who, [shot_id for one in subjects for shot_id in one.shots[-_MOST_SHOTS:]])
        people = people_on(session, self._office_keys, shots)
        found: list[Graduate] = []
        for subject in subjects:
            rows = self._roster.opened(session, subject.rows)
            of_rows: dict[str | None, list[ShotFound]] = {}
            for shot_id, shot in shots.items():
                if shot_id in subject.shots and shot_id in people:  # else the identity of its person was deleted
                    of_rows.setdefault(_row_of(rows, people[shot_id]), []).append(shot)
            for row_id, some in of_rows.items():
                if row_id is None:
                    found.append(_on_no_roster(people[some[0].shot.shot_id], some))
                else:
                    found.append(_of_row(rows[row_id], some))
                    named.pop(row_id, None)
        found.sort(key=lambda one: one.shots[0].received_at, reverse=True)
        return [*found, *(_of_row(row, (), row_id) for row_id, row in named.items())]

    def _meant(self, session: Session, words: str, row_ids: Sequence[str]) -> set[Owner]:
        """Everybody whom these words, or these rows, name or may name."""
        code = fold_code(words)
        keys = [id_key(self._office_keys, code), bare_code_key(self._office_keys, code)]
        receipt = self._office_keys.lookup("receipt", receipt_text(words))
        meant = (
            self._owners.of_rows(session, RosterEntry.row_id, row_ids)
            | self._owners.of_photos(session, PersonRow.lookup.in_(keys))
            | self._owners.of_photos(session, ShotRow.receipt_lookup == receipt)
        )
        return self._owners.may_be(session, meant)

    def _shots(self, session: Session, who: str, shot_ids: Sequence[str]) -> dict[str, ShotFound]:
        """These shots, the newest first."""
        query = select(*SHOT_COLUMNS, ShotRow.booth_id, ShotRow.received_at).where(ShotRow.shot_id.in_(shot_ids))
        query = query.order_by(ShotRow.received_at.desc(), ShotRow.shot_id)
        found = {}
        for line in session.execute(query).all():
            shot = shot_of(line)
            # The reviewer of a second review, who must not know of the decision, sees the shot as waiting here, too.
            second = second_review_of(session, who, shot)
            seen = shot if second is None else second.shot
            found[line.shot_id] = ShotFound(seen, line.booth_id, line.received_at)
        return found


def _row_of(rows: Mapping[str, RosterRow], person: Person) -> str | None:
    """The id of the graduate's roster row that agrees best with the photo: in the year, then in the school, then in the
    student number; if several rows agree equally well, the row of the newest year. None if the graduate has no row.
    """

    def alike(row_id: str) -> tuple[bool | str, ...]:
        row, number = rows[row_id], fold_code(person.student_no or "")
        same_number = fold_code(row.student_no) == number
        return row.year == year_of(person), row.school == school_of(person), same_number, row.year

    return max(rows, key=alike, default=None)


def _on_no_roster(person: Person, shots: Sequence[ShotFound]) -> Graduate:
    numbers = person.id_number or "", person.student_no or ""
    where = person.school or "", person.class_name or ""
    return Graduate(person.name, *numbers, *where, on_roster=False, shots=tuple(shots))


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
