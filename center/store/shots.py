"""A shot between its row and the domain's value."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select, update
from sqlalchemy.orm import Session

from center.domain.faults import NotThere
from center.domain.shot import Shot, Stage
from center.store.people import lock_person_of
from center.store.tables import ShotRow
from wire.verdict import Decision

SHOT_COLUMNS = (
    ShotRow.shot_id,
    ShotRow.stage,
    ShotRow.version,
    ShotRow.holder,
    ShotRow.lease_until,
    ShotRow.decision,
    ShotRow.decided_by,
    ShotRow.decided_at,
    ShotRow.final_at,
    ShotRow.told,
    ShotRow.replaced_by,
    ShotRow.touched_by,
    ShotRow.touched_at,
)


@dataclass(frozen=True, slots=True)
class Judged:
    """A shot that is being decided on, and what the decision needs to know of it."""

    shot: Shot
    person_id: str | None
    year: str | None
    claimed_at: datetime | None
    all_passed: bool
    flags: tuple[str, ...] = ()


def read_shot(session: Session, shot_id: str, *, lock: bool = False) -> Shot:
    """The shot; with `lock` nobody else moves it until the transaction ends. Raises `NotThere`."""
    query: Select[*tuple[Any, ...]] = select(*SHOT_COLUMNS).where(ShotRow.shot_id == shot_id)
    row = session.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotThere(f"there is no shot {shot_id[:40]!r}")
    return shot_of(row)


def shot_of(row: Row[*tuple[Any, ...]]) -> Shot:
    """The shot in a row that has `SHOT_COLUMNS`."""
    values = {column.key: getattr(row, column.key) for column in SHOT_COLUMNS}
    values["stage"] = Stage(row.stage)
    values["decision"] = None if row.decision is None else Decision(row.decision)
    return Shot(**values)


def read_for_ruling(session: Session, shot_id: str) -> Judged:
    """The shot for a decision or its undoing: locked, and all shots of the person with it. Raises `NotThere`.

    The person first, then the shot, always: two decisions on one person's shots would else wait for each other.
    """
    lock_person_of(session, shot_id)
    query = select(
        *SHOT_COLUMNS, ShotRow.person_id, ShotRow.year, ShotRow.claimed_at, ShotRow.all_passed, ShotRow.flags
    )
    row = session.execute(query.where(ShotRow.shot_id == shot_id).with_for_update()).one_or_none()
    if row is None:
        raise NotThere(f"there is no shot {shot_id[:40]!r}")
    return Judged(shot_of(row), row.person_id, row.year, row.claimed_at, row.all_passed, tuple(row.flags or ()))


def write_shot(session: Session, shot: Shot, *, claimed_at: datetime | None = None) -> None:
    """Store what moved. `claimed_at`: when its holder got to see it, None: leave as it was."""
    values: dict[str, Any] = {
        "stage": shot.stage.value,
        "version": shot.version,
        "holder": shot.holder,
        "lease_until": shot.lease_until,
        "decision": None if shot.decision is None else shot.decision.value,
        "decided_by": shot.decided_by,
        "decided_at": shot.decided_at,
        "final_at": shot.final_at,
        "told": shot.told,
        "touched_by": shot.touched_by,
        "touched_at": shot.touched_at,
    }
    if claimed_at is not None:
        values["claimed_at"] = claimed_at
    session.execute(update(ShotRow).where(ShotRow.shot_id == shot.shot_id).values(**values))
