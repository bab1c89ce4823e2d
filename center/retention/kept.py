"""Finds the photos and roster rows that holds and requests keep. A hold or request keeps the photos that the office
found for the graduate when the hold or request was noted, and all those that the office finds for this graduate now.
Photos under a bare code that may be the graduate's are among them (`Owners.may_be`).

Rosters change: a row is removed, or its ID number is corrected. So the present rosters may add photos to those that
were noted, but never take one away.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from center.graduates.owners import DataSubject, Owner, Owners
from center.retention.model import RequestState
from center.retention.tables import DataRequestRow, HoldRow
from center.shots.tables import PersonRow, ShotRow


@dataclass(frozen=True, slots=True)
class Protected:
    """The ids of shots, and of roster rows, that must stay."""

    shots: frozenset[str]
    rows: frozenset[str]


def open_holds(session: Session) -> list[HoldRow]:
    """The holds that are not lifted."""
    return list(session.scalars(select(HoldRow).where(HoldRow.lifted_at.is_(None)).order_by(HoldRow.hold_id)))


def open_requests(session: Session) -> list[DataRequestRow]:
    """The requests that are not answered, the oldest first."""
    of_state = DataRequestRow.state == RequestState.OPEN.value
    return list(session.scalars(select(DataRequestRow).where(of_state).order_by(DataRequestRow.request_id)))


def owners_of(session: Session, owners: Owners, case: HoldRow | DataRequestRow) -> set[Owner]:
    """The graduate whom a hold or a request names; several graduates if, according to the present rosters, the photos
    for which it was noted are of several people. Raises `OfficeKeysFault`.
    """
    noted = true() if case.shots is None else ShotRow.shot_id.in_(case.shots)
    found = owners.of_photos(session, ShotRow.person_id == case.person_id, noted)
    return found or {Owner(session.get_one(PersonRow, case.person_id).lookup)}


def kept_by(
    session: Session, owners: Owners, cases: Iterable[HoldRow | DataRequestRow], others: Iterable[Owner] = ()
) -> Protected:
    """The shots and rows that these holds and requests keep, and all shots and rows that are or may be those of the
    graduates `others`. Raises `OfficeKeysFault`.
    """
    shots: set[str] = set()
    whose = set(others)
    for case in cases:
        shots.update(case.shots or ())
        whose |= owners_of(session, owners, case)
    whose |= owners.of_shots(session, shots)
    rows: set[str] = set()
    for subject in owners.subjects(session, owners.may_be(session, whose)).values():
        shots.update(subject.shots)
        rows.update(subject.rows)
    return Protected(frozenset(shots), frozenset(rows))


def is_of(session: Session, owners: Owners, request: DataRequestRow, subject: DataSubject) -> bool:
    """Whether an open request is about this graduate. Raises `OfficeKeysFault`."""
    noted = not set(subject.shots).isdisjoint(request.shots or ())
    return noted or subject.owner in owners_of(session, owners, request)


def is_about(request: DataRequestRow, subject: DataSubject) -> bool:
    """Whether a request, answered or not, was about this graduate."""
    return request.person_id in subject.person_ids or not set(subject.shots).isdisjoint(request.shots or ())
