"""How many shots of each day and school are waiting, approved, rejected or replaced, without counting a million rows.

Triggers write a line (one more or one less) for each change of a shot's state. A count is a stored sum plus the
lines not yet added to it (folded); one statement reads both. When there are many lines, the reader folds them: one
transaction deletes them and adds them to the sums, so that each line counts exactly once even after a crash.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, select, text

from center.platform.database import Database, upsert
from center.platform.tables import table_of
from center.shots.tables import ShotCountChangeRow, ShotCountRow

_EPOCH = date(1970, 1, 1)
_FOLD_FROM, _FOLD_AT_ONCE = 2_000, 20_000
_CHANGES, _COUNTS = table_of(ShotCountChangeRow), table_of(ShotCountRow)
_SUMMED = """
SELECT {by}, standing, SUM(shots) AS shots FROM (
    SELECT day, school, standing, shots FROM shot_counts WHERE day BETWEEN :first AND :last
    UNION ALL
    SELECT day, school, standing, shots FROM shot_count_changes WHERE day BETWEEN :first AND :last
) AS counted GROUP BY {by}, standing
"""
_BY_DAY, _BY_SCHOOL = text(_SUMMED.format(by="day")), text(_SUMMED.format(by="school"))


class Counted(StrEnum):
    """A shot's state in the counts. A decision counts at once, even while it can be undone."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    REPLACED = "replaced"  # was approved, and a later shot of the person took its place


Counts = Counter[Counted]


@dataclass(frozen=True, slots=True)
class ShotCounts:
    """The shots taken within some days."""

    by_day: Mapping[date, Counts]
    by_school: Mapping[str, Counts]

    @property
    def total(self) -> Counts:
        """The counts of all days together."""
        return sum(self.by_day.values(), Counter())


def shot_counts(database: Database, first: date, last: date) -> ShotCounts:
    """The counts of the shots taken from `first` to `last`, both included. Raises `Unavailable`."""
    days = {"first": day_number(first), "last": day_number(last)}
    by_day: dict[date, Counts] = {}
    by_school: dict[str, Counts] = {}
    with database.read() as session:
        for row in session.execute(_BY_DAY, days):
            if row.shots:
                by_day.setdefault(numbered_day(row.day), Counter())[Counted(row.standing)] = int(row.shots)
        for row in session.execute(_BY_SCHOOL, days):
            if row.shots:
                by_school.setdefault(row.school, Counter())[Counted(row.standing)] = int(row.shots)
        gathered = session.execute(select(func.count()).select_from(_CHANGES)).scalar_one()
    if gathered >= _FOLD_FROM:
        fold(database)
    return ShotCounts(by_day, by_school)


def fold(database: Database) -> int:
    """Fold lines into the sums, the oldest first; returns how many lines. Concurrent calls fold different lines."""
    oldest = select(_CHANGES.c.change_id).order_by(_CHANGES.c.change_id).limit(_FOLD_AT_ONCE)
    with database.write() as session:
        taken = session.execute(
            delete(_CHANGES)
            .where(_CHANGES.c.change_id.in_(oldest.with_for_update(skip_locked=True).scalar_subquery()))
            .returning(_CHANGES.c.day, _CHANGES.c.school, _CHANGES.c.standing, _CHANGES.c.shots)
        ).all()
        sums: Counter[tuple[int, str, str]] = Counter()
        for row in taken:
            sums[row.day, row.school, row.standing] += row.shots
        adding = upsert(session, ShotCountRow)
        adding = adding.on_conflict_do_update(
            index_elements=["day", "school", "standing"], set_={"shots": _COUNTS.c.shots + adding.excluded.shots}
        )
        # Always in this order, so that two concurrent calls never deadlock.
        rows = [
            {"day": day, "school": school, "standing": standing, "shots": shots}
            for (day, school, standing), shots in sorted(sums.items())
            if shots
        ]
        if rows:
            session.execute(adding, rows)
    return len(taken)


def day_number(day: date) -> int:
    """A day in the form the tables use: days since 1970."""
    return (day - _EPOCH).days


def numbered_day(number: int) -> date:
    """The day of which `day_number` is `number`."""
    return _EPOCH + timedelta(days=number)
