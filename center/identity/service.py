"""Staff's answers to the questions of flagged shots. Each answer is one transaction and one audit entry.

A search for roster rows shows personal data, so it is audited, too. Like a decision, an answer requires that the
reviewer holds the shot and names the version seen; it makes a new version and extends the lease.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.identity import model as domain
from center.identity.model import Answer, Exempt, Ground, Question, RowInUse, Way
from center.identity.tables import AnswerRow
from center.platform.clock import Clock
from center.platform.configuration import ReviewConfig
from center.platform.database import Database
from center.platform.faults import NotThere, WrongRequest
from center.platform.office_keys import OfficeKeys
from center.roster.model.findings import Kind, RowFault
from center.roster.service import Roster, RosterMatch
from center.shots.identities import person_on
from center.shots.model import shot as moves
from center.shots.model.person import year_of
from center.shots.model.rank import OfficeFlag
from center.shots.model.retake import approved_photo
from center.shots.model.shot import Shot
from center.shots.people import earlier_shots, refile
from center.shots.service import ShotToDecide, read_for_decision, write_flags, write_shot
from rules.names import clean_code
from wire.decision import Decision
from wire.manifest import Person
from wire.roster_change import RosterRow

MOST_FOUND = 8
_WORDS, _BEFORE = "settlement words", "settlement before"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A roster row whose graduate may be the person on the photo. `same_*`: whether the row's ID number, student number
    and name are those that were filed with the shot; None if the shot has none to compare."""

    found: RosterMatch
    same_number: bool | None
    same_student: bool | None
    same_name: bool | None


@dataclass(frozen=True, slots=True)
class _NewAnswer:
    """An answer that is not stored yet. `columns`: further columns of its database row; `noted`: further details of its
    audit entry; `person`: the shot's new person if a roster row is attached."""

    way: Way
    columns: Mapping[str, Any] = field(default_factory=dict)
    noted: Mapping[str, Any] = field(default_factory=dict)
    person: Person | None = None


