"""Reads and writes shots."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from center.platform.faults import NotThere
from center.platform.tables import table_of
from center.shots.model.rank import rank
from center.shots.model.shot import Shot, Stage
from center.shots.people import lock_person_of
from center.shots.tables import ShotRow
from wire.decision import Decision

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

_SHOTS = table_of(ShotRow)
# Statements on tables, built once, because every action on a shot reads and writes.
_READ = select(*(_SHOTS.c[column.key] for column in SHOT_COLUMNS)).where(_SHOTS.c.shot_id == bindparam("shot_id"))
_READ_LOCKED = _READ.with_for_update()
_READ_FOR_DECISION = _READ_LOCKED.add_columns(
    _SHOTS.c.person_id, _SHOTS.c.year, _SHOTS.c.claimed_at, _SHOTS.c.all_passed, _SHOTS.c.flags
)
_MOVED = (
    "stage",
    "version",
    "holder",
    "lease_until",
    "decision",
    "decided_by",
    "decided_at",
    "final_at",
    "told",
    "touched_by",
    "touched_at",
)
_WRITE = update(_SHOTS).where(_SHOTS.c.shot_id == bindparam("of")).values({name: bindparam(name) for name in _MOVED})
_WRITE_CLAIMED = _WRITE.values(claimed_at=bindparam("claimed_at"))


@dataclass(frozen=True, slots=True)
class ShotToDecide:
    """A shot to be decided, with the data that the decision needs."""

    shot: Shot
    person_id: str | None
    year: str | None
    claimed_at: datetime | None
    all_passed: bool
    flags: tuple[str, ...] = ()


def read_shot(session: Session, shot_id: str, *, lock: bool = False) -> Shot:
    """The shot; with `lock` nobody else can change it until the transaction ends. Raises `NotThere`."""
    row = session.execute(_READ_LOCKED if lock else _READ, {"shot_id": shot_id}).one_or_none()
    if row is None:
        raise NotThere("there is no shot {shot_id!r}", shot_id=shot_id[:40])
    return shot_of(row)


def shot_of(row: Row[*tuple[Any, ...]]) -> Shot:
    """The shot in a row that has `SHOT_COLUMNS`."""
    values = {column.key: getattr(row, column.key) for column in SHOT_COLUMNS}
    values["in_feed"] = values.pop("told")
    values["stage"] = Stage(row.stage)
    values["decision"] = None if row.decision is None else Decision(row.decision)
    return Shot(**values)


def read_for_decision(session: Session, shot_id: str) -> ShotToDecide:
    """The shot for a decision or its undoing. The shot and its person are locked, so that nobody decides at the same
    time on another shot of the person. Raises `NotThere`.

    The person is always locked first, then the shot; otherwise two decisions on one person's shots could deadlock.
    """
    lock_person_of(session, shot_id)
    row = session.execute(_READ_FOR_DECISION, {"shot_id": shot_id}).one_or_none()
    if row is None:
        raise NotThere("there is no shot {shot_id!r}", shot_id=shot_id[:40])
    return ShotToDecide(shot_of(row), row.person_id, row.year, row.claimed_at, row.all_passed, tuple(row.flags or ()))


def write_shot(session: Session, shot: Shot, *, claimed_at: datetime | None = None) -> None:
    """Store the part of a shot that changes. `claimed_at`: when the shot's holder first saw the shot; None leaves the
    stored time unchanged.
    """
    values: dict[str, Any] = {
        "of": shot.shot_id,
        "stage": shot.stage.value,
        "version": shot.version,
        "holder": shot.holder,
        "lease_until": shot.lease_until,
        "decision": None if shot.decision is None else shot.decision.value,
        "decided_by": shot.decided_by,
        "decided_at": shot.decided_at,
        "final_at": shot.final_at,
        "told": shot.in_feed,
        "touched_by": shot.touched_by,
        "touched_at": shot.touched_at,
    }
    if claimed_at is None:
        session.execute(_WRITE, values)
    else:
        session.execute(_WRITE_CLAIMED, {**values, "claimed_at": claimed_at})


def write_flags(session: Session, shot_id: str, flags: Sequence[str], still_open: Sequence[str]) -> None:
    """Store a shot's flags, and its place in the queue, which depends on those that are `still_open`."""
    columns = {"flags": list(flags), "rank": int(rank(still_open))}
    session.execute(update(ShotRow).where(ShotRow.shot_id == shot_id).values(**columns))


def unverify(session: Session, shot_id: str, reason: str) -> None:
    """Note why a shot's envelope can't be used. The shot is not verified any more, so the office asks its booth for the
    envelope again."""
    session.execute(update(ShotRow).where(ShotRow.shot_id == shot_id).values(refusal=[reason], verified_at=None))


def note_lost_file(session: Session, shot_id: str, sha256: bytes) -> None:
    """Note that the shot's file with this digest is lost. If it is still the shot's file, the shot is not verified any
    more, so the office asks its booth for the envelope again."""
    lost = ShotRow.shot_id == shot_id, ShotRow.sha256 == sha256
    session.execute(update(ShotRow).where(*lost).values(verified_at=None))
