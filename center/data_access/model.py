"""A data access: somebody saw a person's data. Says which audit entries are accesses, and why somebody looked. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from wire.manifest import Person


class AccessTask(StrEnum):
    """The task in which somebody saw a person's data."""

    REVIEW = "review"
    REVEAL = "reveal"  # staff asked for a person's whole number
    QUEUE = "queue"  # staff saw the person on a list of photos
    SEARCH = "search"
    IDENTITY = "identity"  # staff looked for the person on a flagged photo
    CORRECTION = "correction"
    CHECKING = "checking"  # a school checks its own graduates
    ATTENDANCE = "attendance"
    ROSTER = "roster"
    APPOINTMENT = "appointment"  # staff looked for somebody, to open the booth for this person
    DELIVERY = "delivery"
    SETTLEMENT = "settlement"
    OWN_DATA = "own_data"  # a graduate's request about own data
    TABLE = "table"  # a page's table, downloaded as a workbook


ACCESSES: Mapping[str, AccessTask] = {
    "shot.shown": AccessTask.REVIEW,
    "shot.seen": AccessTask.REVIEW,
    "person.revealed": AccessTask.REVEAL,
    "list.shown": AccessTask.QUEUE,
    "graduate.searched": AccessTask.SEARCH,
    "roster.searched": AccessTask.IDENTITY,
    "correction.looked": AccessTask.CORRECTION,
    "correction.cases_shown": AccessTask.CORRECTION,
    "class.shown": AccessTask.CHECKING,
    "attendance.shown": AccessTask.ATTENDANCE,
    "roster.shown": AccessTask.ROSTER,
    "roster.version_shown": AccessTask.ROSTER,
    "pass.searched": AccessTask.APPOINTMENT,
    "pass.shown": AccessTask.APPOINTMENT,
    "delivery.taken": AccessTask.DELIVERY,
    "prints.taken": AccessTask.DELIVERY,
    "letter.people": AccessTask.SETTLEMENT,
    "data.answered": AccessTask.OWN_DATA,
    "table.taken": AccessTask.TABLE,
}
"""The audit's actions that show personal data -> the task in which staff do them."""

OF_ONE_SHOT = {"shot.shown", "shot.seen", "person.revealed", "roster.searched", "correction.looked"}
"""Actions whose subject is a photo."""


@dataclass(frozen=True, slots=True)
class DataAccess:
    """Somebody saw somebody's data. `person`: the person on the photo `shot_id`; None if the person's data were purged.

    Without a photo, `of` names the school or the list that was seen as a whole, and `people` is the number of people
    seen.
    """

    place: int  # the place of the entry in the audit
    at: datetime
    who: str
    role: str
    action: str
    why: AccessTask
    of: str
    person: Person | None = field(default=None, repr=False)
    shot_id: str = ""
    people: int = 1
