"""The settlement letters of a school as it sees them: taken as PDF, confirmed."""

from sqlalchemy import select

from center.audit.service import Audit
from center.billing.letters import Letter, Letters
from center.billing.model import LetterState
from center.billing.paper import letter_pdf
from center.own_school.model import Scope
from center.own_school.tables import LetterConfirmationRow
from center.platform.clock import Clock
from center.platform.database import Database, upsert
from center.platform.faults import Conflict, NotThere


class OwnLetters:
    """The letters of all schools, each by its scope. Threads may share it; `who` is an account's id."""

    def __init__(self, database: Database, audit: Audit, letters: Letters, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._letters = letters
        self._clock = clock

    def all(self, scope: Scope) -> list[tuple[Letter, LetterConfirmationRow | None]]:
        """The school's letters, each with its confirmation. Raises `NotThere`: the scope is a college's."""
        if scope.majors is not None:
            raise NotThere("letters are the whole school's")
        found = self._letters.all(scope.school)
        with self._database.read() as session:
            query = select(LetterConfirmationRow).where(LetterConfirmationRow.school == scope.school)
            confirmed = {row.letter_id: row for row in session.scalars(query)}
        return [(one, confirmed.get(one.letter_id)) for one in found]

    def pdf(self, who: str, scope: Scope, letter_id: int) -> tuple[Letter, bytes]:
        """A letter as it was issued; noted in the audit. Raises `NotThere`, also where it is another school's."""
        self._own(scope, letter_id)
        letter, text = self._letters.letter(letter_id)
        self._letters.taken(who, letter_id)
        return letter, letter_pdf(letter, text)

    def confirm(self, who: str, scope: Scope, letter_id: int) -> None:
        """Confirm head count and amount. Raises `NotThere`, `Conflict` (it is cancelled, or confirmed before)."""
        letter = self._own(scope, letter_id)
        if letter.state is LetterState.CANCELLED:
            raise Conflict(f"letter {letter.code} is cancelled: there is nothing to confirm")
        now = self._clock()
        values = {"letter_id": letter_id, "school": scope.school, "confirmed_by": who, "confirmed_at": now}
        with self._database.write() as session:
            adding = upsert(session, LetterConfirmationRow).values(**values).on_conflict_do_nothing()
            if session.execute(adding.returning(LetterConfirmationRow.letter_id)).first() is None:
                raise Conflict(f"letter {letter.code} was confirmed before")
            self._audit.append(session, now, who, "letter.confirmed", str(letter_id), {"school": scope.school})

    def _own(self, scope: Scope, letter_id: int) -> Letter:
        found = next((one for one, _ in self.all(scope) if one.letter_id == letter_id), None)
        if found is None:
            raise NotThere("there is no such letter")
        return found
