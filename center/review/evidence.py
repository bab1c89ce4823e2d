"""Past photos as evidence about the checks: the values that booths measured, and staff's decision on each photo."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, select

from center.platform.clock import Clock
from center.platform.database import Database
from center.review.model.limit_simulation import Sample, sample
from center.shots.tables import DecisionRow, ReportRow, ShotRow
from rules.checks import CheckId
from wire.decision import Decision

MOST = 4_000
"""For each decision, at most this many of its newest photos are read: enough to know a share to within 0.02."""


@dataclass(frozen=True, slots=True)
class PastPhoto:
    """A decided photo. `values`: for each check, the value that the booth measured; None if the check had no result."""

    approved: bool
    reasons: tuple[str, ...]
    values: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The photos that were read. `cut`: more photos exist than are read for one decision."""

    past: tuple[PastPhoto, ...]
    cut: bool

    @property
    def approved(self) -> int:
        """How many photos were approved unchanged."""
        return sum(one.approved for one in self.past)

    @property
    def rejected(self) -> int:
        """How many photos were rejected, for whatever reason."""
        return len(self.past) - self.approved

    def of(self, check: CheckId) -> Sample:
        """The values of one check on approved photos, and on photos that were rejected for this check. Photos whose
        report does not contain the check are left out."""
        name = check.value
        measured = [one for one in self.past if name in one.values]
        return sample(
            (one.values[name] for one in measured if one.approved),
            (one.values[name] for one in measured if name in one.reasons),
        )


class CheckHistory:
    """Reads evidence. Threads may share it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def profiles(self, days: int) -> list[str]:
        """The profiles of photos decided in the last `days` days, the most frequent first."""
        newest = (
            select(DecisionRow.shot_id)
            .where(DecisionRow.decided_at >= self._clock() - timedelta(days=days))
            .order_by(DecisionRow.decided_at.desc())
            .limit(MOST)
            .subquery()
        )
        query = (
            select(ShotRow.profile)
            .join(newest, newest.c.shot_id == ShotRow.shot_id)
            .group_by(ShotRow.profile)
            .order_by(func.count().desc(), ShotRow.profile)
        )
        with self._database.read() as session:
            return [name for name in session.scalars(query) if name is not None]

    def evidence(self, profile: str, days: int) -> Evidence:
        """The newest photos of `profile` that were decided in the last `days` days, at most `MOST` of each decision."""
        with self._database.read() as session:
            rows = {said: session.execute(self._newest(profile, days, said)).all() for said in Decision}
        past = [
            PastPhoto(said is Decision.APPROVED, tuple(row.reasons), _values(row.checks))
            for said, found in rows.items()
            for row in found[:MOST]
        ]
        return Evidence(tuple(past), any(len(found) > MOST for found in rows.values()))

    def _newest(self, profile: str, days: int, said: Decision) -> Select[Any]:
        return (
            select(DecisionRow.reasons, ReportRow.checks)
            .join(ReportRow, ReportRow.shot_id == DecisionRow.shot_id)
            .join(ShotRow, ShotRow.shot_id == DecisionRow.shot_id)
            .where(
                DecisionRow.decided_at >= self._clock() - timedelta(days=days),
                DecisionRow.undone_at.is_(None),
                DecisionRow.recrop.is_(None),
                DecisionRow.decision == said.value,
                ShotRow.profile == profile,
            )
            .order_by(DecisionRow.decided_at.desc())
            .limit(MOST + 1)
        )


def _values(checks: list[Any]) -> dict[str, float | None]:
    return {name: value for name, verdict, value in checks if verdict != "off"}
