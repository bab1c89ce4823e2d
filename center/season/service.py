"""The season's table in force. Everything that depends on working days reads this table; supervisors change it; every
version of it is kept."""

from datetime import date, datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.faults import Conflict
from center.platform.tables import CounterRow
from center.season.model import SeasonChange, SeasonVersion, apply, decode, described, encode
from center.season.tables import SeasonRow
from rules.season import Season, SeasonTable, day_in_china, season_state

_COUNTER = "season"
_SUBJECT = "season"


class Seasons:
    """The season's table and its history. Threads may share it; `who` is an account's id or a command's user."""

    def __init__(self, database: Database, audit: Audit, shipped: SeasonTable, clock: Clock) -> None:
        """`shipped`: the table that came with the program; it is in force until somebody changes it."""
        self._database = database
        self._audit = audit
        self._shipped = shipped
        self._clock = clock

    def current(self) -> SeasonVersion:
        """The table in force. Raises `Unavailable`."""
        with self._database.read() as session:
            return self._current(session)

    def table(self) -> SeasonTable:
        """Like `current`, but only the table. Raises `Unavailable`."""
        return self.current().table

    def table_in(self, session: Session) -> SeasonTable:
        """The table in force, read in the caller's transaction."""
        return self._current(session).table

    def now(self) -> Season:
        """What the season says about the present moment. Raises `Unavailable`."""
        return season_state(self._clock(), True, self.table())

    def due(self, since: datetime, working_days: int) -> date:
        """The last day of a term of `working_days` Chinese working days. The term begins at `since`; the day of `since`
        does not count.

        The office's own closed days do not lengthen a term. Raises `UnconfirmedYear`, `Unavailable`.
        """
        return self.table().workdays.working_days_after(day_in_china(since), working_days)

    def history(self, limit: int = 50) -> list[SeasonVersion]:
        """The newest versions, the one in force first. Raises `Unavailable`."""
        with self._database.read() as session:
            rows = session.scalars(select(SeasonRow).order_by(SeasonRow.version.desc()).limit(limit)).all()
        return [self._version(row) for row in rows]

    def change(self, who: str, seen: int, change: SeasonChange) -> SeasonVersion:
        """Put a changed table in force. `seen`: the version that the author of the change looked at.

        Raises `SeasonFault` (the change is not possible), `Conflict` (somebody changed the table meanwhile),
        `Unavailable`.
        """
        now = self._clock()
        with self._database.write() as session:
            # One change at a time: the second one must see the first.
            session.execute(select(CounterRow.value).where(CounterRow.name == _COUNTER).with_for_update()).one()
            before = self._current(session)
            if before.number != seen:
                raise Conflict("the season was changed meanwhile: look at it as it is now, then decide")
            made = apply(before.table, change)
            if made == before.table:
                return before
            said, number = described(change), before.number + 1
            values = {"changed_by": who, "changed_at": now, "said": said, "content": encode(made)}
            session.execute(insert(SeasonRow).values(version=number, **values))
            self._audit.append(session, now, who, "season.changed", _SUBJECT, {"version": number, **said})
        return SeasonVersion(number, made, who, now, said)

    def _current(self, session: Session) -> SeasonVersion:
        row = session.scalars(select(SeasonRow).order_by(SeasonRow.version.desc()).limit(1)).first()
        return SeasonVersion(0, self._shipped) if row is None else self._version(row)

    def _version(self, row: SeasonRow) -> SeasonVersion:
        table = decode(row.content, self._shipped.workdays)
        return SeasonVersion(row.version, table, row.changed_by, row.changed_at, row.said)
