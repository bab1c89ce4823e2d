"""Figures of the office: waiting shots, staff's work, reasons. Nothing in them is personal data of graduates."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, BindParameter, ColumnElement, Select, bindparam, func, select, text, type_coerce

from center.accounts.tables import UserRow
from center.platform.clock import Clock
from center.platform.database import Database
from center.shots.tables import DecisionRow
from wire.decision import Decision

_LONGEST_LOOK_MS = 15 * 60_000
"""If a look took longer, the reviewer was probably away: the decision counts, but its time does not."""
HASTY_MS = 1_000
"""Below this time a decision is hasty: nobody can look at a photo, its checks and its person within a second."""
_MOST_REASONS = 200_000
# A literal in the statement: the planner uses the partial index only if it sees the value.
_REJECTED: BindParameter[str] = bindparam("rejected", Decision.REJECTED.value, literal_execute=True)
BOOTH_COUNTED = 1_000
"""A booth with more waiting shots is shown as "1 000 and more", so that counting for a whole province takes only
milliseconds.
"""

_WAITING_BY_BOOTH = text("""
SELECT booth_id, (
    SELECT count(*) FROM (
        SELECT 1 FROM shots WHERE shots.stage = 'queued' AND shots.booth_id = booths.booth_id LIMIT :most
    ) AS counted
) AS waiting FROM booths
""")


@dataclass(frozen=True, slots=True)
class Work:
    """How many decisions one reviewer made, and the median and 90 % quantile of the seconds from seeing a shot to the
    decision (None if that was not measured)."""

    name: str
    approved: int
    rejected: int
    in_bulk: int
    undone: int
    median_s: float | None
    p90_s: float | None
    hasty: int = 0  # how many decisions were made within `HASTY_MS` of seeing the photo, without bulk approvals


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of all decisions ever made, including undone ones: they only rise, as a monitor expects."""

    approved: int
    rejected: int
    taken_back: int


class Figures:
    """Counts for the numbers page and for monitoring. Threads may share it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def work(self, days: int) -> list[Work]:
        """Every reviewer who decided in the last `days` days, by name."""
        since = self._since(days)
        stands = DecisionRow.undone_at.is_(None)
        approved, rejected = _decided_as(Decision.APPROVED), _decided_as(Decision.REJECTED)
        counts = (
            select(
                DecisionRow.user_id,
                func.count().filter(stands, approved).label("approved"),
                func.count().filter(stands, rejected).label("rejected"),
                func.count().filter(stands, DecisionRow.in_bulk).label("in_bulk"),
                func.count().filter(~stands).label("undone"),
                func.count().filter(stands, ~DecisionRow.in_bulk, _took_ms() < HASTY_MS).label("hasty"),
            )
            .where(DecisionRow.decided_at >= since)
            .group_by(DecisionRow.user_id)
        )
        with self._database.read() as session:
            rows = session.execute(counts).all()
            names = {row.user_id: row.name for row in session.execute(select(UserRow.user_id, UserRow.name))}
            median, slow = (dict(session.execute(_percentile(since, share)).all()) for share in (0.5, 0.9))
        work = [
            Work(
                names.get(row.user_id, row.user_id),
                row.approved,
                row.rejected,
                row.in_bulk,
                row.undone,
                _seconds(median.get(row.user_id)),
                _seconds(slow.get(row.user_id)),
                row.hasty,
            )
            for row in rows
        ]
        return sorted(work, key=lambda one: one.name)

    def reasons(self, days: int) -> list[tuple[str, int]]:
        """How often each reason was given in the last `days` days, the most frequent first."""
        query = (
            select(DecisionRow.reasons)
            .where(
                DecisionRow.decided_at >= self._since(days),
                DecisionRow.undone_at.is_(None),
                _decided_as(Decision.REJECTED),
            )
            .limit(_MOST_REASONS)
        )
        with self._database.read() as session:
            counted = Counter(reason for reasons in session.scalars(query) for reason in reasons)
        return sorted(counted.items(), key=lambda item: (-item[1], item[0]))

    def newest_reasons(self, most: int) -> list[tuple[str, int]]:
        """How often each reason was given in the newest `most` rejections that are still valid, the most frequent
        first.
        """
        query = (
            select(DecisionRow.reasons)
            .where(DecisionRow.decision == _REJECTED, DecisionRow.undone_at.is_(None))
            .order_by(DecisionRow.decided_at.desc())
            .limit(most)
        )
        with self._database.read() as session:
            counted = Counter(reason for reasons in session.scalars(query) for reason in reasons)
        return sorted(counted.items(), key=lambda item: (-item[1], item[0]))

    def waiting_by_booth(self) -> dict[str, int]:
        """How many shots of each booth wait for staff, counted up to `BOOTH_COUNTED`; only booths with waiting
        shots."""
        with self._database.read() as session:
            rows = session.execute(_WAITING_BY_BOOTH, {"most": BOOTH_COUNTED}).all()
        return {row.booth_id: row.waiting for row in rows if row.waiting}

    def totals(self) -> Totals:
        """The counts of all decisions ever made."""
        query = select(
            func.count().filter(_decided_as(Decision.APPROVED)),
            func.count().filter(_decided_as(Decision.REJECTED)),
            func.count().filter(DecisionRow.undone_at.is_not(None)),
        )
        with self._database.read() as session:
            return Totals(*session.execute(query).one())

    def _since(self, days: int) -> datetime:
        return self._clock() - timedelta(days=days)


def _decided_as(decision: Decision) -> ColumnElement[bool]:
    return DecisionRow.decision == decision.value


def _took_ms() -> ColumnElement[int]:
    """Milliseconds from seeing a shot to deciding; NULL if that was not measured."""
    return type_coerce(DecisionRow.decided_at, BigInteger) - type_coerce(DecisionRow.shown_at, BigInteger)


def _percentile(since: datetime, share: float) -> Select[str, int]:
    """Each reviewer's `share` quantile of the review time in milliseconds, computed by rank in SQL that SQLite and
    PostgreSQL both accept. Bulk approvals are left out.
    """
    took = _took_ms()
    looks = (
        select(
            DecisionRow.user_id,
            took.label("took"),
            func.row_number().over(partition_by=DecisionRow.user_id, order_by=took).label("place"),
            func.count().over(partition_by=DecisionRow.user_id).label("of"),
        )
        .where(
            DecisionRow.decided_at >= since,
            DecisionRow.shown_at.is_not(None),
            ~DecisionRow.in_bulk,
            took.between(0, _LONGEST_LOOK_MS),
        )
        .subquery()
    )
    return (
        select(looks.c.user_id, func.min(looks.c.took))
        .where(looks.c.place >= share * looks.c.of)
        .group_by(looks.c.user_id)
    )


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
