"""The person on a shot, recognised by a keyed hash, never by name or number."""

import secrets
from collections.abc import Collection, Sequence

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from center.platform.office_keys import OfficeKeys
from center.platform.tables import table_of
from center.shots.identities import write_person
from center.shots.model.person import key_of, school_of, year_of
from center.shots.model.retake import Earlier
from center.shots.model.shot import Stage
from center.shots.tables import PersonRow, ShotRow
from wire.decision import Decision
from wire.manifest import Person

_SHOTS, _PEOPLE = table_of(ShotRow), table_of(PersonRow)
# Statements on tables, built once: each is used at every decision.
_LOCK = (
    select(_PEOPLE.c.person_id)
    .where(
        _PEOPLE.c.person_id
        == select(_SHOTS.c.person_id).where(_SHOTS.c.shot_id == bindparam("shot_id")).scalar_subquery()
    )
    .with_for_update()
)
_KNOWN = select(_PEOPLE.c.lookup, _PEOPLE.c.person_id).where(_PEOPLE.c.lookup.in_(bindparam("lookups", expanding=True)))
_ADD = {
    dialect: insert(_PEOPLE).on_conflict_do_nothing().returning(_PEOPLE.c.lookup, _PEOPLE.c.person_id)
    for dialect, insert in (("postgresql", postgresql.insert), ("sqlite", sqlite.insert))
}
_EARLIER = (
    select(_SHOTS.c.shot_id, _SHOTS.c.stage, _SHOTS.c.decision, _SHOTS.c.replaced_by, _SHOTS.c.year)
    .where(_SHOTS.c.person_id == bindparam("person_id"), _SHOTS.c.shot_id != bindparam("but"))
    .order_by(_SHOTS.c.queued_at.desc(), _SHOTS.c.shot_id)
)


def person_of(session: Session, office_keys: OfficeKeys, person: Person) -> tuple[str, bool]:
    """The id of the person's record, and whether the record is new. It is always new if the person has no look-up key
    (`center.shots.model.person.key_of`).
    """
    return people_of(session, office_keys, [person])[0]


def people_of(session: Session, office_keys: OfficeKeys, people: Sequence[Person]) -> list[tuple[str, bool]]:
    """Like `person_of`, for several at once; the record of a person who occurs twice in `people` is new only once."""
    if not people:
        return []
    fresh = [secrets.token_hex(16) for _ in people]
    lookups = [
        key_of(office_keys, person) or office_keys.lookup("nobody", person_id)
        for person, person_id in zip(people, fresh, strict=True)
    ]
    return _records(session, lookups, fresh)


def record_of(session: Session, lookup: bytes) -> str:
    """The id of the record under this look-up key; the record is made if there is none."""
    ((person_id, _),) = _records(session, [lookup], [secrets.token_hex(16)])
    return person_id


def known_record(session: Session, lookup: bytes, *, lock: bool = False) -> str | None:
    """The id of the record under this look-up key; None if there is none. With `lock`, wait until the transactions that
    have put shots under the record end; no other one can put a shot under it before this transaction ends."""
    query = select(PersonRow.person_id).where(PersonRow.lookup == lookup)
    return session.execute(query.with_for_update() if lock else query).scalar_one_or_none()


def give_key(session: Session, person_id: str, lookup: bytes) -> bool:
    """Give a record another look-up key. False, and nothing changed, if another record has this key."""
    try:
        with session.begin_nested():
            session.execute(update(PersonRow).where(PersonRow.person_id == person_id).values(lookup=lookup))
    except IntegrityError:  # perhaps made by another transaction since the caller looked
        return False
    return True


def take_key(session: Session, office_keys: OfficeKeys, person_id: str) -> None:
    """Take the look-up key from a record: no number leads to it any more."""
    nobody = office_keys.lookup("nobody", person_id)
    session.execute(update(PersonRow).where(PersonRow.person_id == person_id).values(lookup=nobody))


def move_shots(session: Session, shot_ids: Collection[str], person_id: str) -> None:
    """Put shots under another record. What is stored of their persons stays."""
    session.execute(update(ShotRow).where(ShotRow.shot_id.in_(shot_ids)).values(person_id=person_id))


def refile(session: Session, office_keys: OfficeKeys, shot_id: str, person: Person) -> tuple[str, bool]:
    """Replace the person of a shot, and put it under this person's record; the record's id, and whether it is new."""
    write_person(session, office_keys, shot_id, person)
    person_id, new = person_of(session, office_keys, person)
    columns = {"person_id": person_id, "school": school_of(person), "year": year_of(person)}
    session.execute(update(ShotRow).where(ShotRow.shot_id == shot_id).values(**columns))
    return person_id, new


def _records(session: Session, lookups: Sequence[bytes], fresh: Sequence[str]) -> list[tuple[str, bool]]:
    """For each look-up key the id of its record, and whether the record is new. `fresh`: the id that each record gets
    if it is made."""
    # Two transactions can ask for one person at the same moment: the second one waits for the first, and uses its row.
    # The rows are inserted in a fixed order, so that two offices that file some of the same people never deadlock.
    wanted = [{"person_id": fresh[lookups.index(lookup)], "lookup": lookup} for lookup in sorted(set(lookups))]
    connection = session.connection()
    new = {row.lookup: row.person_id for row in connection.execute(_ADD[connection.dialect.name], wanted)}
    old = [lookup for lookup in lookups if lookup not in new]
    known = {row.lookup: row.person_id for row in connection.execute(_KNOWN, {"lookups": old})} if old else {}
    return [
        (new.get(lookup) or known[lookup], lookup in new and lookups.index(lookup) == at)
        for at, lookup in enumerate(lookups)
    ]


def lock_person_of(session: Session, shot_id: str) -> None:
    """Lock the person of this shot against other decisions until the transaction ends."""
    session.execute(_LOCK, {"shot_id": shot_id})


def earlier_shots(session: Session, person_id: str, but: str) -> list[Earlier]:
    """The person's other shots, decided or waiting, the newest first."""
    rows = session.execute(_EARLIER, {"person_id": person_id, "but": but})
    return [
        Earlier(
            row.shot_id,
            Stage(row.stage),
            None if row.decision is None else Decision(row.decision),
            row.replaced_by is not None,
            row.year,
        )
        for row in rows
    ]
