"""The figures of a day or a week, with those of the same days a year before. No personal data of graduates."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import BigInteger, func, select, type_coerce
from sqlalchemy.orm import Session

from center.delivery.model import Change
from center.delivery.tables import DeliveryItemRow, DeliveryRow
from center.platform.database import Database
from center.shots.counts import Counts, shot_counts
from center.shots.tables import DecisionRow, ShotRow
from rules.season import CHINA
from wire.decision import Decision

A_YEAR_BEFORE = timedelta(days=364)
"""A year in whole weeks, so that a Monday is compared with a Monday."""
_MOST = 200_000  # the most values from which a quantile is computed


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some times, and the value that 90 % of them do not exceed, in seconds;
    None if there are no times."""

    count: int
    median_s: float | None
    p90_s: float | None


@dataclass(frozen=True, slots=True)
class PeriodFigures:
    """What happened from `first` to `last`, both included."""

    first: date
    last: date
    by_day: Mapping[date, Counts]
    taken: Counts  # photos taken, by their present state
    people: int  # persons photographed
    wait: Spread  # the times from a photo's arrival to its decision, for decisions in the period
    to_school: Spread  # the times from the shot to the pack that contains it, for packs in the period
    # the reasons of rejections that are still valid, each with how often it was given, the most frequent first
    reasons: tuple[tuple[str, int], ...]

    @property
    def decided(self) -> int:
        """How many decisions were made."""
        return self.wait.count


@dataclass(frozen=True, slots=True)
class Periods:
    """The figures of any days. Threads may share it."""

    database: Database

    def of(self, first: date, last: date) -> PeriodFigures:
        """The figures from `first` to `last`. Raises `Unavailable`."""
        counts = shot_counts(self.database, first, last)
        begin = datetime.combine(first, time(), CHINA)
        end = datetime.combine(last + timedelta(days=1), time(), CHINA)
        with self.database.read() as session:
            people = session.execute(
                select(func.count(func.distinct(ShotRow.person_id))).where(
                    ShotRow.taken_at >= begin, ShotRow.taken_at < end
                )
            ).scalar_one()
            return PeriodFigures(
                first,
                last,
                counts.by_day,
                counts.total,
                people,
                spread(_waits_ms(session, begin, end)),
                spread(_to_school_ms(session, begin, end)),
                _reasons(session, begin, end),
            )


def spread(times_ms: Sequence[int]) -> Spread:
    """Median and 90 % quantile of these times, each of them one of the times itself (nearest rank)."""
    ranked = sorted(times_ms)
    if not ranked:
        return Spread(0, None, None)
    median, p90 = (ranked[math.ceil(share * len(ranked)) - 1] / 1000 for share in (0.5, 0.9))
    return Spread(len(ranked), median, p90)


def _waits_ms(session: Session, begin: datetime, end: datetime) -> list[int]:
    took = type_coerce(DecisionRow.decided_at, BigInteger) - type_coerce(ShotRow.queued_at, BigInteger)
    query = (
        select(took)
        .join(ShotRow, ShotRow.shot_id == DecisionRow.shot_id)
        .where(DecisionRow.decided_at >= begin, DecisionRow.decided_at < end, DecisionRow.undone_at.is_(None))
        .limit(_MOST)
    )
    return [max(0, value) for value in session.scalars(query) if value is not None]


def _to_school_ms(session: Session, begin: datetime, end: datetime) -> list[int]:
    took = type_coerce(DeliveryRow.made_at, BigInteger) - type_coerce(ShotRow.taken_at, BigInteger)
    query = (
        select(took)
        .join(DeliveryItemRow, DeliveryItemRow.delivery_id == DeliveryRow.delivery_id)
        .join(ShotRow, ShotRow.shot_id == DeliveryItemRow.shot_id)
        .where(DeliveryRow.made_at >= begin, DeliveryRow.made_at < end)
        .where(DeliveryItemRow.change.in_((Change.NEW.value, Change.REPLACED.value)))
        .limit(_MOST)
    )
    return [max(0, value) for value in session.scalars(query) if value is not None]


def _reasons(session: Session, begin: datetime, end: datetime) -> tuple[tuple[str, int], ...]:
    query = select(DecisionRow.reasons).where(
        DecisionRow.decided_at >= begin,
        DecisionRow.decided_at < end,
        DecisionRow.undone_at.is_(None),
        DecisionRow.decision == Decision.REJECTED.value,
    )
    counted = Counter(reason for reasons in session.scalars(query.limit(_MOST)) for reason in reasons)
    return tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0])))
