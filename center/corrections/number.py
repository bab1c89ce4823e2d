"""Replaces a wrong ID number on a person's roster row and on the person's shots."""

from collections.abc import Callable, Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.delivery.items import move_items
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.faults import Conflict, NotThere
from center.platform.office_keys import OfficeKeys
from center.platform.person_keys import id_key
from center.roster.service import Roster
from center.shots.identities import people_on, write_person
from center.shots.model.person import school_of, year_of
from center.shots.people import give_key, known_record, move_shots, record_of, take_key
from center.shots.tables import ShotRow
from rules.names import fold_code
from wire.manifest import Person
from wire.roster_change import RosterRow

OnMoved = Callable[[Session, Collection[str], str, str], None]
"""Moves what is noted about these shots from the first person to the second one."""


class NumberCorrection:
    """Corrects ID numbers. `who` is an account's id or a command's user.

    `on_moved`: functions that are called when shots move to a new record because the old one is another person's. Each
    task of a higher layer adds one, which moves along what the task has noted about these shots."""

    def __init__(self, database: Database, office_keys: OfficeKeys, audit: Audit, roster: Roster, clock: Clock) -> None:
        self._database = database
        self._office_keys = office_keys
        self._audit = audit
        self._roster = roster
        self._clock = clock
        self.on_moved: list[OnMoved] = [move_items]

    def correct(self, who: str, row_id: str, before: str, after: str) -> None:
        """Replace a person's ID number on the roster row (booths read the change in their feed) and on the shots of
        that row: both, or neither. Other rows stay as they are, and so do the shots of another person to whom the
        number really belongs. Raises `Conflict`, `NotThere`.
        """
        keys = self._office_keys
        old, new = (id_key(keys, number) for number in (before, after))
        with self._database.write() as session:
            row = self._roster.change(session, who, row_id, id_number=after)
            if row is None:
                raise NotThere("this roster row is gone: look for the person again")
            mine = known_record(session, old)
            if mine is not None:
                own, others = self._shots(session, mine, row)
                if own or not others:
                    self._check_free(session, new)
                    self._rename(session, mine, own, after, alone=not others)
            self._audit.append(session, self._clock(), who, "correction.number", row_id, {"shots_of": mine or ""})

    def _shots(self, session: Session, person_id: str, row: RosterRow) -> tuple[dict[str, Person], bool]:
        """The shots of the record `person_id` that belong to the roster row `row`, each with its person; and whether
        the record also has shots of another row."""
        query = select(ShotRow.shot_id).where(ShotRow.person_id == person_id)
        people = people_on(session, self._office_keys, session.scalars(query).all())
        others = any(_is_of_another(person, row) for person in people.values())
        # A shot without a student number has the ID number from a card. If the record also has another person's shots,
        # the number is on that other person's card, so such a shot is the other person's.
        own = {
            shot_id: person
            for shot_id, person in people.items()
            if not _is_of_another(person, row) and (person.student_no or not others)
        }
        return own, others

    def _check_free(self, session: Session, lookup: bytes) -> None:
        """Raise `Conflict` if a shot is filed under this number. If the number belongs to a record without shots, that
        record loses it."""
        taken = known_record(session, lookup, lock=True)
        if taken is None:
            return
        if session.execute(select(ShotRow.shot_id).where(ShotRow.person_id == taken).limit(1)).first() is not None:
            raise _taken()
        take_key(session, self._office_keys, taken)

    def _rename(self, session: Session, person_id: str, own: dict[str, Person], number: str, *, alone: bool) -> None:
        """Give these shots the number. If they are `alone` in their record, the record gets the number; otherwise they
        move to a new record, together with the lines of deliveries and letters about them."""
        keys = self._office_keys
        if alone:
            if not give_key(session, person_id, id_key(keys, number)):
                raise _taken()  # a photo was filed under the number since it was found to be free
        else:
            moved = record_of(session, id_key(keys, number))
            move_shots(session, own, moved)
            for move in self.on_moved:
                move(session, own, person_id, moved)
        for shot_id, person in own.items():
            write_person(session, keys, shot_id, person.model_copy(update={"id_number": number}))


def _taken() -> Conflict:
    return Conflict("somebody else was photographed under the right number: look at both photos first")


def _is_of_another(person: Person, row: RosterRow) -> bool:
    """Whether a photo was filed for another row than this one: of another student, school or year."""
    of_row = fold_code(row.student_no), row.school, row.year
    of_photo = fold_code(person.student_no or ""), school_of(person), year_of(person)
    return any(one and one != other for one, other in zip(of_photo, of_row, strict=True))
