"""Provisional rows: rows that staff made for people on no roster, and their withdrawal.

A row made by mistake gives booths a person who does not exist. After the row is withdrawn, booths delete it at their
next request, and every photo to which the row was attached asks again who is on it.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.identity.model import RowInUse, Way
from center.identity.service import IdentityAnswers
from center.identity.tables import AnswerRow
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.faults import NotThere
from center.platform.office_keys import OfficeKeys
from center.roster.service import Roster, RosterMatch
from center.shots.model.person import key_of, year_of
from center.shots.model.retake import approved_photo
from center.shots.people import earlier_shots
from center.shots.tables import PersonRow
from wire.manifest import Person
from wire.roster_change import RosterRow


@dataclass(frozen=True, slots=True)
class ProvisionalRow:
    """A provisional row: who made it and when, and the photos to which it is attached."""

    found: RosterMatch = field(repr=False)
    by: str
    at: datetime
    shots: tuple[str, ...]


class ProvisionalRows:
    """Provisional rows. Threads may share it; `who` is an account's id or a command's user."""

    def __init__(
        self,
        database: Database,
        office_keys: OfficeKeys,
        audit: Audit,
        roster: Roster,
        identity_answers: IdentityAnswers,
        clock: Clock,
    ) -> None:
        self._database = database
        self._office_keys = office_keys
        self._audit = audit
        self._roster = roster
        self._identity_answers = identity_answers
        self._clock = clock

    def rows(self, who: str, limit: int) -> list[ProvisionalRow]:
        """The newest provisional rows, to be shown masked. The audit records this. Raises `OfficeKeysFault`."""
        with self._database.write() as session:
            found = self._roster.provisional(session, limit)
            names = [one.row_id for one in found]
            answers = session.execute(
                select(
                    AnswerRow.row_id,
                    AnswerRow.shot_id,
                    AnswerRow.way,
                    AnswerRow.user_id,
                    AnswerRow.at,
                )
                .where(AnswerRow.row_id.in_(names), AnswerRow.withdrawn_at.is_(None))
                .order_by(AnswerRow.settlement_id)
            ).all()
            if found:
                self._audit.append(session, self._clock(), who, "roster.shown", "", {"rows": names})
        made = []
        for one in found:
            own = [answer for answer in answers if answer.row_id == one.row_id]
            first = next((answer for answer in own if answer.way == Way.PROVISIONAL.value), None)
            if first is not None:
                shots = tuple(dict.fromkeys(answer.shot_id for answer in own))
                made.append(ProvisionalRow(one, first.user_id, first.at, shots))
        return made

    def take_back(self, who: str, row_id: str) -> list[str]:
        """Withdraw a row and its answers; returns the shots whose questions are open again.

        Raises `NotThere` (also for a school's own row), `RowInUse`, `Unavailable`.
        """
        now = self._clock()
        with self._database.write() as session:
            row = self._roster.row(session, row_id, provisional=True)
            if row is None:
                raise NotThere("there is no such provisional row: it was taken back, or the school has sent its own")
            self._check_no_approved_photo(session, row)
            shots = self._identity_answers.withdraw(session, row_id, now)
            self._roster.remove_rows(session, [row_id])
            self._audit.append(session, now, who, "roster.taken_back", row_id, {"shots": shots})
        return shots

    def _check_no_approved_photo(self, session: Session, row: RosterRow) -> None:
        """Raise `RowInUse` if an approved photo depends on the row, even a photo that a booth itself filed under this
        row.
        """
        person = Person.of_row(row)
        lookup = key_of(self._office_keys, person)
        person_id = session.execute(select(PersonRow.person_id).where(PersonRow.lookup == lookup)).scalar_one_or_none()
        stands = None if person_id is None else approved_photo(earlier_shots(session, person_id, ""), year_of(person))
        if stands is not None:
            raise RowInUse(stands)
