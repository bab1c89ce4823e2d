"""A school's settlement letters as the school sees them: it can download each as a PDF, and confirm it."""

from center.billing.confirmations import Confirmation, Confirmations
from center.billing.letters import Letter, Letters
from center.billing.paper import letter_pdf
from center.own_school.model import Scope
from center.platform.faults import NotThere


class OwnLetters:
    """The schools' letters, limited by each account's scope. Threads may share it; `who` is an account's id."""

    def __init__(self, letters: Letters, confirmations: Confirmations) -> None:
        self._letters = letters
        self._confirmations = confirmations

    def all(self, scope: Scope) -> list[tuple[Letter, Confirmation | None]]:
        """The school's letters, each with its confirmation. Raises `NotThere` if the scope is a college's."""
        if scope.majors is not None:
            raise NotThere("letters are the whole school's")
        found = self._letters.all(scope.school)
        confirmed = self._confirmations.of(found)
        return [(one, confirmed.get(one.letter_id)) for one in found]

    def pdf(self, who: str, scope: Scope, letter_id: int) -> tuple[Letter, bytes]:
        """A letter as it was issued. The audit records this. Raises `NotThere`, also if it is another school's."""
        self._own(scope, letter_id)
        letter, text = self._letters.letter(letter_id)
        self._letters.taken(who, letter_id)
        return letter, letter_pdf(letter, text)

    def confirm(self, who: str, scope: Scope, letter_id: int) -> None:
        """Confirm head count and amount. Raises `NotThere`, `Conflict` (the letter is cancelled, or
        already confirmed)."""
        self._confirmations.confirm(who, self._own(scope, letter_id))

    def _own(self, scope: Scope, letter_id: int) -> Letter:
        found = next((one for one, _ in self.all(scope) if one.letter_id == letter_id), None)
        if found is None:
            raise NotThere("there is no such letter")
        return found
