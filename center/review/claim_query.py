"""SQL statements for the head of the queue: its filters, and claiming its first shots.

One statement finds the first shots and claims them. On PostgreSQL it skips rows that another claim is taking (`FOR
UPDATE SKIP LOCKED`); on SQLite only one writer runs at a time anyway. The same statement checks whether a lease has run
out, so nothing has to clean up after a reviewer who left. Statements are built once, on tables: building one takes as
long as the database needs to run it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Update, and_, bindparam, case, exists, or_, select, update

from center.platform.tables import table_of
from center.review.tables import SkipRow
from center.shots.model.shot import Stage
from center.shots.service import SHOT_COLUMNS
from center.shots.tables import FindingRow, ShotRow

_SHOTS, _SKIPS, _FINDINGS = map(table_of, (ShotRow, SkipRow, FindingRow))

QUEUED: BindParameter[str] = bindparam("queued", Stage.QUEUED.value, literal_execute=True)
# A literal in the statement, not a parameter: the planner uses the partial indexes only if it sees the value.


@dataclass(frozen=True, slots=True)
class Filters:
    """Which part of the queue a reviewer works on: the whole queue if all fields are None."""

    school: str | None = None
    booth_id: str | None = None
    finding: str | None = None  # a check that did not pass

    @property
    def shape(self) -> tuple[bool, bool, bool]:
        """Which of the filters are set."""
        return self.school is not None, self.booth_id is not None, self.finding is not None


EVERYTHING = Filters()

COUNTED = 10_000
"""Longer queues are shown as "10 000 and more": counting a million rows for a heading would make a reviewer wait."""


@cache
def claim_head(shape: tuple[bool, bool, bool]) -> Update:
    """The statement that claims the queue's head, for filters of this shape (`Filters.shape`).

    No parameter may have the name of a column: SQLAlchemy would set that column.
    """
    who, now = bindparam("who", type_=_SHOTS.c.holder.type), bindparam("now", type_=_SHOTS.c.lease_until.type)
    free = and_(
        _SHOTS.c.stage == QUEUED,
        or_(_SHOTS.c.holder.is_(None), _SHOTS.c.lease_until.is_(None), _SHOTS.c.lease_until <= now),
    )
    own = and_(_SHOTS.c.stage == QUEUED, _SHOTS.c.holder == who, _SHOTS.c.lease_until > now)
    skipped = exists().where(_SKIPS.c.user_id == who, _SKIPS.c.shot_id == _SHOTS.c.shot_id, _SKIPS.c.until > now)
    found = exists().where(_FINDINGS.c.shot_id == _SHOTS.c.shot_id, _FINDINGS.c.check_id == bindparam("of_finding"))
    filters = (_SHOTS.c.school == bindparam("of_school"), _SHOTS.c.booth_id == bindparam("of_booth"), found)
    head = (
        select(_SHOTS.c.shot_id)
        .where(
            or_(free, own),
            *(condition for condition, asked in zip(filters, shape, strict=True) if asked),
            ~skipped,
            _SHOTS.c.shot_id.not_in(bindparam("but", expanding=True)),
        )
        .order_by(_SHOTS.c.rank, _SHOTS.c.queued_at, _SHOTS.c.shot_id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
        .cte("head")
    )
    return (
        update(_SHOTS)
        .where(_SHOTS.c.shot_id.in_(select(head.c.shot_id)))
        .values(
            holder=who,
            lease_until=bindparam("until", type_=_SHOTS.c.lease_until.type),
            claimed_at=now,
            version=_SHOTS.c.version + case((own, 0), else_=1),
            touched_by=who,
            touched_at=now,
        )
        .returning(_SHOTS.c.rank, _SHOTS.c.queued_at, *(_SHOTS.c[column.key] for column in SHOT_COLUMNS))
    )


def matching(filters: Filters) -> Sequence[ColumnElement[bool]]:
    """The conditions of `filters` on `shots`."""
    wanted: list[Any] = []
    if filters.school is not None:
        wanted.append(ShotRow.school == filters.school)
    if filters.booth_id is not None:
        wanted.append(ShotRow.booth_id == filters.booth_id)
    if filters.finding is not None:
        wanted.append(exists().where(FindingRow.shot_id == ShotRow.shot_id, FindingRow.check_id == filters.finding))
    return wanted
