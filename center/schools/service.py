"""What schools have announced, next to the numbers in their rosters."""

import json
from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.platform.clock import Clock
from center.platform.database import Database, upsert
from center.platform.faults import NotThere, WrongRequest
from center.platform.office_keys import OfficeKeys
from center.roster.tables import RosterVersionRow
from center.roster.versions import RosterVersion, RowChange, newest_versions, version_of, versions_of
from center.schools.model import Contact, SchoolYear, Unchanged, University, by_university, check_announced
from center.schools.tables import SchoolYearRow

_KIND = "school contact"
_MOST_VERSIONS = 100


class Schools:
    """All schools. Threads may share it; `who` is an account's id or a command's user."""

    def __init__(self, database: Database, office_keys: OfficeKeys, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._office_keys = office_keys
        self._audit = audit
        self._clock = clock

    def years(self) -> list[str]:
        """Every year with a roster or an announced number, the newest first."""
        with self._database.read() as session:
            rosters = set(session.scalars(select(RosterVersionRow.year).distinct()))
            announced = set(session.scalars(select(SchoolYearRow.year).distinct()))
        return sorted(rosters | announced, reverse=True)

    def names(self) -> list[str]:
        """Every school with a roster or a note, of whatever year, in order."""
        with self._database.read() as session:
            rosters = set(session.scalars(select(RosterVersionRow.school).distinct()))
            return sorted(rosters.union(session.scalars(select(SchoolYearRow.school).distinct())))

    def of_year(self, year: str) -> tuple[University, ...]:
        """The schools of a year by university. Raises `Unavailable`, `OfficeKeysFault`."""
        with self._database.read() as session:
            versions = newest_versions(session, year)
            announced = {
                row.school: row for row in session.scalars(select(SchoolYearRow).where(SchoolYearRow.year == year))
            }
            schools = [
                self._school(school, year, announced.get(school), versions.get(school))
                for school in versions | announced
            ]
        return by_university(schools)

    def versions(self, school: str) -> list[RosterVersion]:
        """The newest versions of a school's roster. Raises `Unavailable`."""
        with self._database.read() as session:
            return versions_of(session, school, _MOST_VERSIONS)

    def version(self, who: str, version_id: int) -> tuple[RosterVersion, list[RowChange]]:
        """A version and what it changed. The audit records this, because names are shown. Raises `NotThere`."""
        found, changes = version_of(self._database, self._office_keys, version_id)
        with self._database.write() as session:
            detail: dict[str, str | int] = {"school": found.school, "year": found.year}
            self._audit.append(session, self._clock(), who, "roster.version_shown", str(version_id), detail)
        return found, changes

    def announce(
        self, who: str, school: str, year: str, announced: int | Unchanged | None, contact: Contact | Unchanged
    ) -> None:
        """Note what a school has announced; `Unchanged`: the earlier note stays. If no note is left and the school has
        no roster, the school is no longer on the list of this year.

        Raises `WrongRequest`, `Unavailable`.
        """
        if isinstance(announced, int):
            check_announced(announced)
        if not (0 < len(school) <= 200 and year.isdecimal() and len(year) == 4):
            raise WrongRequest("a school's name has 1 to 200 characters, its year four digits")
        now = self._clock()
        detail: dict[str, str | int] = {"year": year}
        values = {"announced": None, "sealed": self._sealed(school, year, Contact()), "by": who, "at": now}
        told: dict[str, object] = {"by": who, "at": now}
        if not isinstance(announced, Unchanged):
            told["announced"] = announced
            detail["announced"] = -1 if announced is None else announced
        if not isinstance(contact, Unchanged):
            told["sealed"] = self._sealed(school, year, contact)
        with self._database.write() as session:
            adding = upsert(session, SchoolYearRow).values(school=school, year=year, **(values | told))
            session.execute(adding.on_conflict_do_update(index_elements=["school", "year"], set_=told))
            noted = session.get_one(SchoolYearRow, (school, year), populate_existing=True)
            if noted.announced is None and self._contact(noted) == Contact():
                session.delete(noted)
            self._audit.append(session, now, who, "school.announced", school, detail)

    def announced(self, session: Session) -> dict[str, int]:
        """School -> the number it has announced for its newest year."""
        query = select(SchoolYearRow.school, SchoolYearRow.announced).where(SchoolYearRow.announced.is_not(None))
        return {row.school: row.announced for row in session.execute(query.order_by(SchoolYearRow.year))}

    def contact(self, school: str, year: str) -> Contact:
        """Whom staff can ask at the school. Raises `NotThere`, `OfficeKeysFault`."""
        with self._database.read() as session:
            row = session.get(SchoolYearRow, (school, year))
        if row is None:
            raise NotThere("{school!r} has told nothing for {year}", school=school[:40], year=year[:4])
        return self._contact(row)

    def _school(self, school: str, year: str, row: SchoolYearRow | None, newest: RosterVersion | None) -> SchoolYear:
        if row is None:
            return SchoolYear(school, year, None, Contact(), newest)
        return SchoolYear(school, year, row.announced, self._contact(row), newest)

    def _sealed(self, school: str, year: str, contact: Contact) -> bytes:
        return self._office_keys.seal(_KIND, f"{school}\0{year}", json.dumps(asdict(contact)).encode())

    def _contact(self, row: SchoolYearRow) -> Contact:
        return Contact(**json.loads(self._office_keys.open(_KIND, f"{row.school}\0{row.year}", row.sealed)))
