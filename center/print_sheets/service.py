"""The print lock: a school's prints wait until its correction form is back, or until a supervisor unlocks them.

A picture with a wrong caption would have to be printed again. So the notice asks schools to check first, and the prints
of a school whose form is late (未及时反馈者) wait.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.platform.clock import Clock
from center.platform.database import Database, upsert
from center.platform.faults import Conflict, WrongRequest
from center.platform.office_keys import OfficeKeys
from center.print_sheets.tables import PrintUnlockRow

_REASON = "print release"
_MOST_REASON = 200


class Ground(StrEnum):
    """Why prints may be made."""

    FORM = "form"  # the school's correction form is back
    SUPERVISOR = "released"  # a supervisor unlocked them


@dataclass(frozen=True, slots=True)
class PrintUnlock:
    """Says that the prints of a school and year may be made, and why."""

    ground: Ground
    at: datetime
    by: str
    reason: str = field(default="", repr=False)


class PrintLocks:
    """Which schools' prints may be made. Threads may share it; `who` is an account's id or a command's user."""

    def __init__(self, database: Database, office_keys: OfficeKeys, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._office_keys = office_keys
        self._audit = audit
        self._clock = clock

    def unlock_of(self, session: Session, school: str, year: str) -> PrintUnlock | None:
        """Why the school's prints may be made; None: they are locked."""
        row = session.get(PrintUnlockRow, (school, year))
        if row is None:
            return None
        sealed = row.reason_sealed
        reason = "" if sealed is None else self._office_keys.open(_REASON, f"{school}\0{year}", sealed).decode()
        return PrintUnlock(Ground(row.ground), row.released_at, row.released_by, reason)

    def require(self, session: Session, school: str, year: str) -> None:
        """Raises `Conflict` while the prints are locked."""
        if self.unlock_of(session, school, year) is None:
            raise Conflict(
                "prints of {school} {year} are locked: its correction form is not back; import it, or unlock them",
                school=school,
                year=year,
            )

    def unlock(self, who: str, school: str, year: str, reason: str) -> None:
        """Unlock prints without a form. Raises `WrongRequest` (no reason), `Conflict` (they were unlocked before)."""
        reason = reason.strip()
        if not 0 < len(reason) <= _MOST_REASON:
            raise WrongRequest(
                "say why prints may be made without the form, in at most {most} characters", most=_MOST_REASON
            )
        with self._database.write() as session:
            if not self.unlock_in(session, who, school, year, Ground.SUPERVISOR, reason):
                raise Conflict("prints of {school} {year} were unlocked before", school=school, year=year)

    def unlock_in(self, session: Session, who: str, school: str, year: str, ground: Ground, reason: str = "") -> bool:
        """Unlock prints inside the caller's transaction; False if they were unlocked before."""
        now = self._clock()
        sealed = self._office_keys.seal(_REASON, f"{school}\0{year}", reason.encode()) if reason else None
        row = {"school": school, "year": year, "ground": ground.value, "released_at": now, "released_by": who}
        adding = upsert(session, PrintUnlockRow).values(**row, reason_sealed=sealed).on_conflict_do_nothing()
        if session.execute(adding.returning(PrintUnlockRow.school)).first() is None:
            return False
        self._audit.append(session, now, who, "prints.released", school, {"year": year, "ground": ground.value})
        return True

    def unlocked(self) -> dict[tuple[str, str], Ground]:
        """For each unlocked school and year: why its prints may be made."""
        with self._database.read() as session:
            rows = session.execute(select(PrintUnlockRow.school, PrintUnlockRow.year, PrintUnlockRow.ground))
            return {(row.school, row.year): Ground(row.ground) for row in rows}
