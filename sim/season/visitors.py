"""Who comes to the season's booths: a roster row with the papers it brings, and what the person does there."""

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
class Comer:
    """Somebody who comes. `face`: who really sits there, by student number; `row`: whose papers they bring."""

    row: RosterRow
    face: str = ""
    code_of: str = ""  # the student number of the person whose image-collection code is on their phone; "": their own
    script: Graduate = Graduate()

    @property
    def sits(self) -> str:
        """The student number of who is photographed."""
        return self.face or self.row.student_no

    @property
    def looks(self) -> int:
        """The person's looks, as a number."""
        return int(self.sits)

    @property
    def image_code(self) -> bytes:
        """The image-collection code on the phone they hold."""
        return f"image code {self.code_of or self.row.student_no}".encode()

    def doing(self, **script: object) -> "Comer":
        """The same person, who brings or does something else than usual."""
        return replace(self, script=self.script.model_copy(update=script))


def holder(row: RosterRow) -> CardHolder:
    """The person of a row as their ID card names them."""
    return CardHolder(row.name, 2 if row.sex == "女" else 1, row.id_number, CardKind.CITIZEN, "20200115", "20400115")


def documents(row: RosterRow) -> Documents:
    """The papers of the person of a row."""
    sex, birth = ("2" if row.sex == "女" else "1"), row.id_number[6:14]
    card = MadeUpCard(row.name, row.id_number, sex, birth=birth)
    return Documents(card, row.student_no, row.exam_no, f"code of {row.student_no}".encode(), row.school)


def drawn_button(view: View, action: Action, arg: str) -> bool:
    """Whether the screen shows this button where a finger can touch it."""
    return any(
        isinstance(op, TouchArea) and op.action is action and op.arg == arg
        for op in draw(view, _CATALOGS[view.language])
    )
