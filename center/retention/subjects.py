"""Finds the graduate whom a request or a hold is about. `center.graduates.owners` says whose a photo is."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from center.graduates.owners import DataSubject, Owner, Owners
from center.platform.faults import NotThere, WrongRequest
from center.platform.office_keys import OfficeKeys
from center.platform.person_keys import bare_code_key, id_key, student_key
from center.retention.model import FoundBy
from center.roster.tables import RosterEntry
from center.shots.model.person import receipt_text
from center.shots.people import record_of
from center.shots.tables import PersonRow, ShotRow
from rules.names import clean_name, fold_code


class DataSubjects:
    """Finds whom a request or a hold is about. Threads may share it."""

    def __init__(self, office_keys: OfficeKeys, owners: Owners) -> None:
        self._office_keys = office_keys
        self._owners = owners

    def find(self, session: Session, number: str, school: str, *, by_code: bool = False) -> tuple[DataSubject, FoundBy]:
        """The graduate with this ID number, this student or exam number of `school`, or this receipt's code, and the
        kind of number by which the office found the graduate. `by_code`: accept also a graduate whose only photos are
        under a bare code, although they may be somebody else's. Raises `NotThere`; `WrongRequest` if they are or may be
        several people; `OfficeKeysFault`.
        """
        code, receipt, at = fold_code(number), receipt_text(number), [clean_name(school)] if school else []
        ways: dict[FoundBy, set[Owner]] = {}
        if code:
            keys = [id_key(self._office_keys, code), *(student_key(self._office_keys, one, code) for one in at if one)]
            ways[FoundBy.NUMBER] = self._owners.of_photos(session, PersonRow.lookup.in_(keys))
            ways[FoundBy.ROSTER] = self._owners.of_rows(session, RosterEntry.id_lookup, keys[:1])
            for name in at:
                ways[FoundBy.ROSTER] |= self._owners.holders(session, [code], name)[code]
        if receipt:
            by_receipt = ShotRow.receipt_lookup == self._office_keys.lookup("receipt", receipt)
            ways[FoundBy.RECEIPT] = self._owners.of_photos(session, by_receipt)
        found = self._found(session, ways)
        if code and not found:
            # A booth that has no row for a code knows no school either. Everybody with the code may be on the photos.
            bare = bare_code_key(self._office_keys, code)
            ways[FoundBy.NUMBER] |= self._owners.of_photos(session, PersonRow.lookup == bare)
            if ways[FoundBy.NUMBER]:
                ways[FoundBy.ROSTER] |= self._owners.holders(session, [code])[code]
            found = self._found(session, ways)
        if len(found) > 1:
            raise WrongRequest(
                "several people have this number: give the ID number, or the receipt's code of one of the photos"
            )
        for owner, subject in found.items():
            only_by_code = () if subject.shots else self._owners.may_have(session, subject)
            if only_by_code and not by_code:
                raise WrongRequest(
                    "the only photo is under a number without a school, so it may be somebody else's: give the code of "
                    "its receipt"
                )
            if subject.shots or only_by_code:
                return subject, next(way for way, owners in ways.items() if owner in owners)
        raise NotThere(
            "no photo is of somebody with this number: give the ID number, student number and school, or the code of "
            "the receipt"
        )

    def record(self, session: Session, subject: DataSubject) -> str:
        """The record by which a request or a hold names this graduate: the one under the owner's key. If there is none,
        it is made, because a record under a student number is the graduate's only as long as the rosters say so.
        """
        return record_of(session, subject.owner.key)

    def _found(self, session: Session, ways: Mapping[FoundBy, set[Owner]]) -> dict[Owner, DataSubject]:
        """The owners, among these, who have a photo or a roster row; each with what is theirs."""
        subjects = self._owners.subjects(session, set().union(*ways.values()))
        return {owner: one for owner, one in subjects.items() if one.shots or one.rows}
