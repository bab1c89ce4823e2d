"""Schools confirm the head count and the amount of their letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from center.audit.service import Audit
from center.billing.letters import Letter
from center.billing.model import LetterState
from center.billing.tables import LetterConfirmationRow
from center.platform.clock import Clock
from center.platform.database import Database, upsert
from center.platform.faults import Conflict


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A school has confirmed a letter. `by`: the account's id."""

    letter_id: int
    by: str
    at: datetime


class Confirmations:
    """The confirmations of all letters. Threads may share it."""

    def __init__(self, database: Database, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    def of(self, letters: Sequence[Letter]) -> dict[int, Confirmation]:
        """The confirmations of these letters, by the letter's number."""
        schools = {one.school for one in letters}
        query = select(LetterConfirmationRow).where(LetterConfirmationRow.school.in_(schools))
        with self._database.read() as session:
            rows = session.scalars(query).all()
        found = {row.letter_id: Confirmation(row.letter_id, row.confirmed_by, row.confirmed_at) for row in rows}
        return {one.letter_id: found[one.letter_id] for one in letters if one.letter_id in found}

    def confirm(self, who: str, letter: Letter) -> None:
        """Confirm head count and amount for the school. Raises `Conflict` if the letter is cancelled or already
        confirmed.
        """
        if letter.state is LetterState.CANCELLED:
            raise Conflict("letter {code} is cancelled: there is nothing to confirm", code=letter.code)
        now = self._clock()
        values = {"letter_id": letter.letter_id, "school": letter.school, "confirmed_by": who, "confirmed_at": now}
        with self._database.write() as session:
            adding = upsert(session, LetterConfirmationRow).values(**values).on_conflict_do_nothing()
            if session.execute(adding.returning(LetterConfirmationRow.letter_id)).first() is None:
                raise Conflict("letter {code} was confirmed before", code=letter.code)
            self._audit.append(session, now, who, "letter.confirmed", str(letter.letter_id), {"school": letter.school})
