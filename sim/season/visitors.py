"""The people who come to the booths of the season: for each one a roster row, the papers, and what the person does."""

from dataclasses import dataclass, replace

from kiosk.core.events import Action
from kiosk.core.identity import CardHolder, CardKind
from kiosk.text.catalog import load_all
from kiosk.ui.screens import draw
from kiosk.ui.screens.ops import TouchArea
from kiosk.ui.viewmodel import View
from sim.play.register import Documents
from sim.play.scenario import Graduate
from sim.twins.cards import MadeUpCard
from wire.roster_change import RosterRow

_CATALOGS = load_all()


@dataclass(frozen=True, slots=True)
class SeasonVisitor:
    """Somebody who comes. `face`: the student number of the person who really sits there; `row`: the roster row of the
    person whose papers the visitor brings."""

    row: RosterRow
    face: str = ""
    # the student number of the person whose image-collection code is on the phone; "": the visitor's own
    code_of: str = ""
    script: Graduate = Graduate()

    @property
    def sits(self) -> str:
        """The student number of the person who is photographed."""
        return self.face or self.row.student_no

    @property
    def looks(self) -> int:
        """The seed of the person's looks."""
        return int(self.sits)

    @property
    def image_code(self) -> bytes:
        """The image-collection code on the phone that the person holds."""
        return f"image code {self.code_of or self.row.student_no}".encode()

    def doing(self, **script: object) -> "SeasonVisitor":
        """The same visitor, for whom `script` replaces entries of what the graduate brings and does."""
        return replace(self, script=self.script.model_copy(update=script))


def holder(row: RosterRow) -> CardHolder:
    """The person of a row, as named on the person's ID card."""
    return CardHolder(row.name, 2 if row.sex == "女" else 1, row.id_number, CardKind.CITIZEN, "20200115", "20400115")


def documents(row: RosterRow) -> Documents:
    """The papers of the person to whom a row belongs."""
    sex, birth = ("2" if row.sex == "女" else "1"), row.id_number[6:14]
    card = MadeUpCard(row.name, row.id_number, sex, birth=birth)
    return Documents(card, row.student_no, row.exam_no, f"code of {row.student_no}".encode(), row.school)


def drawn_button(view: View, action: Action, arg: str) -> bool:
    """Whether the screen shows this button where a finger can touch it."""
    return any(
        isinstance(op, TouchArea) and op.action is action and op.arg == arg
        for op in draw(view, _CATALOGS[view.language])
    )
