"""Replaces a person's wrong ID number: on the roster, for booths, and on every shot."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.faults import Conflict, NotThere
from center.platform.office_keys import OfficeKeys
from center.roster.service import Roster
from center.shots.tables import IdentityRow, PersonRow, ShotRow
from rules.names import clean_code
from wire.manifest import Person


class NumberCorrection:
    """Corrects ID numbers. `who` is an account's id or a command's user."""

    def __init__(self, database: Database, office_keys: OfficeKeys, audit: Audit, roster: Roster, clock: Clock) -> None:
        self._database = database
        self._office_keys = office_keys
        self._audit = audit
        self._roster = roster
        self._clock = clock

    def correct(self, who: str, row_id: str, before: str, after: str) -> None:
        """Replace a person's ID number on the roster row (booths read the change in their feed) and on the shots: both,
        or neither. The other rows of the school stay as they are. Raises `Conflict`, `NotThere`.
        """
        keys = self._office_keys
        old, new = (keys.lookup("person", f"id {clean_code(number).upper()}") for number in (before, after))
        with self._database.write() as session:
            if self._roster.change(session, who, row_id, id_number=after) is None:
                raise NotThere("this roster row is gone: look for the person again")
            taken = session.execute(select(PersonRow.person_id).where(PersonRow.lookup == new)).first()
            mine = session.execute(select(PersonRow.person_id).where(PersonRow.lookup == old)).scalar_one_or_none()
            if taken is not None and mine is not None:
                raise Conflict("somebody else was photographed under the right number: look at both photos first")
            if mine is not None:
                self._correct_shots(session, mine, new, after)
            self._audit.append(session, self._clock(), who, "correction.number", row_id, {"shots_of": mine or ""})

    def _correct_shots(self, session: Session, person_id: str, lookup: bytes, number: str) -> None:
        keys = self._office_keys
        session.execute(update(PersonRow).where(PersonRow.person_id == person_id).values(lookup=lookup))
        query = select(IdentityRow.shot_id, IdentityRow.sealed).join(ShotRow, ShotRow.shot_id == IdentityRow.shot_id)
        for shot in session.execute(query.where(ShotRow.person_id == person_id)).all():
            person = Person.model_validate_json(keys.open("identity", shot.shot_id, shot.sealed))
            changed = person.model_copy(update={"id_number": number}).model_dump_json().encode()
            sealed = keys.seal("identity", shot.shot_id, changed)
            session.execute(update(IdentityRow).where(IdentityRow.shot_id == shot.shot_id).values(sealed=sealed))