class IdentityAnswers:
    """Stores and reads the answers of all reviewers. Threads may share it; `who` is an account's id."""

    def __init__(
        self,
        database: Database,
        office_keys: OfficeKeys,
        audit: Audit,
        roster: Roster,
        config: ReviewConfig,
        clock: Clock,
    ) -> None:
        self._database = database
        self._office_keys = office_keys
        self._audit = audit
        self._roster = roster
        self._lease = timedelta(seconds=config.lease_s)
        self._clock = clock

    def candidates(self, who: str, shot_id: str, text: str = "") -> list[Candidate]:
        """Roster rows whose ID number, student number or whole name is `text`; without `text`, those that have the
        number or name of the shot's person.

        At most `MOST_FOUND` rows; a row with the ID number of the shot's person comes first. Raises `NotThere`,
        `OfficeKeysFault`.
        """
        with self._database.write() as session:
            person = self._person(session, shot_id)
            own = (person.id_number or "", person.student_no or "", person.name)
            texts = [text] if text.strip() else list(own)
            found = self._roster.find(session, texts, MOST_FOUND)
            if found:
                rows = [one.row_id for one in found]
                self._audit.append(session, self._clock(), who, "roster.searched", shot_id, {"rows": rows})
        made = [
            Candidate(
                one,
                domain.same_number(person, one.row),
                domain.same_student(person, one.row),
                domain.same_person_name(person, one.row),
            )
            for one in found
        ]
        return sorted(made, key=lambda one: (one.same_number is not True, one.same_student is not True))

    def attach(self, who: str, shot_id: str, version: int, row_id: str) -> Shot:
        """Attach a roster row to the shot. Raises `MovedOn`, `NotThere`, `WrongRequest`, `OfficeKeysFault`."""
        with self._database.write() as session:
            judged, flags = self._asked(session, shot_id, Question.ROW)
            row = self._roster.row(session, row_id)
            if row is None:
                raise NotThere("the roster has no such row any more: search again")
            answer = self._as(session, shot_id, Way.ATTACHED, row_id, row)
            return self._answer(session, who, judged, version, flags, answer)

    def make_row(self, who: str, shot_id: str, version: int, fields: Mapping[str, str]) -> Shot:
        """Make a provisional row of these fields and attach it. Raises the same as `attach`, and `RowFault` if the
        fields are invalid or the roster has that student.
        """
        row = domain.provisional_row(fields)
        with self._database.write() as session:
            judged, flags = self._asked(session, shot_id, Question.ROW)
            # A school must have one name only: else its photos would be counted, delivered and billed as those of two
            # schools.
            same = (one for one in self._roster.schools(session) if _folded(one) == _folded(row.school))
            row = row.model_copy(update={"school": next(same, row.school)})
            row_id = self._roster.add_provisional(session, row)
            if row_id is None:
                raise RowFault("student_no", Kind.STUDENT_KNOWN)
            answer = self._as(session, shot_id, Way.PROVISIONAL, row_id, row)
            return self._answer(session, who, judged, version, flags, answer)

    def schools(self) -> list[str]:
        """Every school with a roster, to be offered where staff make a row."""
        with self._database.read() as session:
            return self._roster.schools(session)

    def confirm(self, who: str, shot_id: str, version: int) -> Shot:
        """Confirm that the person on the photo is the one that the scanned code names. Raises `MovedOn`, `NotThere`,
        `WrongRequest`."""
        with self._database.write() as session:
            judged, flags = self._asked(session, shot_id, Question.IDENTITY)
            return self._answer(session, who, judged, version, flags, _NewAnswer(Way.CONFIRMED))

    def exempt(self, who: str, shot_id: str, version: int, exempt: Exempt) -> Shot:
        """Record that the photo may be approved although a check did not pass. Raises `MovedOn`, `NotThere`,
        `WrongRequest`."""
        with self._database.write() as session:
            judged, flags = self._asked(session, shot_id, Question.RULES)
            sealed = self._office_keys.seal(_WORDS, shot_id, exempt.words.encode()) if exempt.words else None
            answer = _NewAnswer(Way.EXCEPTION, {"ground": exempt.ground.value, "words_sealed": sealed})
            return self._answer(session, who, judged, version, flags, answer)

    def of_shot(self, shot_id: str) -> tuple[Answer, ...]:
        """All answers on a shot, oldest first, with their texts. Raises `OfficeKeysFault`."""
        with self._database.read() as session:
            return self.of_shot_in(session, shot_id)

    def of_shot_in(self, session: Session, shot_id: str) -> tuple[Answer, ...]:
        """Like `of_shot`, in the caller's transaction."""
        query = select(AnswerRow).where(AnswerRow.shot_id == shot_id).order_by(AnswerRow.settlement_id)
        rows = session.scalars(query).all()
        return tuple(
            Answer(
                tuple(row.flags),
                Way(row.way),
                None if row.ground is None else Ground(row.ground),
                row.user_id,
                row.at,
                row.row_id,
                "" if row.words_sealed is None else self._office_keys.open(_WORDS, shot_id, row.words_sealed).decode(),
                row.withdrawn_at,
            )
            for row in rows
        )

    def withdraw(self, session: Session, row_id: str, now: datetime) -> list[str]:
        """Withdraw every answer that attached the roster row `row_id`, inside the caller's transaction; returns the ids
        of their shots.

        The earlier person of each shot is restored, unless the shot's identity was deleted or a newer answer attached
        another row, and the answered questions are open again. Raises `RowInUse` if a photo approved with the row is
        valid.
        """
        query = select(AnswerRow).where(AnswerRow.row_id == row_id, AnswerRow.withdrawn_at.is_(None))
        answers = session.scalars(query.order_by(AnswerRow.settlement_id.desc())).all()
        for answer in answers:
            judged = read_for_decision(session, answer.shot_id)
            if judged.shot.decision is Decision.APPROVED and judged.shot.replaced_by is None:
                raise RowInUse(answer.shot_id)
            flags = judged.flags
            sealed = answer.before_sealed
            # If no earlier person is stored, the identity was deleted, and the shot gets no person back.
            if sealed is not None and answer.settlement_id == _newest_with_row(session, answer.shot_id):
                before = Person.model_validate_json(self._office_keys.open(_BEFORE, answer.shot_id, sealed))
                flags = self._give(session, answer.shot_id, before, flags)
            answer.withdrawn_at = now
            session.flush()
            _place(session, answer.shot_id, flags)
        return list(dict.fromkeys(answer.shot_id for answer in answers))

    def _asked(self, session: Session, shot_id: str, question: Question) -> tuple[ShotToDecide, tuple[str, ...]]:
        """The shot, locked, and the flags that ask `question`. A question may be answered again."""
        judged = read_for_decision(session, shot_id)
        flags = domain.asking(judged.flags, ()).get(question)
        if flags is None:
            raise WrongRequest("nothing on this shot asks for that: load the page again")
        return judged, flags

    def _as(self, session: Session, shot_id: str, way: Way, row_id: str, row: RosterRow) -> _NewAnswer:
        """The answer that gives the shot the person of a roster row; the answer also stores the earlier person,
        sealed."""
        before = self._person(session, shot_id)
        sealed = self._office_keys.seal(_BEFORE, shot_id, before.encode())
        known = before
        if not self._first_person(session, shot_id, before).id_number:
            # The booth knew no ID number. The number in `before` is from a row that was attached earlier, so it is
            # neither compared nor kept.
            known = before.model_copy(update={"id_number": None})
        same = domain.same_number(known, row)
        columns = {"row_id": row_id, "before_sealed": sealed}
        return _NewAnswer(way, columns, {"row": row_id, "same_number": same}, Person.of_row(row, known.id_number))

    def _first_person(self, session: Session, shot_id: str, present: Person) -> Person:
        """The person of a shot before any valid answer attached a row, as the booth knew this person."""
        query = select(AnswerRow.before_sealed).where(
            AnswerRow.shot_id == shot_id, AnswerRow.before_sealed.is_not(None), AnswerRow.withdrawn_at.is_(None)
        )
        sealed = session.scalars(query.order_by(AnswerRow.settlement_id).limit(1)).first()
        if sealed is None:
            return present
        return Person.model_validate_json(self._office_keys.open(_BEFORE, shot_id, sealed))

    def _answer(
        self, session: Session, who: str, judged: ShotToDecide, version: int, flags: tuple[str, ...], answer: _NewAnswer
    ) -> Shot:
        """Write one answer, the shot's new version, the shot's person if a row was attached, and the audit entry."""
        now, shot_id = self._clock(), judged.shot.shot_id
        shot = moves.answer(judged.shot, who, version, now, self._lease)
        write_shot(session, shot)
        all_flags = judged.flags
        if answer.person is not None:
            all_flags = self._give(session, shot_id, answer.person, all_flags)
        columns = {"shot_id": shot_id, "flags": list(flags), "way": answer.way.value, "user_id": who, "at": now}
        session.execute(insert(AnswerRow).values(**columns, **answer.columns))
        _place(session, shot_id, all_flags)
        noted = {"flags": list(flags), "way": answer.way.value, "ground": answer.columns.get("ground")}
        self._audit.append(session, now, who, "shot.settled", shot_id, noted | dict(answer.noted))
        return shot

    def _give(self, session: Session, shot_id: str, person: Person, flags: tuple[str, ...]) -> tuple[str, ...]:
        """Replace the person of a shot; returns the shot's flags after that."""
        person_id, new = refile(session, self._office_keys, shot_id, person)
        stands = None if new else approved_photo(earlier_shots(session, person_id, shot_id), year_of(person))
        others = tuple(flag for flag in flags if flag != OfficeFlag.APPROVED_ALREADY)
        return others if stands is None else (*others, OfficeFlag.APPROVED_ALREADY.value)

    def _person(self, session: Session, shot_id: str) -> Person:
        person = person_on(session, self._office_keys, shot_id)
        if person is None:
            raise NotThere("there is no shot {shot_id!r} to answer for", shot_id=shot_id[:40])
        return person


