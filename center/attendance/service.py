"""Attendance of a school, counted anew from the roster and the photos each time it is asked for."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from center.attendance.model import Attendance, Photographed, Standing, attendance
from center.audit.service import Audit
from center.campus.service import CampusList
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.faults import NotThere
from center.platform.office_keys import OfficeKeys
from center.roster.model.matching import Numbers, SchoolRows
from center.roster.service import Roster
from center.roster.tables import RosterEntry
from center.shots.model.shot import Stage
from center.shots.tables import IdentityRow, ShotRow
from wire.decision import Decision
from wire.manifest import Person


class Attendances:
    """Who came, for all schools. Threads may share it; `who` is an account's id or a command's user."""

    def __init__(
        self,
        database: Database,
        office_keys: OfficeKeys,
        audit: Audit,
        roster: Roster,
        campus: CampusList,
        clock: Clock,
    ) -> None:
        self._database = database
        self._office_keys = office_keys
        self._audit = audit
        self._roster = roster
        self._campus = campus
        self._clock = clock

    def schools(self) -> list[str]:
        """Every school with a roster, in order."""
        query = select(RosterEntry.school).where(RosterEntry.sealed.is_not(None)).distinct()
        with self._database.read() as session:
            return sorted(school for school in session.scalars(query) if school)

    def years(self, school: str) -> list[str]:
        """The years of graduation in a school's roster, the newest first. Raises `OfficeKeysFault`."""
        with self._database.read() as session:
            return sorted({row.year for row in self._roster.of_school(session, school)}, reverse=True)

    def of(self, who: str, school: str, year: str) -> Attendance:
        """Who came and who is missing, by name; noted in the audit. Raises `NotThere`, `OfficeKeysFault`."""
        with self._database.write() as session:
            rows = SchoolRows(self._roster.of_school(session, school))
            count = sum(row.year == year for row in rows.rows)
            if not count:
                raise NotThere(f"there is no roster of {school} for {year}: bring it in first")
            found = self.count(session, rows, school, year)
            detail: dict[str, str | int] = {"school": school, "year": year, "rows": count}
            self._audit.append(session, self._clock(), who, "attendance.shown", school, detail)
        return found

    def count(self, session: Session, rows: SchoolRows, school: str, year: str) -> Attendance:
        """The same, inside the caller's transaction, from `rows` it has read. Raises `OfficeKeysFault`."""
        return attendance(rows, year, self.photos(session, school), self._campus.of_school(session, school))

    def photos(self, session: Session, school: str) -> list[Photographed]:
        """All photos of a school that staff have or had before them, oldest first. Raises `OfficeKeysFault`."""
        now = self._clock()
        query = (
            select(
                ShotRow.shot_id,
                ShotRow.person_id,
                ShotRow.year,
                ShotRow.stage,
                ShotRow.decision,
                ShotRow.told,
                ShotRow.final_at,
                ShotRow.replaced_by,
                IdentityRow.sealed,
            )
            .join(IdentityRow, IdentityRow.shot_id == ShotRow.shot_id)
            .where(ShotRow.school == school)
            .where(ShotRow.stage.in_([Stage.QUEUED.value, Stage.DECIDED.value]))
            .order_by(ShotRow.queued_at, ShotRow.shot_id)
        )
        photos = []
        for shot in session.execute(query):
            person = Person.model_validate_json(self._office_keys.open("identity", shot.shot_id, shot.sealed))
            if shot.stage == Stage.QUEUED.value or not (shot.told or shot.final_at <= now):
                standing = Standing.WAITING
            elif shot.decision == Decision.APPROVED.value and shot.replaced_by is None:
                standing = Standing.APPROVED
            else:
                standing = Standing.RETAKE
            numbers = Numbers(person.id_number or "", person.student_no or "", shot.year)
            photos.append(Photographed(shot.shot_id, shot.person_id, standing, numbers))
        return photos
