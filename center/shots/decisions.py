"""Writes staff's decisions on shots, and which approved photo replaces which."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from center.platform.tables import table_of
from center.shots.tables import DecisionRow, ShotRow

_DECISIONS = table_of(DecisionRow)
# Statements on tables, built once: each is used at every decision or undoing.
_DECISION = insert(_DECISIONS).returning(_DECISIONS.c.decision_id)
_NEWEST_DECISION = (
    select(_DECISIONS.c.decision_id, _DECISIONS.c.replaces)
    .where(_DECISIONS.c.shot_id == bindparam("shot_id"))
    .order_by(_DECISIONS.c.decision_id.desc())
    .limit(1)
)


def add_decision(session: Session, columns: Mapping[str, Any]) -> int:
    """Store a decision, whose columns of `DecisionRow` these are; returns its id. If it replaces an approved photo, the
    shot of that photo is marked as replaced."""
    if columns["replaces"] is not None:
        replaced = ShotRow.shot_id == columns["replaces"]
        session.execute(update(ShotRow).where(replaced).values(replaced_by=columns["shot_id"]))
    decision_id: int = session.execute(_DECISION, dict(columns)).scalar_one()
    return decision_id


def undo_decision(session: Session, shot_id: str, now: datetime) -> None:
    """Mark the newest decision on the shot as undone; the photo that it replaced is valid again."""
    newest = session.execute(_NEWEST_DECISION, {"shot_id": shot_id}).one()
    session.execute(update(DecisionRow).where(DecisionRow.decision_id == newest.decision_id).values(undone_at=now))
    if newest.replaces is not None:
        replaced = ShotRow.shot_id == newest.replaces, ShotRow.replaced_by == shot_id
        session.execute(update(ShotRow).where(*replaced).values(replaced_by=None))