def _newest_with_row(session: Session, shot_id: str) -> int | None:
    """The id of the newest valid answer that attached a roster row to the shot; None if there is none."""
    newest = select(func.max(AnswerRow.settlement_id)).where(
        AnswerRow.shot_id == shot_id, AnswerRow.row_id.is_not(None), AnswerRow.withdrawn_at.is_(None)
    )
    return session.execute(newest).scalar_one()


def _place(session: Session, shot_id: str, flags: Sequence[str]) -> None:
    """Store a shot's flags, and its place in the queue."""
    answered = answered_flags(session, [shot_id]).get(shot_id, frozenset())
    left = [flag for flag in flags if flag not in answered]
    write_flags(session, shot_id, flags, left)


def answered_flags(session: Session, shot_ids: Sequence[str]) -> dict[str, frozenset[str]]:
    """Shot -> those of its flags that have an answer that is not withdrawn; shots without one are left out."""
    query = select(AnswerRow.shot_id, AnswerRow.flags).where(
        AnswerRow.shot_id.in_(shot_ids), AnswerRow.withdrawn_at.is_(None)
    )
    found: dict[str, frozenset[str]] = {}
    for row in session.execute(query):
        found[row.shot_id] = found.get(row.shot_id, frozenset()) | frozenset(row.flags)
    return found


def _folded(school: str) -> str:
    """A school's name without spaces, hidden characters, and differences of width or case."""
    return clean_code(school).casefold()
