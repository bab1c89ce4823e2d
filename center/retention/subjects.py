"""Finds the graduate whom a request or a hold is about. `center.graduates.owners` says whose a photo is."""

import secrets

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from center.graduates.owners import DataSubject, Owner, Owners
from center.platform.faults import NotThere, WrongRequest
from center.platform.office_keys import OfficeKeys
from center.retention.model import FoundBy
from center.roster.tables import RosterEntry
from center.shots.model.person import receipt_text
from center.shots.tables import PersonRow, ShotRow
from rules.names import clean_code, clean_name


class DataSubjects:
    """Finds whom a request or a hold is about. Threads may share it."""

    def __init__(self, office_keys: OfficeKeys, owners: Owners) -> None:
        self._office_keys = office_keys
        self._owners = owners

    def find(self, session: Session, number: str, school: str) -> tuple[DataSubject, FoundBy]:
        """The graduate with this ID number, this student number of `school`, or this receipt's code, and the kind of
        number by which the office found the graduate. Raises `NotThere`; `WrongRequest` if they are several people;
        `OfficeKeysFault`.
        """
        code, receipt = clean_code(number).upper(), receipt_text(number)
        ways: dict[FoundBy, set[Owner]] = {}
        if code:
            keys = [self._key(f"id {code}"), self._key(f"student {clean_name(school)} {code}")]
            ways[FoundBy.NUMBER] = self._owners.of_photos(session, PersonRow.lookup.in_(keys))
            ways[FoundBy.ROSTER] = self._on_roster(session, code, school)
        if receipt:
            by_receipt = ShotRow.receipt_lookup == self._office_keys.lookup("receipt", receipt)
            ways[FoundBy.RECEIPT] = self._owners.of_photos(session, by_receipt)
        found = self._owners.subjects(session, set().union(*ways.values()))
        found = {owner: one for owner, one in found.items() if one.shots or one.rows}
        if len(found) > 1:
            raise WrongRequest(
                "several people have this number: give the ID number, or the receipt's code of one of the photos"
            )
        for owner, subject in found.items():
            if subject.shots:
                return subject, next(way for way, owners in ways.items() if owner in owners)
        raise NotThere(
            "no photo is of somebody with this number: give the ID number, student number and school, or the code of "
            "the receipt"
        )

    def record(self, session: Session, subject: DataSubject) -> str:
        """The record by which a request or a hold names this graduate: the one under the owner's key. If there is none,
        it is made: a record under a bare code is the graduate's only as long as a photo's identity tells the code.
        """
        by_key = select(PersonRow.person_id).where(PersonRow.lookup == subject.key)
        person_id = session.execute(by_key).scalar_one_or_none()
        if person_id is None:
            person_id = secrets.token_hex(16)
            session.execute(insert(PersonRow).values(person_id=person_id, lookup=subject.key))
        return person_id

    def _on_roster(self, session: Session, code: str, school: str) -> set[Owner]:
        """Everybody with this number on a roster. If nobody has it, but a school is given, the owner of photos under
        the bare code: a booth that has no row for a code knows no school either.
        """
        owners = self._owners.of_rows(session, RosterEntry.id_lookup, [self._key(f"id {code}")])
        by_student = self._key(f"student {clean_name(school)} {code}")
        owners |= self._owners.of_rows(session, RosterEntry.person_key, [by_student])
        if not owners and school and not self._owners.holders(session, [code])[code]:
            return self._owners.of_photos(session, PersonRow.lookup == self._key(f"student  {code}"))
        return owners

    def _key(self, text: str) -> bytes:
        return self._office_keys.lookup("person", text)
