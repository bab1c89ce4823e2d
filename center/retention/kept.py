"""Finds what holds and requests keep: the photos that were found when they were noted, and all that are found now.

Rosters change: a row is removed, or its ID number is corrected. So the present rosters may add photos to those that
were noted, but never take one away.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from center.platform.faults import Conflict
from center.retention.model import RequestState
from center.retention.subjects import DataSubject, DataSubjects
from center.retention.tables import DataRequestRow, HoldRow
from center.shots.tables import ShotRow


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


def kept_by(session: Session, subjects: DataSubjects, cases: Iterable[HoldRow | DataRequestRow]) -> Protected:
    """What these holds and requests keep. Raises `OfficeKeysFault`."""
    shots: set[str] = set()
    rows: set[str] = set()
    records: set[tuple[str, str | None]] = set()
    for case in cases:
        noted = or_(ShotRow.shot_id.in_(case.shots or ()), ShotRow.person_id == case.person_id)
        records.add((case.person_id, None))
        for shot in session.execute(select(ShotRow.shot_id, ShotRow.person_id, ShotRow.year).where(noted)):
            shots.add(shot.shot_id)
            records.add((shot.person_id or case.person_id, shot.year))
    for person_id, year in records:
        with suppress(Conflict):  # nobody knows whose record it is: the photos that were noted stay
            subject = subjects.of_record(session, person_id, year)
            shots.update(subject.shots)
            rows.update(subject.rows)
    return Protected(frozenset(shots), frozenset(rows))


def is_about(request: DataRequestRow, subject: DataSubject) -> bool:
    """Whether a request, answered or not, was about this graduate."""
    return request.person_id in subject.person_ids or not set(subject.shots).isdisjoint(request.shots or ())
