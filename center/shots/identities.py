"""Who is on a shot, as the table of identities has it: sealed, under the shot's id."""

from collections.abc import Iterable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from center.platform.database import batched
from center.platform.office_keys import OfficeKeys
from center.shots.tables import IdentityRow
from wire.manifest import Person

_KIND = "identity"


def seal_person(office_keys: OfficeKeys, shot_id: str, person: Person) -> bytes:
    """The person on a shot, as the table stores it."""
    return office_keys.seal(_KIND, shot_id, person.encode())


def write_person(session: Session, office_keys: OfficeKeys, shot_id: str, person: Person) -> None:
    """Replace the person on a shot that has one; the shot stays under its record (`center.shots.people`)."""
    sealed = seal_person(office_keys, shot_id, person)
    session.execute(update(IdentityRow).where(IdentityRow.shot_id == shot_id).values(sealed=sealed))


def open_person(office_keys: OfficeKeys, shot_id: str, sealed: bytes) -> Person:
    """The person that `seal_person` sealed. Raises `OfficeKeysFault`."""
    # Not `decode`: it refuses a NUL, which a manifest may hold and which is stored here escaped.
    return Person.model_validate_json(office_keys.open(_KIND, shot_id, sealed))


def person_on(session: Session, office_keys: OfficeKeys, shot_id: str) -> Person | None:
    """The person on a shot; None if there is no such shot, or if its identity was deleted. Raises `OfficeKeysFault`."""
    return people_on(session, office_keys, [shot_id]).get(shot_id)


def people_on(session: Session, office_keys: OfficeKeys, shot_ids: Iterable[str]) -> dict[str, Person]:
    """The person on each of these shots that has an identity. Raises `OfficeKeysFault`."""
    people: dict[str, Person] = {}
    for some in batched(shot_ids):
        query = select(IdentityRow.shot_id, IdentityRow.sealed).where(IdentityRow.shot_id.in_(some))
        for row in session.execute(query):
            people[row.shot_id] = open_person(office_keys, row.shot_id, row.sealed)
    return people
